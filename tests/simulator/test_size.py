"""How large a synthetic operator may be, how its parts are cut, and what a build says of itself."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.conftest import NOON

from konter.platform.i18n import Locale, text
from konter.simulator.operator import model
from konter.simulator.operator.model import SIZES, Size, size_of
from konter.simulator.operator.people import _numbers
from konter.simulator.operator.phases import Phase
from konter.simulator.watch import watched

MIDNIGHT = datetime(2026, 3, 1, 17, tzinfo=UTC)
counts = st.integers(1, 2_000)


@pytest.mark.parametrize("name", list(SIZES))
def test_every_named_size_can_be_built(name: str) -> None:
    assert SIZES[name].refusal() is None


def test_the_customer_whom_the_demo_names_reads_indonesian() -> None:
    size = Size(outlets=20, subscribers=2_000, sales=0)
    for seed in range(200):
        (customer,) = _numbers(size, seed, MIDNIGHT, range(size.own_numbers, size.own_numbers + 1))
        assert customer.locale == "id", seed


def test_the_full_size_is_that_of_an_operator() -> None:
    full = SIZES["full"]
    assert (full.outlets, full.subscribers) == (5_000, 1_600_000)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (Size(outlets=0, sales=0), "--outlets must be from 1 to 100.000, not 0."),
        (Size(outlets=-5, sales=0), "--outlets must be from 1 to 100.000, not -5."),
        (Size(subscribers=0), "--subscribers must be from 1 to 50.000.000, not 0."),
        (Size(subscribers=50_000_001), "--subscribers must be from 1 to 50.000.000, not 50.000.001."),
        (Size(sales=-1), "--sales must be from 0 to 150.000, not -1."),
        (
            Size(outlets=2, sales=1_001),
            "The wallets of 2 outlets pay for 1.000 sales, not 1.001. Ask for fewer --sales",
        ),
    ],
)
def test_a_size_that_cannot_be_is_refused_with_its_bounds(size: Size, sentence: str) -> None:
    refusal = size.refusal()
    assert refusal is not None
    assert text(refusal.sentence_key, "en", **refusal.data).startswith(sentence)
    assert text(refusal.sentence_key, "id", **refusal.data) != text(refusal.sentence_key, "en", **refusal.data)


def test_as_many_sales_as_the_wallets_can_pay_are_not_refused() -> None:
    assert Size(outlets=2, sales=1_000).refusal() is None


def test_what_is_not_said_stays_as_the_named_size_has_it() -> None:
    nothing = {"outlets": None, "subscribers": None, "sales": None}
    assert size_of(None, **nothing) is None
    assert size_of("full", **nothing) == SIZES["full"]
    assert size_of(None, **{**nothing, "subscribers": 70}) == Size(subscribers=70)
    assert size_of("full", **{**nothing, "sales": 5}) == Size(outlets=5_000, subscribers=1_600_000, sales=5)


def test_other_outlets_sell_as_much_each_unless_the_sales_are_given() -> None:
    assert size_of(None, outlets=3, subscribers=None, sales=None) == Size(outlets=3, sales=1_000)
    assert size_of(None, outlets=3, subscribers=None, sales=7) == Size(outlets=3, sales=7)


@given(whole=st.integers(0, 2_000), parts=st.integers(1, 9))
def test_shares_are_the_whole_and_nearly_the_same(whole: int, parts: int) -> None:
    shares = [model.share(whole, part, parts) for part in range(parts)]
    assert [each for part in shares for each in part] == list(range(whole))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(outlets=counts, customers=counts)
def test_every_outlet_has_neighbours_and_the_last_customer_has_an_outlet(outlets: int, customers: int) -> None:
    near = [model.neighbourhood(place, outlets, range(100, 100 + customers)) for place in range(outlets)]
    assert all(0 < len(each) <= model.NEIGHBOURS for each in near)
    assert near[0].start == 100
    assert outlets == 1 or near[-1].stop == 100 + customers


def test_with_a_customer_for_each_outlet_nobody_is_out_of_reach() -> None:
    size = SIZES["full"]
    reached = {place for each in range(500) for place in model.neighbourhood(each, 500, range(160_000))}
    assert size.subscribers // size.outlets == 160_000 // 500
    assert len(reached) == 160_000


def test_outlets_are_open_from_seven_and_only_hours_that_are_over_count() -> None:
    hours = model.open_hours(MIDNIGHT, 2, MIDNIGHT + timedelta(days=1, hours=9, minutes=30))
    assert len(hours) == len(model.OPEN_HOURS) + 2
    assert hours[0] == MIDNIGHT + timedelta(hours=7)
    assert hours[-1] == MIDNIGHT + timedelta(days=1, hours=8)


@given(count=st.integers(0, 5_000))
def test_the_sales_of_an_hour_fall_into_batches_within_it(count: int) -> None:
    batches = model.moments(NOON, count)
    assert sum(each for _, each in batches) == count
    assert all(0 < each <= model.SALES_PER_BATCH_MAX for _, each in batches)
    assert all(NOON <= at < NOON + timedelta(hours=1) for at, _ in batches)
    assert [at for at, _ in batches] == sorted({at for at, _ in batches})


def test_what_people_wish_for_comes_from_the_shelf_and_the_neighbourhood() -> None:
    random = Random(7)
    wishes = [model.wish(random, ["PAKET"], range(50, 60)) for _ in range(500)]
    assert {product for product, _ in wishes} == {"PAKET", *model.RECHARGES}
    assert {msisdn for _, msisdn in wishes} == {model.synthetic_msisdn(place) for place in range(50, 60)}


PHASES = [
    Phase(step="subscribers", count=1_615_000, rows=4_845_000, time_s=20.04),
    Phase(step="sales", count=1_000_000, rows=11_000_000, time_s=99.96),
]


@pytest.mark.parametrize(("locale", "head", "foot"), [("en", "rows/s", "In all"), ("id", "baris/detik", "Seluruhnya")])
def test_the_figures_of_each_step_and_of_all(locale: Locale, head: str, foot: str) -> None:
    console = Console(width=100, file=StringIO())
    with watched(console, locale) as watch:
        for phase in PHASES:
            watch.progress(phase.step, 0, phase.count)
            watch.progress(phase.step, phase.count, phase.count)
            watch.over(phase)
    lines = console.file.getvalue().splitlines()
    assert lines[-4].split()[-1] == head
    assert lines[-3].split()[-5:] == ["1.615.000", "4.845.000", "20,0", "s", "241.766"]
    assert lines[-1].split() == [*foot.split(), "15.845.000", "120,0", "s", "132.042"]


def test_where_nothing_was_built_there_are_no_figures() -> None:
    console = Console(width=100, file=StringIO())
    with watched(console, "en"):
        pass
    assert "rows" not in console.file.getvalue()
