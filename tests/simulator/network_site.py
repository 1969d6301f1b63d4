"""The simulated network in this process or in one of its own, with somebody who hears its callbacks."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from konter.platform.ids import Msisdn, TransferId
from konter.sales.network.client import HttpNetwork
from konter.sales.network.model import NetworkOrder
from konter.server import free_port
from konter.simulator.network.callbacks import Callbacks
from konter.simulator.network.model import Faults
from konter.simulator.network.serve import NetworkServer, Silence
from konter.simulator.network.store import Store

TOKEN = "the-token-between-both"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # 22 November 01:00 WIB
MSISDN = "6281212345678"
QUIET = subprocess.DEVNULL


@dataclass
class Listener:
    """Konter's end of the callbacks: what arrived, after `deaf` times of not hearing."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    deaf: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        if self.deaf:
            self.deaf -= 1
            return web.Response(status=503)
        self.tokens.add(request.headers["Authorization"])
        self.heard.append(msgspec.json.decode(await request.read()))
        return web.Response(status=202)

    async def hears(self, count: int) -> list[dict[str, Any]]:
        for _ in range(200):
            if len(self.heard) >= count:
                return self.heard
            await asyncio.sleep(0.02)
        raise AssertionError(f"heard {self.heard}")


@asynccontextmanager
async def _listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := free_port("127.0.0.1"))
    await site.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


class Caller:
    """A plain caller of the protocol."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def put(self, id_: int, *, timeout_s: float = 5, **changed: Any) -> tuple[int, Any]:
        body = {"msisdn": MSISDN, "product": "PULSA50", "nominal_rp": 50_000, "at": AT, **changed}
        return await self.call("PUT", f"transfers/{id_}", msgspec.json.encode(body), timeout_s=timeout_s)

    async def get(self, id_: int) -> tuple[int, Any]:
        return await self.call("GET", f"transfers/{id_}")

    async def void(self, id_: int) -> tuple[int, Any]:
        return await self.call("POST", f"transfers/{id_}/void")

    async def statement(self, day: str = "2026-11-22") -> str:
        async with self.session.get(f"{self.base}/statements/{day}", headers=HEADERS) as answer:
            return await answer.text()

    async def set_faults(self, **faults: int) -> None:
        status, _ = await self.call("PUT", "faults", msgspec.json.encode(Faults(**faults)))
        assert status == 200

    async def given(self, msisdn: str = MSISDN) -> tuple[int, int]:
        _, account = await self.call("GET", f"accounts/{msisdn}")
        return account["given_rp"], account["deliveries"]

    async def tally(self) -> dict[str, int]:
        return (await self.call("GET", "overview"))[1]["tally"]

    async def call(
        self, method: str, path: str, body: bytes = b"", *, timeout_s: float = 5, headers: Any = HEADERS
    ) -> tuple[int, Any]:
        async with (
            asyncio.timeout(timeout_s),
            self.session.request(method, f"{self.base}/{path}", data=body, headers=headers) as answer,
        ):
            return answer.status, msgspec.json.decode(await answer.read())


@dataclass
class Site:
    """A network that runs in this process."""

    caller: Caller
    listener: Listener
    deaths: list[int]

    @property
    def base(self) -> str:
        return self.caller.base


@asynccontextmanager
async def network(folder: Path, listener: Listener | None = None) -> AsyncIterator[Site]:
    """A network on the folder's file; leaving and entering again is a restart."""
    listener = listener or Listener()
    hears = web.Application()
    hears.router.add_post("/api/v1/network/answers", listener.answer)
    deaths: list[int] = []

    def die() -> Any:
        deaths.append(1)
        raise Silence

    async with _listening(hears) as konter, aiohttp.ClientSession() as session:
        store, callbacks = Store(folder / "network.db"), Callbacks(konter, TOKEN)
        try:
            async with _listening(NetworkServer(store, callbacks, token=TOKEN, die=die).app()) as base:
                yield Site(Caller(base, session), listener, deaths)
        finally:
            await callbacks.close()
            await store.close()


class Process:
    """A network in a process of its own, on one port over restarts."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port("127.0.0.1")
        self.base = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        environment = {**os.environ, "KONTER_MODE": "test", "KONTER_NETWORK_TOKEN": TOKEN}
        command = [sys.executable, "-m", "konter", "network", "--port", str(self.port), "--data", str(self._folder)]
        self._process = subprocess.Popen(command, env=environment, stdout=QUIET, stderr=QUIET)  # noqa: ASYNC220 - a test
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                try:
                    async with session.get(f"{self.base}/readyz"):
                        return
                except aiohttp.ClientError:
                    assert self._process.poll() is None, "the network ended"
                    await asyncio.sleep(0.05)
        raise AssertionError("the network did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def ended(self) -> int:
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, 10)


def order(id_: int = 1, *, nominal_rp: int = 50_000) -> NetworkOrder:
    return NetworkOrder(TransferId(id_), Msisdn(int(MSISDN)), "PULSA50", nominal_rp, AT)


@asynccontextmanager
async def client(base: str, **settings: Any) -> AsyncIterator[HttpNetwork]:
    """Konter's client of a network."""
    net = HttpNetwork(base, TOKEN, **{"timeout_s": 10, **settings})
    try:
        yield net
    finally:
        await net.close()
