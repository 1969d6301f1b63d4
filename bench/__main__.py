"""`python -m bench [--full] [--only b,c] [--profile]`: measure, print, and write docs/benchmarks.md and .json."""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from bench import baseline, batches, growth, hot, memory, over_http, profiling, queries, split
from bench.bed import Bed, made_bed
from bench.machine import machine
from bench.model import FULL, RATE, SHORT, Group, Results
from bench.report import Report, figure_table, ratio_table, write_json, write_table, written_table
from konter.platform.clock import Clock

ROOT = Path(__file__).parent.parent
GROUPS: tuple[Group, ...] = (baseline, batches, split, hot, over_http, growth, memory)
DATABASE = "bench"
QUIET_CORES = 0.2  # what other processes may take before a figure is worth little


def main() -> None:
    """Seed, measure in rounds, report. With `--only` or `--profile` nothing is written to docs."""
    chosen = arguments()
    form = FULL if chosen.full else SHORT
    keys = [group.KEY for group in GROUPS]
    wanted = [key.strip() for key in chosen.only.split(",")] if chosen.only else keys
    if unknown := sorted(set(wanted) - set(keys)):
        sys.exit(f"no group {', '.join(unknown)}; there are {', '.join(keys)}")
    groups = [group for group in GROUPS if group.KEY in wanted]
    with made_bed(form, chosen.data.resolve(), keep=chosen.keep, say=say) as bed:
        bed.copy(DATABASE)
        if chosen.profile:
            profiling.profile(bed, DATABASE)
            return
        report = measure(bed, groups, chosen.data.resolve(), chosen.machine)
    for group in groups:
        mine = [figure for figure in report.figures if figure.group == group.KEY]
        print(f"\n({group.KEY}) {group.TITLE}\n{figure_table(mine)}")
    print(f"\n{written_table(report.written)}")
    if report.ratios:  # no group of those that were run has one by itself
        print(f"\n{ratio_table(report.ratios)}")
    if groups == list(GROUPS):
        write_json(report, ROOT / "docs" / "benchmarks.json")
        write_table(report, groups, ROOT / "docs" / "benchmarks.md")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="five long runs each and ten million entries")
    parser.add_argument("--only", default="", metavar="b,c", help="these groups only; docs stay as they are")
    parser.add_argument("--profile", action="store_true", help="print where the time of (b) goes")
    parser.add_argument("--machine", default="", help="how to name this machine in the table")
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench", help="a folder to fill and remove")
    parser.add_argument("--keep", action="store_true", help="leave the folder there")
    return parser.parse_args()


def measure(bed: Bed, groups: list[Group], folder: Path, name: str) -> Report:
    """All cases of all groups, one after the other, round by round: what disturbs one round disturbs all cases."""
    results, at = Results(), Clock().now()
    written = asyncio.run(baseline.compare(bed, DATABASE))
    for number in range(bed.form.rounds):
        for group in groups:
            for case in group.cases(bed):
                measured = case.run()
                results.add(group.KEY, case, measured)
                noise = " (DISTURBED by other processes)" if measured["others_cores"] > QUIET_CORES else ""
                say(f"round {number + 1} of {bed.form.rounds}: {case.label}: {measured[RATE]:,.0f}/s{noise}")
    facts = machine(folder)
    return Report(
        at=at,
        form=bed.form,
        machine={"machine": name, **facts} if name else facts,
        settings=bed.on(DATABASE, queries.read_settings),
        written=written,
        ratios={key: value for group in groups for key, value in group.ratios(results).items()},
        figures=results.figures(),
    )


def say(what: str) -> None:
    """Progress, with the time since the start."""
    print(f"{time.monotonic() - STARTED:6.0f} s  {what}", file=sys.stderr, flush=True)


STARTED = time.monotonic()

if __name__ == "__main__":
    main()
