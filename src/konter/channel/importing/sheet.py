"""Reading a file of the channel: CSV in, rows or faults out, each fault with its line. Pure, and never the whole file.

Every line is a row of its own, so that an open quote breaks one row and not all that follow. Which columns there are is
told in docs/howto/channel.md.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from konter.channel.model import Zone
from konter.platform.i18n import text as sentence_of
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn

FileKind = Literal["outlets", "partners", "sellers", "offices", "bills", "bill_payments", "bill_cancellations"]
Columns = tuple[tuple[str, ...], tuple[str, ...]]  # that must and that may be there
LINE_CHARS_MAX = 4_000
CELL_SHOWN_MAX = 60
DELIMITERS = ",;"
# Of a file that says nothing of the kind in its first line no row can be trusted.
COLUMNS: dict[FileKind, Columns] = {
    "outlets": (
        ("code", "name", "partner", "area", "reseller_number"),
        (
            "kind",
            "district",
            "segment",
            "zone",
            "address",
            "seller_number",
            "username",
            "user_name",
            "notification_number",
            "number_type",
        ),
    ),
    "partners": (("code", "name", "area"), ()),
    "sellers": (("seller_number", "name"), ()),
}
_ZONES: dict[str, Zone] = {
    "WIB": "Asia/Jakarta",
    "WITA": "Asia/Makassar",
    "WIT": "Asia/Jayapura",
    "Asia/Jakarta": "Asia/Jakarta",
    "Asia/Makassar": "Asia/Makassar",
    "Asia/Jayapura": "Asia/Jayapura",
}
# What almost every number in a file looks like; the rest goes the slow way.
_PLAIN = re.compile(r"(?:0|\+?62)(8[1-35-9][0-9]{7,10})")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in which line. `reason` is the last part of the text key `importing.fault.<reason>`, or the code of
    a refusal; no column: the row as a whole.
    """

    line: int
    reason: str
    column: str = ""
    data: dict[str, Any] = {}

    def sentence(self, locale: str) -> str:
        """`baris 12, kolom area: …`, for people."""
        own = self.reason.islower()
        key = f"importing.fault.{self.reason}" if own else f"refusal.{self.reason}"
        said = sentence_of(key, locale, **self.data)
        where = "at_column" if self.column else "at_line"
        return sentence_of(f"importing.fault.{where}", locale, line=self.line, column=self.column, sentence=said)


def refused(line: int, refusal: Refusal) -> Fault:
    """A row that a rule refuses, in the rule's own words."""
    return Fault(line=line, reason=refusal.code, data=refusal.data)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the first line says: what the file holds, how cells are parted, and where which column stands."""

    kind: FileKind
    delimiter: str
    places: dict[str, int]


def read_header(line: str, columns: Mapping[FileKind, Columns] = COLUMNS) -> Header | str:
    """The header of a file of any of these kinds, or the reason of the fault why it is none."""
    if not line.strip():
        return "empty"
    if "\0" in line or len(line) > LINE_CHARS_MAX or any("\udc80" <= letter <= "\udcff" for letter in line):
        return "not_text"
    found = [(delimiter, _names(line, delimiter)) for delimiter in DELIMITERS]
    delimiter, names = max(found, key=lambda each: len(each[1]))
    if len(names) != len(set(names)):
        return "column_twice"
    for kind, (required, optional) in columns.items():
        if set(required) <= set(names) and set(names) <= {*required, *optional}:
            return Header(kind=kind, delimiter=delimiter, places={name: place for place, name in enumerate(names)})
    return "columns_unknown"


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([line.strip("\r\n")], delimiter=delimiter))]
    except csv.Error:
        return []


class Line:
    """One row; reading a cell of the wrong form notes a fault and gives None."""

    __slots__ = ("_cells", "_places", "faults", "number")

    def __init__(self, number: int, cells: list[str], places: dict[str, int]) -> None:
        self.number, self._cells, self._places = number, cells, places
        self.faults: list[Fault] = []

    def fault(self, column: str, reason: str, **data: Any) -> None:
        """Note a fault in a cell."""
        self.faults.append(Fault(line=self.number, column=column, reason=reason, data=data))

    def text(self, column: str) -> str:
        """A cell without what stands around it; empty also where the file has no such column."""
        place = self._places.get(column)
        return self._cells[place].strip() if place is not None else ""

    def required(self, column: str) -> str:
        """A cell that must not be blank."""
        value = self.text(column)
        if not value:
            self.fault(column, "blank")
        return value

    def number_of(self, column: str, *, blank: bool) -> Msisdn | None:
        """A mobile number in whatever way people write one."""
        value = self.text(column) if blank else self.required(column)
        if not value:
            return None
        if plain := _PLAIN.fullmatch(value):
            return Msisdn(int(f"62{plain[1]}"))
        msisdn = parse_msisdn(value)
        if msisdn is None:
            self.fault(column, "not_a_number", value=value[:CELL_SHOWN_MAX])
        return msisdn

    def one_of(self, column: str, allowed: Iterable[str], default: str) -> str:
        """One of a few words, or the default where nothing is said."""
        value = self.text(column)
        if value and value not in allowed:
            self.fault(column, "not_one_of", value=value[:CELL_SHOWN_MAX], allowed=", ".join(allowed))
        return value or default

    def zone(self) -> Zone | None:
        """WIB, WITA, WIT or the zone's own name; None where nothing is said."""
        value = self.text("zone")
        if value and value not in _ZONES:
            self.fault("zone", "not_one_of", value=value[:CELL_SHOWN_MAX], allowed="WIB, WITA, WIT")
        return _ZONES.get(value)


def read_lines(lines: Iterable[str], header: Header) -> Iterator[Line | Fault]:
    """The rows after the header, which is line 1. Blank lines are none; a broken one is named, and the next is read."""
    width = len(header.places)
    for number, line in enumerate(lines, start=2):
        if len(line) > LINE_CHARS_MAX:
            yield Fault(line=number, reason="too_long", data={"max": LINE_CHARS_MAX})
            continue
        stripped = line.rstrip("\r\n")
        if not stripped.strip(" \t;,"):
            continue
        if not stripped.isprintable():
            # A byte that is no UTF-8 comes as a lone surrogate, which is not printable either.
            yield Fault(line=number, reason="not_printable")
            continue
        try:
            cells = next(csv.reader((stripped,), delimiter=header.delimiter, strict=True))
        except csv.Error:
            yield Fault(line=number, reason="quotes")
            continue
        if len(cells) != width:
            yield Fault(line=number, reason="width", data={"found": len(cells), "wanted": width})
            continue
        yield Line(number, cells, header.places)
