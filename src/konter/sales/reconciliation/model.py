"""What does not fit, and the network's own file of a day. Pure."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NewType

import msgspec

from konter.platform.clock import business_day
from konter.platform.i18n import text
from konter.platform.ids import cell_of_id
from konter.platform.refusal import Refusal
from konter.sales.reconciliation.refusals import STATEMENT_BAD_LINES, STATEMENT_CUT, STATEMENT_OTHER_DAY

WorkItemId = NewType("WorkItemId", int)
STORY_DATA = dict[str, Any]


class Kind(StrEnum):
    """What an item of work is about. The daily run opens and closes those that it can see; people close any."""

    LATE_DELIVERY = "LATE_DELIVERY"  # refunded, and the customer got it all the same: ends with an adjustment
    NOT_AT_NETWORK = "NOT_AT_NETWORK"  # done here, in no file: ends when a later file has it
    NOT_DONE_AT_NETWORK = "NOT_DONE_AT_NETWORK"  # done here, refused or voided there: ends with a reversal
    UNKNOWN_TRANSFER = "UNKNOWN_TRANSFER"  # done at the network, under an id that no sale here has
    OTHER_AMOUNT = "OTHER_AMOUNT"  # done at the network with another amount than ordered
    OTHER_ORDER = "OTHER_ORDER"  # done at the network for another number or product
    PAST_DEADLINE = "PAST_DEADLINE"  # still checking after its deadline: ends with the sale
    ESCALATED = "ESCALATED"  # left open at its deadline by rule: ends with the sale
    TAKE_BACK_OPEN = "TAKE_BACK_OPEN"  # a reversal whose network has not answered by its deadline: ends with it
    DONE_NOT_POSTED = "DONE_NOT_POSTED"  # a done sale whose payment is not final
    REFUNDED_NOT_VOIDED = "REFUNDED_NOT_VOIDED"  # a refunded sale whose payment did not go back
    POSTED_NOT_RECEIVED = "POSTED_NOT_RECEIVED"  # paid for, nothing at the receiver
    RECEIVED_NOT_POSTED = "RECEIVED_NOT_POSTED"  # at the receiver, never paid for
    RECEIVED_AND_VOIDED = "RECEIVED_AND_VOIDED"  # at the receiver, and the payment voided under a sale not refunded
    OTHER_PAYMENT = "OTHER_PAYMENT"  # the payment is not the sale's cost
    OTHER_CREDIT = "OTHER_CREDIT"  # the customer's accounts did not get what the sale says
    NO_FILE = "NO_FILE"  # the network gave no file of the day: ends with one
    FILE_REFUSED = "FILE_REFUSED"  # its file was cut, or held lines that cannot be: ends with a good one


def is_under_way(kind: Kind, sides: STORY_DATA) -> bool:
    """Whether the money that an item is about has not ended: a sale still checking, a reversal still approved. Pure."""
    if kind in (Kind.ESCALATED, Kind.PAST_DEADLINE):
        return sides.get("status") == "checking"
    return kind is Kind.TAKE_BACK_OPEN and bool(sides.get("taking"))


FILE_KINDS = (Kind.NO_FILE, Kind.FILE_REFUSED)
NO_TRANSFER = 0  # of an item about a whole day


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not fit. `day`: the WIB day of the sale, or of what was heard where there is no sale.

    `story` is what each side said when it was seen.
    """

    kind: Kind
    transfer_id: int
    day: date
    sale_id: int | None = None
    story: STORY_DATA = {}

    @property
    def cell(self) -> int:
        """The transfer's."""
        return cell_of_id(self.transfer_id)


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of work as it stands. Solved: by a rule, `solved_rule`, or by a person, `solved_by` and `solved_why`."""

    id: WorkItemId
    kind: Kind
    transfer_id: int
    day: date
    sale_id: int | None
    story: STORY_DATA
    state: Literal["open", "solved"]
    opened_at: datetime
    taken_by: int | None
    taken_at: datetime | None
    solved_at: datetime | None
    solved_rule: str | None
    solved_by: int | None
    solved_why: str | None


FILE_CAME = "FILE_CAME"  # the rule by which a good file ends what was open about a missing or bad one

HEADER = ["transfer_id", "msisdn", "product", "nominal_rp", "state", "at"]
END = "end"
END_CELLS = 3
FAULTS_MAX = 20
_TRANSFER = re.compile(r"[1-9][0-9]{0,18}")
_MSISDN = re.compile(r"[0-9]{5,15}")
_AMOUNT = re.compile(r"[0-9]{1,15}")
_PRODUCT_MAX = 64
_STATES = frozenset({"done", "refused", "voided"})
_ID_MAX = (1 << 63) - 1


class LineFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line. `reason` is the last part of the text key `reconciliation.fault.<reason>`."""

    line: int
    reason: str

    def sentence(self, locale: str) -> str:
        """`line 12: …`, for people."""
        said = text(f"reconciliation.fault.{self.reason}", locale)
        return text("reconciliation.fault.at", locale, line=self.line, sentence=said)


class Line(msgspec.Struct, frozen=True):
    """What the network says of a transfer, in the order of the table's columns."""

    transfer_id: int
    cell: int
    day: date
    msisdn: int
    product: str
    nominal_rp: int
    state: str
    at: datetime


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file of one day."""

    day: date
    digest: bytes
    lines: list[Line]
    done_rp: int


def read_statement(raw: bytes, day: date) -> Statement | Refusal:
    """A network's file, whole or not at all.

    Refusals: STATEMENT_CUT when its last line is missing or does not fit what stands above; STATEMENT_BAD_LINES with
    the first twenty faults; STATEMENT_OTHER_DAY when every line is of another day. [D-46]
    """
    text_of = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="")
    try:
        return _whole(csv.reader(text_of, strict=True), raw, day)
    except (UnicodeDecodeError, csv.Error):  # also where a cut went through a character or a quoted cell
        return STATEMENT_CUT(day=str(day))


def _whole(rows: Iterator[list[str]], raw: bytes, day: date) -> Statement | Refusal:
    """Row by row: a nation's day is a million of them, and as lists of texts they would fill the memory."""
    if next(rows, None) != HEADER:
        return STATEMENT_CUT(day=str(day))
    lines: dict[int, Line] = {}
    faults: list[LineFault] = []
    row = next(rows, [])
    for number, following in enumerate(rows, 2):
        line = _line(row, day)
        if isinstance(line, str):
            faults.append(LineFault(line=number, reason=line))
        elif lines.setdefault(line.transfer_id, line) is not line:
            faults.append(LineFault(line=number, reason="twice"))
        row = following
    if len(row) != END_CELLS or row[0] != END:
        return STATEMENT_CUT(day=str(day))
    if faults:
        if not lines and all(fault.reason == "other_day" for fault in faults):
            return STATEMENT_OTHER_DAY(day=str(day))
        return STATEMENT_BAD_LINES(day=str(day), count=len(faults), faults=tuple(faults[:FAULTS_MAX]))
    done_rp = sum(line.nominal_rp for line in lines.values() if line.state == "done")
    if row[1:] != [str(len(lines)), str(done_rp)]:
        return STATEMENT_CUT(day=str(day))
    return Statement(day=day, digest=hashlib.sha256(raw).digest(), lines=list(lines.values()), done_rp=done_rp)


def _line(row: list[str], day: date) -> Line | str:
    """A line, or the reason why it is none."""
    if len(row) != len(HEADER):
        return "cells"
    transfer, msisdn, product, nominal, state, moment = row
    at = _moment(moment)
    checks = (
        (bool(_TRANSFER.fullmatch(transfer)) and int(transfer) <= _ID_MAX, "transfer"),
        (bool(_MSISDN.fullmatch(msisdn)), "msisdn"),
        (0 < len(product) <= _PRODUCT_MAX and product.isprintable(), "product"),
        (bool(_AMOUNT.fullmatch(nominal)), "amount"),
        (state in _STATES, "state"),
        (at is not None, "moment"),
        (at is not None and business_day(at) == day, "other_day"),
    )
    if fault := next((reason for holds, reason in checks if not holds), ""):
        return fault
    assert at is not None
    id_ = int(transfer)
    return Line(id_, cell_of_id(id_), day, int(msisdn), product, int(nominal), state, at)


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    # At either end of the calendar a moment has no day in WIB.
    return moment if moment.tzinfo is not None and date.min.year < moment.year < date.max.year else None
