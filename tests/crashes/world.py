"""Who sells to whom: outlets with two sellers each and little money, and a few customers for all."""

import asyncio
import contextlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from tests.access.people import PASSWORD, PIN, Stage
from tests.shop import AREAS, CATALOGUE

from konter.app import App, open_app
from konter.catalogue.importing import ImportReport, import_catalogue
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.furnish import furnish
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.db import Pool, claim_instance, is_gone
from konter.platform.ids import IdBlocks, Msisdn, OutletId
from konter.platform.migrate import migrate
from konter.sales.purchase.buy import Bought, BuyRequest, buy_balance

RULESET = Path(__file__).parent / "ruleset.toml"
OUTLETS, CUSTOMERS = 6, 24
OPENING_RP = 60_000
PURCHASE_RP = 60_000


@dataclass(frozen=True)
class Seller:
    """A user of an outlet with the phone of the notification number in the hand."""

    outlet_id: OutletId
    username: str
    msisdn: Msisdn
    password: str = PASSWORD
    pin: str = PIN


@dataclass(frozen=True)
class World:
    """The cast, two sellers of each outlet side by side."""

    sellers: tuple[tuple[Seller, Seller], ...]
    customers: tuple[Msisdn, ...]

    @property
    def outlets(self) -> list[OutletId]:
        return [pair[0].outlet_id for pair in self.sellers]


async def build(settings: Settings) -> World:
    """An operator with the crash tests' own rules, on an empty database."""
    await migrate(settings.database_url)
    async with open_app(settings, settings.database_url) as app:
        now = app.clock.now()
        async with app.pool.acquire() as connection:
            await claim_instance(connection, mode=settings.mode, at=now)
            await furnish(connection, now=now, ids=app.ids, ruleset=str(RULESET))
            rules = await app.rules(connection, now)
            areas = [NewArea(code=code, name=code, level="area") for code in AREAS]
            await set_areas(connection, areas, now=now, actor=SYSTEM, ids=app.ids)
            given = {"now": now, "actor": SYSTEM, "ids": app.ids, "rules": rules}
            imported = await import_catalogue(connection, CATALOGUE, **given)
            assert isinstance(imported, ImportReport), imported
        return await _people(app)


async def _people(app: App) -> World:
    stage = await Stage(app.pool, app.ids, app.keys, app.clock, app.passwords).set()
    pairs = []
    for _ in range(OUTLETS):
        outlet = await stage.outlet()
        one, two = [await stage.user(outlet) for _ in range(2)]
        pairs.append(tuple(Seller(outlet, user.username, user.nn_msisdn) for user in (one, two)))
    customers = tuple([await stage.number() for _ in range(CUSTOMERS)])
    return World(tuple(pairs), customers)


class Bank:
    """Puts money into the wallets, one outlet after the other, and repeats what it is not sure of."""

    def __init__(self, app: App, world: World) -> None:
        self._app, self._world = app, world
        self._pool: Pool = app.pool
        self._ids: IdBlocks = app.ids
        self.paid_rp: dict[OutletId, int] = {}

    async def pay(self, outlet: OutletId, ref: UUID, amount_rp: int) -> None:
        """Once, however often the database goes away meanwhile."""
        request = BuyRequest(outlet_id=outlet, client_ref=ref, amount_rp=amount_rp, actor=SYSTEM)
        while True:
            try:
                async with self._pool.acquire(timeout=5) as connection:
                    (bought,) = await buy_balance(connection, [request], clock=self._app.clock, ids=self._ids)
                break
            except Exception as error:
                if not is_gone(error):
                    raise
                await asyncio.sleep(0.2)
        assert isinstance(bought, Bought), bought
        self.paid_rp[outlet] = self.paid_rp.get(outlet, 0) + amount_rp

    async def serve(self, every_s: float, stop: asyncio.Event) -> None:
        """Open every wallet, then pay in turn until told to stop; the purchase in hand is finished."""
        for outlet in self._world.outlets:
            await self.pay(outlet, uuid4(), OPENING_RP)
        for outlet in itertools.cycle(self._world.outlets):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)
            if stop.is_set():
                return
            await self.pay(outlet, uuid4(), PURCHASE_RP)
