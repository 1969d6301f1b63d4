"""The partner console on a database of the test's own."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Router
from tests.access.people import PASSWORD, Stage
from tests.channel.onboarding.desk import Desk
from tests.channel.territory.ground import Ground
from tests.shop import Shop, open_shop, own_stage
from tests.stage import passwords
from tests.web.phone import Phone

from konter.access.model import User
from konter.access.staff.add import NewStaff, add_staff
from konter.app import App
from konter.channel.onboarding.photo.photos import Photos
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.web.office import OFFICE_HANDLERS, OFFICE_ROUTES
from konter.web.partner import CONSOLE_HANDLERS, CONSOLE_ROUTES

__all__ = ["own_stage", "passwords"]


class Agent(Phone):
    """A user of a partner at a browser."""

    def __init__(self, client: AsyncClient, stage: Stage, user: User) -> None:
        super().__init__(client)
        self.stage, self.user = stage, user

    async def log_in(self) -> "Agent":
        await self.get("/partner/masuk")
        await self.submit("/partner/masuk", username=self.user.username, password=PASSWORD)
        await self.submit("/partner/masuk/", code=await self.stage.last_otp(self.user.nn_msisdn))
        return self


class Console:
    """The application, an outlet of the partner that sells, and people of the partner."""

    def __init__(self, shop: Shop, served: Litestar, stack: AsyncExitStack) -> None:
        self.shop, self.stage, self._served, self._stack = shop, shop.stage, served, stack

    async def branch(self) -> Phone:
        """Staff of a branch at the office, in a browser of their own."""
        name = f"cabang{uuid.uuid4().hex[:8]}"
        password_hash = await self.stage.passwords.hash(PASSWORD)
        new = NewStaff(
            username=name, name="Dewi Cabang", roles=("branch",), password_hash=password_hash, totp_required=False
        )
        async with self.stage.pool.acquire() as connection:
            await add_staff(connection, [new], actor=SYSTEM, now=self.stage.now, ids=self.stage.ids)
        phone = Phone(await self._client())
        await phone.get("/office/masuk")
        await phone.submit("/office/masuk", username=name, password=PASSWORD)
        return phone

    async def _client(self) -> AsyncClient:
        transport = ASGITransport(app=self._served)
        return await self._stack.enter_async_context(AsyncClient(transport=transport, base_url="http://konter.test"))

    async def agent(self, *, logged_in: bool = True, **changed) -> Agent:
        user = await self.stage.partner_user(**changed)
        agent = Agent(await self._client(), self.stage, user)
        return await agent.log_in() if logged_in else agent


@pytest.fixture
async def console(own_stage: Stage, tmp_path: Path) -> AsyncIterator[Console]:
    settings = Settings(
        data=tmp_path, mode="test", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )
    app = App(settings, own_stage.pool, own_stage.clock)
    served = Litestar(
        [
            Router("/", route_handlers=CONSOLE_ROUTES, exception_handlers=CONSOLE_HANDLERS),
            Router("/", route_handlers=OFFICE_ROUTES, exception_handlers=OFFICE_HANDLERS),
        ],
        openapi_config=None,
    )
    served.state.app = app
    async with AsyncExitStack() as stack:
        yield Console(await open_shop(own_stage), served, stack)
    await app.reversing.close()
    await app.selling.close()


@pytest.fixture(scope="session")
def photos() -> Iterator[Photos]:
    made = Photos()
    yield made
    made.close()


@pytest.fixture
async def desk(console: Console, photos: Photos) -> Desk:
    """Applicants who come to the partner of Depok."""
    return Desk(await Ground(console.stage).set(), photos)
