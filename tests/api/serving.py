"""The application over HTTP within the test's own event loop, many requests at once included."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar


@asynccontextmanager
async def serving(server: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application, stop it afterwards, both in one task, as its task groups ask for; fixtures are not."""
    ready, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with server.lifespan():
            ready.set()
            await stop.wait()

    running = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        waiting.cancel()
        await running
    transport = httpx.ASGITransport(server)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://konter", timeout=60) as http:
            yield http
    finally:
        stop.set()
        await running
