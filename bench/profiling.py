"""`--profile`: where the time of (b) goes. Python by function, PostgreSQL by statement, and each statement's plan."""

import cProfile
import pstats
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import uvloop

from bench.bed import Bed, as_owner
from bench.people import Market, requests_of
from konter.app import App, open_app
from konter.platform.db import Connection
from konter.sales.model import SellRequest
from konter.sales.sell import sell

BATCH = 64
BATCHES = 150
WARM = 20
FUNCTIONS = 40
NAME_CHARS = 60


@dataclass
class Said:
    """What was said to the database: seconds and count by statement."""

    seconds: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    last: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def note(self, record: Any) -> None:
        """Take a record of the driver's log."""
        name = " ".join(record.query.split())[:NAME_CHARS]
        self.seconds[name] += record.elapsed
        self.times[name] += 1
        self.last.append((record.query, record.args))


def profile(bed: Bed, database: str) -> None:
    """Print all of it."""
    uvloop.run(_profile(bed, database))


async def _profile(bed: Bed, database: str) -> None:
    settings = bed.settings_for(database)
    market = Market(tokens=bed.people.tokens, msisdns=bed.people.msisdns(), seed=bed.next_seed())
    async with open_app(settings, settings.database_url) as app, app.pool.acquire() as connection:
        requests = requests_of(market, app.keys, BATCH * (WARM + 3 * BATCHES + 1))
        batches = [requests[place : place + BATCH] for place in range(0, len(requests), BATCH)]
        for batch in batches[:WARM]:
            await _sell(app, connection, batch)
        await _by_part(bed, app, connection, batches[WARM : WARM + BATCHES])
        await _by_statement(app, connection, batches[WARM + BATCHES : WARM + 2 * BATCHES])
        await _by_function(app, connection, batches[WARM + 2 * BATCHES : -1])
        statements = await _statements(app, connection, batches[-1])
    await as_owner(settings.database_url, lambda owner: _plans(owner, statements))


async def _sell(app: App, connection: Connection, batch: list[SellRequest]) -> None:
    outcomes = await sell(connection, batch, clock=app.clock, ids=app.ids, keys=app.keys, references=app.references)
    assert all(outcome.sale for outcome in outcomes)


async def _by_part(bed: Bed, app: App, connection: Connection, batches: list[list[SellRequest]]) -> None:
    """Processor time of both sides against the time that passed; what is in neither was spent waiting for the disk."""
    started, python, postgres = time.perf_counter(), time.process_time(), bed.postgres_cpu_s()
    for batch in batches:
        await _sell(app, connection, batch)
    sold = len(batches) * BATCH
    passed, python, postgres = (
        (now - before) / sold * 1e6
        for now, before in (
            (time.perf_counter(), started),
            (time.process_time(), python),
            (bed.postgres_cpu_s(), postgres),
        )
    )
    print(f"\n{sold:,} sales in batches of {BATCH}, one after the other: {1e6 / passed:,.0f}/s")
    print(f"µs per sale: {passed:.0f} passed, {python:.0f} Python, {postgres:.0f} PostgreSQL (all its processes)")


async def _by_statement(app: App, connection: Connection, batches: list[list[SellRequest]]) -> None:
    said = Said()
    with connection.query_logger(said.note):
        for batch in batches:
            await _sell(app, connection, batch)
    print("\nround trips, µs per sale as the client saw them:")
    for name, seconds in said.seconds.most_common():
        print(f"{seconds / len(batches) / BATCH * 1e6:8.1f}  {said.times[name]:5} times  {name}")


async def _by_function(app: App, connection: Connection, batches: list[list[SellRequest]]) -> None:
    """Calls counted one by one make small functions look dearer than they are; the order is what counts."""
    profiler = cProfile.Profile()
    profiler.enable()
    for batch in batches:
        await _sell(app, connection, batch)
    profiler.disable()
    print(f"\nPython by function, {len(batches) * BATCH:,} sales:")
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(FUNCTIONS)


async def _statements(app: App, connection: Connection, batch: list[SellRequest]) -> list[tuple[str, tuple[Any, ...]]]:
    """The statements of a batch with their arguments, of sales that are then taken back."""
    said, transaction = Said(), connection.transaction()
    await transaction.start()
    with connection.query_logger(said.note):
        await _sell(app, connection, batch)
    await transaction.rollback()
    return [(query, args) for query, args in said.last if args]


async def _plans(connection: Connection, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    """EXPLAIN ANALYZE of each, in order, in one transaction that is rolled back."""
    print("\nplans of one batch:")
    transaction = connection.transaction()
    await transaction.start()
    for query, args in statements:
        rows = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, WAL) {query}", *args)
        print(f"\n-- {' '.join(query.split())[:NAME_CHARS]}")
        print("\n".join(row[0] for row in rows))
    await transaction.rollback()
