"""`python -m bench.whole_base [--rows 20000000] [--rounds 5]`: points of the whole base over Parquet, and a bare sum.

Writes seeded recharges of six months to Parquet, once. Then, round by round, each in a process of its own: the
expression of the points (rules `id-2014`), and a bare DuckDB aggregation of the same file, the sum and number of
recharges by subscription and month. Both write Parquet, with the same memory, threads and settings. Prints the medians,
their ratio, and the most memory that each process ever held.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from konter.platform.audit import SYSTEM
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules
from konter.rules.ruleset import Ruleset

ROOT = Path(__file__).parent.parent
AIM = 1.5
ON = datetime(2026, 11, 1, tzinfo=UTC)
SIDES = ("points", "bare", "tiers")
PER_SUBSCRIBER = 15  # recharges of one subscriber in the six months

# A fifth of the amounts are the small change that never makes a step; 4 of 100 are bonuses, 1 of 500 was reversed.
MADE = """
COPY (
    SELECT i AS id, CAST(hash(i * 7 + {seed}) % {subscribers} AS BIGINT) * 256 + 5 AS subscription_id,
        CASE hash(i * 3 + {seed}) % 20 WHEN 0 THEN 'prima-flex' WHEN 1 THEN 'kita' WHEN 2 THEN 'kita' ELSE 'nusa' END
            AS brand,
        TIMESTAMPTZ '2026-05-01 00:00:00+00' + to_seconds(CAST(hash(i + {seed}) % 15897600 AS BIGINT)) AS "at",
        CAST(([5000, 10000, 10000, 12000, 15000, 20000, 25000, 25000, 50000, 50000, 100000, 150000])
            [1 + CAST(hash(i * 11 + {seed}) % 12 AS INTEGER)] AS BIGINT) AS face_rp,
        CASE hash(i * 13 + {seed}) % 25 WHEN 0 THEN 'bonus' WHEN 1 THEN 'voucher' WHEN 2 THEN 'voucher'
            ELSE 'electronic' END AS kind,
        hash(i * 17 + {seed}) % 500 = 0 AS reversed
    FROM range({rows}) r (i)
) TO '{path}' (FORMAT parquet)"""
BARE = """
COPY (
    SELECT subscription_id, date_trunc('month', CAST("at" AS TIMESTAMP)) AS month,
        CAST(sum(face_rp) AS BIGINT) AS face_rp, count(*) AS recharges
    FROM read_parquet('{path}') GROUP BY 1, 2
) TO '{out}' (FORMAT parquet)"""


def main() -> None:
    """Make the file, measure in rounds, print."""
    chosen = arguments()
    if chosen.side:
        print(json.dumps(measure(chosen)))
        return
    folder = chosen.data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"recharges-{chosen.rows}-{chosen.seed}.parquet"
    if not path.exists():
        make(path, chosen.rows, chosen.seed)
    print(f"{chosen.rows:,} recharges, {path.stat().st_size >> 20:,} MB of Parquet, {chosen.threads} threads")
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for number in range(chosen.rounds + 1):
        for side in SIDES if number % 2 else reversed(SIDES):
            command = [sys.executable, "-m", "bench.whole_base", *sys.argv[1:], "--side", side]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            run = json.loads(done.stdout)
            warm = " (not counted: the file comes into the cache)" if number == 0 else ""
            print(f"round {number}: {side}: {run['s']:.2f} s, {run['peak_mb']:,.0f} MB{warm}", flush=True)
            if number:
                runs[side].append(run)
    report(runs)
    if not chosen.keep:
        path.unlink()


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.whole_base", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mb", type=int, default=4_096)
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench-whole-base", help="a folder to fill")
    parser.add_argument("--keep", action="store_true", help="leave the recharges there")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    return parser.parse_args()


def make(path: Path, rows: int, seed: int) -> None:
    """The recharges, written by DuckDB in a process of its own; the half of a file that was stopped does not stay."""
    made = multiprocessing.get_context("spawn").Process(target=_make, args=(path, rows, seed))
    made.start()
    made.join()
    if made.exitcode:
        sys.exit("the recharges could not be written")


def _make(path: Path, rows: int, seed: int) -> None:
    import duckdb

    part = path.with_suffix(".part")
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(MADE.format(path=part, rows=rows, seed=seed, subscribers=max(1, rows // PER_SUBSCRIBER)))
    part.rename(path)


def measure(chosen: argparse.Namespace) -> dict[str, float]:
    """One side in this process: seconds, and the most memory it ever held."""
    from konter.loyalty.tiers.model import Evaluation
    from konter.loyalty.whole_base import points, tiers
    from konter.loyalty.whole_base.engine import Limits, engine, read_base, write_parquet
    from konter.loyalty.whole_base.tables import Base

    folder = chosen.data.resolve()
    path, out = folder / f"recharges-{chosen.rows}-{chosen.seed}.parquet", folder / f"{chosen.side}.parquet"
    limits = Limits(spill=folder / "spill", memory_mb=chosen.memory_mb, threads=chosen.threads)
    rules = shipped("id-2014")
    with engine(limits) as backend:
        used, begin = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        before = used.ru_utime + used.ru_stime
        if chosen.side == "bare":
            backend.raw_sql(BARE.format(path=path, out=out)).fetchall()
        else:
            base = read_base(backend, {"recharges": path})
            assert isinstance(base, Base)
            evaluation = Evaluation(rules, date(2026, 11, 1))
            made = points.months(base, rules) if chosen.side == "points" else tiers.evaluated(base, evaluation)
            write_parquet(backend, made, out)
        took = time.perf_counter() - begin
    out.unlink()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"s": took, "cpu_s": used.ru_utime + used.ru_stime - before, "peak_mb": used.ru_maxrss / 1024}


def shipped(name: str) -> Rules:
    """A ruleset that ships, as it is in force on the day."""
    ruleset = read_ruleset(name)
    assert isinstance(ruleset, Ruleset)
    rows = [row for row in decide_load(Rulebook([], 1), ruleset, now=ON, actor=SYSTEM) if isinstance(row, RuleRow)]
    return Rulebook(rows, 1).at(ON)


def report(runs: dict[str, list[dict[str, float]]]) -> None:
    """Medians, ratio and aim. Processor time hardly moves when something else runs on the machine."""
    median = {
        side: {name: statistics.median(run[name] for run in each) for name in ("s", "cpu_s")}
        for side, each in runs.items()
    }
    print("\n| side | median s | runs s | processor s | peak MB |\n|---|---:|---:|---:|---:|")
    for side, each in runs.items():
        low, high = min(run["s"] for run in each), max(run["s"] for run in each)
        peak_mb = max(run["peak_mb"] for run in each)
        figures = f"{median[side]['s']:.2f} | {low:.2f} to {high:.2f} | {median[side]['cpu_s']:.2f} | {peak_mb:,.0f}"
        print(f"| {side} | {figures} |")
    ratio, of_cpu = (median["points"][name] / median["bare"][name] for name in ("s", "cpu_s"))
    print(f"\npoints over bare: {ratio:.2f} (aim: at most {AIM}, {'met' if ratio <= AIM else 'MISSED'})")
    print(f"processor time of points over bare: {of_cpu:.2f}")


if __name__ == "__main__":
    main()
