"""A month of sales on a moved clock, by the command that sells for real."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from random import Random

import msgspec

from konter.access.many_sessions import open_sessions
from konter.access.model import TokenClaims
from konter.access.step import Step as AccessStep
from konter.app import App
from konter.ledger.expire import expire
from konter.platform.clock import WIB, FrozenClock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId
from konter.sales.model import SellRequest
from konter.sales.sell import sell
from konter.simulator.operator import model
from konter.simulator.operator.model import Size
from konter.simulator.operator.people import PIN_OF_ALL, Person, fund, new_ref
from konter.simulator.operator.phases import Step

OWNERS_PER_EXPIRY = 2_000
IDS_PER_SALE_MAX = 24
IDS_PER_SELLER_MAX = 4  # a session, and a part in the outlet's purchase
SESSIONS_PER_BATCH = 5_000


class Seller(msgspec.Struct, kw_only=True):
    """A user who sells, with today's session and the customers of the neighbourhood, as places among all numbers."""

    person: Person
    customers: range
    claims: TokenClaims | None = None


class District:
    """A part of the operator: its outlets sell to nobody else's customers; it has its own chance and its own ids."""

    def __init__(self, app: App, sellers: list[Seller], *, sales: int, random: Random, packages: list[str]) -> None:
        self.app = app
        self.sellers = sellers
        self.sales = sales
        self.random = random
        self.packages = packages
        self.ids = IdBlocks()
        self.sold = 0
        self.refusals: Counter[str] = Counter()

    def wanted(self, place: int, hours: int) -> int:
        """How many want to buy in the place-th of so many hours: its share, and those who were refused before (an
        expired number, an empty wallet), but at most twice its share.
        """
        share = -(-self.sales // hours)
        return min((place + 1) * self.sales // hours - self.sold, 2 * share)

    def ids_needed(self, count: int) -> int:
        """How many ids an hour with so many sales can use at most."""
        return IDS_PER_SALE_MAX * count + IDS_PER_SELLER_MAX * len(self.sellers)

    async def shift(self, connection: Connection, at: datetime, *, top_up: bool) -> None:
        """Everybody logs in; when it is time, wallets are filled up."""
        rules = await self.app.rules(connection, at)
        step = AccessStep(now=at - timedelta(minutes=1), ids=self.ids, keys=self.app.keys, rules=rules)
        for start in range(0, len(self.sellers), SESSIONS_PER_BATCH):
            part = self.sellers[start : start + SESSIONS_PER_BATCH]
            users = [(seller.person.user_id, seller.person.outlet_id) for seller in part]
            opened = await open_sessions(connection, users, agent="simulator", step=step)
            for seller, claims in zip(part, opened, strict=True):
                seller.claims = claims
        if top_up:
            await fund(connection, self._outlets(), model.TOP_UP_RP, at=at, ids=self.ids, random=self.random)

    def _outlets(self) -> list[OutletId]:
        return sorted({seller.person.outlet_id for seller in self.sellers})

    async def sell(self, connection: Connection, hour: datetime, count: int, step: Step) -> None:
        """An hour's sales, as far as they are not refused."""
        for at, part in model.moments(hour, count):
            requests = [self._request(self.random.choice(self.sellers)) for _ in range(part)]
            outcomes = await sell(
                connection,
                requests,
                clock=FrozenClock(at),
                ids=self.ids,
                keys=self.app.keys,
                references=self.app.references,
            )
            refused = [outcome.refusal.code for outcome in outcomes if outcome.refusal is not None]
            self.refusals.update(refused)
            self.sold += part - len(refused)
            step.advance(part - len(refused))

    def _request(self, seller: Seller) -> SellRequest:
        assert seller.claims is not None
        product, msisdn = model.wish(self.random, self.packages, seller.customers)
        return SellRequest(
            claims=seller.claims,
            client_ref=new_ref(self.random),
            product=product,
            msisdn=msisdn,
            pin=PIN_OF_ALL,
            second=True,
            agent="simulator",
        )


def districts(app: App, size: Size, people: list[Person], *, seed: int, packages: list[str]) -> list[District]:
    """Outlets and customers in so many parts; the first person, the demo's newcomer, does not sell, nor do
    the quiet outlets.
    """
    parts = min(model.DISTRICTS, size.outlets, size.subscribers)
    made = []
    for part in range(parts):
        outlets = model.share(size.outlets, part, parts)
        near = model.share(size.subscribers, part, parts)
        customers = range(size.own_numbers + near.start, size.own_numbers + near.stop)
        sellers = [
            Seller(
                person=people[2 * outlet + who],
                customers=model.neighbourhood(outlet - outlets.start, len(outlets), customers),
            )
            for outlet in outlets
            for who in (0, 1)
            if (outlet or who) and outlet < size.outlets - size.quiet_outlets
        ]
        random = Random(f"{seed}/district/{part}")  # noqa: S311 - synthetic sales, not secrets
        sales = len(model.share(size.sales, part, parts))
        made.append(District(app, sellers, sales=sales, random=random, packages=packages))
    return made


async def sell_for_a_month(app: App, parts: list[District], hours: list[datetime], step: Step) -> None:
    """Hour by hour, the districts side by side, each on a connection of its own."""
    async with AsyncExitStack() as held:
        connections = [await held.enter_async_context(app.pool.acquire()) for _ in parts]
        for place, hour in enumerate(hours):
            wanted = [part.wanted(place, len(hours)) for part in parts]
            work = list(zip(connections, parts, wanted, strict=True))
            for connection, part, count in work:  # in order, before they race for them
                await part.ids.ensure(connection, part.ids_needed(count))
            if hour.astimezone(WIB).hour in model.LOGIN_HOURS:
                await _expire(app, connections[0], hour)
                weekly = place > 0 and place % (7 * len(model.OPEN_HOURS)) == 0
                await asyncio.gather(*(part.shift(connection, hour, top_up=weekly) for connection, part, _ in work))
            await asyncio.gather(*(part.sell(connection, hour, count, step) for connection, part, count in work))


async def _expire(app: App, connection: Connection, at: datetime) -> None:
    """What has lapsed leaves its owner: twice a day, before everybody logs in anew."""
    while await expire(connection, now=at, ids=app.ids, owners_max=OWNERS_PER_EXPIRY):
        pass
