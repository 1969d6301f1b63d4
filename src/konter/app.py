"""The parts of one running process, put together once: pool, keys, clock, references, lanes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from konter.access.passwords import Passwords
from konter.platform.clock import Clock
from konter.platform.config import Settings
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool, is_gone, open_pool, require_mode
from konter.platform.ids import IdBlocks
from konter.platform.lane import Lane
from konter.platform.metrics import OUTCOMES
from konter.platform.schedule import read_offset
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.sales.model import SaleOutcome, SellRequest
from konter.sales.references import References
from konter.sales.sell import sell

FOLLOW_EVERY_S = 0.5
LANE_CONNECTIONS = 2
log = structlog.get_logger()


@dataclass(frozen=True)
class Lanes:
    """The process's lanes, one per command that callers retry one at a time."""

    sell: Lane[SellRequest, SaleOutcome]


class App:
    """What commands need, for the length of a process. Edges and jobs get it; verbs get only the parts they name."""

    def __init__(self, settings: Settings, pool: Pool, clock: Clock, *, lane_pool: Pool | None = None) -> None:
        self.settings = settings
        self.pool = pool
        self._lane_pool = lane_pool or pool
        self.clock = clock
        self.ids = IdBlocks()
        self.keys = Keys(pepper=settings.pepper, seal_keys=settings.seal_keys)
        self.references = References()
        self.passwords = Passwords()
        self.lanes = Lanes(
            sell=Lane("sell", self._sell, batch_max=settings.lane_batch_max, queue_max=settings.lane_queue_max)
        )

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for a page or a look, waited for with a bound: a crowd gets 503, not an endless queue."""
        return self.pool.acquire(timeout=CONNECTION_WITHIN_S)

    async def rules_at_hand(self, now: datetime) -> Rules:
        """The rules in force as this process last heard, at most a moment ago; no query. For the door to a crowd."""
        if self.references.rulebook is None:
            async with self.connection() as connection:
                await self.references.held(connection)
        assert self.references.rulebook is not None
        return self.references.rulebook.at(now)

    async def rules(self, connection: Connection, now: datetime) -> Rules:
        """The rules in force, fresh to the last change."""
        rulebook, _ = await self.references.current(connection)
        return rulebook.at(now)

    async def _sell(self, requests: Sequence[SellRequest]) -> list[SaleOutcome]:
        async with self._lane_pool.acquire() as connection:
            outcomes = await sell(
                connection,
                requests,
                clock=self.clock,
                ids=self.ids,
                keys=self.keys,
                references=self.references,
            )
        for outcome in outcomes:
            OUTCOMES.labels("sell", outcome.code).inc()
        return outcomes

    async def follow(self) -> None:
        """Hear of new rules and products, and of the clock that a demo or a test moves; a live one is never moved."""
        while True:
            try:
                async with self.connection() as connection:
                    await self.references.current(connection)
                    if self.settings.mode != "live":
                        self.clock.offset = await read_offset(connection)
            except Exception as error:
                if not is_gone(error):
                    raise
            await asyncio.sleep(FOLLOW_EVERY_S)

    async def read_clock_offset(self) -> timedelta:
        """The clock's offset as the database has it."""
        async with self.pool.acquire() as connection:
            return await read_offset(connection)


@asynccontextmanager
async def open_app(settings: Settings, database_url: str, **connections: str) -> AsyncIterator[App]:
    """A process's parts, closed in order: lanes empty first, then the pools.

    Lanes have connections of their own, so that no crowd at the log-in stands before a sale. `connections` are settings
    of PostgreSQL for all of them. Raises WrongModeError on a database that is for something else.
    """
    async with (
        await open_pool(database_url, size=settings.pool_size, **connections) as pool,
        await open_pool(database_url, size=LANE_CONNECTIONS, **connections) as lane_pool,
    ):
        app = App(settings, pool, Clock(), lane_pool=lane_pool)
        async with app.connection() as connection:
            await require_mode(connection, mode=settings.mode)
        if settings.mode != "live":
            app.clock.offset = await app.read_clock_offset()
        following = asyncio.create_task(app.follow())
        try:
            yield app
        finally:
            following.cancel()
            await app.lanes.sell.close()
