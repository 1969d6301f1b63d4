"""Bring an existing channel in from CSV files: partners, seller numbers of the older channel, outlets. [D-20, D-32]"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from konter.channel.importing import queries
from konter.channel.importing.outlets import OutletImport
from konter.channel.importing.refusals import CHANNEL_FILE_REFUSED
from konter.channel.importing.report import Report
from konter.channel.importing.rows import partner_of, seller_of
from konter.channel.importing.sheet import LINE_CHARS_MAX, Fault, Header, Line, read_header, read_lines, refused
from konter.channel.model import NewPartner
from konter.channel.numbers.seller import know_sellers
from konter.channel.partners import open_partners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.forms import file_name
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

ROWS_PER_BATCH = 5_000
LINES_PER_STEP = 1_000  # how often the progress is told
SIZE_MAX_BYTES = 1 << 30


class Step(msgspec.Struct, frozen=True):
    """By whom and when, under which rules, and ids."""

    actor: Actor
    now: datetime
    ids: IdBlocks
    rules: Rules


async def import_channel(
    connection: Connection,
    source: Path,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
    advance: Callable[[int], None] = lambda _: None,
) -> Report | Refusal:
    """Import one file; its first line says what it holds. Good rows go in, 5,000 at a time; broken ones are named.

    Again it changes nothing, and tells which rows say something else than what stands: those are people's to decide.
    A reseller number that another outlet has is kept as a conflict, and the outlet waits for it, suspended. A file
    that is no CSV of the channel is `CHANNEL_FILE_REFUSED`, and nothing is touched. `advance` is told of characters
    read. [D-20, D-31, D-32]
    """
    with _reading(source) as found:
        if isinstance(found, Refusal):
            return found
        header, lines = found
        report = Report(file=file_name(source.name), kind=header.kind)
        rows = read_lines(_told(lines, advance), header)
        await _bring(connection, header, rows, report, Step(actor, now, ids, rules))
    own = await ids.reserve(connection, 1)
    await write_audit(connection, own, [AuditRow(0, now, actor, "channel.imported", 0, report.counts())])
    return report


@contextmanager
def _reading(source: Path) -> Iterator[tuple[Header, Iterator[str]] | Refusal]:
    """The header of a file and the lines after it, or why it is none of ours."""

    def no(reason: str, **data: str) -> Refusal:
        return CHANNEL_FILE_REFUSED(file=file_name(source.name), faults=(Fault(line=1, reason=reason, data=data),))

    with ExitStack() as stack:
        try:
            # What is no UTF-8 breaks its own row only; Windows line ends and a byte order mark are no matter.
            file = stack.enter_context(source.open(encoding="utf-8-sig", errors="surrogateescape"))
            header = read_header(file.readline(LINE_CHARS_MAX + 1))
            too_large = source.stat().st_size > SIZE_MAX_BYTES
        except OSError as error:
            yield no("unreadable", detail=error.strerror or str(error))
            return
        if too_large:
            yield no("too_large")
        else:
            yield no(header) if isinstance(header, str) else (header, file)


def _told(lines: Iterator[str], advance: Callable[[int], None]) -> Iterator[str]:
    while part := list(islice(lines, LINES_PER_STEP)):
        advance(sum(map(len, part)))
        yield from part


async def _bring(
    connection: Connection, header: Header, lines: Iterator[Line | Fault], report: Report, step: Step
) -> None:
    outlets = OutletImport(connection, report, actor=step.actor, now=step.now, ids=step.ids, rules=step.rules)
    while batch := list(islice(lines, ROWS_PER_BATCH)):
        report.faults += [each for each in batch if isinstance(each, Fault)]
        rows = [each for each in batch if isinstance(each, Line)]
        if header.kind == "outlets":
            await outlets.add(rows)
        elif header.kind == "partners":
            await _add_partners(connection, rows, report, step)
        else:
            await _add_sellers(connection, rows, report, step)


async def _add_partners(connection: Connection, lines: Sequence[Line], report: Report, step: Step) -> None:
    known = await queries.read_partners(connection)
    new: list[tuple[int, NewPartner]] = []
    for line in lines:
        partner = partner_of(line)
        if isinstance(partner, list):
            report.faults += partner
        elif (stands := known.get(partner.code)) is None:
            new.append((line.number, partner))
        else:
            pairs = (("name", partner.name, stands[1]), ("area", partner.area, stands[2]))
            report.compared(line.number, partner.code, [column for column, said, stood in pairs if said != stood])
    outcomes = await open_partners(
        connection, [partner for _, partner in new], actor=step.actor, now=step.now, ids=step.ids
    )
    for (number, _), outcome in zip(new, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            report.faults.append(refused(number, outcome))
        else:
            report.added += 1


async def _add_sellers(connection: Connection, lines: Sequence[Line], report: Report, step: Step) -> None:
    sellers: list[tuple[Msisdn, str]] = []
    for line in lines:
        seller = seller_of(line)
        if isinstance(seller, list):
            report.faults += seller
        else:
            sellers.append(seller)
    added = await know_sellers(connection, sellers, now=step.now)
    report.added += added
    report.same += len(sellers) - added
