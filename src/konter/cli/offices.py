"""`konter offices`: where people are helped in person."""

from pathlib import Path

from konter.channel.offices.load import OfficeReport, import_offices
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, err, out, run, said, settings_for, spoken
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal


def import_(file: Path, *, data: Data = None) -> None:
    """Import service offices from a CSV file: again changes only what changed, broken rows are named by line."""

    async def work_(settings: Settings, url: str) -> OfficeReport:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            report = await import_offices(connection, file, actor=SYSTEM, now=parts.clock.now(), ids=parts.ids)
        if isinstance(report, Refusal):
            raise Failed(said(report))
        return report

    settings = settings_for(data)
    with database(settings) as url:
        report = run(work_(settings, url))
    for fault in report.faults:
        err.print(fault.sentence(spoken()), soft_wrap=True, markup=False)
    for sentence in report.sentences(spoken()):
        out.print(sentence, soft_wrap=True)
