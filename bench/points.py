"""`python -m bench.points`: points for very many recharges against pgbench, and the evaluation of 1.6 million tiers.

Earning: one run that finds the recharges of a month in the ledger and grants for all of them, against pgbench that does
one balance update per recharge, on the same server, one after the other. Two runs are measured: the first of a year, in
which each customer gets an account for the vintage, and one a month later. Evaluation: every subscription by its last
six months or bills; about a sixth change.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TypeVar

from bench import queries
from bench.bed import as_owner, remove
from bench.machine import machine
from konter.furnish import furnish
from konter.loyalty.earning.accrue import accrue_recharges
from konter.loyalty.tiers.evaluate import evaluate_tiers
from konter.platform.config import load_settings
from konter.platform.db import APP_ROLE, Connection, Pool, claim_instance, open_pool
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.embedded.run import run
from konter.platform.ids import IdBlocks
from konter.platform.migrate import migrate
from konter.rules.load import read_rulebook

ROOT = Path(__file__).parent.parent
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
MONTH = datetime(2026, 9, 30, 17, tzinfo=UTC)  # 1 October, midnight in Jakarta
RUNS = (("first month", datetime(2026, 10, 31, 17, tzinfo=UTC)), ("next month", datetime(2026, 11, 30, 17, tzinfo=UTC)))
EVALUATED = date(2026, 12, 1)
ID_BLOCK_FROM = 1 << 30  # behind all ids of the seed
CLIENTS, SECONDS = 16, 10
AIM = 5.0
T = TypeVar("T")


def main() -> None:
    """Seed, measure, print; exit code 1 when the aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.points", description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--each", type=int, default=3, help="recharges of a number in a month")
    parser.add_argument("--subscriptions", type=int, default=1_600_000, help="for the evaluation; 0: none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench-points", help="filled and removed")
    chosen = parser.parse_args()
    folder = chosen.data.resolve()
    remove(folder)
    try:
        settings = load_settings(data=folder, mode="test", log_level="error", database_url="")
        with start_embedded(settings.data / "pg") as server:
            print(machine(folder))
            ratio = earning(server, chosen.customers, chosen.each, chosen.rounds)
            if chosen.subscriptions:
                evaluation(server, chosen.subscriptions, chosen.rounds)
    finally:
        remove(folder)
    sys.exit(ratio < AIM)


def earning(server: EmbeddedServer, customers: int, each: int, rounds: int) -> float:
    """The worse ratio of both months, medians of the rounds."""
    asyncio.run(seed(server, "points", customers, each=each, evaluated=False))
    rates: dict[str, list[float]] = {name: [] for name in ("pgbench", *(name for name, _ in RUNS))}
    for _ in range(rounds):
        copied(server, "points")
        rates["pgbench"].append(pgbench(server, customers))
        for name, now in RUNS:
            took_s, grants = asyncio.run(with_pool(server.url_of("points_copy"), partial(granted, now=now)))
            rates[name].append(customers * 9 // 10 * each / took_s)
            print(f"  {name}: {grants:,} grants for {customers * each:,} recharges in {took_s:.1f} s", file=sys.stderr)
    base = statistics.median(rates["pgbench"])
    print(f"pgbench, {CLIENTS} clients, one balance update per recharge: {base:,.0f}/s")
    ratios = {name: statistics.median(rates[name]) / base for name, _ in RUNS}
    for name, ratio in ratios.items():
        print(f"earning, {name}, {each} a number: {statistics.median(rates[name]):,.0f} recharges/s, ratio {ratio:.1f}")
    print(f"(aim at least {AIM:.0f})")
    return min(ratios.values())


async def with_pool(url: str, work: Callable[[Pool], Awaitable[T]]) -> T:
    """What some work gives, with connections as the worker has them."""
    async with await open_pool(url, size=4) as pool:
        return await work(pool)


async def granted(pool: Pool, *, now: datetime) -> tuple[float, int]:
    """A run up to a moment: how long it took and how many grants it wrote."""
    async with pool.acquire() as connection:
        rulebook = await read_rulebook(connection)
    begin = time.monotonic()
    grants = await accrue_recharges(pool, now=now, rulebook=rulebook, ids=IdBlocks())
    return time.monotonic() - begin, grants


def pgbench(server: EmbeddedServer, customers: int) -> float:
    """Balance updates a second, each a transaction of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "update.sql"
        file.write_text(
            f"\\set n random(1, {customers})\n"
            "\\set cell ((6281100000000 + :n) * 40503 >> 8) & 255\n"
            "\\set id (:n + 20000000) << 8 | :cell\n"
            "UPDATE account SET balance = balance + 12, entry_seq = entry_seq + 1 WHERE id = :id AND cell = :cell;\n"
        )
        done = run(
            server.bin_dir / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2",
            f"--time={SECONDS}", f"--file={file}",
            env={**server.environment("points_copy"), "PGOPTIONS": f"-c role={APP_ROLE}"}, timeout_s=SECONDS + 60,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-2000:]}")
    return float(next(line.split()[2] for line in done.stdout.splitlines() if line.startswith("tps = ")))


def evaluation(server: EmbeddedServer, subscriptions: int, rounds: int) -> None:
    """How long the evaluation of everybody takes."""
    asyncio.run(seed(server, "points", subscriptions, each=0, evaluated=True))
    runs: list[float] = []
    for _ in range(rounds):
        copied(server, "points")
        took_s, done = asyncio.run(with_pool(server.url_of("points_copy"), evaluated))
        runs.append(took_s)
    print(f"evaluation of {subscriptions:,} subscriptions: {statistics.median(runs):.1f} s, {dict(done)}")


async def evaluated(pool: Pool) -> tuple[float, dict[str, int]]:
    """One evaluation: how long it took, and what it changed."""
    async with pool.acquire() as connection:
        rulebook = await read_rulebook(connection)
    begin = time.monotonic()
    done = await evaluate_tiers(pool, EVALUATED, now=RUNS[-1][1], rulebook=rulebook)
    return time.monotonic() - begin, dict(done)


async def seed(server: EmbeddedServer, name: str, customers: int, *, each: int, evaluated: bool) -> None:
    """A database with so many numbers."""
    await as_owner(server.url, lambda connection: queries.make_database(connection, name, template="template1"))
    await migrate(server.url_of(name))
    async with await open_pool(server.url_of(name), size=1) as pool, pool.acquire() as connection:
        await claim_instance(connection, mode="test", at=OPENED)
        await furnish(connection, now=OPENED, ids=IdBlocks())
    words = {
        "$customers": str(customers),
        "$each": str(each),
        "$evaluated": str(evaluated).lower(),
        "$opened": f"'{OPENED.isoformat()}'::timestamptz",
        "$month": f"'{MONTH.isoformat()}'::timestamptz",
        "$now": f"'{RUNS[-1][1].isoformat()}'::timestamptz",
    }
    text = (resources.files("bench") / "points.sql").read_text("utf-8")
    for word, value in words.items():
        text = text.replace(word, value)

    async def fill(connection: Connection) -> None:
        await connection.execute("SET timezone = 'Asia/Jakarta'")
        await connection.execute(text)
        await connection.execute(f"ALTER SEQUENCE id_block RESTART {ID_BLOCK_FROM}")
        await connection.execute("VACUUM ANALYZE")

    await as_owner(server.url_of(name), fill)


def copied(server: EmbeddedServer, name: str) -> None:
    """A fresh copy of a database, all of it on disk."""
    copy: Callable[[Connection], Awaitable[None]] = partial(queries.make_database, name=f"{name}_copy", template=name)
    asyncio.run(as_owner(server.url, copy))
    asyncio.run(as_owner(server.url, queries.flush))


if __name__ == "__main__":
    main()
