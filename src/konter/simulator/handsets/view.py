"""Pages of the simulated handsets: gathers what a desk shows and prints it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

import jinja2
import msgspec

from konter.messaging import handsets
from konter.messaging.model import quota
from konter.messaging.served import Served
from konter.messaging.ussd.sessions import newest_session
from konter.platform.clock import WIB, Clock
from konter.platform.db import Connection, Pool
from konter.platform.i18n import catalogue, text
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.money import rupiah
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.simulator.handsets.model import COMPOSE, DIAL, HANDSETS_MAX, Bubble, Desk, Laid, Thread, bubbles, threads
from konter.subscriber.model import SubscriberView
from konter.subscriber.msisdn import pretty
from konter.subscriber.view import subscriber_view

REFRESH_WITHOUT_SCRIPT_S = 4
QUOTAS_AT_ONCE = 3  # the rest opens, so that the texts below stay in sight
ADVANCES = ("1d", "7d", "30d")


class Ground(Protocol):
    """What the pages need of the running application."""

    pool: Pool
    ids: IdBlocks
    clock: Clock

    async def rules(self, connection: Connection, now: datetime) -> Rules:
        """The rules in force."""

    def served(self, rules: Rules) -> Served:
        """Who answers texts to short numbers and what people dial."""


class Alert(msgspec.Struct, frozen=True):
    """What went wrong, on the handset where it did (-1: on the desk), and what had been typed."""

    sentence: str
    index: int = -1
    to: str = ""
    words: str = ""


class Quota(msgspec.Struct, frozen=True):
    """What is left of a bucket, in words."""

    name: str
    left: str
    until: str


class Keypad(msgspec.Struct, frozen=True, kw_only=True):
    """What was dialled last and said, and the names of the next input, so that a double tap is one input."""

    said: str = ""
    is_open: bool = False
    ref: str
    step: int = 0


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """One handset as it is printed."""

    index: int
    laid: Laid
    number: str
    subscriber: SubscriberView | None
    until: str
    quotas: list[Quota]
    threads: list[Thread]
    bubbles: list[Bubble]
    keypad: Keypad

    @property
    def dialling(self) -> bool:
        """Whether it shows the dial field."""
        return self.laid.peer == DIAL

    @property
    def composing(self) -> bool:
        """Whether it shows the form for a new text."""
        return self.laid.peer == COMPOSE

    @property
    def newest(self) -> str:
        """Changes when a text arrives; the script tells a screen reader then."""
        return f"{self.threads[0].peer}: {self.threads[0].last}" if self.threads else ""


async def read_phones(connection: Connection, desk: Desk, *, now: datetime, rules: Rules, locale: str) -> list[Phone]:
    """All handsets of a desk."""
    return [
        await _read_phone(connection, index, laid, now=now, rules=rules, locale=locale)
        for index, laid in enumerate(desk.laid)
    ]


async def _read_phone(
    connection: Connection, index: int, laid: Laid, *, now: datetime, rules: Rules, locale: str
) -> Phone:
    seen = await subscriber_view(connection, laid.msisdn, now=now, rules=rules)
    subscriber = None if isinstance(seen, Refusal) else seen
    messages = await handsets.messages_of(connection, laid.msisdn)
    return Phone(
        index=index,
        laid=laid,
        number=pretty(laid.msisdn),
        subscriber=subscriber,
        until=_last_day(subscriber.active_until) if subscriber else "",
        quotas=_quotas(subscriber, locale),
        threads=threads(messages, now=now),
        bubbles=bubbles(messages, peer=laid.peer, now=now),
        keypad=await _read_keypad(connection, laid.msisdn, now),
    )


async def _read_keypad(connection: Connection, msisdn: Msisdn, now: datetime) -> Keypad:
    """The newest session while it lasts; the last word of one that has ended stays as long."""
    session = await newest_session(connection, msisdn, now=now)
    fresh = Keypad(ref=str(uuid4()))
    if session is None:
        return fresh
    if session.ended_at is not None:
        return Keypad(said=session.answer, ref=fresh.ref)
    return Keypad(said=session.answer, is_open=True, ref=session.ref, step=session.step + 1)


def _quotas(subscriber: SubscriberView | None, locale: str) -> list[Quota]:
    if subscriber is None:
        return []
    return [
        Quota(
            _source_name(b.source, locale),
            quota(b.asset, b.balance, locale),
            text("simulator.until", locale, day=_last_day(b.expires_at)) if b.expires_at else "",
        )
        for b in subscriber.buckets
    ]


def _source_name(source: str, locale: str) -> str:
    """What a bucket is of; its code where a catalogue brings a source that nobody has named yet."""
    key = f"bucket.{source}"
    return text(key, locale) if key in catalogue() else source


def _last_day(until: datetime) -> str:
    """The last day on which it holds; `until` is the first moment at which it no longer does."""
    return f"{until.astimezone(WIB) - timedelta(microseconds=1):%d/%m/%Y}"


def page(
    desk: Desk,
    phones: Sequence[Phone],
    *,
    codes: Sequence[str],
    others: Mapping[str, Msisdn],
    now: datetime,
    moved: bool,
    locale: str,
    alert: Alert | None = None,
) -> str:
    """The desk as HTML. Without script a thread or a form is not reloaded: what is typed would be lost. `others` are
    phones by role, which the page leads to as long as they do not lie on the desk.
    """
    laid = {phone.laid.msisdn for phone in phones}
    quiet = all(not phone.laid.peer for phone in phones)
    return _TEMPLATES.get_template("desk.html").render(
        desk=desk,
        phones=phones,
        local=now.astimezone(WIB),
        moved=moved,
        locale=locale,
        alert=alert,
        t=partial(_text, locale),
        refresh_s=REFRESH_WITHOUT_SCRIPT_S if quiet else 0,
        advances=ADVANCES,
        has_room=not desk.alone and len(desk.laid) < HANDSETS_MAX,
        codes=codes,
        others=[
            (role, pretty(number), desk.adding(number).href) for role, number in others.items() if number not in laid
        ],
        COMPOSE=COMPOSE,
        DIAL=DIAL,
        QUOTAS_AT_ONCE=QUOTAS_AT_ONCE,
    )


def _text(locale: str, key: str, **data: Any) -> str:
    return text(f"simulator.{key}", locale, **data)


def refusal_sentence(refusal: Refusal, locale: str) -> str:
    """What a refusal says to a person."""
    assert refusal.sentence_key in catalogue()
    return text(refusal.sentence_key, locale, **refusal.data)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("konter.simulator", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["rp"] = rupiah
