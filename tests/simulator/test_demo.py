"""Building the demo's operator: by the real commands, the same for the same seed, never over somebody's data."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import NOON, _clone, _drop, prove_books

from konter.app import App, open_app
from konter.platform.config import Settings
from konter.platform.db import Pool, WrongModeError, claim_instance
from konter.simulator.demo import Ready, prepare
from konter.simulator.operator import queries
from konter.simulator.operator.build import Builder
from konter.simulator.operator.model import Size

SMALL = Size(outlets=6, subscribers=400, days=2, sales=300)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path, mode="demo", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )


def quiet(_step: str, _done: int, _total: int) -> None:
    """Nobody watches."""


async def prepared(settings: Settings, dsn: str) -> Ready:
    return await prepare(settings, dsn, seed=7, size=SMALL, progress=quiet)


async def test_it_works(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    ready = await prepared(settings, own_dsn)
    counts = await own_db.fetchrow(
        "SELECT (SELECT count(*) FROM outlet) AS outlets, (SELECT count(*) FROM subscription) AS numbers,"
        " (SELECT count(*) FROM sale) AS sales, (SELECT count(*) FROM partner) AS partners,"
        " (SELECT count(*) FROM handset_message) AS texts"
    )
    assert dict(counts) == {"outlets": 6, "numbers": 418, "sales": 300, "partners": 3, "texts": 600}
    assert ready.outlet.username == "sukses001.kasir"


async def test_a_second_start_builds_nothing_and_gives_fresh_credentials(
    settings: Settings, own_dsn: str, own_db: Pool
) -> None:
    first = await prepared(settings, own_dsn)
    second = await prepared(settings, own_dsn)
    assert first.outlet.username == second.outlet.username
    assert first.outlet.password != second.outlet.password
    assert await own_db.fetchval("SELECT count(*) FROM sale") == 300


async def test_whoever_has_chosen_a_password_keeps_it_over_a_start(
    settings: Settings, own_dsn: str, own_db: Pool
) -> None:
    first = await prepared(settings, own_dsn)
    chosen = "UPDATE outlet_user SET password_initial = false, password_hash = 'mine' WHERE username = $1 RETURNING id"
    user_id = await own_db.fetchval(chosen, first.outlet.username)
    second = await prepared(settings, own_dsn)
    assert second.outlet.username != first.outlet.username
    assert await own_db.fetchval("SELECT password_hash FROM outlet_user WHERE id = $1", user_id) == "mine"


async def test_what_was_left_half_built_is_built_anew(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    async with own_db.acquire() as connection:
        await queries.note_begun(connection, mode="demo", seed=7, at=NOON)
        await connection.execute("INSERT INTO area (code, level, name) VALUES ('OLD', 'area', 'left over')")
    await prepared(settings, own_dsn)
    async with own_db.acquire() as connection:
        await connection.reload_schema_state()
        assert await connection.fetchval("SELECT count(*) FROM area WHERE code = 'OLD'") == 0
        assert await connection.fetchval("SELECT count(*) FROM sale") == 300


async def test_no_demo_is_built_over_a_live_database(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    async with own_db.acquire() as connection:
        await claim_instance(connection, mode="live", at=NOON)
    with pytest.raises(WrongModeError, match="of a live installation"):
        await prepared(settings, own_dsn)


async def test_no_demo_is_built_over_data_that_nobody_named(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    await own_db.execute("INSERT INTO owner (id, cell, kind, opened_at) VALUES (263, 7, 'outlet', $1)", NOON)
    with pytest.raises(WrongModeError, match="somebody's data"):
        await prepared(settings, own_dsn)


async def test_a_process_of_another_mode_does_not_start(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    async with own_db.acquire() as connection:
        await claim_instance(connection, mode="live", at=NOON)
    with pytest.raises(WrongModeError):
        async with open_app(settings, own_dsn):
            pass


async def fingerprint(app: App, seed: int) -> str:
    """What was sold to whom under which ref, of an operator built now."""
    builder = Builder(app, seed=seed, size=SMALL, now=NOON + timedelta(hours=5), progress=quiet)
    await builder.build("no password")
    rows = await app.pool.fetch("SELECT client_ref, product, msisdn, cost_rp FROM sale ORDER BY at, client_ref")
    await prove_books(app.pool)
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


@pytest.mark.parametrize("seeds", [(7, 7), (7, 8)], ids=["same", "other"])
async def test_the_same_seed_builds_the_same_operator(
    settings: Settings, server, template: str, seeds: tuple[int, int]
) -> None:
    prints = []
    for place, seed in enumerate(seeds):
        name = f"seeded_{os.getpid()}_{seed}_{place}"
        await _clone(server, template, name)
        async with open_app(settings, server.url_of(name)) as app:
            prints.append(await fingerprint(app, seed))
        await _drop(server, name)
    assert (prints[0] == prints[1]) is (seeds[0] == seeds[1])
