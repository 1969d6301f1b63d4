"""A handset as plain values: threads by sender, bubbles, the desk on which several lie. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from konter.messaging.handsets import HandsetMessage
from konter.platform.clock import WIB
from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import parse_msisdn

COMPOSE = "new"  # in the place of a peer: the form for a new text
DIAL = "dial"  # likewise: the dial field and what a dialled code answers
HANDSETS_MAX = 4
FRESH_FOR = timedelta(seconds=60)
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_ADVANCE = re.compile(r"\+?([0-9]{1,6})([smhdw])")
_SHORT_CODE = re.compile(r"[0-9]{2,6}")


class Bubble(msgspec.Struct, frozen=True, kw_only=True):
    """One text in a thread. `day` is set on the first of a day."""

    text: str
    mine: bool
    time: str
    day: str
    fresh: bool


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """All texts with one peer, for the list: the newest in short."""

    peer: str
    last: str
    when: str
    mine: bool
    fresh: bool


class Laid(msgspec.Struct, frozen=True):
    """A handset on the desk and what it shows: the list (peer empty), a thread, the form for a text, the dial field."""

    msisdn: Msisdn
    peer: str = ""

    @property
    def token(self) -> str:
        """How it stands in an address: `6281212345678` or `6281212345678~1818`."""
        return f"{self.msisdn}~{self.peer}" if self.peer else str(self.msisdn)


class Desk(msgspec.Struct, frozen=True):
    """One handset filling the page, or several side by side. Every state has an address of its own, so no script is
    needed to move about.
    """

    laid: tuple[Laid, ...]
    alone: bool = False

    @property
    def query(self) -> str:
        """The desk as a query string."""
        return urlencode([("h", one.token) for one in self.laid])

    @property
    def href(self) -> str:
        """Where this desk is seen."""
        if self.alone:
            one = self.laid[0]
            return f"/simulator/handsets/{one.msisdn}" + (f"?{urlencode({'with': one.peer})}" if one.peer else "")
        return f"/simulator?{self.query}"

    def showing(self, index: int, peer: str) -> "Desk":
        """The same desk with one handset showing something else."""
        laid = list(self.laid)
        laid[index] = Laid(laid[index].msisdn, peer)
        return Desk(tuple(laid), self.alone)

    def adding(self, msisdn: Msisdn) -> "Desk":
        """The same desk with one handset more; where there is no room, that one alone."""
        one = Laid(msisdn)
        return Desk((*self.laid, one)) if len(self.laid) < HANDSETS_MAX else Desk((one,), alone=True)

    def without(self, index: int) -> "Desk":
        """The same desk with one handset put away."""
        return Desk(self.laid[:index] + self.laid[index + 1 :], self.alone)


def read_laid(token: str) -> Laid | None:
    """A handset from an address; None when the number is none."""
    number, _, peer = token.partition("~")
    msisdn = parse_msisdn(number)
    return None if msisdn is None else Laid(msisdn, peer[:24])


def read_advance(text: str) -> timedelta | None:
    """`40d`, `+3h`, `30m`: how far to move the clock; None when it is neither."""
    match = _ADVANCE.fullmatch(text.strip().lower())
    return timedelta(seconds=int(match[1]) * _UNITS_S[match[2]]) if match else None


def read_recipient(text: str) -> str | Msisdn | None:
    """A mobile number, or a short code as text; None when it is neither."""
    typed = text.strip()
    return typed if _SHORT_CODE.fullmatch(typed) else parse_msisdn(typed)


def threads(messages: Sequence[HandsetMessage], *, now: datetime) -> list[Thread]:
    """One line per peer, the newest first; `messages` come oldest first."""
    newest: dict[str, HandsetMessage] = {}
    for message in messages:
        newest.pop(message.peer, None)
        newest[message.peer] = message
    return [
        Thread(
            peer=message.peer,
            last=message.text,
            when=_short(message.at, now),
            mine=message.direction == "out",
            fresh=_fresh(message, now),
        )
        for message in reversed(newest.values())
    ]


def bubbles(messages: Sequence[HandsetMessage], *, peer: str, now: datetime) -> list[Bubble]:
    """The texts with one peer, oldest first."""
    shown, day = [], None
    for message in messages:
        if message.peer != peer:
            continue
        local = message.at.astimezone(WIB)
        first_of_day, day = local.date() != day, local.date()
        shown.append(
            Bubble(
                text=message.text,
                mine=message.direction == "out",
                time=f"{local:%H:%M}",
                day=f"{local:%d/%m/%Y}" if first_of_day else "",
                fresh=_fresh(message, now),
            )
        )
    return shown


def _fresh(message: HandsetMessage, now: datetime) -> bool:
    return message.direction == "in" and timedelta() <= now - message.at < FRESH_FOR


def _short(at: datetime, now: datetime) -> str:
    local = at.astimezone(WIB)
    return f"{local:%H:%M}" if local.date() == now.astimezone(WIB).date() else f"{local:%d/%m/%y}"
