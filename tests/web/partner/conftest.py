"""The partner console on a database of the test's own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Router
from tests.access.people import PASSWORD, Stage
from tests.shop import Shop, open_shop, own_stage
from tests.stage import passwords
from tests.web.phone import Phone

from konter.access.model import User
from konter.app import App
from konter.platform.config import Settings
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

    async def agent(self, *, logged_in: bool = True, **changed) -> Agent:
        user = await self.stage.partner_user(**changed)
        transport = ASGITransport(app=self._served)
        client = AsyncClient(transport=transport, base_url="http://konter.test")
        agent = Agent(await self._stack.enter_async_context(client), self.stage, user)
        return await agent.log_in() if logged_in else agent


@pytest.fixture
async def console(own_stage: Stage, tmp_path: Path) -> AsyncIterator[Console]:
    settings = Settings(
        data=tmp_path, mode="test", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )
    app = App(settings, own_stage.pool, own_stage.clock)
    served = Litestar(
        [Router("/", route_handlers=CONSOLE_ROUTES, exception_handlers=CONSOLE_HANDLERS)], openapi_config=None
    )
    served.state.app = app
    async with AsyncExitStack() as stack:
        yield Console(await open_shop(own_stage), served, stack)
    await app.reversing.close()
    await app.selling.close()
