"""Transaction PINs: how they are kept, and which are too easy to guess."""

import itertools

from konter.platform.secrets import Keys

PIN_LENGTH = 6
_REPEATED_PART_LENGTHS = (1, 2, 3)


def pin_hash(keys: Keys, salt: bytes, pin: str) -> bytes:
    """Keyed hash of a PIN under the user's salt and the pepper; pure and quick, as every sale needs it.

    Six digits have no entropy for a slow hash to protect; pepper and lock-out protect them.
    """
    return keys.pepper_hash("pin", salt, pin.encode())


def pin_weakness(pin: str) -> str | None:
    """Why a PIN is refused ("format", "repeated", "sequence", "date"), or None when it will do.

    Refused are one digit or a short group repeated (111111, 121212, 123123), a run up or down (123456, 987654,
    112233), and what reads as a date of birth: ddmmyy, mmddyy, yymmdd.
    """
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        return "format"
    if any(pin[:part] * (PIN_LENGTH // part) == pin for part in _REPEATED_PART_LENGTHS):
        return "repeated"
    if _is_run(pin) or (pin[::2] == pin[1::2] and _is_run(pin[::2])):
        return "sequence"
    if _reads_as_date(pin):
        return "date"
    return None


def _is_run(digits: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(digits)}
    return steps in ({1}, {9})


def _reads_as_date(pin: str) -> bool:
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    return any(
        1 <= day <= 31 and 1 <= month <= 12  # noqa: PLR2004 - days of a month, months of a year
        for day, month in ((first, second), (second, first), (third, second))
    )
