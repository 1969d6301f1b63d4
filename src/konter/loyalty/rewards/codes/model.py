"""A file of codes: what its rows state, and how a code is written and found. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from konter.catalogue.sheet import Fault, SheetRow
from konter.platform.secrets import Keys

COLUMNS = frozenset({"code", "last_day"})
# At least six signs beside hyphens, so that a merchant cannot try them all; at most thirty, so that a text holds one.
CODE_FORM = re.compile(r"(?=(?:-*[A-Za-z0-9]){6})[A-Za-z0-9][A-Za-z0-9-]{4,28}[A-Za-z0-9]")
FAULTS_TOLD_MAX = 100
CODES_MAX = 500_000  # of a file


class CodeRow(msgspec.Struct, frozen=True):
    """A code as it stands in a file; `expires_at` is the first moment at which it is no longer good."""

    line: int
    code: str
    expires_at: datetime | None


def plain(code: str) -> str:
    """A code without what people add or leave out: case, spaces, hyphens."""
    return "".join(code.upper().split()).replace("-", "")


def code_hash(keys: Keys, code: str) -> bytes:
    """What a code is found by; nobody without the pepper can make it. Its first byte is the code's cell."""
    return keys.pepper_hash("reward.code", plain(code).encode())


def read_codes(rows: Iterable[SheetRow]) -> tuple[list[CodeRow], list[Fault]]:
    """The codes of a file, and what is wrong with its rows. No fault repeats a code: they are worth money."""
    codes: list[CodeRow] = []
    faults: list[Fault] = []
    lines: dict[str, int] = {}
    for row in rows:
        code = row.required("code")
        if code is not None and not CODE_FORM.fullmatch(code):
            row.fault("code", "not_a_reward_code")
        elif code is not None and (line := lines.setdefault(plain(code), row.place.line)) != row.place.line:
            row.fault("code", "stated_twice", line=line)
        last = row.moment("last_day") if row.text("last_day") is not None else None
        faults += row.faults
        if code is not None and not row.faults:
            codes.append(CodeRow(row.place.line, code, last + timedelta(days=1) if last is not None else None))
    return codes, faults


def over(codes: Iterable[CodeRow], file: str, by: datetime, reason: str) -> list[Fault]:
    """Codes whose time is over by a moment: `code_is_over` by now, `code_ends_first` when its reward begins."""
    return [
        fault_at_line(file, each.line, "last_day", reason)
        for each in codes
        if each.expires_at is not None and each.expires_at <= by
    ]


def fault_at_line(file: str, line: int, column: str, reason: str) -> Fault:
    """A fault of a row that has become a code."""
    return Fault(file=file, line=line, column=column, reason=reason)
