"""What a build says while it goes on: how far each step is, and afterwards how long it took and what it wrote."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import msgspec

from konter.platform.db import Pool
from konter.simulator.operator import queries


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is over: `count` of what it is about (subscribers, sales), `rows` of any table that it wrote."""

    step: str
    count: int
    rows: int
    time_s: float


class Watcher(Protocol):
    """Whoever looks on while an operator is built."""

    def progress(self, step: str, done: int, total: int) -> None:
        """A step is so far; the first time it is new, and every step ends with one call of its own."""

    def over(self, phase: Phase) -> None:
        """A step is over."""


class Unwatched:
    """Nobody looks on."""

    def progress(self, step: str, done: int, total: int) -> None:
        """Goes unseen."""

    def over(self, phase: Phase) -> None:
        """Goes unseen."""


class Step:
    """A step that goes on."""

    def __init__(self, name: str, total: int, watcher: Watcher) -> None:
        self._name, self._total, self._watcher = name, total, watcher
        self.done = 0
        watcher.progress(name, 0, total)

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        self._watcher.progress(self._name, self.done, self._total)


@asynccontextmanager
async def phase(pool: Pool, watcher: Watcher, name: str, total: int) -> AsyncIterator[Step]:
    """Time a step of `total` and count the rows that it writes; nobody else may write meanwhile."""
    rows, begin_s = await rows_written(pool), time.monotonic()
    step = Step(name, total, watcher)
    yield step
    time_s = time.monotonic() - begin_s
    written = await rows_written(pool) - rows
    watcher.over(Phase(step=name, count=step.done, rows=written, time_s=time_s))


async def rows_written(pool: Pool) -> int:
    """Rows inserted so far, as PostgreSQL counts them.

    Each connection keeps what it counted to itself for up to a few seconds, so all of them are asked to tell first.
    """
    async with AsyncExitStack() as held:
        for connection in [await held.enter_async_context(pool.acquire()) for _ in range(pool.get_size())]:
            await queries.tell_statistics(connection)
    async with pool.acquire() as connection:
        return await queries.read_rows_written(connection)
