"""What recharges and bills are worth, by the examples of the programme."""

from datetime import date, datetime, timedelta

import msgspec
import pytest
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.earning.model import Bill, Recharge, multiplier_of, worth_of_bill, worth_of_month
from konter.platform.clock import WIB

NOVEMBER = date(2026, 11, 1)
RULES = shipped_rules("id-2014")
TODAY = shipped_rules("id-2026")
BRAND = "nusa"


def recharges(*amounts_rp: int, first=datetime(2026, 11, 3, 10, tzinfo=WIB), kind="electronic", brand=BRAND):
    return [
        Recharge(id=n, at=first + timedelta(days=n), face_rp=amount, kind=kind, brand=brand)
        for n, amount in enumerate(amounts_rp)
    ]


def month(made, *, rules=RULES, multiplier=1, poin=None, month=NOVEMBER):
    return worth_of_month(made, month=month, multiplier=multiplier, poin=poin or rules.poin, brands=rules.brand)


@pytest.mark.requirement("P-03", "P-05", "P-09", "G-P01", "G-P03")
@pytest.mark.parametrize(
    ("amounts", "points"),
    [((75_000,), 15), ((20_000, 20_000), 0), ((20_000, 20_000, 10_000), 10), ((49_999,), 0), ((54_999,), 10), ((), 0)],
)
def test_a_month_is_worth_its_sum(amounts, points) -> None:
    assert month(recharges(*amounts)).points == points


@pytest.mark.requirement("P-07")
def test_the_month_ends_at_midnight_in_jakarta() -> None:
    last = recharges(50_000, first=datetime(2026, 11, 30, 23, 59, 59, tzinfo=WIB))
    first = recharges(50_000, first=datetime(2026, 12, 1, tzinfo=WIB))
    assert (month(last).points, month(first).points) == (10, 0)
    assert month(first, month=date(2026, 12, 1)).points == 10


@pytest.mark.requirement("P-10")
def test_nothing_before_the_programme_begins() -> None:
    before = recharges(50_000, first=datetime(2014, 2, 28, 12, tzinfo=WIB))
    assert month(before, month=date(2014, 2, 1)).points == 0


@pytest.mark.requirement("P-12", "G-P10")
def test_reloads_of_a_hybrid_plan_earn_nothing() -> None:
    found = month(recharges(50_000, brand="prima-flex"))
    assert (found.points, found.counted_rp, found.why) == (0, 0, "hybrid_reload")


@pytest.mark.requirement("G-P02")
@pytest.mark.parametrize("kind", ["bonus", "transfer", "reward"])
def test_what_is_no_recharge_counts_for_nothing(kind) -> None:
    assert month(recharges(100_000, kind=kind)).points == 0


@pytest.mark.requirement("P-15", "G-P03")
def test_what_waited_for_the_minimum_is_due_a_day_after_it() -> None:
    made = recharges(30_000, 30_000)
    assert month(made).due_at == made[1].at + timedelta(hours=24)


@pytest.mark.requirement("G-P21")
def test_a_brand_that_is_not_named_earns_nothing() -> None:
    assert month(recharges(100_000, brand="other")).why == "brand"


def test_today_the_tier_multiplies() -> None:
    assert month(recharges(105_000), rules=TODAY, multiplier=3).points == 30


def bill(total_rp: int, *, rules=RULES, multiplier: int = 1, **given):
    made = Bill(
        issued_at=datetime(2026, 11, 5, 2, tzinfo=WIB),
        paid_at=given.pop("paid_at", None),
        period_end=given.pop("period_end", date(2026, 11, 4)),
        total_rp=total_rp,
        net_rp=total_rp * 100 // 111,
        brand="prima",
        **given,
    )
    return worth_of_bill(made, multiplier=multiplier, poin=rules.poin, brands=rules.brand)


@pytest.mark.requirement("P-02", "P-04", "P-08", "G-P05")
@pytest.mark.parametrize(("total", "points"), [(123_456, 48), (49_999, 0), (50_000, 20), (100_000, 40)])
def test_a_bill_is_worth_two_points_for_five_thousand(total: int, points: int) -> None:
    assert bill(total).points == points


@pytest.mark.requirement("P-11", "G-P09")
def test_of_corporate_accounts_only_the_named_segment_earns() -> None:
    assert bill(100_000, segment="corporate_business").points == 40
    assert bill(100_000, segment="corporate_group").why == "segment"


@pytest.mark.requirement("P-14", "G-P06")
def test_a_bill_is_due_three_days_after_rating_or_after_payment() -> None:
    assert bill(100_000).due_at == datetime(2026, 11, 8, 2, tzinfo=WIB)
    assert bill(100_000, rules=TODAY).why == "not_paid"
    paid = datetime(2026, 11, 20, 9, tzinfo=WIB)
    assert bill(100_000, rules=TODAY, paid_at=paid).due_at == paid + timedelta(hours=24)


@pytest.mark.requirement("G-P07")
def test_a_december_bill_of_january_is_of_the_old_year() -> None:
    assert bill(100_000, period_end=date(2026, 12, 31)).vintage == 2026


def test_each_recharge_may_be_rounded_by_itself() -> None:
    poin = msgspec.structs.replace(
        RULES.poin, prepaid=msgspec.structs.replace(RULES.poin.prepaid, rounding_on="recharge")
    )
    assert month(recharges(27_000, 27_000), poin=poin).points == 10


def test_a_month_of_two_plans_counts_what_was_prepaid() -> None:
    made = recharges(60_000) + recharges(40_000, first=datetime(2026, 11, 20, tzinfo=WIB), brand="prima-flex")
    assert (month(made).points, month(made).counted_rp) == (12, 60_000)


def test_without_backfill_only_what_comes_from_the_minimum_on_earns() -> None:
    prepaid = msgspec.structs.replace(RULES.poin.prepaid, backfill_on_minimum=False)
    found = month(recharges(30_000, 25_000, 10_000), poin=msgspec.structs.replace(RULES.poin, prepaid=prepaid))
    assert (found.points, found.basis_rp, found.counted_rp) == (7, 35_000, 65_000)


def test_tier_and_brand_multiply() -> None:
    poin = msgspec.structs.replace(TODAY.poin, brand_multipliers={"nusa": 2})
    names = TODAY.tier.names
    assert [multiplier_of(tier, "nusa", names=names, poin=poin) for tier in names] == [2, 4, 6, 8]
    assert multiplier_of("diamond", "kita", names=names, poin=poin) == 4
    assert multiplier_of("priority", "kita", names=names, poin=poin) == 1


def test_a_cancelled_bill_is_worth_nothing() -> None:
    assert (bill(100_000, cancelled=True).points, bill(100_000, cancelled=True).counted_rp) == (0, 0)
