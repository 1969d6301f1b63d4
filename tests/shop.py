"""An outlet that can sell: the cast of access, with rules and catalogue loaded and money in the wallet."""

import uuid
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest
from tests.access.people import PIN, Stage
from tests.ways import sell_and_end

from konter.access.many_sessions import open_sessions
from konter.access.model import TokenClaims, User
from konter.access.passwords import Passwords
from konter.access.step import Step
from konter.catalogue.importing import import_catalogue
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.load import load_ruleset, read_rulebook
from konter.sales.history.read import wallet
from konter.sales.model import EVERYWHERE, SaleOutcome, SellRequest, Way
from konter.sales.purchase.buy import BuyRequest, buy_balance
from konter.sales.references import References
from konter.subscriber.model import SubscriberView
from konter.subscriber.view import subscriber_view

CATALOGUE = Path(str(resources.files("konter.simulator") / "data" / "catalogue.csv"))
AREAS = ("SUM", "JBJB", "JWBL", "PMSK")


@dataclass
class Shop:
    """A user of an outlet with a session, and a customer. Every request is fresh unless told otherwise."""

    stage: Stage
    user: User
    claims: TokenClaims
    customer: Msisdn
    references: References
    way: Way = EVERYWHERE

    def request(self, **changed) -> SellRequest:
        """A recharge of 50,000 to the customer."""
        fields = {
            "claims": self.claims,
            "client_ref": uuid.uuid4(),
            "product": "PULSA50",
            "msisdn": self.customer,
            "pin": PIN,
        }
        return SellRequest(**{**fields, **changed})

    async def sell_all(self, *requests: SellRequest) -> list[SaleOutcome]:
        async with self.stage.pool.acquire() as connection:
            return await sell_and_end(
                connection,
                requests,
                way=self.way,
                clock=self.stage.clock,
                ids=self.stage.ids,
                keys=self.stage.keys,
                references=self.references,
            )

    async def sell(self, **changed) -> SaleOutcome:
        (outcome,) = await self.sell_all(self.request(**changed))
        return outcome

    async def balance(self) -> int:
        async with self.stage.pool.acquire() as connection:
            return (await wallet(connection, self.user.outlet_id)).balance_rp

    async def look(self, msisdn: Msisdn | None = None) -> SubscriberView:
        async with self.stage.pool.acquire() as connection:
            view = await subscriber_view(
                connection, msisdn or self.customer, now=self.stage.now, rules=self.stage.rules
            )
        assert not isinstance(view, Refusal), view
        return view

    async def buy(self, amount_rp: int) -> None:
        """Put so much into the wallet."""
        request = BuyRequest(outlet_id=self.user.outlet_id, client_ref=uuid.uuid4(), amount_rp=amount_rp, actor=SYSTEM)
        async with self.stage.pool.acquire() as connection:
            await buy_balance(connection, [request], clock=self.stage.clock, ids=self.stage.ids)


async def stock(stage: Stage) -> None:
    """Areas, rules and catalogue, once per database."""
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code=code, name=code, level="area") for code in AREAS]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
        if (await read_rulebook(connection)).moments:
            return
        loaded = await load_ruleset(connection, "id-2014", now=stage.now, actor=SYSTEM, ids=stage.ids)
        assert not isinstance(loaded, Refusal), loaded
        rules = (await read_rulebook(connection)).at(stage.now)
        imported = await import_catalogue(
            connection, CATALOGUE, now=stage.now, actor=SYSTEM, ids=stage.ids, rules=rules
        )
        assert not isinstance(imported, Refusal), imported


async def open_shop(stage: Stage, *, balance_rp: int = 1_000_000, way: Way = EVERYWHERE, **user) -> Shop:
    """A fresh outlet, user, session and customer. Nobody logs in: that is slow, and limited per address."""
    seller = await stage.user(**user)
    step = Step(now=stage.now, ids=stage.ids, keys=stage.keys, rules=stage.rules)
    async with stage.pool.acquire() as connection:
        (claims,) = await open_sessions(connection, [(seller.id, seller.outlet_id)], agent="shop", step=step)
    shop = Shop(stage, seller, claims, await stage.number(), References(), way)
    if balance_rp:
        await shop.buy(balance_rp)
    return shop


@pytest.fixture
async def shop(stage: Stage) -> Shop:
    """A shop with a million rupiah, on this worker's database."""
    await stock(stage)
    return await open_shop(stage)


@pytest.fixture
async def own_stage(own_db: Pool, ids: IdBlocks, keys: Keys, clock: FrozenClock, passwords: Passwords) -> Stage:
    """The cast on a database of the test's own."""
    stage = await Stage(own_db, ids, keys, clock, passwords).set()
    await stock(stage)
    return stage


@pytest.fixture(name="shop")
async def shop_any_way(stage: Stage, way: Way) -> Shop:
    """A shop with a million rupiah that sells one of three ways; folders import it as their `shop`."""
    await stock(stage)
    return await open_shop(stage, way=way)
