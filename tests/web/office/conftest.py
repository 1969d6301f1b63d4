"""The staff office on a database of the test's own: a bureau with things that do not fit, and staff at their desks."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Router
from tests.access.people import PASSWORD, Stage
from tests.sales.reconciliation.bureau import Bureau
from tests.shop import open_shop, own_stage
from tests.stage import passwords
from tests.ways import WAYS
from tests.web.phone import Phone

from konter.access.staff.add import NewStaff, add_staff
from konter.app import App
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.ids import StaffId
from konter.sales.model import Sale
from konter.web.office import OFFICE_HANDLERS, OFFICE_ROUTES

__all__ = ["own_stage", "passwords"]
NAMES = {"care": "Rani Care", "supervisor": "Budi Supervisor"}


class Clerk(Phone):
    """A member of staff at a browser."""

    def __init__(self, client: AsyncClient, username: str, staff_id: StaffId) -> None:
        super().__init__(client)
        self.username, self.staff_id = username, staff_id

    async def log_in(self, password: str = PASSWORD) -> "Clerk":
        await self.get("/office/masuk")
        await self.submit("/office/masuk", username=self.username, password=password)
        return self


class Office:
    """The application, and whoever works there."""

    def __init__(self, bureau: Bureau, app: App, open_one: Callable[[], Awaitable[AsyncClient]]) -> None:
        self.bureau, self.app, self.stage, self._open = bureau, app, bureau.stage, open_one

    async def clerk(self, *roles: str, logged_in: bool = True, totp: bool = False, area: str | None = None) -> Clerk:
        """A new member of staff."""
        username = f"petugas{uuid.uuid4().hex[:8]}"
        password_hash = await self.stage.passwords.hash(PASSWORD)
        name = NAMES.get(roles[0] if roles else "", "Tanpa Peran")
        new = NewStaff(
            username=username, name=name, roles=roles, password_hash=password_hash, totp_required=totp, area=area
        )
        async with self.stage.pool.acquire() as connection:
            (staff_id,) = await add_staff(connection, [new], actor=SYSTEM, now=self.stage.now, ids=self.stage.ids)
        assert isinstance(staff_id, int), staff_id
        clerk = Clerk(await self._open(), username, StaffId(staff_id))
        return await clerk.log_in() if logged_in else clerk

    async def late_delivery(self) -> Sale:
        """A sale that was refunded and delivered all the same, with its item of work."""
        sale = await self.bureau.refunded(delivered=True)
        from tests.sales.reconciliation.bureau import file, line

        await self.bureau.compare(file([line(sale)]))
        return sale


@pytest.fixture
async def office(own_stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    """Rules, catalogue, an outlet that sells over a network, and the office's pages."""
    shop = await open_shop(own_stage, way=WAYS["network"])
    await own_stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '400 days'")
    settings = Settings(
        data=tmp_path, mode="test", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )
    app = App(settings, own_stage.pool, own_stage.clock)
    served = Litestar(
        [Router("/", route_handlers=OFFICE_ROUTES, exception_handlers=OFFICE_HANDLERS)],
        openapi_config=None,
        request_max_body_size=settings.body_bytes_max,
    )
    served.state.app = app
    async with AsyncExitStack() as stack:

        async def open_one() -> AsyncClient:
            transport = ASGITransport(app=served)
            return await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://konter.test"))

        yield Office(Bureau(shop), app, open_one)
    await app.reversing.close()
    await app.selling.close()
