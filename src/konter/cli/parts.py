"""The parts of a process, for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from konter.app import App, open_app
from konter.platform.config import Settings
from konter.platform.db import instance_mode
from konter.platform.migrate import check as check_schema


@asynccontextmanager
async def parts_on(settings: Settings, url: str) -> AsyncIterator[App]:
    """The parts for one command, on whatever the database is for: its mode is the one that counts here."""
    await check_schema(url)
    connection = await asyncpg.connect(url)
    try:
        mode = await instance_mode(connection) or settings.mode
    finally:
        await connection.close()
    async with open_app(msgspec.structs.replace(settings, mode=mode), url) as parts:
        yield parts
