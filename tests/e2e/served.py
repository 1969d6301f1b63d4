"""A synthetic operator that is really served: a database of its own, a server and a worker as processes."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
from tests.access.people import PASSWORD, PIN, Stage

from konter.access.model import User
from konter.access.staff.add import NewStaff, add_staff
from konter.app import App, open_app
from konter.catalogue.importing import ImportReport, import_catalogue
from konter.channel.credentials import issue_credentials
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings, load_settings, to_environment, with_local_secrets
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.sales.purchase.buy import Bought, BuyRequest, buy_balance
from konter.server import wait_until_ready
from konter.simulator.demo import Ready, prepare
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Unwatched

SMALL = Size(outlets=3, subscribers=400, sales=60)
STOP_WITHIN_S = 15
OTP_LOOKS = 100


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet with the phone of the notification number in the hand."""

    user: User
    password: str = PASSWORD
    pin: str = PIN

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def msisdn(self) -> Msisdn:
        return self.user.nn_msisdn


class ServedStage(Stage):
    """The cast beside a worker that sends its texts: a secret is wiped where it waited, and read on the phone."""

    address = ""

    async def last_otp(self, msisdn: Msisdn) -> str:
        async with httpx.AsyncClient(base_url=self.address) as http:
            for _ in range(OTP_LOOKS):
                messages = (await http.get(f"/simulator/handsets/{msisdn}/messages")).json()["messages"]
                if codes := [found[1] for each in messages if (found := re.search(r"OTP Anda (\d{6})", each["text"]))]:
                    return codes[-1]
                await asyncio.sleep(0.1)
        raise AssertionError("no OTP on the phone")


class Operator:
    """The served operator, and people for a test: every call makes fresh ones, whom no other test touches."""

    def __init__(self, app: App, stage: Stage, ready: Ready) -> None:
        self.app, self.stage, self.ready = app, stage, ready
        self.address = ready.base_url

    async def seller(self, balance_rp: int = 1_000_000, **user: object) -> Person:
        """One who has sold here for long: own password, documents accepted, PIN set."""
        person = Person(user=await self.stage.user(**user))
        await self._fund(person.user, balance_rp)
        return person

    async def newcomer(self, balance_rp: int = 1_000_000) -> Person:
        """One whose initial password is on its way by SMS."""
        user = await self.stage.newcomer()
        await self._fund(user, balance_rp)
        (issued,) = await issue_credentials(
            self.app.pool, self.app.passwords, [user.id], actor=SYSTEM, **self.stage.given
        )
        assert not isinstance(issued, Refusal), issued
        return Person(user=user, password="")

    async def member(self, *roles: str) -> str:
        """The user name of a new member of staff, who needs no authenticator."""
        name = f"petugas.{uuid4().hex[:8]}"
        staff = NewStaff(
            username=name,
            name="Budi Kantor",
            roles=roles,
            password_hash=await self.stage.passwords.hash(PASSWORD),
            totp_required=False,
        )
        async with self.app.pool.acquire() as connection:
            await add_staff(connection, [staff], actor=SYSTEM, now=self.stage.now, ids=self.stage.ids)
        return name

    async def customer(self) -> Msisdn:
        """A prepaid number with thirty days left and no balance."""
        return await self.stage.number()

    async def _fund(self, user: User, amount_rp: int) -> None:
        request = BuyRequest(outlet_id=user.outlet_id, client_ref=uuid4(), amount_rp=amount_rp, actor=SYSTEM)
        async with self.app.pool.acquire() as connection:
            (bought,) = await buy_balance(connection, [request], clock=self.stage.clock, ids=self.app.ids)
        assert isinstance(bought, Bought), bought

    async def sales_of(self, person: Person) -> int:
        """How many sales stand in the books of the outlet."""
        counted: int = await self.app.pool.fetchval(
            "SELECT count(*) FROM sale WHERE outlet_id = $1", person.user.outlet_id
        )
        return counted

    async def import_prices(self, file: Path, rows: str) -> None:
        """What `konter catalogue import` does."""
        file.write_text(rows, encoding="utf-8")
        async with self.app.pool.acquire() as connection:
            report = await import_catalogue(
                connection, file, now=self.stage.now, actor=SYSTEM, ids=self.app.ids, rules=self.stage.rules
            )
        assert isinstance(report, ImportReport), report

    async def move_clock(self, advance: str) -> None:
        """Move the clock of everybody: server, worker and this process."""
        async with httpx.AsyncClient(base_url=self.address) as client:
            moved = await client.post("/simulator/clock", json={"advance": advance})
        assert moved.status_code == 200, moved.text
        self.app.clock.offset = await self.app.read_clock_offset()

    async def care(self, msisdn: Msisdn) -> dict:
        """What the call centre sees of a number."""
        async with httpx.AsyncClient(base_url=f"{self.address}/api/v1") as client:
            staff = self.ready.staff
            login = await client.post("/login", json={"username": staff.username, "password": staff.password})
            token = login.json()["token"]
            seen = await client.get(f"/care/subscribers/{msisdn}", headers={"Authorization": f"Bearer {token}"})
        assert seen.status_code == 200, seen.text
        return json.loads(seen.text)


def settings_in(folder: Path, url: str) -> Settings:
    """Settings of a demo on a database that runs already, and a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"data": folder, "mode": "demo", "database_url": url, "port": port, "pool_size": 4}
    return with_local_secrets(load_settings(folder / "none.env", **given))


@contextmanager
def processes(settings: Settings) -> Iterator[None]:
    """`konter serve` and `konter worker` for the length of the block; what they say is kept beside the data."""
    running: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, **to_environment(settings)}
    try:
        for command in ("serve", "worker"):
            with (settings.data / f"{command}.log").open("wb") as log:
                running.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "konter", command],
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        wait_until_ready(settings.address)
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def operating(settings: Settings, *, size: Size = SMALL) -> AsyncIterator[Operator]:
    """Build an operator on an empty database, serve it and open it for tests."""
    ready = await prepare(settings, settings.database_url, seed=1, size=size, watcher=Unwatched())
    with processes(settings):
        async with open_app(settings, settings.database_url) as app:
            stage = ServedStage(app.pool, app.ids, app.keys, app.clock, app.passwords)
            stage.address = ready.base_url
            yield Operator(app, await stage.set(), ready)
            await asyncio.sleep(0)
