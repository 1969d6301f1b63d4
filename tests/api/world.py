"""The application over HTTP with the cast on its database. Every answer is held against the API's description."""

import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from tests.access.people import PASSWORD, PIN, Stage
from tests.api.serving import serving
from tests.conftest import prove_books
from tests.shop import stock

from konter.access.model import User
from konter.access.passwords import Passwords
from konter.access.staff.add import NewStaff, add_staff
from konter.api.description import describe
from konter.asgi import create_app
from konter.platform.audit import SYSTEM
from konter.platform.clock import Clock, FrozenClock
from konter.platform.config import Settings
from konter.platform.db import Pool, open_pool
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.secrets import Keys
from konter.sales.purchase.buy import BuyRequest, buy_balance

API = "/api/v1"
PEPPER, SEAL_KEYS = "5a" * 32, "8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
BALANCE_RP = 1_000_000


class World:
    """The application over HTTP, with the cast on its database."""

    def __init__(self, http: httpx.AsyncClient, stage: Stage, server: Litestar | None = None) -> None:
        self.http, self.stage, self._server = http, stage, server
        self.customer = Msisdn(0)
        self.user: User | None = None
        self.token = self.care = self.supervisor = ""

    @property
    def server(self) -> Litestar:
        assert self._server is not None
        return self._server

    async def send(self, method: str, path: str, token: str = "", **request: Any) -> httpx.Response:
        given = {"authorization": f"Bearer {token}"} if token else {}
        return await self.http.request(
            method, f"{API}{path}", **{**request, "headers": {**given, **request.get("headers", {})}}
        )

    async def post(self, path: str, body: Any = None, token: str = "", **headers: str) -> httpx.Response:
        return await self.send("POST", path, token, json=body, headers=headers)

    async def get(self, path: str, token: str = "", **headers: str) -> httpx.Response:
        return await self.send("GET", path, token, headers=headers)

    async def log_in(self, user: User, password: str = PASSWORD) -> dict:
        login = (await self.post("/login", {"username": user.username, "password": password})).json()
        code = await self.stage.last_otp(user.nn_msisdn)
        answer = await self.post(f"/login/{login['login_id']}/otp", {"code": code})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def customers_token(self, number: Msisdn) -> str:
        """The token of a customer, by the OTP to the number."""
        login = (await self.post("/customer/login", {"msisdn": str(number)})).json()
        code = await self.stage.last_otp(number)
        answer = await self.post(f"/customer/login/{login['login_id']}/otp", {"code": code})
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]

    async def staff(self, *roles: str, area: str | None = None) -> str:
        """The token of a new member of staff."""
        name = f"petugas{uuid.uuid4().hex[:8]}"
        password_hash = await self.stage.passwords.hash(PASSWORD)
        new = NewStaff(
            username=name, name="Dewi", roles=roles, area=area, password_hash=password_hash, totp_required=False
        )
        async with self.stage.pool.acquire() as connection:
            await add_staff(connection, [new], actor=SYSTEM, now=self.stage.now, ids=self.stage.ids)
        return (await self.post("/login", {"username": name, "password": PASSWORD})).json()["token"]

    async def seller(self, balance_rp: int = BALANCE_RP, **changed: Any) -> tuple[User, str]:
        """A user of a new outlet with so much in the wallet, and a token."""
        user = await self.stage.user(**changed)
        request = BuyRequest(outlet_id=user.outlet_id, client_ref=uuid.uuid4(), amount_rp=balance_rp, actor=SYSTEM)
        async with self.stage.pool.acquire() as connection:
            await buy_balance(connection, [request], clock=self.stage.clock, ids=self.stage.ids)
        return user, (await self.log_in(user))["token"]

    async def open_shop(self) -> "World":
        """A seller with a million, a customer, and two members of staff."""
        self.user, self.token = await self.seller()
        self.customer = await self.stage.number()
        self.care, self.supervisor = await self.staff("care"), await self.staff("supervisor")
        return self

    def sale(self, **changed: Any) -> dict:
        """The body of a recharge of 50,000 under a new reference."""
        body = {"client_ref": str(uuid.uuid4()), "product": "PULSA50", "msisdn": str(self.customer), "pin": PIN}
        return {name: value for name, value in {**body, **changed}.items() if value is not ...}

    async def sell(self, token: str = "", **changed: Any) -> httpx.Response:
        return await self.post("/sales", self.sale(**changed), token or self.token)

    async def balance(self) -> int:
        return (await self.get("/wallet", self.token)).json()["balances"][0]["balance"]

    async def sales(self) -> int:
        return await self.stage.pool.fetchval("SELECT count(*) FROM sale")


def settings_of(folder: Path, **changed: Any) -> Settings:
    return Settings(**{"data": folder, "mode": "test", "pepper": PEPPER, "seal_keys": SEAL_KEYS, **changed})


async def set_stage(pool: Pool, passwords: Passwords) -> Stage:
    """The cast, rules and catalogue, at the present moment."""
    keys = Keys(pepper=PEPPER, seal_keys=SEAL_KEYS)
    stage = await Stage(pool, IdBlocks(), keys, FrozenClock(Clock().now()), passwords).set()
    await stock(stage)
    return stage


@asynccontextmanager
async def made_world(dsn: str, folder: Path, **changed: Any) -> AsyncIterator[World]:
    """A world on a database that has rules before the server starts; its books are proven when it ends."""
    passwords = Passwords()
    async with await open_pool(dsn, size=3) as pool:
        stage = await set_stage(pool, passwords)
        server = create_app(settings_of(folder, **changed), dsn)
        async with serving(server) as http:
            http.event_hooks["response"].append(held_against(describe(server)))
            yield World(http, stage, server)
        await prove_books(pool)
    passwords.close()


def held_against(document: dict[str, Any]) -> Callable:
    """A check of every answer of a described operation: its status is described, and its code is one of those named."""
    patterns = [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), methods) for path, methods in document["paths"].items()
    ]

    async def check(answer: httpx.Response) -> None:
        fitting = (methods for pattern, methods in patterns if pattern.match(answer.request.url.path))
        for methods in list(fitting)[:1]:
            if (operation := methods.get(answer.request.method.lower())) is None:
                continue
            described = operation["responses"].get(str(answer.status_code))
            await answer.aread()
            assert described, f"{operation['operationId']} does not describe {answer.status_code}: {answer.text}"
            if answer.status_code >= 400:
                schema = described["content"]["application/problem+json"]["schema"]["allOf"][1]
                assert answer.json()["code"] in schema["properties"]["code"]["enum"], operation["operationId"]

    return check


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def world(own_dsn: str, tmp_path: Path) -> AsyncIterator[World]:
    """An outlet that sells, a customer and staff, on a database of the test's own."""
    async with made_world(own_dsn, tmp_path) as made:
        yield await made.open_shop()
