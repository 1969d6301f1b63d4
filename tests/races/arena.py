"""What races need: rows held by somebody else, processes with lanes of their own, and a way to see who waits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from tests.shop import Shop
from tests.ways import sell_and_end

from konter.ledger.queries import lock_owners
from konter.platform.db import Pool, open_pool
from konter.platform.ids import IdBlocks
from konter.platform.lane import Lane
from konter.sales.model import SaleOutcome, SellRequest
from konter.sales.references import References

SOON_S = 15


class Process:
    """What one server process has to itself: a pool, id blocks, rules and catalogue, and a lane."""

    def __init__(self, shop: Shop, pool: Pool, *, batch_max: int) -> None:
        self.shop, self.pool = shop, pool
        self.ids, self.references = IdBlocks(), References()
        self.lane = Lane("race", self._sell, batch_max=batch_max)

    async def _sell(self, requests: Sequence[SellRequest]) -> list[SaleOutcome]:
        async with self.pool.acquire() as connection:
            return await sell_and_end(
                connection,
                requests,
                way=self.shop.way,
                clock=self.shop.stage.clock,
                ids=self.ids,
                keys=self.shop.stage.keys,
                references=self.references,
            )


class Arena:
    """One database, a shop on it, and everybody who wants something of it at once."""

    def __init__(self, shop: Shop, dsn: str) -> None:
        self.shop, self.dsn = shop, dsn

    @asynccontextmanager
    async def process(self, *, size: int = 2, batch_max: int = 256, **settings: str) -> AsyncIterator[Process]:
        async with await open_pool(self.dsn, size=size, **settings) as pool:
            process = Process(self.shop, pool, batch_max=batch_max)
            yield process
            await process.lane.close()

    @asynccontextmanager
    async def held(self, *owners: int) -> AsyncIterator[None]:
        """The owners' rows are locked by another transaction until the block ends."""
        connection = await asyncpg.connect(self.dsn)
        try:
            transaction = connection.transaction()
            await transaction.start()
            await lock_owners(connection, owners=owners)
            yield
            await transaction.rollback()
        finally:
            await connection.close()

    async def until(self, condition: str, at_least: int = 1) -> list[int]:
        """Wait until so many of this database's connections are as told; their process ids."""
        connection = await asyncpg.connect(self.dsn)
        try:
            async with asyncio.timeout(SOON_S):
                while True:
                    rows = await connection.fetch(
                        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                        f" AND pid <> pg_backend_pid() AND {condition}"
                    )
                    if len(rows) >= at_least:
                        return [row["pid"] for row in rows]
                    await asyncio.sleep(0.01)
        finally:
            await connection.close()

    async def until_waiting(self, count: int = 1) -> list[int]:
        """Wait until so many connections wait for a lock."""
        return await self.until("wait_event_type = 'Lock'", count)
