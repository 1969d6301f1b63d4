"""The network hands over what a phone dialled or answered, and gets what the phone is to show.

No batch, unlike other commands: between reading and writing stands a dialogue with commands of its own. So nothing is
locked meanwhile; whoever writes a step second finds it written and says what the first one said.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from konter.messaging.gsm7 import clip, to_gsm7
from konter.messaging.ussd import queries
from konter.messaging.ussd.model import Answer, Menu, Place, Turn, client_ref, read_dialled
from konter.messaging.ussd.queries import Session
from konter.messaging.ussd.walk import WRONG_MAX, Look, clean, is_over, step_on
from konter.platform.db import Connection, Pool
from konter.platform.i18n import DEFAULT_LOCALE, text
from konter.platform.ids import IdBlocks, Msisdn, cell_of_msisdn, make_id
from konter.rules.keys import Ussd
from konter.subscriber.model import Subscription
from konter.subscriber.view import find_subscription


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """What came from a phone. `ref` (1-80 characters) is the network's name of the session; `step` counts what the
    phone has sent in it from 0, the dialled string, and only grows. A repetition has the same ref and step.
    """

    msisdn: Msisdn
    ref: str
    step: int
    typed: str

    def __repr__(self) -> str:
        """Fit for logs and tracebacks: what is typed may be a secret."""
        return f"Input(ref={self.ref!r}, step={self.step})"


async def converse(
    pool: Pool, said: Input, *, menus: Mapping[str, Menu], now: datetime, ids: IdBlocks, rules: Ussd
) -> Answer:
    """One step of a session, by whichever process. A step that was answered before is answered the same again. [P-26]

    The session ends with its dialogue, `rules.session_s` after it was dialled, or at the third wrong input in a row.
    """
    async with pool.acquire() as connection:
        session = await queries.read_session(connection, msisdn=said.msisdn, ref=said.ref)
        subscription = await find_subscription(connection, said.msisdn)
    if session is not None and said.step <= session.step:
        return _answer(session)
    talk = _Talk(said, session, subscription, menus, now, rules)
    told = await talk.go_on()
    async with pool.acquire() as connection:
        own = await ids.reserve(connection, 1)
        id_ = make_id(next(own.take(1)), cell_of_msisdn(said.msisdn))
        if session is not None and session.ended_at is not None:
            return _answer(told)  # the row keeps the last word of the dialogue itself
        if await queries.write_session(connection, id_=id_, session=told):
            return _answer(told)
        first = await queries.read_session(connection, msisdn=said.msisdn, ref=said.ref)
    assert first is not None
    return _answer(first)


async def hang_up(connection: Connection, msisdn: Msisdn, *, ref: str, now: datetime) -> None:
    """The network tells that the phone has left its session. What a step under way does is done, and not shown."""
    await queries.end_session(connection, msisdn=msisdn, ref=ref, at=now)


def _answer(session: Session) -> Answer:
    return Answer(session.answer, session.ended_at is None, session.ref, session.step + 1)


class _Talk:
    """One step: what is known before it, and the session as it stands after it."""

    def __init__(
        self,
        said: Input,
        session: Session | None,
        subscription: Subscription | None,
        menus: Mapping[str, Menu],
        now: datetime,
        rules: Ussd,
    ) -> None:
        self._said = said
        self._session = session
        self._subscription = subscription
        self._menus = menus
        self._now = now
        self._rules = rules
        self._locale = subscription.locale if subscription else DEFAULT_LOCALE
        self._code = session.service_code if session else ""

    async def go_on(self) -> Session:
        """The session after this step."""
        session, said = self._session, self._said
        inputs: Sequence[str]
        if session is None:
            dialled = read_dialled(said.typed, self._menus) if said.step == 0 else None
            if dialled is None:
                return self._closed("not_a_code")
            self._code, inputs = dialled
        elif session.ended_at is not None or self._now >= session.expires_at:
            return self._closed("over" if session.ended_at is None else "ended")
        else:
            inputs = (clean(said.typed),)
        menu = self._menus.get(self._code)
        if menu is None:
            return self._closed("no_code")
        if self._subscription is None:
            return self._closed("unknown_number")
        look = Look(menu.page_chars or self._rules.page_chars, self._locale)
        place = msgspec.convert(session.state, Place) if session else await self._ask(menu, (), {})
        return await self._walk(menu, place, inputs, look)

    async def _walk(self, menu: Menu, place: Place, inputs: Sequence[str], look: Look) -> Session:
        """Give the inputs one after another, to the first that is wrong or to the end."""
        for typed in inputs:
            led = step_on(place, typed, look)
            place = led if isinstance(led, Place) else await self._ask(menu, led, place.notes)
            if place.wrong_count == WRONG_MAX:
                return self._closed("enough")
            if place.is_wrong or is_over(place, look.page(place)):
                break
        page = look.page(place)
        over = is_over(place, page)
        return self._told(page.text, {} if over else msgspec.to_builtins(place), over=over)

    async def _ask(self, menu: Menu, path: tuple[str, ...], notes: dict[str, Any]) -> Place:
        assert self._subscription is not None
        turn = Turn(
            client_ref=client_ref(self._said.msisdn, self._said.ref, self._said.step, len(path)),
            msisdn=self._said.msisdn,
            subscription=self._subscription,
            path=path,
            notes=notes,
            now=self._now,
        )
        screen = await menu.dialogue(turn)
        return Place(path=path, notes=notes if screen.notes is None else screen.notes, screen=screen)

    def _closed(self, key: str) -> Session:
        words = text(f"dialogue.{key}", self._locale, code=self._code)
        return self._told(clip(to_gsm7(words), self._rules.page_chars), {}, over=True)

    def _told(self, answer: str, state: dict[str, Any], *, over: bool) -> Session:
        opened_at = self._session.opened_at if self._session else self._now
        return Session(
            msisdn=self._said.msisdn,
            ref=self._said.ref,
            service_code=self._code,
            step=self._said.step,
            answer=answer,
            state=state,
            opened_at=opened_at,
            expires_at=opened_at + timedelta(seconds=self._rules.session_s),
            ended_at=self._now if over else None,
        )
