"""What a line of a file of bills states. Pure. The columns are told in docs/howto/bills.md."""

import re
from datetime import date, datetime
from typing import NamedTuple

from konter.channel.importing.sheet import CELL_SHOWN_MAX, Columns, Fault, FileKind, Line
from konter.loyalty.bills.model import NUMBER_FORM, SEGMENT_FORM, TOTAL_MAX_RP, NewBill
from konter.platform.clock import WIB, moment_of
from konter.platform.ids import Msisdn

COLUMNS: dict[FileKind, Columns] = {
    "bills": (("msisdn", "number", "period_begin", "period_end", "total_rp", "tax_rp", "issued_at"), ("segment",)),
    "bill_payments": (("msisdn", "number", "paid_at"), ()),
    # The third column stands there so that no list of bills cancels them by mistake.
    "bill_cancellations": (("msisdn", "number", "cancelled"), ()),
}
DIGITS_MAX = len(str(TOTAL_MAX_RP))
YEARS = range(2000, 2101)
NUMBER = re.compile(NUMBER_FORM)
SEGMENT = re.compile(SEGMENT_FORM)
YES = ("ya", "yes")


class Payment(NamedTuple):
    """A bill of a number was paid in full."""

    msisdn: Msisdn
    number: str
    paid_at: datetime


class Cancellation(NamedTuple):
    """A bill of a number was issued by mistake."""

    msisdn: Msisdn
    number: str


def bill_of(line: Line) -> NewBill | list[Fault]:
    """A bill, or every fault of its line."""
    msisdn, number = line.number_of("msisdn", blank=False), _number(line)
    begin, end = _day(line, "period_begin"), _day(line, "period_end")
    total, tax, issued = _rupiah(line, "total_rp"), _rupiah(line, "tax_rp"), _moment(line, "issued_at")
    segment = line.text("segment")
    if not SEGMENT.fullmatch(segment):
        line.fault("segment", "not_a_segment", value=segment[:CELL_SHOWN_MAX])
    if line.faults:
        return line.faults
    assert msisdn is not None
    assert begin is not None
    assert end is not None
    assert issued is not None
    return NewBill(
        msisdn=msisdn,
        number=number,
        period_begin=begin,
        period_end=end,
        total_rp=total,
        tax_rp=tax,
        issued_at=issued,
        segment=segment,
    )


def payment_of(line: Line) -> Payment | list[Fault]:
    """A payment, or every fault of its line."""
    msisdn, number, paid = line.number_of("msisdn", blank=False), _number(line), _moment(line, "paid_at")
    if msisdn is None or paid is None or line.faults:
        return line.faults
    return Payment(msisdn, number, paid)


def cancellation_of(line: Line) -> Cancellation | list[Fault]:
    """A cancellation, or every fault of its line."""
    msisdn, number = line.number_of("msisdn", blank=False), _number(line)
    if line.required("cancelled").lower() not in (*YES, ""):
        line.fault("cancelled", "not_one_of", value=line.text("cancelled")[:CELL_SHOWN_MAX], allowed=", ".join(YES))
    if msisdn is None or line.faults:
        return line.faults
    return Cancellation(msisdn, number)


def _number(line: Line) -> str:
    value = line.required("number")
    if value and not NUMBER.fullmatch(value):
        line.fault("number", "not_a_bill_number", value=value[:CELL_SHOWN_MAX])
    return value


def _rupiah(line: Line, column: str) -> int:
    value = line.required(column)
    if value.isascii() and value.isdigit() and len(value) <= DIGITS_MAX and int(value) <= TOTAL_MAX_RP:
        return int(value)
    if value:
        line.fault(column, "not_rupiah", value=value[:CELL_SHOWN_MAX], max=TOTAL_MAX_RP)
    return 0


def _day(line: Line, column: str) -> date | None:
    moment = _read(line.required(column), day_only=True)
    if moment is None and line.text(column):
        line.fault(column, "not_a_day", value=line.text(column)[:CELL_SHOWN_MAX])
    return moment.date() if moment is not None else None


def _moment(line: Line, column: str) -> datetime | None:
    moment = _read(line.required(column), day_only=False)
    if moment is None and line.text(column):
        line.fault(column, "not_a_moment", value=line.text(column)[:CELL_SHOWN_MAX])
    return moment


def _read(value: str, *, day_only: bool) -> datetime | None:
    """A day, from 00:00 WIB, or a moment; without a zone it is WIB. None for anything else, or of another age."""
    moment = moment_of(value)
    if moment is None or moment.year not in YEARS or (day_only and len(value) != len("2026-12-01")):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=WIB)
