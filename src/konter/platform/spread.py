"""Work on very many, a few parts at a time, each on a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from konter.platform.db import Connection, Pool
from konter.platform.ids import CELLS

PART = 32  # cells
AT_ONCE = 2
P = TypeVar("P")
T = TypeVar("T")


async def over_cells(pool: Pool, work: Callable[[Connection, Sequence[int]], Awaitable[T]]) -> list[T]:
    """What the work gives for each part of the cells, in no order. Fails as `in_parts` does."""
    return await in_parts(pool, (range(first, first + PART) for first in range(0, CELLS, PART)), work)


async def in_parts(pool: Pool, parts: Iterable[P], work: Callable[[Connection, P], Awaitable[T]]) -> list[T]:
    """What the work gives for each part, in no order. When one part fails the others are stopped, and its error goes
    up.
    """
    waiting = iter(parts)
    results: list[T] = []

    async def next_parts() -> None:
        async with pool.acquire() as connection:
            for part in waiting:
                results.append(await work(connection, part))  # noqa: PERF401 - several tasks fill one list

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(next_parts())
    except* Exception as failed:  # noqa: BLE001 - whatever it is; the caller asked for one thing and gets one error
        raise failed.exceptions[0] from None
    return results
