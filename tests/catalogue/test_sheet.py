"""A catalogue file is read as people write it, or refused with line and column."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.catalogue.plan import Plan, Standing, plan_import
from konter.catalogue.rows import Draft, read_rows
from konter.catalogue.sheet import Fault, SheetRow, read_sheet

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
EMPTY = Standing(categories={}, products={}, prices={}, areas=frozenset())
HEADER = (
    "row,code,category,kind,name_id,name_en,sort,nominal_rp,min_rp,max_rp,step_rp,active_days,open,"
    "source,quantity,days,area,segment,valid_from,cost_rp,cost_pct,price_rp,price_pct"
)
COLUMNS = HEADER.split(",")


def line(row: str, code: str, **cells: str) -> str:
    values = {"row": row, "code": code, **cells}
    assert not values.keys() - set(COLUMNS)
    return ",".join(f'"{values[column]}"' if column in values else "" for column in COLUMNS)


CATEGORY = line("category", "data", name_id="Data", name_en="Data", sort="10")
PACK = {"category": "data", "kind": "package", "name_id": "Data 1 GB", "name_en": "Data 1 GB", "active_days": "1"}
BUCKET = {"source": "data", "quantity": "1 GB", "days": "1"}
PRICE = {"valid_from": "2026-01-01", "cost_rp": "4700", "price_rp": "6000"}
RECHARGE = {"category": "data", "kind": "recharge", "name_id": "Pulsa", "name_en": "Credit"}


def drafted(text: str | bytes) -> Draft | list[Fault]:
    rows = read_sheet(text.encode() if isinstance(text, str) else text, "produk.csv")
    if faults := [row for row in rows if isinstance(row, Fault)]:
        return faults
    return read_rows(row for row in rows if isinstance(row, SheetRow))


def faults_of(*lines: str | bytes) -> list[tuple[int, str, str]]:
    raw = b"\n".join(entry if isinstance(entry, bytes) else entry.encode() for entry in lines)
    found = drafted(raw)
    planned = plan_import(found, EMPTY, now=NOW, discount_pct_max=2) if isinstance(found, Draft) else found
    assert isinstance(planned, list)
    for fault in planned:
        assert fault.file == "produk.csv"
        assert fault.sentence("id") != fault.sentence("en")
        assert f"{fault.line}" in fault.sentence("id")
        assert fault.column in fault.sentence("en")
    return [(fault.line, fault.column, fault.reason) for fault in planned]


def planned(*lines: str) -> Plan:
    found = drafted("\n".join(lines))
    assert isinstance(found, Draft), found
    plan = plan_import(found, EMPTY, now=NOW, discount_pct_max=2)
    assert isinstance(plan, Plan), plan
    return plan


def test_it_works():
    plan = planned(HEADER, CATEGORY, line("product", "D1", **PACK, **BUCKET, **PRICE, area="PMSK", segment="retail"))
    (product,), (price,) = plan.products, plan.prices
    assert (product.code, product.validity_days, product.open) == ("D1", 1, True)
    assert [(bucket.source, bucket.asset, bucket.amount) for bucket in product.buckets] == [("data", "BYTES", 1024**3)]
    assert (price.area, price.segment, price.cost_rp, price.suggested_rp) == ("PMSK", "retail", 4700, 6000)
    assert price.valid_from == datetime(2025, 12, 31, 17, tzinfo=UTC)
    assert plan.unknown_areas == ("PMSK",)


def test_more_buckets_and_prices_stand_in_rows_of_their_own():
    plan = planned(
        HEADER,
        CATEGORY,
        line("product", "D1", **PACK, **BUCKET),
        line("bucket", "D1", source="voice", quantity="60 min", days="7"),
        line("price", "D1", **PRICE),
        line("price", "D1", **PRICE | {"valid_from": "2026-12-01"}),
    )
    assert [(bucket.asset, bucket.amount) for bucket in plan.products[0].buckets] == [
        ("BYTES", 2**30),
        ("SECONDS", 3600),
    ]
    assert len(plan.prices) == 2


@pytest.mark.requirement("D-61")
def test_a_new_kind_of_product_is_data():
    insurance = line("category", "insurance", name_id="Asuransi", name_en="Insurance")
    cells = PACK | {"category": "insurance", "source": "hospital-cash", "quantity": "30 days", "days": "30"}
    plan = planned(HEADER, insurance, line("product", "AS30", **cells, **PRICE))
    assert (plan.categories[0].name_en, plan.products[0].category) == ("Insurance", "insurance")
    assert plan.products[0].buckets[0].asset == "DAYS"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace("\n", "\n\n# a note, with commas\n,,,\n"),
        lambda text: text.replace('"', ""),
    ],
)
def test_as_spreadsheets_write_it(change):
    text = "\n".join([HEADER, CATEGORY, line("product", "D1", **PACK, **BUCKET, **PRICE)])
    assert planned(*change(text).split("\n")) == planned(text)


def test_a_quoted_comma_is_part_of_the_name():
    plan = planned(HEADER, CATEGORY, line("product", "D1", **PACK | {"name_id": "Data 1 GB, 1 hari"}, **BUCKET))
    assert plan.products[0].name_id == "Data 1 GB, 1 hari"


def test_columns_may_come_in_any_order_and_number():
    text = "code,row,name_en,name_id\ndata,category,Data,Kuota\n"
    assert planned(*text.split("\n")).categories[0].name_id == "Kuota"


@pytest.mark.parametrize(
    ("written", "asset", "amount"),
    [
        ("1 GB", "BYTES", 1_073_741_824),
        ("1.5GB", "BYTES", 1_610_612_736),
        ("1,5 gb", "BYTES", 1_610_612_736),
        ("500 MB", "BYTES", 524_288_000),
        ("60 menit", "SECONDS", 3_600),
        ("45 s", "SECONDS", 45),
        ("100 SMS", "MESSAGES", 100),
        ("30 hari", "DAYS", 30),
    ],
)
def test_quantities_as_people_write_them(written: str, asset: str, amount: int):
    plan = planned(HEADER, CATEGORY, line("product", "D1", **PACK, **BUCKET | {"quantity": written}))
    assert (plan.products[0].buckets[0].asset, plan.products[0].buckets[0].amount) == (asset, amount)


@pytest.mark.parametrize("written", ["1", "GB", "0 GB", "-1 GB", "1.000.000 MB", "1 TB", "1,5 SMS", "0.3 B", "1e3 MB"])
def test_a_quantity_that_is_none(written: str):
    row = line("product", "D1", **PACK, **BUCKET | {"quantity": written})
    assert (3, "quantity", "not_a_quantity") in faults_of(HEADER, CATEGORY, row)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"name_id": ""}, "name_id", "blank"),
        ({"name_id": "x" * 61}, "name_id", "name_too_long"),
        ({"name_en": "Data \N{FIRE}"}, "name_en", "not_plain"),
        ({"name_en": "Data\x07"}, "name_en", "not_plain"),
        ({"category": "games"}, "category", "unknown_category"),
        ({"category": "Data!"}, "category", "not_a_code"),
        ({"kind": "bundle"}, "kind", "unknown_kind"),
        ({"kind": ""}, "kind", "blank"),
        ({"active_days": ""}, "active_days", "blank"),
        ({"active_days": "0"}, "active_days", "out_of_range"),
        ({"active_days": "4000"}, "active_days", "out_of_range"),
        ({"active_days": "7.5"}, "active_days", "not_whole"),
        ({"open": "maybe"}, "open", "not_yes_or_no"),
        ({"min_rp": "1000"}, "min_rp", "only_for_recharge"),
        ({"source": "Data Utama"}, "source", "not_a_code"),
        ({"source": "", "quantity": "", "days": ""}, "source", "package_without_bucket"),
        ({"days": ""}, "days", "blank"),
        ({"source": "validity"}, "quantity", "validity_is_days"),
        ({"cost_rp": "4.700"}, "cost_rp", "not_whole"),
        ({"cost_rp": "Rp4700"}, "cost_rp", "not_whole"),
        ({"cost_rp": "-1"}, "cost_rp", "out_of_range"),
        ({"cost_rp": "9" * 16}, "cost_rp", "out_of_range"),
        ({"cost_rp": "\u0664\u0667"}, "cost_rp", "not_whole"),
        ({"cost_rp": ""}, "cost_rp", "blank"),
        ({"cost_rp": "0"}, "cost_rp", "blank"),
        ({"price_rp": ""}, "price_rp", "blank"),
        ({"cost_pct": "98.5"}, "cost_pct", "only_for_free_denomination"),
        ({"cost_pct": "about 98"}, "cost_pct", "not_a_percentage"),
        ({"price_rp": "4699"}, "price_rp", "below_cost"),
        ({"valid_from": ""}, "valid_from", "blank"),
        ({"valid_from": "01/12/2026"}, "valid_from", "not_a_moment"),
        ({"valid_from": "2026-02-30"}, "valid_from", "not_a_moment"),
        ({"valid_from": "2026-12-01T00:00:00"}, "valid_from", "naive_moment"),
        ({"valid_from": "0001-01-01"}, "valid_from", "year_out_of_range"),
        ({"valid_from": "20262026-1"}, "valid_from", "not_a_moment"),
        ({"valid_from": "2026-W49-1"}, "valid_from", "not_a_moment"),
        ({"valid_from": "20261201T000000+0700"}, "valid_from", "not_a_moment"),
        ({"area": "jawa barat"}, "area", "not_a_code"),
        ({"segment": "Big Pareto"}, "segment", "not_a_code"),
    ],
)
def test_a_wrong_cell_is_named(cells: dict[str, str], column: str, reason: str):
    wrong = line("product", "D1", **PACK | BUCKET | PRICE | cells)
    assert faults_of(HEADER, CATEGORY, wrong) == [(3, column, reason)]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({}, "nominal_rp", "blank"),
        ({"nominal_rp": "50000", "min_rp": "1", "max_rp": "2", "step_rp": "1"}, "nominal_rp", "fixed_or_free"),
        ({"min_rp": "5000", "max_rp": "10000"}, "min_rp", "range_not_whole"),
        ({"min_rp": "10000", "max_rp": "5000", "step_rp": "1000"}, "max_rp", "range_does_not_fit"),
        ({"min_rp": "5000", "max_rp": "10500", "step_rp": "1000"}, "max_rp", "range_does_not_fit"),
        ({"nominal_rp": "0"}, "nominal_rp", "out_of_range"),
        ({"nominal_rp": "50000", **BUCKET}, "source", "only_for_package"),
        ({"nominal_rp": "50000", **PRICE, "cost_rp": "48999", "price_rp": "51000"}, "cost_rp", "discount_too_deep"),
    ],
)
@pytest.mark.requirement("G-D26")
def test_a_recharge_that_does_not_fit(cells: dict[str, str], column: str, reason: str):
    assert faults_of(HEADER, CATEGORY, line("product", "P50", **RECHARGE | cells)) == [(3, column, reason)]


@pytest.mark.requirement("G-D26")
def test_the_whole_discount_that_is_allowed():
    cells = {"nominal_rp": "50000", **PRICE, "cost_rp": "49000", "price_rp": "49000"}
    assert planned(HEADER, CATEGORY, line("product", "P50", **RECHARGE | cells)).prices[0].cost_rp == 49_000


def test_a_free_range_is_checked_at_both_ends():
    cells = {"min_rp": "5000", "max_rp": "10000", "step_rp": "1000", **PRICE}
    low = cells | {"cost_rp": "0", "cost_pct": "97,99", "price_rp": "0", "price_pct": "100"}
    assert faults_of(HEADER, CATEGORY, line("product", "F", **RECHARGE | low)) == [(3, "cost_rp", "discount_too_deep")]
    loss = cells | {"cost_rp": "0", "cost_pct": "101", "price_rp": "60", "price_pct": "100"}
    assert faults_of(HEADER, CATEGORY, line("product", "F", **RECHARGE | loss)) == [(3, "price_rp", "below_cost")]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([line("bundle", "X")], (2, "row", "unknown_row")),
        ([line("", "X")], (2, "row", "blank")),
        ([line("category", "data", name_id="A", name_en="A", cost_rp="5")], (2, "cost_rp", "not_for_this_row")),
        ([line("price", "NONE", **PRICE)], (2, "code", "unknown_product")),
        ([line("bucket", "NONE", **BUCKET)], (2, "code", "bucket_without_product")),
        ([CATEGORY, CATEGORY], (3, "code", "stated_twice")),
        ([CATEGORY, *[line("product", "D1", **PACK, **BUCKET)] * 2], (4, "code", "stated_twice")),
        (
            [CATEGORY, line("product", "D1", **PACK, **BUCKET), line("bucket", "D1", **BUCKET)],
            (4, "source", "bucket_twice"),
        ),
        (
            [CATEGORY, line("product", "D1", **PACK, **BUCKET, **PRICE), line("price", "D1", **PRICE)],
            (4, "valid_from", "stated_twice"),
        ),
        ([CATEGORY + ",,more"], (2, "", "too_many_cells")),
        (['category,"never closed,,'], (2, "", "broken_quotes")),
        ([CATEGORY, b'category,\xff,,"'], (3, "", "not_utf8")),
    ],
)
def test_a_row_that_does_not_fit(rows: list[str | bytes], fault: tuple[int, str, str]):
    assert fault in faults_of(HEADER, *rows)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, "", "empty_file")),
        ("row,code,colour\n", (1, "colour", "unknown_column")),
        ("row,code,code\n", (1, "code", "column_twice")),
        ("row,name_id\n", (1, "code", "column_missing")),
        ("\x00\x01\x02", (1, "row", "column_missing")),
        ("x" * 9_000_000, (1, "", "too_large")),
    ],
)
def test_a_file_that_is_no_catalogue(text: str, fault: tuple[int, str, str]):
    assert fault in faults_of(text)


def test_the_line_is_right_after_a_cell_with_line_ends():
    rows = [HEADER, CATEGORY, "", '# a note,"over', 'two lines"', line("price", "NONE", **PRICE)]
    assert faults_of(*rows) == [(6, "code", "unknown_product")]


def test_every_fault_is_told_in_the_order_of_the_file():
    first = line("product", "D1", **PACK | {"active_days": "x"}, **BUCKET, **PRICE | {"cost_rp": "x"})
    second = line("product", "D2", **PACK, **BUCKET, **PRICE | {"price_rp": "x"})
    assert faults_of(HEADER, CATEGORY, first, second) == [
        (3, "active_days", "not_whole"),
        (3, "cost_rp", "not_whole"),
        (4, "price_rp", "not_whole"),
    ]


CELLS = st.text(alphabet=st.sampled_from('abcABC019,;"\n\r\t .-:%#\x00\u00e9\ufeff'), max_size=12) | st.sampled_from(
    ["category", "product", "bucket", "price", "data", "D1", "2026-12-01", "0001-01-01", "1 GB", "9" * 15, "100"]
)


@given(rows=st.lists(st.lists(CELLS, max_size=25), max_size=5), quoted=st.booleans())
def test_whatever_is_written_the_answer_is_faults_or_a_plan(*, rows: list[list[str]], quoted: bool):
    lines = [",".join(f'"{cell}"' if quoted else cell for cell in cells) for cells in rows]
    found = drafted("\n".join([HEADER, CATEGORY, *lines]))
    if isinstance(found, Draft):
        plan_import(found, EMPTY, now=NOW, discount_pct_max=2)


@given(raw=st.binary(max_size=60))
def test_bytes_that_are_no_file_at_all(raw: bytes):
    assert drafted(raw) is not None
