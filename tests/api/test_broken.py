"""The server is killed and the database goes away, for real, while somebody sells. The retry finds the truth."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from tests.api.served import free_port, served_world
from tests.api.world import BALANCE_RP, World, problem

from konter.platform.config import Settings
from konter.platform.embedded import start_embedded
from konter.platform.migrate import migrate
from konter.server import Children, wait_until_ready

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
END_ALL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'konter' AND pid <> pg_backend_pid()
"""


@asynccontextmanager
async def held(world: World, dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold the lock of the seller's outlet, so that a sale waits in the middle of its batch."""
    assert world.user is not None
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", world.user.outlet_id)
            yield connection
    finally:
        await connection.close()


async def until_it_waits(connection: asyncpg.Connection) -> None:
    async with asyncio.timeout(10):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - the database knows of no event
            await asyncio.sleep(0.02)


async def sold_in_the_end(world: World, body: dict) -> dict:
    """Repeat the same request until there is an answer, as a phone does."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await world.post("/sales", body, world.token)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code in (200, 201):
                return answer.json()
            assert problem(answer) == (503, "UNAVAILABLE")
            assert int(answer.headers["retry-after"]) >= 1
            await asyncio.sleep(0.2)


async def only(world: World, *sales: dict) -> None:
    """Exactly these sales were made and paid."""
    assert await world.sales() == len({sale["id"] for sale in sales}) == len(sales)
    assert await world.balance() == BALANCE_RP - sum(sale["cost"] for sale in sales)


@pytest.mark.requirement("D-43")
async def test_connections_end_in_the_middle_of_a_sale_and_its_twins(own_dsn: str, tmp_path: Path) -> None:
    async with served_world(own_dsn, tmp_path) as (world, _):
        body = world.sale()
        async with held(world, own_dsn) as connection:
            selling = [asyncio.create_task(world.post("/sales", body, world.token)) for _ in range(20)]
            await until_it_waits(connection)
            assert await connection.fetchval(END_ALL)
            refused = await asyncio.wait_for(selling[0], 10)
        assert problem(refused) == (503, "UNAVAILABLE")
        assert refused.headers["retry-after"] == "2"
        await asyncio.gather(*selling)
        answers = await asyncio.gather(*(world.post("/sales", body, world.token) for _ in range(20)))
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        await only(world, answers[0].json())


@pytest.mark.requirement("D-43")
async def test_the_server_is_killed_in_the_middle_of_a_sale(own_dsn: str, tmp_path: Path) -> None:
    async with served_world(own_dsn, tmp_path) as (world, server):
        body = world.sale()
        async with held(world, own_dsn) as connection:
            selling = asyncio.create_task(world.post("/sales", body, world.token))
            await until_it_waits(connection)
            server.kill()
            with pytest.raises(httpx.TransportError):
                await selling
        await only(world, await sold_in_the_end(world, body))


@pytest.mark.requirement("D-43")
async def test_a_server_killed_again_and_again_sells_everything_once(own_dsn: str, tmp_path: Path) -> None:
    async with served_world(own_dsn, tmp_path) as (world, server):
        bodies = [world.sale(msisdn=str(await world.stage.number()), product="PULSA10") for _ in range(40)]
        selling = asyncio.gather(*(sold_in_the_end(world, body) for body in bodies))
        for after_s in (0.05, 0.02):
            await asyncio.sleep(after_s)
            server.kill()
            await asyncio.sleep(2)
            await server.ready()
        await only(world, *await selling)


@pytest.mark.slow
async def test_a_worker_whose_first_process_is_killed_leaves_the_port(own_dsn: str, tmp_path: Path) -> None:
    async with served_world(own_dsn, tmp_path) as (world, server):
        first, *workers = server.processes
        os.kill(first.pid, signal.SIGKILL)
        _, alive = await asyncio.to_thread(psutil.wait_procs, workers, 15)
        assert not alive
        await server.ready()
        await only(world, await sold_in_the_end(world, world.sale()))


@pytest.mark.requirement("D-43")
async def test_the_database_stops_and_comes_back(tmp_path: Path) -> None:
    """A database server of its own, stopped and started for real."""
    database = start_embedded(tmp_path / "pg", test=False)
    try:
        await migrate(database.url)
        async with served_world(database.url, tmp_path) as (world, _):
            first = await sold_in_the_end(world, world.sale())
            database.stop()
            body = world.sale(second=True)
            answer = await world.post("/sales", body, world.token)
            assert problem(answer) == (503, "UNAVAILABLE")
            assert answer.headers["retry-after"] == "2"
            assert (await world.http.get("/healthz")).status_code == 200
            assert problem(await world.http.get("/readyz")) == (503, "UNAVAILABLE")
            database = start_embedded(tmp_path / "pg", test=False)
            await only(world, first, await sold_in_the_end(world, body))
    finally:
        database.stop()


def test_nothing_is_started_any_more_once_stopping(tmp_path: Path) -> None:
    children = Children(Settings(data=tmp_path, mode="test"), ["serve"])
    children.stop()
    children.start()
    assert children._running == {}


def test_the_last_started_ends_first_and_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker in the middle of something still finds the network that was started before it."""
    said: list[tuple[str, str]] = []

    class Process:
        def __init__(self, command: list[str], **_: object) -> None:
            self.name = command[-1]

        def terminate(self) -> None:
            said.append(("end", self.name))

        def wait(self, timeout_s: float) -> None:
            said.append(("wait", self.name))

    monkeypatch.setattr("konter.server.subprocess.Popen", Process)
    children = Children(Settings(data=tmp_path, mode="test"), ["network", "serve", "worker"])
    children.start()
    children.stop()
    assert said == [(word, name) for name in ("worker", "serve", "network") for word in ("end", "wait")]


SUPERVISE = """
import sys
from pathlib import Path
from konter.platform.config import Settings
from konter.server import Children
children = Children(Settings(data=Path(sys.argv[1]), mode="test", port=int(sys.argv[2]), database_url=sys.argv[3]), ["serve"])
children.start()
print(*(process.pid for process in children._running.values()), flush=True)
children.watch(lambda: None)
"""


@pytest.mark.slow
def test_a_killed_supervisor_leaves_nobody_behind(own_dsn: str, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", SUPERVISE, str(tmp_path), str(port), own_dsn]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        serve = psutil.Process(int(supervisor.stdout.readline()))
        wait_until_ready(f"http://127.0.0.1:{port}")
        family = [serve, *serve.children(recursive=True)]
        supervisor.kill()
    _, alive = psutil.wait_procs(family, 15)
    assert not alive
