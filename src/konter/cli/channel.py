"""`konter channel`: an existing channel from files."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from konter.channel.importing.bring import import_channel
from konter.channel.importing.report import Difference, Report
from konter.channel.importing.sheet import Fault
from konter.cli.importing import file_progress, tell
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, run, said, say, settings_for, spoken
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal


def import_(
    file: Path,
    *,
    faults: Annotated[Path | None, Parameter(help="Keep every row that people have to look at in this file.")] = None,
    data: Data = None,
) -> None:
    """Import partners, outlets or seller numbers from a CSV file: good rows go in, broken ones are named by line."""

    async def work_(settings: Settings, url: str) -> Report:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now()
            with file_progress() as progress:
                bar = progress.add_task(say("importing.progress", file=file.name), total=size)
                report = await import_channel(
                    connection,
                    file,
                    actor=SYSTEM,
                    now=now,
                    ids=parts.ids,
                    rules=await parts.rules(connection, now),
                    advance=lambda count: progress.advance(bar, count),
                )
        if isinstance(report, Refusal):
            raise Failed(said(report))
        return report

    size = file.stat().st_size if file.is_file() else None
    settings = settings_for(data)
    with database(settings) as url:
        report = run(work_(settings, url))
    show(report, faults)


def show(report: Report, faults: Path | None) -> None:
    """The report in words: what happened on standard output, rows to look at on standard error or in a file."""
    rows: list[Fault | Difference] = [*report.faults, *report.differences]
    sentences = [each.sentence(spoken()) for each in sorted(rows, key=lambda each: each.line)]
    tell(report.sentences(spoken()), amiss=sentences, kept_in=faults)
