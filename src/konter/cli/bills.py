"""`konter bills`: bills of a billing system from files."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from konter.cli.importing import file_progress, tell
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, err, run, said, say, settings_for, spoken
from konter.loyalty.bills.importing.bring import BillsReport, import_bills
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal


def import_(
    file: Path,
    *,
    faults: Annotated[Path | None, Parameter(help="Keep every line that was not taken in this file.")] = None,
    data: Data = None,
) -> None:
    """Import bills, payments or cancellations from a CSV file: good lines go in, the others are named."""

    async def work_(settings: Settings, url: str) -> BillsReport:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now()
            with file_progress() as progress:
                bar = progress.add_task(say("importing.progress", file=file.name), total=size)
                report = await import_bills(
                    connection,
                    file,
                    actor=SYSTEM,
                    now=now,
                    ids=parts.ids,
                    rules=await parts.rules(connection, now),
                    advance=lambda count: progress.advance(bar, count),
                )
        if isinstance(report, Refusal):
            for fault in report.data["faults"]:
                err.print(fault.sentence(spoken()), soft_wrap=True, markup=False)
            raise Failed(said(report))
        return report

    size = file.stat().st_size if file.is_file() else None
    settings = settings_for(data)
    with database(settings) as url:
        report = run(work_(settings, url))
    show(report, faults)


def show(report: BillsReport, faults: Path | None) -> None:
    """What happened on standard output, lines to look at on standard error or in a file."""
    sentences = [each.sentence(spoken()) for each in sorted(report.faults, key=lambda each: each.line)]
    tell(report.sentences(spoken()), amiss=sentences, kept_in=faults)
