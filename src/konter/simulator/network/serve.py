"""HTTP of the simulated network. It has a process of its own, so that it can be killed and come back alone."""

import asyncio
import hmac
import os
import re
import signal
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec
from aiohttp import web

from konter.platform.config import Settings
from konter.platform.folders import make_private
from konter.simulator.network.callbacks import Callbacks
from konter.simulator.network.model import (
    Complete,
    Fate,
    Faults,
    Order,
    OtherOrder,
    Put,
    TakeBack,
    TakeBackOrder,
    Taking,
    Transfer,
    Void,
    fate,
)
from konter.simulator.network.store import Store

HOST = "127.0.0.1"
BODY_BYTES_MAX = 4096
SILENCE_S = 30.0
LOOK_EVERY_S = 0.2
STOP_WITHIN_S = 1.0
ATTEMPTS_MAX = 100_000
TRANSFER_ID = re.compile(r"[1-9][0-9]{0,18}")
TRANSFER_ID_MAX = 2**63 - 1
Answer = web.Response


class MalformedError(ValueError):
    """An address that is not in the protocol."""


class Silence(Exception):  # noqa: N818 - a fault on demand, no error
    """The caller hears nothing more of this call."""


class NetworkServer:
    """The protocol over one store. `die` ends the process; tests give another."""

    def __init__(
        self, store: Store, callbacks: Callbacks, *, token: str, die: Callable[[], NoReturn] = lambda: os._exit(1)
    ) -> None:
        self._store = store
        self._callbacks = callbacks
        self._token = token
        self._die = die
        self._attempts: dict[tuple[str, str], int] = {}
        self._later: set[int] = set()

    def app(self) -> web.Application:
        """All routes."""
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/readyz", self.ready),
                web.put("/transfers/{id}", self.put),
                web.get("/transfers/{id}", self.get),
                web.post("/transfers/{id}/void", self.void),
                web.post("/transfers/{id}/take-back", self.take_back),
                web.get("/statements/{day}", self.statement),
                web.get("/accounts/{msisdn}", self.account),
                web.get("/faults", self.faults),
                web.put("/faults", self.set_faults),
                web.get("/overview", self.overview),
            ]
        )
        app.on_startup.append(self._resume)
        return app

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        shown = request.headers.get("Authorization", "").encode()
        if request.path != "/readyz" and not hmac.compare_digest(shown, f"Bearer {self._token}".encode()):
            return _json({"code": "UNAUTHORIZED"}, 401)
        try:
            return await handler(request)
        except (msgspec.DecodeError, MalformedError) as error:
            return _json({"code": "MALFORMED", "detail": str(error)}, 422)
        except Silence:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)  # which reaches nobody

    async def ready(self, _: web.Request) -> Answer:
        """The process answers."""
        return web.Response(text="ready\n")

    async def put(self, request: web.Request) -> Answer:
        """Do it once; later calls of the same id hear what became of it."""
        id_ = _transfer_id(request)
        order = msgspec.json.decode(await request.read(), type=Order)
        met = self._fate("put", id_)
        await self._before(request, met)
        outcome = await self._store.submit(Put(id_, order, met))
        if isinstance(outcome, OtherOrder):
            return _json({"code": "OTHER_ORDER"}, 409)
        assert isinstance(outcome, Transfer)
        if outcome.state == "accepted":
            self._complete_later(id_)
        elif met.twice:
            self._callbacks.tell(outcome)
        if met.stranger:
            self._callbacks.tell_of_stranger(outcome)
        await self._after(request, met)
        return _answer(outcome)

    async def get(self, request: web.Request) -> Answer:
        """What became of a transfer."""
        id_ = _transfer_id(request)
        met = self._fate("get", id_)
        await self._before(request, met)
        known = await self._store.find(id_)
        await self._after(request, met)
        return _answer(known) if known else _json({"code": "UNKNOWN_TRANSFER"}, 404)

    async def void(self, request: web.Request) -> Answer:
        """Never do it, unless it is done. An id never heard of is remembered, and a later order of it is not done."""
        id_ = _transfer_id(request)
        met = self._fate("void", id_)
        await self._before(request, met)
        outcome = await self._store.submit(Void(id_))
        assert isinstance(outcome, Transfer)
        await self._after(request, met)
        return _answer(outcome)

    async def take_back(self, request: web.Request) -> Answer:
        """Take what was given again, once; later calls of the same take-back hear what became of it."""
        id_ = _transfer_id(request)
        order = msgspec.json.decode(await request.read(), type=TakeBackOrder)
        take_back_id = _number(order.take_back_id)
        met = self._fate("take_back", id_)
        await self._before(request, met)
        outcome = await self._store.submit(TakeBack(id_, take_back_id, order.nominal_rp, met))
        await self._after(request, met)
        return _json(outcome.on_the_wire()) if isinstance(outcome, Taking) else _json({"code": "OTHER_ORDER"}, 409)

    async def statement(self, request: web.Request) -> Answer:
        """The network's own file of a day."""
        day = _day(request)
        file = await self._store.statement(day)
        if self._fate("statement", day.toordinal()).cut_file:
            file = file[: len(file) // 2]
        return web.Response(body=file, content_type="text/csv", charset="utf-8")

    async def account(self, request: web.Request) -> Answer:
        """What a number was given in all and still has of it; for whoever compares books."""
        msisdn = request.match_info["msisdn"]
        given_rp, deliveries = await self._store.account(msisdn)
        return _json({"msisdn": msisdn, "given_rp": given_rp, "deliveries": deliveries})

    async def faults(self, _: web.Request) -> Answer:
        """What goes wrong."""
        return _json(self._store.faults)

    async def set_faults(self, request: web.Request) -> Answer:
        """Have these things go wrong from now on, and none else."""
        await self._store.set_faults(msgspec.json.decode(await request.read(), type=Faults))
        self._attempts.clear()
        return _json(self._store.faults)

    async def overview(self, _: web.Request) -> Answer:
        """Figures, faults and the newest transfers."""
        return _json(await self._store.overview())

    def _fate(self, kind: str, id_: int) -> Fate:
        if self._store.faults.quiet:
            return Fate()
        if len(self._attempts) >= ATTEMPTS_MAX:
            self._attempts.clear()
        call = (kind, str(id_))
        self._attempts[call] = self._attempts.get(call, 0) + 1
        return fate(self._store.faults, self._store.start, *call, self._attempts[call])

    async def _before(self, request: web.Request, met: Fate) -> None:
        await self._meet(request, met, "before")
        if met.delay_ms:
            await asyncio.sleep(met.delay_ms / 1000)

    async def _after(self, request: web.Request, met: Fate) -> None:
        await self._meet(request, met, "after")

    async def _meet(self, request: web.Request, met: Fate, when: Literal["before", "after"]) -> None:
        if when not in {met.dies, met.silent}:
            return
        await self._store.count("unanswered")
        if met.dies == when:
            self._die()
        for _ in range(int(SILENCE_S / LOOK_EVERY_S)):
            if request.transport is None or request.transport.is_closing():
                break
            await asyncio.sleep(LOOK_EVERY_S)
        raise Silence

    async def _resume(self, _: web.Application) -> None:
        for id_ in await self._store.accepted():
            self._complete_later(id_)

    def _complete_later(self, id_: int) -> None:
        if id_ not in self._later:
            self._later.add(id_)
            self._callbacks.spawn(self._complete(id_, self._store.faults.late_s))

    async def _complete(self, id_: int, after_s: int) -> None:
        try:
            await asyncio.sleep(after_s)
            done = await self._store.submit(Complete(id_, self._fate("complete", id_)))
        finally:
            self._later.discard(id_)
        assert isinstance(done, Transfer)
        if done.state != "voided":  # meanwhile; whoever voided it knows
            self._callbacks.tell(done)


async def run_network(settings: Settings) -> None:
    """Serve until told to stop (SIGTERM, SIGINT)."""
    make_private(settings.data)
    store = Store(file_of(settings))
    callbacks = Callbacks(settings.address, settings.network_token)
    server = NetworkServer(store, callbacks, token=settings.network_token)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=STOP_WITHIN_S)
    await runner.setup()
    site = web.TCPSite(runner, HOST, settings.network_port, reuse_address=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await site.start()
        await stop.wait()
    finally:
        await callbacks.close()
        await runner.cleanup()
        await store.close()


def file_of(settings: Settings) -> Path:
    """Where the network keeps what it knows."""
    return settings.data / "network.db"


def _transfer_id(request: web.Request) -> int:
    return _number(request.match_info["id"])


def _number(text: str) -> int:
    if not TRANSFER_ID.fullmatch(text) or int(text) > TRANSFER_ID_MAX:
        raise MalformedError("a transfer id is a decimal number of 63 bits")
    return int(text)


def _day(request: web.Request) -> date:
    try:
        return date.fromisoformat(request.match_info["day"])
    except ValueError as error:
        raise MalformedError(str(error)) from error


def _answer(transfer: Transfer) -> Answer:
    return _json(transfer.on_the_wire(), 200 if transfer.final else 202)


def _json(body: Any, status: int = 200) -> Answer:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
