"""The parts of one running process, put together once: pool, keys, clock, references, lanes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from konter.access.four_eyes.kinds import Kinds
from konter.access.passwords import Passwords
from konter.access.staff.accounts import STAFF_KINDS
from konter.channel.onboarding.photo.photos import Photos
from konter.conduct.lifting import BLACKLIST_KINDS
from konter.dialogues import served_by
from konter.loyalty.rewards.redemption.instant import demo_providers
from konter.loyalty.rewards.redemption.provider import Providing
from konter.loyalty.rewards.redemption.redeeming import Redeeming
from konter.messaging.served import Served
from konter.platform.clock import Clock
from konter.platform.config import Settings
from konter.platform.db import CONNECTION_WITHIN_S, ONE_PLAN, Connection, Pool, is_gone, open_pool, require_mode
from konter.platform.ids import IdBlocks
from konter.platform.schedule import read_offset
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.sales.by_hand.outcome import outcome_kinds
from konter.sales.model import ways_of
from konter.sales.network.model import Network
from konter.sales.references import References
from konter.sales.reversal.reversing import Reversing
from konter.sales.selling import CONNECTIONS_PER_GROUP, Selling

if TYPE_CHECKING:
    from konter.sales.network.client import HttpNetwork

FOLLOW_EVERY_S = 0.5
log = structlog.get_logger()


class App:
    """What commands need, for the length of a process. Edges and jobs get it; verbs get only the parts they name."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        clock: Clock,
        *,
        lane_pool: Pool | None = None,
        network: Network | None = None,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.clock = clock
        self.ids = IdBlocks()
        self.keys = Keys(pepper=settings.pepper, seal_keys=settings.seal_keys)
        self.references = References()
        self._first_reading = asyncio.Lock()
        self.passwords = Passwords()
        self.photos = Photos()
        self.network = network
        self.kinds: Kinds = {
            **STAFF_KINDS,
            **BLACKLIST_KINDS,
            **outcome_kinds(clock, self.references),
        }  # what takes two pairs of eyes, of all domains
        self.selling = Selling(
            lane_pool or pool,
            clock=clock,
            ids=self.ids,
            keys=self.keys,
            references=self.references,
            network=network,
            groups=settings.cell_groups,
            batch_max=settings.lane_batch_max,
            queue_max=settings.lane_queue_max,
        )
        self.reversing = Reversing(
            pool,
            clock=clock,
            ids=self.ids,
            references=self.references,
            network=network,
            ways=ways_of(settings.cell_groups, network=network is not None),
        )

        self.redeeming = Redeeming(
            lane_pool or pool,
            clock=clock,
            ids=self.ids,
            keys=self.keys,
            references=self.references,
            batch_max=settings.lane_batch_max,
            queue_max=settings.lane_queue_max,
        )
        # A live installation has no links to providers yet: what waits for one is refunded at its deadline.
        self.providing = Providing(
            pool,
            {} if settings.mode == "live" else demo_providers(),
            clock=clock,
            ids=self.ids,
            references=self.references,
        )

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for a page or a look, waited for with a bound: a crowd gets 503, not an endless queue."""
        return self.pool.acquire(timeout=CONNECTION_WITHIN_S)

    def served(self, rules: Rules) -> Served:
        """Who answers texts to short numbers and what people dial."""
        return served_by(self, rules)

    async def rules_at_hand(self, now: datetime) -> Rules:
        """The rules in force as this process last heard, at most a moment ago; no query. For the door to a crowd:
        before anything was read one of it reads, and the others hold no connection meanwhile.
        """
        if self.references.rulebook is None:
            async with self._first_reading:
                if self.references.rulebook is None:
                    async with self.connection() as connection:
                        await self.references.held(connection)
        assert self.references.rulebook is not None
        return self.references.rulebook.at(now)

    async def rules(self, connection: Connection, now: datetime) -> Rules:
        """The rules in force, fresh to the last change."""
        rulebook, _ = await self.references.current(connection)
        return rulebook.at(now)

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


def network_of(settings: Settings) -> "HttpNetwork | None":
    """The network that delivers this installation's sales, if one does; without one its client takes no memory."""
    if not settings.network_url:
        return None
    from konter.sales.network.client import HttpNetwork

    return HttpNetwork(
        settings.network_url,
        settings.network_token,
        timeout_s=settings.network_timeout_s,
        calls_max=settings.network_calls_max,
    )


@asynccontextmanager
async def open_app(settings: Settings, database_url: str, **connections: str) -> AsyncIterator[App]:
    """A process's parts, closed in order: lanes empty first, then the network, then the pools.

    Lanes have connections of their own, so that no crowd at the log-in stands before a sale. `connections` are settings
    of PostgreSQL for all of them. Raises WrongModeError on a database that is for something else.
    """
    async with (
        await open_pool(database_url, size=settings.pool_size, **connections) as pool,
        await open_pool(
            database_url, size=CONNECTIONS_PER_GROUP * settings.cell_groups + 1, **ONE_PLAN, **connections
        ) as lane_pool,
    ):
        network = network_of(settings)
        app = App(settings, pool, Clock(), lane_pool=lane_pool, network=network)
        async with app.connection() as connection:
            await require_mode(connection, mode=settings.mode)
        if settings.mode != "live":
            app.clock.offset = await app.read_clock_offset()
        following = asyncio.create_task(app.follow())
        try:
            yield app
        finally:
            following.cancel()
            await app.redeeming.close()
            await app.reversing.close()
            await app.selling.close()
            if network is not None:
                await network.close()
