"""`make crashes`: kill everything at random while clients sell, and prove that nothing was lost or doubled."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.crashes.figures import lines_of, write
from tests.crashes.plan import plan
from tests.crashes.run import Report, crash
from tests.crashes.site import a_folder

TOLD_EVERY = 100  # on what is no terminal
out = Console(highlight=False)


def main() -> int:
    """Run each seed; 1 when something broke."""
    options = argparse.ArgumentParser(prog="make crashes", description=__doc__)
    options.add_argument("--kills", type=int, default=50, help="how many kill -9 (lesser blows come on top)")
    options.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="the same seed kills the same in the same order"
    )
    options.add_argument("--no-network", action="store_true", help="only between cells, without a network")
    options.add_argument("--plan", action="store_true", help="print the plan and do nothing")
    options.add_argument("--keep", type=Path, help="keep data, logs and journals in this folder")
    options.add_argument("--write", action="store_true", help="write the figures to docs/benchmarks.md")
    given = options.parse_args()
    if given.plan:
        for blow in plan(given.seed[0], given.kills, network=not given.no_network):
            out.print(blow)
        return 0
    reports = [_run(seed, given) for seed in given.seed]
    if given.write:
        write(reports)
    return 1 if any(report.faults for report in reports) else 0


def _run(seed: int, given: argparse.Namespace) -> Report:
    out.print(f"seed {seed}, {given.kills} kills")
    network = not given.no_network
    columns = (TextColumn("{task.description:14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with contextlib.ExitStack() as open_:
        folder = given.keep or open_.enter_context(a_folder())
        progress = open_.enter_context(Progress(*columns, console=Console(stderr=True)))
        bar = progress.add_task("start", total=len(plan(seed, given.kills, network=network)))

        def say(kind: str) -> None:
            progress.update(bar, advance=1, description=kind)
            done = int(progress.tasks[0].completed)
            if not progress.console.is_terminal and done % TOLD_EVERY == 0:
                out.print(f"  {done} of {progress.tasks[0].total:.0f} blows after {progress.tasks[0].elapsed:.0f} s")

        report = asyncio.run(crash(seed, given.kills, folder / str(seed), network=network, say=say))
    for line in lines_of(report):
        out.print(line, soft_wrap=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
