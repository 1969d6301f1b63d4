"""A dialogue as plain values: what a turn is given, what a screen is, how a dialled string is read. Pure."""

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from konter.platform.ids import Msisdn
from konter.subscriber.model import Subscription

DIALLED_CHARS_MAX = 60
INPUT_CHARS_MAX = 160
BACK, NEXT = "0", frozenset({"9", "#"})
_REFS = UUID("1c8f2a37-1f0b-4f5e-8c50-2b9d4c6e7a90")  # the space in which steps get their client_ref
_DIALLED = re.compile(r"\*[0-9]+(\*[0-9]+)*#")


class Option(msgspec.Struct, frozen=True):
    """A line to choose. `value` is what the dialogue finds in its path: an id or a word, never the number shown."""

    label: str
    value: str


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What a dialogue shows: a text, then options to choose, or a question (`asks`) that takes whatever is typed.

    `end` closes the session; what changes anything shows its outcome on such a screen. `notes`, if given, take the
    place of those the dialogue left before. Numbering, pages, back and next are not the dialogue's to care for.
    """

    text: str
    options: tuple[Option, ...] = ()
    asks: bool = False
    end: bool = False
    notes: dict[str, Any] | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a dialogue is asked. `path` holds the values chosen and the words typed since the root, which has ().

    The network may repeat itself and a process may die before its answer is kept: then the same turn comes again with
    the same `client_ref`, which goes along with whatever is changed.
    """

    client_ref: UUID
    msisdn: Msisdn
    subscription: Subscription
    path: tuple[str, ...]
    notes: dict[str, Any]
    now: datetime

    @property
    def locale(self) -> Literal["id", "en"]:
        """The language of the screens."""
        return self.subscription.locale


Dialogue = Callable[[Turn], Awaitable[Screen]]


class Menu(msgspec.Struct, frozen=True):
    """A dialogue under a service code. `page_chars` where its pages have a bound of their own: at most 182 septets."""

    dialogue: Dialogue
    page_chars: int | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session stands, as its row keeps it. `start` is the first item of the page in sight."""

    path: tuple[str, ...] = ()
    notes: dict[str, Any] = {}
    screen: Screen
    start: int = 0
    is_wrong: bool = False
    wrong_count: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What the phone shows. `step` is that of the next input; with `is_open` false there is none."""

    text: str
    is_open: bool
    ref: str
    step: int


def client_ref(msisdn: Msisdn, ref: str, step: int, depth: int) -> UUID:
    """The client_ref of a turn; a string dialled at once takes several, each deeper, in its one step."""
    return uuid5(_REFS, f"{msisdn} {ref} {step} {depth}")


def is_dialled(text: str) -> bool:
    """Whether somebody dials a code, rather than answering a menu."""
    return text.lstrip().startswith("*")


def read_dialled(text: str, codes: Iterable[str]) -> tuple[str, tuple[str, ...]] | None:
    """The code that is meant and the inputs behind it: `*700*1*2#` is `*700#` with 1 and 2.

    The longest code that fits is meant. Of one that nobody serves only the front is told, as the rest may be a secret:
    `*999*1234#` is `*999#` with nothing. None when it is not a code at all.
    """
    typed = "".join(text.split())
    if len(typed) > DIALLED_CHARS_MAX or not _DIALLED.fullmatch(typed):
        return None
    parts = typed.strip("*#").split("*")
    known = set(codes)
    for count in range(len(parts), 0, -1):
        code = f"*{'*'.join(parts[:count])}#"
        if code in known:
            return code, tuple(parts[count:])
    return f"*{parts[0]}#", ()
