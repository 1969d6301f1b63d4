"""A job that is one verb by the rules of the moment at which it was due."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from konter.app import App
from konter.platform.db import Pool

log = structlog.get_logger()


def by_rules(app: App, verb: Callable[..., Awaitable[object]]) -> Callable[[Pool, datetime], Awaitable[None]]:
    """The verb takes `now`, `ids` and `rules`; what it says it did is logged."""

    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            done = await verb(connection, now=due, ids=app.ids, rules=await app.rules(connection, due))
        if done:
            log.info("job done", verb=verb.__name__, done=done)

    return run
