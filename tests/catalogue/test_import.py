"""Importing a catalogue file into a real database: all or nothing, again without effect, and never the past."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import NOON

from konter.catalogue import queries
from konter.catalogue.availability import set_open
from konter.catalogue.importing import ImportReport, import_catalogue
from konter.catalogue.model import Catalogue, Product, Quote
from konter.catalogue.read import read_catalogue
from konter.platform.audit import SYSTEM, Actor
from konter.platform.db import Connection, Pool
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow
from konter.rules.ruleset import Ruleset
from konter.subscriber.model import VALIDITY_SOURCE

SHIPPED = Path(__file__).parents[2] / "src/konter/simulator/data/catalogue.csv"
MANAGER = Actor("staff", 7)
PPN = (132, 1200)
AREAS = ("JBJB", "JWBL", "PMSK", "SUM")


def rulebook() -> Rulebook:
    ruleset = read_ruleset("id-2014")
    assert isinstance(ruleset, Ruleset)
    rows = decide_load(Rulebook([], 1), ruleset, now=NOON, actor=SYSTEM)
    return Rulebook([row for row in rows if isinstance(row, RuleRow)], 1)


RULES = rulebook().at(NOON)


@pytest.fixture
async def conn(own_db: Pool):
    async with own_db.acquire() as connection:
        yield connection


@pytest.fixture
async def stocked(conn: Connection) -> Connection:
    assert isinstance(await load(conn, SHIPPED, actor=SYSTEM), ImportReport)
    return conn


async def load(conn: Connection, file: Path, *, now: datetime = NOON, actor: Actor = MANAGER) -> ImportReport | Refusal:
    return await import_catalogue(conn, file, now=now, actor=actor, ids=IdBlocks(), rules=RULES)


async def loaded(conn: Connection, file: Path, **options: Any) -> ImportReport:
    outcome = await load(conn, file, **options)
    assert isinstance(outcome, ImportReport), [fault.sentence("en") for fault in outcome.data["faults"]]
    return outcome


def prices(folder: Path, *lines: str) -> Path:
    file = folder / "harga.csv"
    file.write_text("\n".join(["row,code,area,segment,valid_from,cost_rp,price_rp", *lines]))
    return file


def faults_of(outcome: ImportReport | Refusal) -> list[tuple[str, int, str, str]]:
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.status) == ("CATALOGUE_REFUSED", 422)
    assert outcome.data["count"] == len(outcome.data["faults"])
    return [(fault.file, fault.line, fault.column, fault.reason) for fault in outcome.data["faults"]]


def quote(shop: Catalogue, code: str, *, at: datetime = NOON, area: str = "JWBL", segment: str = "retail") -> Quote:
    found = shop.quote(code, area=area, segment=segment, amount_rp=None, at=at, ppn=PPN)
    assert isinstance(found, Quote)
    return found


async def everything(conn: Connection) -> list[Any]:
    tables = ("category", "product", "product_bucket", "price", "reference_version", "audit")
    return [await conn.fetch(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in tables[:4]] + [
        await conn.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in tables[4:]
    ]


async def test_it_works(conn: Connection):
    report = await loaded(conn, SHIPPED)
    assert (report.categories, report.products, report.same, report.version) == (8, 82, 0, 2)
    shop = await read_catalogue(conn)
    assert (shop.version, len(shop.products), len(shop.categories)) == (2, 82, 8)
    assert quote(shop, "PULSA50").cost_rp == 49_500
    assert "82" in report.sentences("id")[0]


@pytest.mark.requirement("D-11", "D-10")
async def test_the_shipped_catalogue_covers_every_kind(stocked: Connection):
    shop = await read_catalogue(stocked)
    assert len(shop.products) >= 60
    codes = [category.code for category in shop.categories]
    assert codes == ["recharge", *RULES.package.categories]
    for area in (*AREAS, "ELSEWHERE"):
        for segment in ("retail", "pareto", "big_pareto"):
            lines = shop.listing(None, area=area, segment=segment, at=NOON, ppn=PPN, locale="id")
            assert len(lines) == len(shop.products)
            assert all(line.quote is None or line.quote.margin_rp > 0 for line in lines)
            assert {line.product.category for line in lines} == set(codes)
    assert max(len(product.buckets) for product in shop.products) >= 3
    assets = {bucket.asset for product in shop.products for bucket in product.buckets}
    assert assets == {"BYTES", "SECONDS", "MESSAGES", "DAYS"}


@pytest.mark.requirement("G-D26", "D-08")
async def test_the_shipped_margins_are_those_of_the_field(stocked: Connection):
    shop = await read_catalogue(stocked)
    for product in shop.products:
        if product.kind == "recharge" and product.nominal_rp is not None:
            share = quote(shop, product.code).cost_rp / product.nominal_rp
            small = product.nominal_rp <= 25_000
            assert quote(shop, product.code).cost_rp == product.nominal_rp + 150 if small else 0.98 <= share <= 1.002
    assert quote(shop, "PULSA100", segment="big_pareto").cost_rp < quote(shop, "PULSA100").cost_rp
    assert quote(shop, "D12G30", area="PMSK").price_rp > quote(shop, "D12G30").price_rp


@pytest.mark.requirement("T-21")
async def test_the_shipped_price_change_comes_on_the_first_of_december(stocked: Connection):
    shop = await read_catalogue(stocked)
    midnight = datetime.fromisoformat("2026-12-01T00:00:00+07:00")
    assert quote(shop, "D4G14", at=midnight - timedelta(microseconds=1)).price_rp == 25_000
    assert quote(shop, "D4G14", at=midnight).price_rp == 27_000


async def test_every_source_of_a_shipped_bucket_has_a_name(stocked: Connection):
    shop = await read_catalogue(stocked)
    for source in {bucket.source for product in shop.products for bucket in product.buckets}:
        assert text(f"bucket.{source}", "id")


async def test_the_shipped_packs_that_extend_the_active_period(stocked: Connection):
    shop = await read_catalogue(stocked)
    packs = [product for product in shop.products if product.buckets and product.buckets[0].source == VALIDITY_SOURCE]
    assert [pack.buckets[0].amount for pack in packs] == [5, 10, 15, 30, 90, 180, 365]


async def test_importing_again_changes_nothing(stocked: Connection):
    before = await everything(stocked)
    report = await loaded(stocked, SHIPPED, now=NOON + timedelta(days=400))
    assert (report.categories, report.products, report.prices, report.version) == (0, 0, 0, 2)
    assert report.same > 150
    assert await everything(stocked) == before


@pytest.mark.requirement("T-21")
async def test_a_new_price_begins_at_its_moment_and_leaves_the_past(stocked: Connection, tmp_path: Path):
    before = await read_catalogue(stocked)
    report = await loaded(stocked, prices(tmp_path, "price,D1G1,,,2027-01-01,5000,6500"))
    assert (report.prices, report.version) == (1, 3)
    shop = await read_catalogue(stocked)
    assert quote(shop, "D1G1") == quote(before, "D1G1")
    assert quote(shop, "D1G1", at=datetime.fromisoformat("2027-01-01T00:00:00+07:00")).price_rp == 6_500


@pytest.mark.requirement("T-21")
async def test_a_price_that_has_begun_is_fixed(stocked: Connection, tmp_path: Path):
    before = await everything(stocked)
    file = prices(tmp_path, "price,D1G1,,,2027-01-01,5000,6500", "price,D1G1,,,2024-01-01,1000,1500")
    assert faults_of(await load(stocked, file)) == [("harga.csv", 3, "valid_from", "past_price_is_fixed")]
    assert await everything(stocked) == before


@pytest.mark.requirement("T-21")
@pytest.mark.parametrize("place", [",,", "PMSK,,", ",pareto,"])
async def test_a_new_price_cannot_begin_in_the_past(stocked: Connection, tmp_path: Path, place: str):
    file = prices(tmp_path, f"price,D1G1,{place}2026-11-21T12:00:00+07:00,5000,6500")
    assert faults_of(await load(stocked, file)) == [("harga.csv", 2, "valid_from", "price_would_begin_in_the_past")]


async def test_a_planned_price_may_be_corrected_before_it_begins(stocked: Connection, tmp_path: Path):
    await loaded(stocked, prices(tmp_path, "price,D4G14,,,2026-12-01,24600,26500"))
    shop = await read_catalogue(stocked)
    assert quote(shop, "D4G14", at=NOON + timedelta(days=30)).price_rp == 26_500
    data = await stocked.fetchval("SELECT data FROM audit ORDER BY id DESC LIMIT 1")
    assert [row["suggested_rp"] for row in data["replaced"]] == [27_000]


async def test_one_bad_row_and_nothing_changes(conn: Connection, tmp_path: Path):
    before = await everything(conn)
    lines = SHIPPED.read_text().splitlines()
    lines[40] = lines[40].replace("2024-01-01", "01.01.2024")
    file = tmp_path / "produk.csv"
    file.write_text("\n".join(lines))
    assert faults_of(await load(conn, file)) == [("produk.csv", 41, "valid_from", "not_a_moment")]
    assert await everything(conn) == before


async def test_a_code_keeps_its_kind_and_face_value(stocked: Connection, tmp_path: Path):
    file = tmp_path / "produk.csv"
    file.write_text(
        "row,code,category,kind,name_id,name_en,nominal_rp,active_days,source,quantity,days\n"
        "product,PULSA50,recharge,recharge,Pulsa,Credit,60000,,,,\n"
        "product,D1G1,data,recharge,Data,Data,5000,,,,\n"
    )
    assert [fault[1:] for fault in faults_of(await load(stocked, file))] == [
        (2, "nominal_rp", "fixed_for_ever"),
        (3, "kind", "fixed_for_ever"),
        (3, "nominal_rp", "fixed_for_ever"),
    ]


async def test_a_product_gets_a_new_name_and_new_buckets(stocked: Connection, tmp_path: Path):
    file = tmp_path / "produk.csv"
    file.write_text(
        "row,code,category,kind,name_id,name_en,sort,active_days,source,quantity,days\n"
        "product,KB30,other,package,Kombo baru,New combo,802,30,data,12 GB,30\n"
    )
    report = await loaded(stocked, file)
    assert (report.products, report.prices) == (1, 0)
    product = (await read_catalogue(stocked)).product("KB30")
    assert product is not None
    assert (product.name_en, [bucket.amount for bucket in product.buckets]) == ("New combo", [12 * 1024**3])


async def test_a_missing_file_is_said_so(conn: Connection, tmp_path: Path):
    assert [fault[3] for fault in faults_of(await load(conn, tmp_path / "none.csv"))] == ["unreadable"]


async def test_an_area_that_does_not_exist_is_pointed_out(conn: Connection):
    await conn.execute("INSERT INTO area (code, level, name) VALUES ('SUM', 'area', 'Sumatera')")
    report = await loaded(conn, SHIPPED)
    assert report.unknown_areas == ("JBJB", "JWBL", "PMSK")
    assert "JBJB, JWBL, PMSK" in report.sentences("en")[1]


async def test_the_import_is_audited(stocked: Connection):
    record = await stocked.fetchrow("SELECT at, actor, action, data FROM audit")
    assert (record["at"], record["actor"], record["action"]) == (NOON, "system:0", "catalogue.import")
    assert (record["data"]["file"], record["data"]["version"]) == ("catalogue.csv", 2)
    assert len(record["data"]["products"]) == 82


async def test_two_imports_at_once_write_once(own_db: Pool):
    async def once() -> ImportReport:
        async with own_db.acquire() as connection:
            return await loaded(connection, SHIPPED)

    reports = await asyncio.gather(*(once() for _ in range(3)))
    assert sorted(report.products for report in reports) == [0, 0, 82]
    assert {report.version for report in reports} == {2}


async def change(conn: Connection, code: str, *, is_open: bool) -> Product | Refusal:
    return await set_open(conn, code, is_open=is_open, now=NOON, actor=MANAGER, ids=IdBlocks())


async def test_a_product_can_be_closed_and_opened(stocked: Connection):
    assert isinstance(await change(stocked, "D1G1", is_open=False), Product)
    shop = await read_catalogue(stocked)
    refusal = shop.quote("D1G1", area="", segment="", amount_rp=None, at=NOON, ppn=PPN)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, shop.version) == ("PRODUCT_CLOSED", 3)
    await change(stocked, "D1G1", is_open=True)
    assert quote(await read_catalogue(stocked), "D1G1").price_rp == 6_000
    actions = await stocked.fetch("SELECT action, data->>'product' AS product FROM audit ORDER BY id OFFSET 1")
    assert [tuple(row) for row in actions] == [("catalogue.close", "D1G1"), ("catalogue.open", "D1G1")]


async def test_closing_what_is_closed_changes_nothing(stocked: Connection):
    await change(stocked, "D1G1", is_open=False)
    before = await everything(stocked)
    assert isinstance(await change(stocked, "D1G1", is_open=False), Product)
    assert await everything(stocked) == before


async def test_an_import_leaves_a_closed_product_closed(stocked: Connection):
    await change(stocked, "D1G1", is_open=False)
    report = await loaded(stocked, SHIPPED)
    assert report.products == 0
    product = (await read_catalogue(stocked)).product("D1G1")
    assert product is not None
    assert not product.open


async def test_an_unknown_product_cannot_be_closed(stocked: Connection):
    refusal = await change(stocked, "NONE", is_open=False)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "UNKNOWN_PRODUCT"


async def test_the_shipped_catalogue_needs_few_statements(conn: Connection):
    """A catalogue of any size is written with a fixed number of statements."""
    statements: list[str] = []
    conn.add_query_logger(lambda record: statements.append(record.query))
    await loaded(conn, SHIPPED)
    assert len(statements) <= 25  # some are the driver's own, asking for types


@pytest.mark.requirement("T-21")
async def test_the_statement_itself_does_not_touch_a_begun_price(stocked: Connection):
    """Whatever the decision above it says: a second look at the date stands in the SQL."""
    begun = next(price for price in await queries.read_prices(stocked) if price.product == "D1G1")
    cheaper = msgspec.structs.replace(begun, cost_rp=1)
    assert await queries.write_prices(stocked, rows=[cheaper], now=NOON, actor="staff:7") == 0
    assert quote(await read_catalogue(stocked), "D1G1").cost_rp == 4_700
