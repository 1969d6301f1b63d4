"""What a sale costs, by area, segment and date; and what is not sold at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.catalogue.model import Bucket, Catalogue, Category, Price, Product, Quote
from konter.platform.i18n import text
from konter.platform.refusal import Refusal

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
PPN = (132, 1200)
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)


def product(code: str = "PULSA50", **changes: Any) -> Product:
    fields: dict[str, Any] = {
        "code": code,
        "category": "recharge",
        "kind": "recharge",
        "name_id": "Pulsa 50.000",
        "name_en": "Credit 50,000",
        "nominal_rp": 50_000,
        "amount_min_rp": None,
        "amount_max_rp": None,
        "amount_step_rp": None,
        "validity_days": None,
        "open": True,
        "sort": 1,
    }
    return Product(**{**fields, **changes})


FREE = product("BEBAS", nominal_rp=None, amount_min_rp=5_000, amount_max_rp=1_000_000, amount_step_rp=1_000)
PACK = product(
    "D1G1",
    category="data",
    kind="package",
    nominal_rp=None,
    validity_days=1,
    buckets=(Bucket(source="data", asset="BYTES", amount=1, validity_days=1),),
)


def price(code: str = "PULSA50", **changes: Any) -> Price:
    fields: dict[str, Any] = {
        "product": code,
        "area": "",
        "segment": "",
        "valid_from": BEGINNING,
        "cost_rp": 49_500,
        "cost_bp": 0,
        "suggested_rp": 51_500,
        "suggested_bp": 0,
    }
    return Price(**{**fields, **changes})


def catalogue(*prices: Price, products: tuple[Product, ...] = (product(), FREE, PACK)) -> Catalogue:
    categories = [
        Category(code="data", name_id="Data", name_en="Data", sort=20),
        Category(code="recharge", name_id="Pulsa", name_en="Credit", sort=10),
    ]
    return Catalogue(categories, products, prices, 1)


def quote(shop: Catalogue, code: str = "PULSA50", **changes: Any) -> Quote:
    outcome = ask(shop, code, **changes)
    assert isinstance(outcome, Quote), outcome
    return outcome


def refused(shop: Catalogue, code: str, **changes: Any) -> Refusal:
    outcome = ask(shop, code, **changes)
    assert isinstance(outcome, Refusal), outcome
    for locale in ("id", "en"):
        assert text(outcome.sentence_key, locale, **outcome.data)
    return outcome


def ask(shop: Catalogue, code: str, **changes: Any) -> Quote | Refusal:
    where: dict[str, Any] = {"area": "JWBL", "segment": "retail", "amount_rp": None, "at": NOW, "ppn": PPN}
    return shop.quote(code, **{**where, **changes})


@pytest.mark.requirement("D-08")
def test_it_works():
    found = quote(catalogue(price()))
    assert (found.price_rp, found.cost_rp, found.margin_rp, found.nominal_rp) == (51_500, 49_500, 2_000, 50_000)
    assert found.tax_rp == 5_103  # 51,500 * 11 / 111, rounded down
    assert (found.price_valid_from, found.area, found.segment) == (BEGINNING, "", "")


@pytest.mark.requirement("D-08")
def test_the_example_of_the_requirement():
    found = quote(catalogue(price(cost_rp=5_150, suggested_rp=7_000)))
    assert found.margin_rp == 1_850


def test_the_product_itself_may_be_given_instead_of_its_code():
    shop = catalogue(price())
    assert shop.quote(product(), area="", segment="", amount_rp=None, at=NOW, ppn=PPN) == quote(shop)


def test_the_tax_follows_the_rate_of_the_day():
    shop = catalogue(price())
    assert quote(shop, ppn=(10, 100)).tax_rp == 4_681
    assert quote(shop, ppn=(132, 1200)).tax_rp == quote(shop, ppn=(11, 100)).tax_rp == 5_103


def test_a_package_has_no_face_value():
    found = quote(catalogue(price("D1G1", cost_rp=4_700, suggested_rp=6_000)), "D1G1")
    assert (found.nominal_rp, found.price_rp, found.margin_rp) == (0, 6_000, 1_300)


def test_a_free_denomination_is_priced_by_its_amount():
    shop = catalogue(price("BEBAS", cost_rp=250, cost_bp=9_890, suggested_rp=2_000, suggested_bp=10_000))
    found = quote(shop, "BEBAS", amount_rp=55_000)
    assert (found.price_rp, found.cost_rp, found.nominal_rp) == (57_000, 54_645, 55_000)
    assert quote(shop, "BEBAS", amount_rp=56_000).nominal_rp == 56_000


@pytest.mark.parametrize(
    ("amount_rp", "reason"),
    [
        (None, "missing"),
        (0, "below_min"),
        (-50_000, "below_min"),
        (4_000, "below_min"),
        (5_500, "not_in_step"),
        (1_001_000, "above_max"),
    ],
)
def test_an_amount_outside_the_range_is_refused(amount_rp: int | None, reason: str):
    refusal = refused(catalogue(price("BEBAS")), "BEBAS", amount_rp=amount_rp)
    assert (refusal.code, refusal.status, refusal.data["reason"]) == ("AMOUNT_NOT_ALLOWED", 422, reason)


@pytest.mark.parametrize("amount_rp", [5_000, 1_000_000])
def test_both_ends_of_the_range_are_allowed(amount_rp: int):
    assert quote(catalogue(price("BEBAS")), "BEBAS", amount_rp=amount_rp).nominal_rp == amount_rp


@pytest.mark.parametrize("code", ["PULSA50", "D1G1"])
def test_an_amount_for_a_fixed_product_is_refused_even_the_right_one(code: str):
    refusal = refused(catalogue(price(), price("D1G1")), code, amount_rp=50_000)
    assert (refusal.code, refusal.data["reason"]) == ("AMOUNT_NOT_ALLOWED", "fixed")


def test_an_unknown_product_is_refused():
    refusal = refused(catalogue(price()), "' OR 1=1 --")
    assert (refusal.code, refusal.status) == ("UNKNOWN_PRODUCT", 404)


def test_a_closed_product_is_refused():
    refusal = refused(catalogue(price(), products=(product(open=False),)), "PULSA50")
    assert (refusal.code, refusal.status) == ("PRODUCT_CLOSED", 409)


def test_a_product_without_a_price_here_is_refused():
    shop = catalogue(price(area="SUM"))
    assert quote(shop, area="SUM").area == "SUM"
    assert (refused(shop, "PULSA50").code, refused(shop, "PULSA50").status) == ("NO_PRICE", 409)


def test_a_price_that_has_not_begun_is_no_price_yet():
    shop = catalogue(price(valid_from=NOW + timedelta(seconds=1)))
    assert refused(shop, "PULSA50").code == "NO_PRICE"
    assert quote(shop, at=NOW + timedelta(seconds=1)).price_rp == 51_500


@pytest.mark.requirement("T-21")
def test_a_price_changes_at_its_moment_and_not_before():
    december = datetime(2026, 11, 30, 17, tzinfo=UTC)  # 1 December 00:00 in Jakarta
    shop = catalogue(
        price(cost_rp=24_000, suggested_rp=25_000),
        price(cost_rp=25_500, suggested_rp=27_000, valid_from=december),
    )
    assert quote(shop, at=december - timedelta(microseconds=1)).price_rp == 25_000
    assert quote(shop, at=december).price_rp == 27_000
    assert quote(shop, at=december).price_valid_from == december


@pytest.mark.requirement("G-D26")
@pytest.mark.parametrize(
    ("area", "segment", "cost_rp"),
    [
        ("PMSK", "pareto", 4),
        ("PMSK", "retail", 3),
        ("JWBL", "pareto", 2),
        ("JWBL", "retail", 1),
        ("", "", 1),
    ],
)
def test_the_most_exact_price_wins(area: str, segment: str, cost_rp: int):
    newer = NOW - timedelta(days=1)
    shop = catalogue(
        price(cost_rp=1, valid_from=newer),
        price(cost_rp=2, segment="pareto"),
        price(cost_rp=3, area="PMSK"),
        price(cost_rp=4, area="PMSK", segment="pareto"),
    )
    assert quote(shop, area=area, segment=segment).cost_rp == cost_rp


def test_a_more_exact_price_to_come_leaves_the_general_one_in_force_until_then():
    begins = NOW + timedelta(days=3)
    shop = catalogue(price(cost_rp=1), price(cost_rp=2, area="PMSK", valid_from=begins))
    assert quote(shop, area="PMSK").cost_rp == 1
    assert quote(shop, area="PMSK", at=begins).cost_rp == 2


def test_areas_that_nobody_prices_take_no_memory():
    shop = catalogue(price(), price(area="PMSK", segment="pareto"))
    for number in range(50):
        quote(shop, area=f"A{number}", segment=f"s{number}")
    assert len(shop._timelines) == 1


MOMENTS = st.integers(0, 6).map(lambda day: NOW + timedelta(days=day))
PLACES = st.tuples(st.sampled_from(["", "PMSK", "SUM"]), st.sampled_from(["", "pareto", "retail"]))


@given(
    lines=st.dictionaries(st.tuples(PLACES, MOMENTS), st.integers(1, 99_999), max_size=12),
    asked=st.lists(st.tuples(PLACES, MOMENTS), min_size=1, max_size=8),
)
def test_like_a_naive_reading_of_all_prices(
    lines: dict[tuple[tuple[str, str], datetime], int], asked: list[tuple[tuple[str, str], datetime]]
):
    prices = [
        price(area=area, segment=segment, valid_from=begins, cost_rp=cost)
        for ((area, segment), begins), cost in lines.items()
    ]
    shop = catalogue(*prices)
    for (area, segment), at in asked:
        fitting = [
            (row.area != "", row.segment != "", row.valid_from, row.cost_rp)
            for row in prices
            if row.area in ("", area) and row.segment in ("", segment) and row.valid_from <= at
        ]
        outcome = ask(shop, "PULSA50", area=area, segment=segment, at=at)
        if fitting:
            assert isinstance(outcome, Quote)
            assert outcome.cost_rp == max(fitting)[3]
        else:
            assert isinstance(outcome, Refusal)


def test_the_list_is_in_the_shops_order_and_in_the_readers_language():
    shop = catalogue(
        price(), price("BEBAS"), price("D1G1"), products=(PACK, FREE, product(sort=0, name_en="Credit", open=False))
    )
    lines = shop.listing(None, area="JWBL", segment="retail", at=NOW, ppn=PPN, locale="en")
    assert [line.product.code for line in lines] == ["PULSA50", "BEBAS", "D1G1"]
    assert (lines[0].name, lines[0].category_name, lines[0].product.open) == ("Credit", "Credit", False)
    assert lines[0].quote == quote(catalogue(price()))
    assert lines[1].quote is None
    assert [category.code for category in shop.categories] == ["recharge", "data"]


@pytest.mark.requirement("D-11")
def test_the_list_can_be_of_one_category():
    shop = catalogue(price(), price("D1G1"))
    lines = shop.listing("data", area="JWBL", segment="retail", at=NOW, ppn=PPN, locale="id")
    assert [line.product.code for line in lines] == ["D1G1"]
    assert shop.listing("insurance", area="JWBL", segment="retail", at=NOW, ppn=PPN, locale="id") == ()


def test_what_has_no_price_here_is_not_listed():
    shop = catalogue(price(area="SUM"), price("BEBAS", area="SUM"))
    assert shop.listing(None, area="JWBL", segment="retail", at=NOW, ppn=PPN, locale="id") == ()
    assert len(shop.listing(None, area="SUM", segment="retail", at=NOW, ppn=PPN, locale="id")) == 2
