"""Bring service offices in from a CSV file; again changes only what changed. [D-53]"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from konter.channel.geography.load import HOUSE_CELL
from konter.channel.importing.sheet import LINE_CHARS_MAX, Fault, Header, Line, read_header, read_lines
from konter.channel.offices import queries
from konter.channel.offices.model import Office, office_of
from konter.channel.offices.refusals import OFFICE_FILE_REFUSED
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.forms import file_name
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal

SIZE_MAX_BYTES = 4 << 20  # some ten thousand offices
REQUIRED = ("code", "name", "address", "district", "hours", "services")
OPTIONAL = ("latitude", "longitude", "status")


class OfficeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by what became of them; `faults` names each that is broken, by line."""

    file: str
    added: int
    changed: int
    same: int
    faults: tuple[Fault, ...]

    def counts(self) -> dict[str, Any]:
        """The numbers, for the audit."""
        return {**msgspec.structs.asdict(self), "faults": len(self.faults)}

    def sentences(self, locale: str) -> list[str]:
        """What happened, for people."""
        said = [text("offices.imported", locale, **self.counts())]
        return [*said, text("importing.faults", locale, faults=len(self.faults))] if self.faults else said


async def import_offices(
    connection: Connection, source: Path, *, actor: Actor, now: datetime, ids: IdBlocks
) -> OfficeReport | Refusal:
    """Import a file of offices: new ones come, those that say something else change, broken rows are named by line.

    What the file does not name stays; an office closes by `status` closed. A file that is no CSV of offices is
    `OFFICE_FILE_REFUSED`, and nothing is touched.
    """
    read = _read(source)
    if isinstance(read, Refusal):
        return read
    own = await ids.reserve(connection, 3)

    async def work() -> OfficeReport:
        async with connection.transaction():
            await queries.lock_offices(connection)
            given = [each for each in read if isinstance(each, Line)]
            zones = await queries.read_district_zones(connection, [line.text("district") for line in given])
            broken = [each for each in read if isinstance(each, Fault)]
            offices, faults = _offices(given, zones)
            known = await queries.read_offices(connection, [each.code for each in offices])
            new = [each for each in offices if each.code not in known]
            changed = [each for each in offices if each.code in known and known[each.code] != each]
            report = OfficeReport(
                file=file_name(source.name),
                added=len(new),
                changed=len(changed),
                same=len(offices) - len(new) - len(changed),
                faults=tuple(sorted([*broken, *faults], key=lambda fault: fault.line)),
            )
            if new or changed:
                await queries.upsert_offices(connection, [*new, *changed], at=now)
                row = AuditRow(HOUSE_CELL, now, actor, "offices.imported", 0, report.counts())
                await write_audit(connection, own, [row])
        return report

    return await retried(work)


def _offices(lines: Sequence[Line], zones: Mapping[str, Any]) -> tuple[list[Office], list[Fault]]:
    """Offices in the order of the file, and what is wrong; of a code that comes twice the second row is."""
    offices: dict[str, Office] = {}
    faults: list[Fault] = []
    for line in lines:
        line.faults.clear()  # a batch that is done again reads its rows again
        found = office_of(line, zones)
        if isinstance(found, list):
            faults += found
        elif found.code in offices:
            faults.append(Fault(line=line.number, column="code", reason="office_twice", data={"value": found.code}))
        else:
            offices[found.code] = found
    return list(offices.values()), faults


def _read(source: Path) -> list[Line | Fault] | Refusal:
    def no(reason: str, **data: str) -> Refusal:
        return OFFICE_FILE_REFUSED(file=file_name(source.name), faults=(Fault(line=1, reason=reason, data=data),))

    try:
        if source.stat().st_size > SIZE_MAX_BYTES:
            return no("too_large")
        # What is no UTF-8 breaks its own row only; Windows line ends and a byte order mark are no matter.
        with source.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            header = read_header(file.readline(LINE_CHARS_MAX + 1), {"offices": (REQUIRED, OPTIONAL)})
            if isinstance(header, Header):
                return list(read_lines(file, header))
            return no("office_columns" if header == "columns_unknown" else header)
    except OSError as error:
        return no("unreadable", detail=error.strerror or str(error))
