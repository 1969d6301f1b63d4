"""Bring bills in from a CSV file, 5,000 lines at a time; every rule of `record` applies. [P-02, P-06, G-P06]"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from konter.channel.importing.sheet import (
    LINE_CHARS_MAX,
    Fault,
    FileKind,
    Header,
    Line,
    read_header,
    read_lines,
    refused,
)
from konter.loyalty.bills.importing.rows import COLUMNS, bill_of, cancellation_of, payment_of
from konter.loyalty.bills.model import Recorded
from konter.loyalty.bills.record import BILLS_MAX, cancel_bills, record_bill_payments, record_issued_bills
from konter.loyalty.bills.refusals import BILLS_FILE_REFUSED
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.forms import file_name
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

SIZE_MAX_BYTES = 1 << 30
T = TypeVar("T")


class BillsReport(msgspec.Struct, kw_only=True):
    """Lines by what became of them: `taken` now (a payment or cancellation told again counts too), `same` as what
    stands, `faults` not taken, each named.
    """

    file: str
    kind: FileKind
    taken: int = 0
    same: int = 0
    faults: list[Fault] = []

    def counts(self) -> dict[str, Any]:
        """The numbers, for the audit."""
        return {**msgspec.structs.asdict(self), "faults": len(self.faults)}

    def sentences(self, locale: str) -> list[str]:
        """What happened, for people."""
        said = [text(f"importing.done.{self.kind}", locale, **self.counts())]
        return [*said, text("importing.faults", locale, faults=len(self.faults))] if self.faults else said


class _Step(msgspec.Struct, frozen=True):
    connection: Connection
    report: BillsReport
    actor: Actor
    now: datetime
    ids: IdBlocks
    rules: Rules


async def import_bills(
    connection: Connection,
    source: Path,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
    advance: Callable[[int], None] = lambda _: None,
) -> BillsReport | Refusal:
    """Import one file; its first line says whether it holds bills, payments or cancellations.

    Good lines go in, broken and refused ones are named with the reason. The same file again changes nothing; a file
    that was cut off half way is brought again as a whole. BILLS_FILE_REFUSED, and nothing is touched. `advance` is
    told of characters read.
    """
    try:
        # What is no UTF-8 breaks its own line only; Windows line ends and a byte order mark are no matter.
        with source.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            header = read_header(file.readline(LINE_CHARS_MAX + 1), COLUMNS)
            if isinstance(header, str):
                return _no(source, header if header != "columns_unknown" else "columns_not_of_bills")
            if _too_large(source):
                return _no(source, "too_large")
            report = BillsReport(file=file_name(source.name), kind=header.kind)
            step = _Step(connection, report, actor, now, ids, rules)
            await _bring(_told(file, advance), header, step)
    except OSError as error:
        return _no(source, "unreadable", detail=error.strerror or str(error))
    own = await ids.reserve(connection, 1)
    await write_audit(connection, own, [AuditRow(0, now, actor, "bills.imported", 0, report.counts())])
    return report


def _too_large(source: Path) -> bool:
    return source.stat().st_size > SIZE_MAX_BYTES


def _no(source: Path, reason: str, **data: str) -> Refusal:
    return BILLS_FILE_REFUSED(file=file_name(source.name), faults=(Fault(line=1, reason=reason, data=data),))


def _told(lines: Iterator[str], advance: Callable[[int], None]) -> Iterator[str]:
    for line in lines:
        advance(len(line))
        yield line


async def _bring(lines: Iterator[str], header: Header, step: _Step) -> None:
    found = read_lines(lines, header)
    bring = {"bills": _bills, "bill_payments": _payments, "bill_cancellations": _cancellations}[header.kind]
    while batch := list(islice(found, BILLS_MAX)):
        step.report.faults += [each for each in batch if isinstance(each, Fault)]
        await bring([each for each in batch if isinstance(each, Line)], step)


def _sound(lines: Sequence[Line], read: Callable[[Line], T | list[Fault]], report: BillsReport) -> list[tuple[int, T]]:
    """What the lines state, with their numbers; faults go into the report."""
    sound: list[tuple[int, T]] = []
    for line in lines:
        stated = read(line)
        if isinstance(stated, list):
            report.faults += stated
        else:
            sound.append((line.number, stated))
    return sound


async def _bills(lines: Sequence[Line], step: _Step) -> None:
    rows = _sound(lines, bill_of, step.report)
    told = [bill for _, bill in rows]
    done = await retried(
        lambda: record_issued_bills(
            step.connection, told, actor=step.actor, now=step.now, ids=step.ids, rules=step.rules
        )
    )
    _count([line for line, _ in rows], done, step.report)


async def _payments(lines: Sequence[Line], step: _Step) -> None:
    rows = _sound(lines, payment_of, step.report)
    told = [payment for _, payment in rows]
    done = await retried(
        lambda: record_bill_payments(step.connection, told, actor=step.actor, now=step.now, ids=step.ids)
    )
    _count([line for line, _ in rows], done, step.report)


async def _cancellations(lines: Sequence[Line], step: _Step) -> None:
    rows = _sound(lines, cancellation_of, step.report)
    told = [cancelled for _, cancelled in rows]
    done = await retried(lambda: cancel_bills(step.connection, told, actor=step.actor, now=step.now, ids=step.ids))
    _count([line for line, _ in rows], done, step.report)


def _count(lines: Sequence[int], outcomes: Sequence[Recorded | int | Refusal], report: BillsReport) -> None:
    for line, outcome in zip(lines, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            report.faults.append(refused(line, outcome))
        elif isinstance(outcome, Recorded) and not outcome.new:
            report.same += 1
        else:
            report.taken += 1
