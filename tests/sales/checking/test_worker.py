"""The worker process itself: it ends what nobody else ended, and shows the figures."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.api.world import set_stage, settings_of
from tests.conftest import prove_books
from tests.sales.checking.desk import Desk, Fickle
from tests.shop import open_shop
from tests.ways import WAYS

from konter.access.passwords import Passwords
from konter.platform.config import Settings, to_environment
from konter.platform.db import open_pool
from konter.server import free_port

SOON_S = 30


@pytest.fixture
async def desk(own_dsn: str, passwords: Passwords) -> AsyncIterator[Desk]:
    """A shop at the present moment, for a process that has a clock of its own."""
    async with await open_pool(own_dsn, size=3) as pool:
        stage = await set_stage(pool, passwords)
        yield Desk(await open_shop(stage, way=WAYS["split"]), Fickle())
        await prove_books(pool)


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "konter", "worker"],
        env={**os.environ, **to_environment(settings)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(SOON_S) == 0, "told to stop, it ends in order"


@pytest.mark.requirement("D-43", "D-46")
async def test_a_worker_ends_what_a_server_left_open(desk: Desk, own_dsn: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, database_url=own_dsn, worker_metrics_port=free_port("127.0.0.1"))
    sale = await desk.left_open()
    with worker(settings):
        await desk.stage.pool.execute("UPDATE clock_offset SET offset_s = 31")
        async with asyncio.timeout(SOON_S):
            for _ in range(SOON_S * 20):
                if (await desk.now_is(sale)).status == "done":
                    break
                await asyncio.sleep(0.05)
        async with httpx.AsyncClient() as http:
            figures = (await http.get(f"http://127.0.0.1:{settings.worker_metrics_port}/metrics")).text
    assert (await desk.now_is(sale)).status == "done"
    assert 'konter_sale_looks_total{answer="done",how="deliver"} 1.0' in figures
    assert "konter_sales_checking_age_seconds" in figures
