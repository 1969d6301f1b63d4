"""What runs found, for people: lines on the terminal, and a section of docs/benchmarks.md."""

import os
import platform
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.crashes.run import Report

from konter.platform.clock import WIB, Clock

FILE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- crashes -->", "<!-- /crashes -->"
FAULTS_SHOWN_MAX = 40


def lines_of(report: Report) -> Iterator[str]:
    """A run in words."""
    yield f"  took {report.took_s:.0f} s; killed {_counts(report.killed)}; besides {_counts(report.blows)}"
    yield f"  started again {_counts(report.restarts)}"
    yield f"  sales {_counts(report.sales)}; refused {_counts(report.refused)}"
    yield f"  retries {report.retries}, refs sent by two {report.twins}, answered checking {report.checking_heard}"
    yield f"  outcome known after {report.median_checking_s} s in the middle, {report.longest_checking_s} s at most"
    yield f"  sold by an attempt in the air after another was refused {report.sold_after_refusal}; delivered late {report.late}"
    if not report.faults:
        yield "  nothing lost, nothing doubled"
    for fault in report.faults[:FAULTS_SHOWN_MAX]:
        yield f"  FAULT {fault}"
    if len(report.faults) > FAULTS_SHOWN_MAX:
        yield f"  and {len(report.faults) - FAULTS_SHOWN_MAX} more"


def write(reports: Sequence[Report]) -> None:
    """Replace the section between the markers, or add it at the end."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    section = "\n".join([BEGIN, *_section(reports), END])
    found = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    text = found.sub(lambda _: section, text) if found.search(text) else f"{text.rstrip()}\n\n{section}\n".lstrip()
    FILE.write_text(text, encoding="utf-8")


def _section(reports: Sequence[Report]) -> Iterator[str]:
    day = Clock().now().astimezone(WIB).date()
    yield "## Crashes"
    yield ""
    yield f"`make crashes`, {day:%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}. How to read it: [crashes](howto/crashes.md)."
    yield ""
    yield "| seed | kills | lesser blows | minutes | sales done | refunded | retries | heard checking | outcome known after, median / longest | delivered after the refund | faults |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for each in reports:
        done, refunded = (
            sum(n for what, n in each.sales.items() if what.endswith(word)) for word in ("done", "refunded")
        )
        cells = [
            each.seed,
            each.kills,
            sum(each.blows.values()),
            f"{each.took_s / 60:.1f}",
            f"{done:,}",
            f"{refunded:,}",
            f"{each.retries:,}",
            f"{each.checking_heard:,}",
            f"{each.median_checking_s} s / {each.longest_checking_s} s",
            each.late,
            len(each.faults),
        ]
        yield f"| {' | '.join(map(str, cells))} |"
    kinds = sorted({kind for each in reports for kind in each.killed})
    totals = {kind: sum(each.killed.get(kind, 0) for each in reports) for kind in kinds}
    yield ""
    yield f"Killed with -9: {_counts(totals)}."


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counts.items()) or "nothing"
