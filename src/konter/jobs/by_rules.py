"""A job that is one verb by the rules of the moment at which it was due."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from konter.app import App
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks
from konter.rules.model import Rules

log = structlog.get_logger()


class Verb(Protocol):
    """Does what is due at a moment, by its rules; says what it did, nothing where there was nothing."""

    __name__: str

    def __call__(
        self, connection: Connection, /, *, now: datetime, ids: IdBlocks, rules: Rules
    ) -> Awaitable[object]: ...


def by_rules(app: App, verb: Verb) -> Callable[[Pool, datetime], Awaitable[None]]:
    """The job; what the verb says it did is logged under its name."""

    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            done = await verb(connection, now=due, ids=app.ids, rules=await app.rules(connection, due))
        if done:
            log.info(verb.__name__, done=done)

    return run
