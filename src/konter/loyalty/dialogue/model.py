"""What somebody wants who writes to the number of points. Pure. [P-13, P-23, P-28]"""

import re
from typing import Literal

import msgspec

from konter.messaging.inbound.model import Command

# points: balance and status. ending: which points end when. send: what there is not. burn, check: a merchant's code.
Want = Literal["points", "ending", "send", "burn", "check", "help"]

_POINTS = ("POINT", "POINTS", "SALDO", "STATUS")  # beside the keyword of the rules
_ENDING = ("HANGUS", "EXPIRED", "EXPIRE", "EXP")
_SEND, _SEND_TOO = "KIRIM", ("TRANSFER", "TRF", "SEND", "BAGI")
_BURN, _CHECK = "TUKAR", "CEK"
_LEADING = (_CHECK, "CHECK", "INFO", "JUMLAH", "TOTAL", "LIHAT")  # CEK POIN is POIN, CEK and a code is not
_NOT_OF_A_CODE = re.compile(r"[^A-Z0-9-]+")


class Wish(msgspec.Struct, frozen=True):
    """What a text wants; `code` of a merchant, empty where none stands there."""

    want: Want
    code: str = ""


def wish_of(command: Command, *, keyword: str) -> Wish:
    """The wish in a text; `keyword` is that of the rules, POIN.

    KIRIM wins wherever it stands (`KIRIM50`, `POIN KIRIM 50 0812…`), so that nobody believes that something was sent.
    `POIN HANGUS` is HANGUS, `CEKPOIN` and `Poin saya` are POIN. `TUKAR AB12 CD34` is one code, for people write it so.
    """
    words = (command.keyword, *command.arguments)
    verb, glued = _split(command.keyword)
    rest = (glued, *command.arguments) if glued else command.arguments
    if verb and (not rest or rest[0] not in (keyword, *_POINTS)):
        return Wish("burn" if verb == _BURN else "check", _NOT_OF_A_CODE.sub("", "".join(rest)).strip("-"))
    if any(_SEND in word or word.startswith(_SEND_TOO) for word in words):
        return Wish("send")
    if any(word.startswith(_ENDING) for word in words):
        return Wish("ending")
    if verb != _BURN and any(_is_points(_without_lead(word), keyword) for word in words[:3]):
        return Wish("points")
    return Wish("help")


def _split(word: str) -> tuple[str, str]:
    """A merchant's verb and what hangs on it: TUKARAB12 is TUKAR and AB12."""
    for verb in (_BURN, _CHECK):
        if word.startswith(verb):
            return verb, word.removeprefix(verb)
    return "", ""


def _without_lead(word: str) -> str:
    return next((word.removeprefix(lead) for lead in _LEADING if word.startswith(lead) and word != lead), word)


def _is_points(word: str, keyword: str) -> bool:
    """The keyword, alone or in one with a further word: POIN, POIN?, POINSAYA."""
    bare = "".join(char for char in word if char.isalnum())
    return bare in _POINTS or bare.startswith(keyword)
