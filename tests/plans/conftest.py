"""A channel of 600,000 outlets, made once per worker in a database of its own, to look at plans on."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from bench.channel_seed import seed_channel, seed_ground
from tests.conftest import NOON, clone, drop

from bench import queries
from konter.channel.geography.load import ensure_regions
from konter.platform.audit import SYSTEM
from konter.platform.db import LONG_WORK_S, Connection, open_pool, speak_json
from konter.platform.embedded import EmbeddedServer
from konter.platform.ids import IdBlocks

OUTLETS = int(os.environ.get("KONTER_PLAN_OUTLETS", "600000"))


async def _fill(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await speak_json(connection)
        await ensure_regions(connection, actor=SYSTEM, now=NOON, ids=IdBlocks())
        indexes = await queries.take_down(connection)
        await seed_ground(connection, at=NOON)
        await seed_channel(connection, OUTLETS, at=NOON)
        for statement in (Path(__file__).parent / "queues.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                await connection.execute(statement, *([NOON] if "$1" in statement else []), timeout=LONG_WORK_S)
        await queries.put_up(connection, indexes)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def channel_dsn(server: EmbeddedServer, template: str) -> Iterator[str]:
    name = f"plans_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    asyncio.run(clone(server, template, name))
    asyncio.run(_fill(server.url_of(name)))
    yield server.url_of(name)
    asyncio.run(drop(server, name))


@pytest.fixture
async def channel(channel_dsn: str) -> AsyncIterator[Connection]:
    """A connection with the settings of the application's own."""
    async with await open_pool(channel_dsn, size=1) as pool, pool.acquire() as connection:
        yield connection
