"""`python -m bench.inactivity`: the sweep over 600,000 outlets against one plain UPDATE of the rows that change. [D-71]

Two days are measured: the first one of all, on which nothing is known of anybody and a row of every outlet changes; and
a usual one, on which a 23rd of the sellers is looked at again and one in a hundred is warned, put to review or ended,
each with evidence, texts and audit: so few that finding them weighs as much as writing.
Both sides get a fresh copy of the same seeded database.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec

from bench import queries
from bench.bed import as_owner, remove
from bench.machine import machine
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.furnish import furnish
from konter.platform.audit import SYSTEM
from konter.platform.config import load_settings
from konter.platform.db import Connection, claim_instance, open_pool
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.ids import IdBlocks
from konter.platform.migrate import migrate
from konter.rules.load import read_rulebook
from konter.sales.activity.sweep import sweep_inactivity

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
OPENED = NOW - timedelta(days=400)
IDLE_PCT = 3
ID_BLOCK_FROM = 1 << 30  # behind all ids of the seed
AIM = 3.0
COPY = "inactivity_copy"
T = TypeVar("T")


class Run(msgspec.Struct, frozen=True):
    """One pair: how long each side took, and what the sweep did."""

    update_s: float
    sweep_s: float
    rows: int
    done: Counter[str]


def main() -> None:
    """Seed each day, measure in pairs, print; exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.inactivity", description=__doc__)
    parser.add_argument("--outlets", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench-inactivity", help="filled and removed")
    chosen = parser.parse_args()
    folder = chosen.data.resolve()
    remove(folder)
    missed = False
    try:
        settings = load_settings(data=folder, mode="test", log_level="error", database_url="")
        with start_embedded(settings.data / "pg") as server:
            print(f"{machine(folder)}\n{chosen.outlets:,} outlets, {chosen.rounds} rounds, medians")
            for day in ("usual", "first"):
                asyncio.run(seed(server, day, chosen.outlets))
                runs = list(rounds(server, day, chosen.rounds))
                missed |= tell(day, runs) > AIM
    finally:
        remove(folder)
    sys.exit(missed)


async def seed(server: EmbeddedServer, day: str, outlets: int) -> None:
    """A database with so many outlets, as that day finds them."""
    await as_owner(server.url, lambda connection: queries.make_database(connection, day, template="template1"))
    await migrate(server.url_of(day))
    async with await open_pool(server.url_of(day), size=1) as pool, pool.acquire() as connection:
        await claim_instance(connection, mode="test", at=OPENED)
        ids = IdBlocks()
        await furnish(connection, now=OPENED, ids=ids)
        await set_areas(
            connection, [NewArea(code="BENCH", name="Bench", level="area")], actor=SYSTEM, now=OPENED, ids=ids
        )
    words = {
        "$outlets": str(outlets),
        "$idle_pct": str(IDLE_PCT),
        "$now": f"'{NOW.isoformat()}'::timestamptz",
        "$opened": f"'{OPENED.isoformat()}'::timestamptz",
        "$usual": "true" if day == "usual" else "false",
    }
    text = (resources.files("bench") / "inactivity.sql").read_text("utf-8")
    for word, value in words.items():
        text = text.replace(word, value)

    async def fill(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO partner VALUES (256, 'SBP-BENCH', 'Mitra Bench', 'BENCH', 'active', $1)", OPENED
        )
        await connection.execute(text)
        await connection.execute(f"ALTER SEQUENCE id_block RESTART {ID_BLOCK_FROM}")
        await connection.execute("VACUUM ANALYZE")

    await as_owner(server.url_of(day), fill)


def rounds(server: EmbeddedServer, day: str, count: int) -> Iterator[Run]:
    """Pairs of a sweep and an UPDATE of the outlets for which it changed something, each on a copy of its own."""
    for _ in range(count):
        sweep_s, done, changed = on_copy(server, day, swept)
        update_s = on_copy(server, day, partial(updated, outlet_ids=changed))
        yield Run(update_s, sweep_s, len(changed), done)


def on_copy(server: EmbeddedServer, day: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What some work gives on a fresh copy of a day, all of it on disk before."""
    asyncio.run(as_owner(server.url, lambda connection: queries.make_database(connection, COPY, template=day)))
    asyncio.run(as_owner(server.url, queries.flush))
    return asyncio.run(as_owner(server.url_of(COPY), work))


async def swept(connection: Connection) -> tuple[float, Counter[str], list[int]]:
    """A sweep: how long it took, what it did, and for which outlets it wrote something."""
    rules = (await read_rulebook(connection)).at(NOW)
    begin = time.monotonic()
    done = await sweep_inactivity(connection, now=NOW, ids=IdBlocks(), rules=rules)
    took_s = time.monotonic() - begin
    return took_s, done, await changed_outlets(connection)


async def changed_outlets(connection: Connection) -> list[int]:
    """Outlets of which a row was written after the seed: renewed, warned, put to review or ended."""
    rows = await connection.fetch(
        """
        SELECT outlet_id FROM outlet_activity WHERE last_at = $1
        UNION SELECT subject_id FROM audit WHERE at = $2
        """,
        NOW - timedelta(days=0.5),
        NOW,
    )
    return [row["outlet_id"] for row in rows]


async def updated(connection: Connection, outlet_ids: list[int]) -> float:
    """One plain UPDATE of these outlets."""
    begin = time.monotonic()
    status = await connection.execute("UPDATE outlet SET segment = 'other' WHERE id = ANY($1)", outlet_ids)
    took_s = time.monotonic() - begin
    assert status == f"UPDATE {len(outlet_ids)}", status
    return took_s


def tell(day: str, runs: list[Run]) -> float:
    """Print a day's medians; gives the ratio."""
    update_s, sweep_s = (statistics.median(getattr(run, side) for run in runs) for side in ("update_s", "sweep_s"))
    ratio = statistics.median(run.sweep_s / run.update_s for run in runs)
    print(
        f"{day:6} {dict(runs[0].done)}\n"
        f"       plain UPDATE of {runs[0].rows:,} rows {update_s:.2f} s, sweep {sweep_s:.2f} s,"
        f" ratio {ratio:.2f} (aim at most {AIM:.0f})"
    )
    return ratio


if __name__ == "__main__":
    main()
