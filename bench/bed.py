"""What the benchmark runs on: a fresh PostgreSQL with a seeded operator, copies of it, and processes of Konter."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import count
from os import environ
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import psutil  # type: ignore[import-untyped]

from bench import queries
from bench.fill import fill
from bench.model import SOLD, Form, Measured
from bench.people import People, claims_of
from konter.access import tokens
from konter.access.passwords import NO_PASSWORD
from konter.access.queries.sessions import insert_sessions
from konter.app import App, open_app
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings, load_settings, to_environment, with_local_secrets
from konter.platform.db import Connection, claim_instance, speak_json
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.ids import OutletId, SessionId, UserId, cell_of_id, make_id
from konter.platform.migrate import migrate
from konter.sales.purchase.buy import BuyRequest, buy_balance
from konter.simulator.operator.build import Builder
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Unwatched
from konter.simulator.operator.queries import analyze

T = TypeVar("T")
SEED = 2026
WALLET_RP = 1_000_000_000_000  # nobody runs dry, however fast
SESSION_H = 24
SEEDED = "bench_seeded"
CHILD_WITHIN_S = 600


class Bed:
    """The server, the seeded database and its copies."""

    def __init__(
        self, server: EmbeddedServer, settings: Settings, form: Form, people: People, say: Callable[[str], None]
    ) -> None:
        self.server = server
        self.settings = settings
        self.form = form
        self.people = people
        self.say = say
        self._seeds = count(SEED)

    def next_seed(self) -> int:
        """Another seed for every run: a reference that was sold before would only be a replay."""
        return next(self._seeds)

    def copy(self, name: str) -> None:
        """A fresh copy of the seeded database."""
        self.on("konter", lambda connection: queries.make_database(connection, name, template=SEEDED))

    def on(self, database: str, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do something as the owner of a database."""
        return asyncio.run(as_owner(self.server.url_of(database), work))

    def settings_for(self, database: str, **changed: Any) -> Settings:
        """Settings of a process of Konter on a database."""
        return msgspec.structs.replace(self.settings, database_url=self.server.url_of(database), **changed)

    def postgres_cpu_s(self) -> float:
        """Processor time of the whole server so far, that of sessions which have ended included."""
        assert self.server.pid is not None
        return _cpu_s(psutil.Process(self.server.pid))

    def measured(self, work: Callable[[], Measured]) -> Measured:
        """A run, and what processors did meanwhile, the warm-up included. `work` tells SOLD.

        `postgres_us` is PostgreSQL's time per sale; `others_cores` what had nothing to do with the benchmark.
        """
        postgres_s, own_s, busy_s, at = self.postgres_cpu_s(), _cpu_s(psutil.Process()), _busy_s(), time.monotonic()
        measured = work()
        sold = measured.pop(SOLD)
        postgres_s, own_s = self.postgres_cpu_s() - postgres_s, _cpu_s(psutil.Process()) - own_s
        others_s = _busy_s() - busy_s - postgres_s - own_s
        return {
            **measured,
            "postgres_us": postgres_s / sold * 1e6,
            "others_cores": max(0.0, others_s / (time.monotonic() - at)),
        }

    def child(self, module: str, settings: Settings, spec: Any) -> subprocess.Popen[bytes]:
        """Start a module of the benchmark as a process of its own; `spec` goes to its standard input as JSON."""
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**environ, **to_environment(settings)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(spec))
        process.stdin.close()
        process.stdin = None
        return process


def _cpu_s(main: psutil.Process) -> float:
    """Processor time of a process and all its descendants, those that have ended included."""
    own = main.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in main.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return float(total)


def _busy_s() -> float:
    """Processor time of everybody since the machine was started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def answer_of(process: subprocess.Popen[bytes]) -> Measured:
    """What a child measured; raises when it failed."""
    said, _ = process.communicate(timeout=CHILD_WITHIN_S)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return msgspec.json.decode(said, type=Measured)


@contextmanager
def made_bed(form: Form, folder: Path, *, keep: bool, say: Callable[[str], None]) -> Iterator[Bed]:
    """A bed in a folder that is removed before and, unless kept, afterwards."""
    remove(folder)
    settings = with_local_secrets(load_settings(data=folder, mode="test", log_level="error", database_url=""))
    try:
        with start_embedded(folder / "pg") as server:
            say(f"seeding {form.outlets} outlets and {form.subscribers} subscribers")
            asyncio.run(as_owner(server.url, _make_empty))
            people = asyncio.run(_seed(settings, server.url_of(SEEDED), form))
            # Plans are made on what a table holds at the time; nobody measures an operator who never sold anything.
            past = partial(fill, entries=form.entries_few, say=say)
            asyncio.run(as_owner(server.url_of(SEEDED), past))
            asyncio.run(as_owner(server.url_of(SEEDED), queries.make_baseline))
            asyncio.run(as_owner(server.url, queries.flush))
            yield Bed(server, settings, form, people, say)
    finally:
        if not keep:
            remove(folder)


def remove(folder: Path) -> None:
    """Remove a bed's folder, and its database's where root had to put that somewhere else."""
    location = folder / "pg" / "location"
    if location.exists():
        shutil.rmtree(location.read_text("utf-8").strip(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


async def as_owner(url: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """A connection of the schema's owner for the length of some work."""
    connection = await asyncpg.connect(url)
    try:
        await speak_json(connection)
        return await work(connection)
    finally:
        await connection.close()


async def _make_empty(connection: Connection) -> None:
    await queries.make_database(connection, SEEDED, template="template1")


async def _seed(settings: Settings, url: str, form: Form) -> People:
    """The synthetic operator without a past, wallets that last, and a session for each outlet."""
    await migrate(url)
    size = Size(outlets=form.outlets, subscribers=form.subscribers, days=1, sales=0)
    async with open_app(settings, url, synchronous_commit="off") as app:
        now = app.clock.now()
        async with app.pool.acquire() as connection:
            await claim_instance(connection, mode=settings.mode, at=now)
        builder = Builder(
            app, seed=SEED, size=size, now=now, watcher=Unwatched(), analyze=partial(as_owner, url, analyze)
        )
        await builder.build(NO_PASSWORD)
        await as_owner(url, queries.set_one_price)
        async with app.pool.acquire() as connection:
            sellers = [(row["id"], row["outlet_id"]) for row in await queries.read_sellers(connection)]
            random = Random(SEED)
            requests = [
                BuyRequest(
                    outlet_id=outlet_id,
                    client_ref=UUID(int=random.getrandbits(128), version=4),
                    amount_rp=WALLET_RP,
                    actor=SYSTEM,
                )
                for _, outlet_id in sellers
            ]
            await buy_balance(connection, requests, clock=app.clock, ids=app.ids)
            minted = await _open_sessions(app, connection, sellers)
    people = People(
        first_outlet=sellers[0][1] >> 8,
        outlets=len(sellers),
        first_customer=3 * form.outlets,
        customers=form.subscribers,
        tokens=minted,
    )
    assert [people.outlet(place) for place in range(people.outlets)] == [outlet_id for _, outlet_id in sellers]
    return people


async def _open_sessions(app: App, connection: Connection, sellers: list[tuple[UserId, OutletId]]) -> list[str]:
    """Sessions whose tokens are kept, as a phone would keep them."""
    now = app.clock.now()
    own = await app.ids.reserve(connection, len(sellers))
    minted: list[str] = []
    for (user_id, outlet_id), seq in zip(sellers, own.take(len(sellers)), strict=True):
        session_id = SessionId(make_id(seq, cell_of_id(user_id)))
        token, _ = tokens.mint(app.keys, kind="outlet", session_id=session_id, user_id=user_id, outlet_id=outlet_id)
        minted.append(token)
    claims = claims_of(app.keys, minted)
    await insert_sessions(connection, claims, agent="bench", at=now, expires_at=now + timedelta(hours=SESSION_H))
    return minted
