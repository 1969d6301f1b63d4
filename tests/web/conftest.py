"""A shop on this worker's database, and phones to visit it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Router
from tests.access.people import PASSWORD, PIN, Stage
from tests.stage import passwords, stage
from tests.web.phone import Phone

from konter.access.model import User
from konter.app import App
from konter.catalogue.importing import ImportReport, import_catalogue
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.config import Settings
from konter.platform.db import Pool
from konter.rules.load import Loaded, load_ruleset
from konter.sales.network.model import Network
from konter.sales.purchase.buy import Bought, BuyRequest, buy_balance
from konter.subscriber.msisdn import national
from konter.web.apply import APPLY_ROUTES
from konter.web.errors import HANDLERS
from konter.web.me import ME_HANDLERS, ME_ROUTES
from konter.web.outlet import OUTLET_ROUTES
from konter.web.poin import POIN_ROUTES
from konter.web.public import PUBLIC_ROUTES

__all__ = ["passwords", "stage"]
ADDRESSES = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))


@pytest.fixture
def network() -> Network | None:
    """None: sales take one step. A module that wants a network has a fixture of this name."""
    return None


@pytest.fixture
async def shop(db: Pool, stage: Stage, clock: FrozenClock, tmp_path: Path, network: Network | None) -> App:
    """The running application with default rules and the shipped catalogue."""
    settings = Settings(
        data=tmp_path, mode="test", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )
    app = App(settings, db, clock, network=network)
    source = Path(str(resources.files("konter.simulator.data").joinpath("catalogue.csv")))
    async with db.acquire() as connection:
        loaded = await load_ruleset(connection, "id-2014", now=clock.now(), actor=SYSTEM, ids=app.ids)
        assert isinstance(loaded, Loaded), loaded
        report = await import_catalogue(
            connection, source, now=clock.now(), actor=SYSTEM, ids=app.ids, rules=stage.rules
        )
        assert isinstance(report, ImportReport), report
    return app


@pytest.fixture
async def phone(shop: App) -> AsyncIterator[Callable[[], Awaitable[Phone]]]:
    """Makes phones, each with cookies of its own; those of one test share an address, as behind a carrier."""
    router = Router("/", route_handlers=[*OUTLET_ROUTES, *APPLY_ROUTES, *PUBLIC_ROUTES], exception_handlers=HANDLERS)
    mine = Router("/", route_handlers=[*ME_ROUTES, *POIN_ROUTES], exception_handlers=ME_HANDLERS)
    served = Litestar([router, mine], openapi_config=None, request_max_body_size=shop.settings.body_bytes_max)
    served.state.app = shop
    transport = ASGITransport(app=served, client=(next(ADDRESSES), 40000))
    async with AsyncExitStack() as stack:

        async def make() -> Phone:
            return Phone(
                await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://konter.test"))
            )

        yield make
    await shop.redeeming.close()
    await shop.selling.close()


class Counter:
    """An outlet's front-liner with money in the wallet and a phone in the hand."""

    def __init__(self, stage: Stage, shop: App, phone: Phone, user: User) -> None:
        self.stage, self.shop, self.phone, self.user = stage, shop, phone, user

    async def buy(self, amount_rp: int) -> None:
        """Selling balance for the outlet."""
        async with self.shop.pool.acquire() as connection:
            request = BuyRequest(outlet_id=self.user.outlet_id, client_ref=uuid4(), amount_rp=amount_rp, actor=SYSTEM)
            (bought,) = await buy_balance(connection, [request], clock=self.stage.clock, ids=self.shop.ids)
            assert isinstance(bought, Bought), bought

    async def log_in(self) -> None:
        """All the way to the home page."""
        await self.phone.get("/outlet/masuk")
        await self.phone.submit("/outlet/masuk", username=self.user.username, password=PASSWORD)
        await self.enter_otp()

    async def sells(self, product: str = "PULSA50", pin: str = PIN, number: int | None = None) -> str:
        """Sell and give the transaction code."""
        number = number or await self.stage.number()
        await self.phone.get(f"/outlet/jual?produk={product}&nomor={national(number)}")
        await self.phone.submit("/outlet/jual", pin=pin)
        assert self.phone.path.startswith("/outlet/transaksi/"), self.phone.text
        return self.phone.path.rpartition("/")[2]

    async def sales(self) -> list[Any]:
        """What stands in the database."""
        return await self.shop.pool.fetch(
            "SELECT * FROM sale WHERE outlet_id = $1 ORDER BY at, id", self.user.outlet_id
        )

    async def enter_otp(self) -> None:
        """The code from the last SMS."""
        code = await self.stage.last_otp(self.user.nn_msisdn)
        await self.phone.submit("/outlet/masuk/", code=code)


@pytest.fixture
async def counter(stage: Stage, shop: App, phone: Callable[[], Awaitable[Phone]]) -> Counter:
    """Logged in, with Rp1.000.000."""
    made = Counter(stage, shop, await phone(), await stage.user())
    await made.buy(1_000_000)
    await made.log_in()
    return made
