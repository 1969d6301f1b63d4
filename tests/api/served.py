"""The server as it runs outside: `konter serve` in processes of its own, kept running, with the cast on its database."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
from tests.api.world import World, set_stage, settings_of
from tests.conftest import prove_books

from konter.access.passwords import Passwords
from konter.platform.config import Settings
from konter.platform.db import open_pool
from konter.server import Children, wait_until_ready


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A supervised server and its processes."""

    def __init__(self, settings: Settings, children: Children) -> None:
        self.settings, self._children = settings, children

    @property
    def processes(self) -> list[psutil.Process]:
        """The server's first process, and then those that it started."""
        (serve,) = self._children._running.values()
        first = psutil.Process(serve.pid)
        return [first, *first.children(recursive=True)]

    def kill(self) -> None:
        """All at once, as when the machine runs out of memory or power.

        The first process first, or it would start a worker anew. Waits for one that is just being started again.
        """
        give_up_at = time.monotonic() + 15
        while time.monotonic() < give_up_at:
            with suppress(psutil.NoSuchProcess):
                for process in self.processes:
                    with suppress(psutil.NoSuchProcess):
                        os.kill(process.pid, signal.SIGKILL)
                return
            time.sleep(0.1)
        raise AssertionError("no server was started again")

    def memory_bytes(self) -> int:
        return sum(process.memory_info().rss for process in self.processes)

    async def ready(self) -> None:
        await asyncio.to_thread(wait_until_ready, self.settings.address)


@contextmanager
def running(dsn: str, folder: Path) -> Iterator[Running]:
    """`konter serve` on a database, started again when it ends."""
    settings = settings_of(folder, database_url=dsn, port=free_port(), log_level="error")
    children = Children(settings, ["serve"])
    children.start()
    watching = threading.Thread(target=children.watch, args=(lambda: None,), daemon=True)
    watching.start()
    try:
        yield Running(settings, children)
    finally:
        children.stop()
        watching.join()


@asynccontextmanager
async def served_world(dsn: str, folder: Path) -> AsyncIterator[tuple[World, Running]]:
    """A world in front of a real server. Its books are proven when it ends."""
    passwords = Passwords()
    async with await open_pool(dsn, size=3) as pool:
        stage = await set_stage(pool, passwords)
        with running(dsn, folder) as server:
            await server.ready()
            async with httpx.AsyncClient(base_url=server.settings.address, timeout=30) as http:
                yield await World(http, stage).open_shop(), server
            await prove_books(pool)
    passwords.close()
