"""Loading and cancelling rules on a real database: all or nothing, and the past never changes."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.conftest import NOON

from konter.platform.audit import SYSTEM, Actor
from konter.platform.db import Connection, Pool
from konter.platform.i18n import text as sentence_of
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules import queries
from konter.rules.load import Loaded, cancel_rule, load_ruleset, read_rulebook
from konter.rules.model import RuleRow
from konter.rules.ruleset import Fault

MANAGER = Actor("staff", 7)
NEXT_YEAR = "2027-01-01T00:00:00+07:00"


@pytest.fixture
async def conn(own_db: Pool):
    async with own_db.acquire() as connection:
        yield connection


@pytest.fixture
async def loaded(conn: Connection) -> Connection:
    assert isinstance(await load(conn, "id-2014", actor=SYSTEM), Loaded)
    return conn


async def load(conn: Connection, source: str | Path, *, now=NOON, actor: Actor = MANAGER) -> Loaded | Refusal:
    return await load_ruleset(conn, source, now=now, actor=actor, ids=IdBlocks())


def file_of(folder: Path, *lines: str, valid_from: str = NEXT_YEAR, name: str = "later") -> Path:
    file = folder / f"{name}.toml"
    file.write_text("\n".join([f'name = "{name}"', "[[rules]]", f"valid_from = {valid_from}", *lines]))
    return file


def faults_of(outcome: Loaded | Refusal) -> list[tuple[str, int, str]]:
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.status) == ("RULESET_REFUSED", 422)
    faults: tuple[Fault, ...] = outcome.data["faults"]
    assert outcome.data["count"] == len(faults)
    assert all(fault.sentence(locale) for fault in faults for locale in ("id", "en"))
    return [(fault.file, fault.line, fault.reason) for fault in faults]


async def test_it_works(conn: Connection):
    outcome = await load(conn, "id-2014", actor=SYSTEM)
    assert isinstance(outcome, Loaded)
    assert outcome.version == 2
    book = await read_rulebook(conn)
    assert book.version == 2
    assert len(book.rows) == outcome.added
    assert book.at(NOON).label == "id-2014@2"
    assert book.at(NOON).validity.cap_days == 365
    assert outcome.sentence("en") == f"id-2014: {outcome.added} rules added, 0 stood already. Now version 2."


async def test_what_is_read_back_is_what_was_written(loaded: Connection):
    rules = (await read_rulebook(loaded)).at(NOON)
    assert rules.tier.threshold["priority_idr"] == 1_000_000
    assert rules.poin.start_date.isoformat() == "2014-03-01"
    assert rules.brand.table[0].kind == "prepaid"


async def test_loading_again_changes_nothing(loaded: Connection):
    outcome = await load(loaded, "id-2014", now=NOON + timedelta(days=1))
    assert isinstance(outcome, Loaded)
    assert (outcome.added, outcome.version) == (0, 2)
    assert await loaded.fetchval("SELECT count(*) FROM audit") == 1


async def test_a_planned_rule_begins_at_its_moment(loaded: Connection, tmp_path: Path):
    outcome = await load(loaded, file_of(tmp_path, "tax.ppn = [12, 100]"))
    assert isinstance(outcome, Loaded)
    assert (outcome.added, outcome.version) == (1, 3)
    book = await read_rulebook(loaded)
    assert book.at(NOON).tax.ppn == (132, 1200)
    assert book.at(NOON + timedelta(days=60)).tax.ppn == (12, 100)
    assert book.at(NOON + timedelta(days=60)).label == "later@3"


async def test_the_change_is_audited_with_its_rows(loaded: Connection, tmp_path: Path):
    await load(loaded, file_of(tmp_path, "otp.ttl_s = 200"))
    record = await loaded.fetchrow("SELECT at, actor, action, data FROM audit ORDER BY id DESC LIMIT 1")
    assert (record["at"], record["actor"], record["action"]) == (NOON, "staff:7", "rules.load")
    assert record["data"]["version"] == 3
    assert [(row["key"], row["value"]) for row in record["data"]["rows"]] == [("otp.ttl_s", 200)]


@pytest.mark.parametrize("valid_from", ["2026-11-21T12:00:00+07:00", "2020-01-01T00:00:00+07:00"])
async def test_a_moment_that_has_begun_is_refused(loaded: Connection, tmp_path: Path, valid_from: str):
    outcome = await load(loaded, file_of(tmp_path, "otp.length = 6", "otp.ttl_s = 200", valid_from=valid_from))
    assert faults_of(outcome) == [("later.toml", 4, "moment_has_begun"), ("later.toml", 5, "moment_has_begun")]


async def test_one_wrong_line_and_nothing_changes(loaded: Connection, tmp_path: Path):
    before = await loaded.fetch("SELECT * FROM rule ORDER BY key, valid_from")
    outcome = await load(loaded, file_of(tmp_path, "otp.length = 8", "otp.ttl_s = 'soon'"))
    assert faults_of(outcome) == [("later.toml", 5, "wrong_value")]
    assert await loaded.fetch("SELECT * FROM rule ORDER BY key, valid_from") == before
    assert (await read_rulebook(loaded)).version == 2


async def test_another_value_for_a_row_of_the_past_is_refused(loaded: Connection, tmp_path: Path):
    first = "2000-01-01T00:00:00+07:00"
    outcome = await load(loaded, file_of(tmp_path, "otp.length = 6", "otp.ttl_s = 200", valid_from=first))
    assert faults_of(outcome) == [("later.toml", 5, "past_is_fixed")]


async def test_another_value_for_a_planned_row_is_refused(loaded: Connection, tmp_path: Path):
    await load(loaded, file_of(tmp_path, "otp.ttl_s = 200"))
    outcome = await load(loaded, file_of(tmp_path, "otp.ttl_s = 100"))
    assert faults_of(outcome) == [("later.toml", 4, "planned_already")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tier.threshold = { red_idr = 50000, gold_idr = 50000, priority_idr = 90000 }", "thresholds_not_ascending"),
        ("tier.threshold = { red_idr = 50000, gold_idr = 60000 }", "thresholds_do_not_match"),
        ('tier.names = ["mass", "red", "gold", "top"]', "thresholds_do_not_match"),
        ("tier.min_tenure_months = [0, 0]", "not_aligned_with_tiers"),
        ("poin.tier_multipliers = [1]", "not_aligned_with_tiers"),
        ('poin.expiry_date = "02-29"', "no_such_day"),
        ('poin.expiry_date = "04-31"', "no_such_day"),
        ("poin.start_date = 0001-01-01", "of_another_age"),
        ("poin.start_date = 9999-12-31", "of_another_age"),
        # Beyond a century a moment leaves the calendar, and with one customer everybody's run would stop.
        ("tier.validity_months = 1201", "wrong_value"),
        ("tier.window_months = 200000", "wrong_value"),
        ("tier.red_entry_validity_months = 200000", "wrong_value"),
        ("tier.migration_validity_months = 200000", "wrong_value"),
        ("poin.expiry_notice_days = [999999999]", "wrong_value"),
        ("poin.prepaid.grant_h = 1000000000", "wrong_value"),
        ("validity.table = [[5000, 7], [10000, 999999999]]", "wrong_value"),
        ("validity.table = [[5000, 7], [10000, 15], [10000, 20]]", "table_not_ascending"),
        ("validity.table = [[5000, 7], [10000, 6]]", "table_not_ascending"),
        ("validity.min_recharge_idr = 4999", "min_recharge_below_table"),
        ("sale.pending_checks_s = [30, 30]", "not_ascending_in_time"),
        ("sale.pending_deadline_h = 1", "not_ascending_in_time"),
        ("sale.pending_checks_s = []\nsale.pending_deadline_h = 0", "not_ascending_in_time"),
        ("seller.inactivity_notice_days = [23, 30]", "not_ascending_in_time"),
        ('seller.inactivity_policy = { outlet = "review", pareto = "exempt" }', "kind_missing"),
        ('brand.earns_points = ["nobody"]', "brand_unknown"),
        ('brand.table = [{ code = "nusa", name = "Nusa", kind = "prepaid" }]', "brand_unknown"),
        ("tax.ppn = [100, 100]", "tax_above_base"),
        ("dunning.total_bar_days = 1", "steps_not_ascending"),
        ("outlet.rs_per_outlet = 2", "only_one"),
        ('seller.inactivity_return = "sell_again"', "not_supported"),
        ('outlet.geofence_action = "refuse"', "not_supported"),
        ("outlet.outlets_per_nn = 2", "only_one"),
    ],
)
async def test_values_that_do_not_fit_together_are_refused(loaded: Connection, tmp_path: Path, line: str, reason: str):
    outcome = await load(loaded, file_of(tmp_path, "otp.ttl_s = 200", line))
    assert {fault[0] for fault in faults_of(outcome)} == {"later.toml"}
    assert reason in [fault[2] for fault in faults_of(outcome)]
    assert (await read_rulebook(loaded)).version == 2


async def test_the_line_of_a_clash_is_that_of_the_rule(loaded: Connection, tmp_path: Path):
    outcome = await load(loaded, file_of(tmp_path, "otp.ttl_s = 200", "# why", "tax.ppn = [100, 100]"))
    assert faults_of(outcome) == [("later.toml", 6, "tax_above_base")]


async def test_the_first_ruleset_must_be_whole(conn: Connection):
    outcome = await load(conn, "base")
    assert {fault[2] for fault in faults_of(outcome)} == {"missing_key"}
    assert await conn.fetchval("SELECT count(*) FROM rule") == 0


async def test_a_rule_that_a_newer_konter_brings_may_begin_in_the_past(loaded: Connection):
    await loaded.execute("DELETE FROM rule WHERE key = 'ussd.idle_s'")
    outcome = await load(loaded, "id-2014", now=NOON + timedelta(days=400))
    assert isinstance(outcome, Loaded)
    assert outcome.added == 1
    assert (await read_rulebook(loaded)).at(NOON).ussd.idle_s == 20


@pytest.mark.parametrize("source", ["id-1999", "no/such/file.toml", Path("later.toml")])
async def test_what_is_neither_a_file_nor_shipped_says_what_is(conn: Connection, source: str | Path):
    outcome = await load(conn, source)
    assert faults_of(outcome) == [(str(source), 1, "no_such_ruleset")]
    assert outcome.data["faults"][0].data == {"names": "id-2014, id-2026"}


async def test_a_folder_is_not_read(conn: Connection):
    assert [fault[2] for fault in faults_of(await load(conn, ""))] == ["unreadable"]


async def test_a_file_may_stand_on_a_shipped_one_and_replace_its_rows(conn: Connection, tmp_path: Path):
    file = tmp_path / "ours.toml"
    file.write_text(
        'name = "ours"\nextends = "id-2014"\n[[rules]]\nvalid_from = 2000-01-01T00:00:00+07:00\notp.ttl_s = 180\n'
    )
    assert isinstance(await load(conn, file), Loaded)
    rules = (await read_rulebook(conn)).at(NOON)
    assert (rules.otp.ttl_s, rules.otp.length, rules.label) == (180, 6, "ours@2")


async def test_a_base_that_does_not_exist_is_named(conn: Connection, tmp_path: Path):
    file = tmp_path / "ours.toml"
    file.write_text(f'name = "ours"\nextends = "id-1999"\n[[rules]]\nvalid_from = {NEXT_YEAR}\notp.ttl_s = 180\n')
    assert faults_of(await load(conn, file)) == [("ours.toml", 2, "unknown_base")]


async def test_two_loads_at_once_give_one_set_of_rows(own_db: Pool):
    async def once() -> Loaded | Refusal:
        async with own_db.acquire() as connection:
            return await load(connection, "id-2014")

    outcomes = await asyncio.gather(*(once() for _ in range(4)))
    added = [outcome.added for outcome in outcomes if isinstance(outcome, Loaded)]
    assert len(added) == 4
    assert sorted(added)[:3] == [0, 0, 0]
    assert max(added) > 0


async def cancel(conn: Connection, key: str, valid_from: str = NEXT_YEAR, now=NOON) -> RuleRow | Refusal:
    moment = msgspec.convert(valid_from, type=type(NOON))
    return await cancel_rule(conn, key, moment, now=now, actor=MANAGER, ids=IdBlocks())


async def test_a_planned_rule_can_be_cancelled(loaded: Connection, tmp_path: Path):
    await load(loaded, file_of(tmp_path, "otp.ttl_s = 200"))
    assert isinstance(await cancel(loaded, "otp.ttl_s"), RuleRow)
    book = await read_rulebook(loaded)
    assert (book.version, book.at(NOON + timedelta(days=60)).otp.ttl_s) == (4, 300)
    assert await loaded.fetchval("SELECT count(*) FROM audit WHERE action = 'rules.cancel'") == 1


async def test_a_cancelled_rule_can_be_planned_again(loaded: Connection, tmp_path: Path):
    await load(loaded, file_of(tmp_path, "otp.ttl_s = 200"))
    await cancel(loaded, "otp.ttl_s")
    assert isinstance(await load(loaded, file_of(tmp_path, "otp.ttl_s = 100")), Loaded)
    assert (await read_rulebook(loaded)).at(NOON + timedelta(days=60)).otp.ttl_s == 100


@pytest.mark.parametrize(
    ("key", "valid_from", "code"),
    [
        ("otp.ttl_s", "2027-01-01T00:00:01+07:00", "RULE_UNKNOWN"),
        ("otp.nothing", NEXT_YEAR, "RULE_UNKNOWN"),
        ("tax.ppn", "2025-01-01T00:00:00+07:00", "RULE_BEGUN"),
    ],
)
async def test_what_cannot_be_cancelled(loaded: Connection, key: str, valid_from: str, code: str):
    outcome = await cancel(loaded, key, valid_from)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert sentence_of(outcome.sentence_key, "en", **outcome.data)
    assert (await read_rulebook(loaded)).version == 2


async def test_a_rule_cannot_be_cancelled_once_it_has_begun(loaded: Connection, tmp_path: Path):
    await load(loaded, file_of(tmp_path, "otp.ttl_s = 200"))
    outcome = await cancel(loaded, "otp.ttl_s", now=NOON + timedelta(days=60))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "RULE_BEGUN"


async def test_half_of_a_pair_cannot_be_cancelled(loaded: Connection, tmp_path: Path):
    await load(
        loaded,
        file_of(
            tmp_path,
            'tier.names = ["mass", "red", "gold", "top"]',
            "tier.threshold = { red_idr = 50000, gold_idr = 60000, top_idr = 70000 }",
        ),
    )
    outcome = await cancel(loaded, "tier.names")
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.data["needed_by"]) == ("RULE_NEEDED", "tier.threshold")


async def test_the_statements_themselves_do_not_touch_the_past(loaded: Connection):
    """Whatever the decision above them says: a second look at the date stands in the SQL."""
    book = await read_rulebook(loaded)
    standing = book.explain("tax.ppn", NOON)
    changed = msgspec.structs.replace(standing, value=[1, 100], recorded_at=NOON)
    assert await queries.insert_rules(loaded, rows=[changed]) == 0
    assert await queries.cancel_rule(loaded, key="tax.ppn", valid_from=standing.valid_from, now=NOON) == 0
    assert (await read_rulebook(loaded)).rows == book.rows
