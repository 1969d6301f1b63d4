"""Reading a catalogue file: CSV in, typed rows or faults out, each fault with its line and column. Pure.

The columns and what each kind of row may hold are told in docs/howto/catalogue.md.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from konter.platform.clock import moment_of
from konter.platform.i18n import text as sentence_of

SIZE_MAX_BYTES = 8 * 1024 * 1024
ROWS_MAX = 20_000  # no catalogue has as many; a file of something else is told in a second
NAME_MAX = 60
AMOUNT_MAX = 10**15
DAYS_MAX = 3650
COUNT_MAX_DIGITS = 15
YEARS = range(2000, 2101)

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,29}")
CATEGORY_CODE = re.compile(r"[a-z][a-z0-9_-]{0,29}")
SOURCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
WHOLE = re.compile(r"-?[0-9]+")
PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")
QUANTITY = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?) ?([A-Za-z]+)")

Asset = Literal["BYTES", "SECONDS", "MESSAGES", "DAYS"]
UNITS: dict[str, tuple[Asset, int]] = {
    "b": ("BYTES", 1),
    "kb": ("BYTES", 1024),
    "mb": ("BYTES", 1024**2),
    "gb": ("BYTES", 1024**3),
    "s": ("SECONDS", 1),
    "min": ("SECONDS", 60),
    "menit": ("SECONDS", 60),
    "sms": ("MESSAGES", 1),
    "day": ("DAYS", 1),
    "days": ("DAYS", 1),
    "hari": ("DAYS", 1),
}
FORMULA_SIGNS = ("=", "+", "-", "@")  # a spreadsheet that opens a list with such a name would reckon with it
FLAGS = {"ya": True, "yes": True, "tidak": False, "no": False}

BUCKET_COLUMNS = frozenset({"source", "quantity", "days"})
PRICE_COLUMNS = frozenset({"area", "segment", "valid_from", "cost_rp", "cost_pct", "price_rp", "price_pct"})
NAME_COLUMNS = frozenset({"name_id", "name_en", "sort"})
PRODUCT_COLUMNS = NAME_COLUMNS | {
    "category",
    "kind",
    "nominal_rp",
    "min_rp",
    "max_rp",
    "step_rp",
    "active_days",
    "open",
}
COLUMNS_OF: dict[str, frozenset[str]] = {
    "category": NAME_COLUMNS,
    "product": PRODUCT_COLUMNS | BUCKET_COLUMNS | PRICE_COLUMNS,
    "bucket": BUCKET_COLUMNS,
    "price": PRICE_COLUMNS,
}
COLUMNS = frozenset({"row", "code"}).union(*COLUMNS_OF.values())


class Place(NamedTuple):
    """Where a row stands."""

    file: str
    line: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong where. `reason` is the last part of the text key `catalogue.fault.<reason>`; no column: the row."""

    file: str
    line: int
    column: str
    reason: str
    data: dict[str, Any] = {}

    def sentence(self, locale: str) -> str:
        """`produk.csv, line 12, column cost_rp: …`, for people."""
        said = sentence_of(f"catalogue.fault.{self.reason}", locale, **self.data)
        where = "at_column" if self.column else "at_line"
        return sentence_of(
            f"catalogue.fault.{where}", locale, file=self.file, line=self.line, column=self.column, sentence=said
        )


def fault_at(place: Place, column: str, reason: str, **data: Any) -> Fault:
    """A fault in one cell, or in the row when no column is named."""
    return Fault(file=place.file, line=place.line, column=column, reason=reason, data=data)


def name_fault(name: str) -> str | None:
    """Why this is no name for people: it goes into SMS and spreadsheets. None for a good one."""
    if not 1 <= len(name) <= NAME_MAX:
        return "name_too_long"
    if not (name.isascii() and name.isprintable()):
        return "not_plain"
    return "formula" if name.startswith(FORMULA_SIGNS) else None


class SheetRow:
    """One row of the file; reading a cell of the wrong form notes a fault and gives None."""

    def __init__(self, place: Place, cells: dict[str, str]) -> None:
        self.place = place
        self.cells = cells
        self.faults: list[Fault] = []

    def fault(self, column: str, reason: str, **data: Any) -> None:
        """Note a fault in a cell."""
        self.faults.append(fault_at(self.place, column, reason, **data))

    def filled(self, columns: frozenset[str]) -> bool:
        """Whether any of these cells holds something."""
        return any(self.cells.get(column) for column in columns)

    def text(self, column: str) -> str | None:
        """A cell's text, None when blank."""
        return self.cells.get(column) or None

    def required(self, column: str) -> str | None:
        """A cell that must not be blank."""
        value = self.text(column)
        if value is None:
            self.fault(column, "blank")
        return value

    def code(self, column: str, form: re.Pattern[str], *, blank: bool = False) -> str | None:
        """A code of the given form."""
        value = self.text(column) if blank else self.required(column)
        if value is not None and not form.fullmatch(value):
            self.fault(column, "not_a_code", value=value)
            return None
        return value

    def name(self, column: str) -> str | None:
        """A name for people, of plain characters: it goes into SMS."""
        value = self.required(column)
        if value is None:
            return None
        if (reason := name_fault(value)) is not None:
            self.fault(column, reason, max=NAME_MAX)
        return value if reason is None else None

    def whole(self, column: str, *, low: int = 0, high: int = AMOUNT_MAX) -> int | None:
        """A whole number written in digits only; None when blank."""
        value = self.text(column)
        if value is None:
            return None
        if not WHOLE.fullmatch(value):
            self.fault(column, "not_whole", value=value[:NAME_MAX])
        elif len(value) > COUNT_MAX_DIGITS or value.startswith("-") or not low <= int(value) <= high:
            self.fault(column, "out_of_range", low=low, high=high)
        else:
            return int(value)
        return None

    def percent_bp(self, column: str) -> int | None:
        """A percentage with at most two decimals, in ten-thousandths: `98,5` -> 9850; None when blank."""
        value = self.text(column)
        if value is None:
            return None
        match = PERCENT.fullmatch(value.removesuffix("%").rstrip())
        if match is None:
            self.fault(column, "not_a_percentage", value=value[:NAME_MAX])
            return None
        return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))

    def quantity(self, column: str) -> tuple[Asset, int] | None:
        """`1.5 GB`, `60 min`, `100 SMS`, `30 days` as asset and amount in its smallest unit."""
        value = self.required(column)
        if value is None:
            return None
        match = QUANTITY.fullmatch(value)
        unit = UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            self.fault(column, "not_a_quantity", value=value[:NAME_MAX])
            return None
        amount = Decimal(match[1].replace(",", ".")) * unit[1]
        if amount != int(amount) or not amount:
            self.fault(column, "not_a_quantity", value=value)
            return None
        return unit[0], int(amount)

    def moment(self, column: str) -> datetime | None:
        """A day (from 00:00 in Jakarta) or a moment with its zone."""
        value = self.required(column)
        if value is None:
            return None
        moment = moment_of(value)
        if moment is None:
            self.fault(column, "not_a_moment", value=value[:NAME_MAX])
        elif moment.tzinfo is None:
            self.fault(column, "naive_moment", value=value)
        elif moment.year not in YEARS:
            self.fault(column, "year_out_of_range", low=YEARS[0], high=YEARS[-1])
        else:
            return moment
        return None

    def flag(self, column: str) -> bool | None:
        """`ya`/`yes` or `tidak`/`no`; None when blank."""
        value = self.text(column)
        if value is None:
            return None
        if value.lower() not in FLAGS:
            self.fault(column, "not_yes_or_no", value=value[:NAME_MAX])
        return FLAGS.get(value.lower())


def read_sheet(
    raw: bytes,
    file: str,
    *,
    known: frozenset[str] = COLUMNS,
    needed: tuple[str, ...] = ("row", "code"),
    rows_max: int = ROWS_MAX,
) -> list[SheetRow] | list[Fault]:
    """The rows of a catalogue file without blank ones and notes (`#` in front), or what stops the reading.

    Other files of the same form name the columns that they know, and those that must be there.
    """
    top = Place(file, 1)
    if len(raw) > SIZE_MAX_BYTES:
        return [fault_at(top, "", "too_large", max_bytes=SIZE_MAX_BYTES)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [fault_at(Place(file, raw[: error.start].count(b"\n") + 1), "", "not_utf8")]
    header_line = text.partition("\n")[0]
    # Spreadsheets with Indonesian settings write semicolons.
    separator = ";" if header_line.count(";") > header_line.count(",") else ","
    records = _records(text, separator, file)
    header = next(records, None)
    if header is None:
        return [fault_at(top, "", "empty_file")]
    if isinstance(header, Fault):
        return [header]
    columns = [cell.strip().lower() for cell in header[1]]
    if faults := list(_header_faults(top, columns, known, needed)):
        return faults
    return _rows(records, columns, rows_max)


def _records(text: str, separator: str, file: str) -> Iterator[tuple[Place, list[str]] | Fault]:
    """Records with the line on which each begins; a cell may hold line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Place(file, begins), cells
            begins = reader.line_num + 1
    except csv.Error:
        yield fault_at(Place(file, begins), "", "broken_quotes")


def _header_faults(place: Place, columns: list[str], known: frozenset[str], needed: tuple[str, ...]) -> Iterator[Fault]:
    for number, column in enumerate(columns):
        if column not in known:
            yield fault_at(place, column or f"#{number + 1}", "unknown_column")
        elif column in columns[:number]:
            yield fault_at(place, column, "column_twice")
    for column in needed:
        if column not in columns:
            yield fault_at(place, column, "column_missing")


def _rows(
    records: Iterator[tuple[Place, list[str]] | Fault], columns: list[str], rows_max: int
) -> list[SheetRow] | list[Fault]:
    rows: list[SheetRow] = []
    for record in records:
        if isinstance(record, Fault):
            return [record]
        place, cells = record
        stripped = [cell.strip() for cell in cells]
        if not any(stripped) or stripped[0].startswith("#"):
            continue
        if len(rows) == rows_max:
            return [fault_at(place, "", "too_many_rows", max=rows_max)]
        row = SheetRow(place, dict(zip(columns, stripped, strict=False)))
        if any(stripped[len(columns) :]):
            row.fault("", "too_many_cells", max=len(columns))
        rows.append(row)
    return rows
