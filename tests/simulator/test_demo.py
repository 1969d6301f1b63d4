"""Building the demo's operator: by the real commands, the same for the same seed, never over somebody's data."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.conftest import NOON, clone, drop, prove_books

from konter.app import App, open_app
from konter.platform.config import Settings
from konter.platform.db import Pool, WrongModeError, claim_instance
from konter.platform.refusal import Refused
from konter.simulator.demo import Ready, prepare
from konter.simulator.operator import model, queries
from konter.simulator.operator.build import Builder
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Phase, Unwatched

SMALL = Size(outlets=6, subscribers=400, days=2, sales=300)


class Notes:
    """Keeps what a build says of itself."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.last: dict[str, int] = {}

    def progress(self, step: str, done: int, total: int) -> None:
        assert done <= total
        self.last[step] = done

    def over(self, phase: Phase) -> None:
        self.phases.append(phase)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path, mode="demo", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )


async def prepared(settings: Settings, dsn: str) -> Ready:
    return await prepare(settings, dsn, seed=7, size=SMALL, watcher=Unwatched())


async def test_it_works(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    ready = await prepared(settings, own_dsn)
    counts = await own_db.fetchrow(
        "SELECT (SELECT count(*) FROM outlet) AS outlets, (SELECT count(*) FROM subscription) AS numbers,"
        " (SELECT count(*) FROM sale) AS sales, (SELECT count(*) FROM partner) AS partners,"
        " (SELECT count(*) FROM handset_message) AS texts"
    )
    assert dict(counts) == {"outlets": 6, "numbers": 458, "sales": 300, "partners": 3, "texts": 600}
    added_up, done = await own_db.fetchrow(
        "SELECT (SELECT sum(sales) FROM district_day), (SELECT count(*) FROM sale WHERE status = 'done')"
    )
    assert added_up == done > 0  # the office's charts of sales have something to show from the start
    assert ready.outlet.username == "sukses001.kasir"


@pytest.mark.requirement("D-57", "D-66")
async def test_field_sales_have_a_week_behind_them(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    size = Size(outlets=100, subscribers=100, days=8, sales=0)
    ready = await prepare(settings, own_dsn, seed=7, size=size, watcher=Unwatched())
    assert ready.field_sales is not None
    number = await own_db.fetchval("SELECT msisdn FROM partner_user WHERE username = 'sales1'")
    assert ready.field_sales.msisdn == str(number)
    planned, visited = await own_db.fetchrow("SELECT count(*), (SELECT count(*) FROM visit) FROM visit_plan")
    assert 0 < visited < planned, "some are overdue"


async def test_every_queue_has_something_to_do(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    size = Size(outlets=100, subscribers=400, sales=100)
    ready = await prepare(settings, own_dsn, seed=7, size=size, watcher=Unwatched())
    states = await own_db.fetch("SELECT state, count(*) AS n FROM application GROUP BY state")
    assert {row["state"]: row["n"] for row in states} == {
        "submitted": 2,
        "recommended": 2,
        "approved": 1,
        "rejected": 1,
    }
    waiting = await own_db.fetchrow(
        "SELECT (SELECT count(*) FROM inactivity WHERE state = 'review'), (SELECT count(*) FROM number_conflict),"
        " (SELECT count(*) FROM lost_phone), (SELECT count(*) FROM outlet o WHERE NOT EXISTS"
        " (SELECT FROM sale s WHERE s.outlet_id = o.id) AND o.id IN (SELECT outlet_id FROM inactivity))"
    )
    assert tuple(waiting) == (3, 2, 2, 3)
    assert [each.username for each in ready.colleagues] == ["cabang1", "admin1", "patuh1"]


async def test_a_second_start_builds_nothing_and_gives_fresh_credentials(
    settings: Settings, own_dsn: str, own_db: Pool
) -> None:
    first = await prepared(settings, own_dsn)
    second = await prepared(settings, own_dsn)
    assert first.outlet.username == second.outlet.username
    assert first.outlet.password != second.outlet.password
    assert await own_db.fetchval("SELECT count(*) FROM sale") == 300


async def test_a_start_after_a_release_with_new_rules_adds_them(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    await prepared(settings, own_dsn)
    await own_db.execute("DELETE FROM rule WHERE key = 'sale.typo_days'")
    await prepared(settings, own_dsn)
    assert await own_db.fetchval("SELECT value FROM rule WHERE key = 'sale.typo_days'") == 90


async def test_whoever_has_chosen_a_password_keeps_it_over_a_start(
    settings: Settings, own_dsn: str, own_db: Pool
) -> None:
    first = await prepared(settings, own_dsn)
    chosen = "UPDATE outlet_user SET password_initial = false, password_hash = 'mine' WHERE username = $1 RETURNING id"
    user_id = await own_db.fetchval(chosen, first.outlet.username)
    second = await prepared(settings, own_dsn)
    assert second.outlet.username != first.outlet.username
    assert await own_db.fetchval("SELECT password_hash FROM outlet_user WHERE id = $1", user_id) == "mine"


async def test_a_folder_of_another_size_is_not_served_instead(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    await prepared(settings, own_dsn)
    with pytest.raises(Refused) as refused:
        await prepare(settings, own_dsn, seed=7, size=Size(outlets=5, sales=0), watcher=Unwatched())
    assert refused.value.refusal.code == "DEMO_OTHER_SIZE"
    assert refused.value.refusal.data["subscribers"] == SMALL.subscribers
    await prepare(settings, own_dsn, seed=7, watcher=Unwatched())  # whoever does not say a size takes what is there
    assert await own_db.fetchval("SELECT count(*) FROM sale") == 300


async def test_a_size_that_cannot_be_touches_nothing(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    with pytest.raises(Refused, match="DEMO_SALES_WITHOUT_MONEY"):
        await prepare(settings, own_dsn, seed=7, size=Size(outlets=1, sales=501), watcher=Unwatched())
    assert await own_db.fetchval("SELECT count(*) FROM instance") == 0


async def test_a_full_disk_is_told_before_it_is_full(
    settings: Settings, own_dsn: str, own_db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=SMALL.disk_bytes - 1))
    with pytest.raises(Refused, match="DEMO_DISK_FULL"):
        await prepared(settings, own_dsn)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=SMALL.disk_bytes))
    await prepared(settings, own_dsn)


async def test_every_step_says_how_much_it_did_and_wrote(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    watcher = Notes()
    await prepare(settings, own_dsn, seed=7, size=SMALL, watcher=watcher)
    phases = {phase.step: phase for phase in watcher.phases}
    assert {step: phase.count for step, phase in phases.items()} == {
        "rules": 1,
        "subscribers": SMALL.numbers,
        "outlets": 6,
        "sales": 300,
        "texts": 600,
    }
    assert phases["subscribers"].rows == 3 * SMALL.numbers  # owner, subscription, main balance
    assert phases["texts"].rows == 600
    everywhere = await own_db.fetchval("SELECT sum(n_tup_ins) FROM pg_stat_user_tables")
    assert sum(phase.rows for phase in phases.values()) <= everywhere
    assert {step: watcher.last[step] for step in phases} == {step: phase.count for step, phase in phases.items()}


async def test_where_nearly_nobody_can_buy_the_month_ends_all_the_same(
    settings: Settings, own_dsn: str, own_db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "WALLET_RP", 100_000)
    watcher = Notes()
    await prepare(settings, own_dsn, seed=7, size=Size(outlets=1, subscribers=1, days=2, sales=300), watcher=watcher)
    sold = await own_db.fetchval("SELECT count(*) FROM sale")
    assert 0 < sold < 100
    refused = await own_db.fetchval("SELECT (facts -> 'refusals' ->> 'INSUFFICIENT_BALANCE')::int FROM instance")
    assert 300 < sold + refused <= 2 * (300 + 30)
    await prove_books(own_db)


async def test_the_two_districts_sell_to_nobody_in_common(settings: Settings, own_dsn: str, own_db: Pool) -> None:
    await prepared(settings, own_dsn)
    outlets = await own_db.fetch("SELECT id FROM outlet ORDER BY code")
    west = [row["id"] for row in outlets if row["id"] in {each["id"] for each in outlets[:3]}]
    sold = await own_db.fetch("SELECT DISTINCT msisdn, outlet_id = ANY($1) AS west FROM sale", west)
    assert {row["west"] for row in sold} == {True, False}
    assert len({row["msisdn"] for row in sold}) == len(sold)


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


async def nothing_to_analyze() -> None:
    """Two days are few enough."""


async def fingerprint(app: App, seed: int) -> str:
    """What was sold to whom under which code, and who has how much, of an operator built now."""
    builder = Builder(
        app, seed=seed, size=SMALL, now=NOON + timedelta(hours=5), watcher=Unwatched(), analyze=nothing_to_analyze
    )
    await builder.build("no password")
    sales = await app.pool.fetch("SELECT id, client_ref, product, msisdn, cost_rp FROM sale ORDER BY id")
    accounts = (
        await app.pool.fetch(  # points are granted side by side, so that their accounts' ids are whose was faster
            "SELECT CASE WHEN asset = 'POINTS' THEN 0 ELSE id END AS id, owner_id, balance, entry_seq FROM account"
            " ORDER BY owner_id, 1, expires_at"
        )
    )
    await prove_books(app.pool)
    return hashlib.sha256(repr([tuple(row) for row in (*sales, *accounts)]).encode()).hexdigest()


@pytest.mark.parametrize("seeds", [(7, 7), (7, 8)], ids=["same", "other"])
async def test_the_same_seed_builds_the_same_operator(
    settings: Settings, server, template: str, seeds: tuple[int, int]
) -> None:
    prints = []
    for place, seed in enumerate(seeds):
        name = f"seeded_{os.getpid()}_{seed}_{place}"
        await clone(server, template, name)
        async with open_app(settings, server.url_of(name)) as app:
            prints.append(await fingerprint(app, seed))
        await drop(server, name)
    assert (prints[0] == prints[1]) is (seeds[0] == seeds[1])
