"""Tiers by the examples of the programme."""

from datetime import date

import msgspec
import pytest
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.tiers.model import (
    Standing,
    average,
    earned_tier,
    enter,
    entries,
    evaluate,
    full_months,
    migrate,
    month_of,
    next_evaluation,
    valid_until,
)

TIER = shipped_rules("id-2014").tier
TODAY = shipped_rules("id-2026").tier


def standing(tier: str, since: date, until: date | None = None) -> Standing:
    return Standing(tier=tier, since=since, until=until, counted_from=date(2020, 1, 1), cause="upgrade")


@pytest.mark.requirement("P-34", "G-P27")
@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 3, 10), date(2026, 10, 1)),
        (date(2026, 8, 31), date(2027, 3, 1)),
        (date(2026, 12, 1), date(2027, 6, 1)),
    ],
)
def test_six_months_are_rounded_up_to_the_months_end(since: date, until: date) -> None:
    assert valid_until(since, 6, TIER) == until


@pytest.mark.requirement("P-32")
@pytest.mark.parametrize(
    ("today", "then"),
    [
        (date(2026, 11, 28), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_next_evaluation(today: date, then: date) -> None:
    assert next_evaluation(TIER, today) == then


def test_unrounded_a_day_that_the_month_has_not_is_its_end() -> None:
    tier = msgspec.structs.replace(TIER, validity_round_up="none")
    assert valid_until(date(2026, 8, 31), 6, tier) == date(2027, 3, 1)
    assert valid_until(date(2026, 3, 10), 6, tier) == date(2026, 9, 10)


@pytest.mark.requirement("P-33", "G-P12")
def test_the_average_is_always_a_sixth_of_the_sum() -> None:
    assert average([100_000] * 6, TIER) == 100_000
    assert average([900_000, 900_000], TIER) == 300_000
    assert average([5_000_000, *[100_000] * 6], TIER) == 100_000


@pytest.mark.requirement("P-34", "G-P11", "G-P27")
def test_the_leap_day() -> None:
    leap = date(2028, 2, 29)
    assert (valid_until(leap, 6, TIER), valid_until(leap, 12, TIER)) == (date(2028, 9, 1), date(2029, 3, 1))
    exact = msgspec.structs.replace(TIER, validity_round_up="none")
    assert (valid_until(leap, 12, exact), valid_until(date(2027, 8, 29), 6, exact)) == (date(2029, 3, 1), leap)
    assert [full_months(leap, date(2029, *day)) for day in ((2, 28), (3, 1))] == [11, 12]
    assert (month_of(leap, 12), month_of(leap, -48)) == (date(2029, 2, 1), date(2024, 2, 1))


@pytest.mark.requirement("P-31", "G-P11")
@pytest.mark.parametrize(
    ("average_rp", "tier"),
    [
        (49_999, "mass"),
        (50_000, "red"),
        (299_999, "red"),
        (300_000, "gold"),
        (999_999, "gold"),
        (1_000_000, "priority"),
    ],
)
def test_thresholds_are_met_by_the_rupiah(average_rp: int, tier: str) -> None:
    assert earned_tier(average_rp, 0, TIER) == tier


def test_the_highest_tier_of_today_asks_for_time() -> None:
    assert (earned_tier(1_000_000, 5, TODAY), earned_tier(1_000_000, 6, TODAY)) == ("platinum", "diamond")


@pytest.mark.requirement("P-32", "P-35", "G-P13")
def test_a_rise_does_not_wait_for_the_end_and_begins_six_months() -> None:
    red = standing("red", date(2026, 1, 1), date(2026, 7, 1))
    risen = evaluate(red, [900_000, 900_000], on=date(2026, 3, 1), tenure_months=2, tier=TIER)
    assert risen is not None
    assert (risen.tier, risen.until, risen.cause) == ("gold", date(2026, 9, 1), "upgrade")


@pytest.mark.requirement("P-36", "G-P14")
def test_a_fall_waits_for_the_end_and_goes_to_what_is_earned() -> None:
    gold = standing("gold", date(2026, 1, 1), date(2026, 7, 1))
    assert evaluate(gold, [60_000] * 6, on=date(2026, 6, 1), tenure_months=30, tier=TIER) is None
    fallen = evaluate(gold, [60_000] * 6, on=date(2026, 7, 1), tenure_months=30, tier=TIER)
    assert fallen is not None
    assert (fallen.tier, fallen.until, fallen.cause) == ("red", date(2027, 1, 1), "downgrade")
    lowest = evaluate(gold, [], on=date(2026, 7, 1), tenure_months=30, tier=TIER)
    assert lowest is not None
    assert (lowest.tier, lowest.until) == ("mass", None)
    kept = evaluate(gold, [300_000] * 6, on=date(2026, 7, 1), tenure_months=30, tier=TIER)
    assert kept is not None
    assert (kept.tier, kept.until, kept.cause) == ("gold", date(2027, 1, 1), "renewal")


def test_by_another_rule_a_fall_is_of_one_step() -> None:
    tier = msgspec.structs.replace(TIER, downgrade_to="one_below")
    top = standing("priority", date(2026, 1, 1), date(2026, 7, 1))
    fallen = evaluate(top, [], on=date(2026, 7, 1), tenure_months=30, tier=tier)
    assert fallen is not None
    assert fallen.tier == "gold"


@pytest.mark.requirement("P-37", "G-P15", "G-P25")
def test_mass_becomes_red_at_once() -> None:
    mass = standing("mass", date(2026, 1, 1))
    assert enter(mass, 49_999, on=date(2026, 3, 10), tier=TIER) is None
    red = enter(mass, 50_000, on=date(2026, 3, 10), tier=TIER)
    assert red is not None
    assert (red.tier, red.until, red.cause) == ("red", date(2026, 10, 1), "entry")
    assert enter(red, 5_000_000, on=date(2026, 3, 11), tier=TIER) is None


@pytest.mark.requirement("P-37", "G-P15", "G-P27")
@pytest.mark.parametrize(
    ("today", "first"), [(date(2026, 11, 30), date(2026, 5, 2)), (date(2026, 12, 1), date(2026, 6, 2))]
)
def test_entries_of_all_days_that_are_not_over_today(today: date, first: date) -> None:
    """Red of 1 June is over on 1 December, of the day after a month later."""
    found = entries(shipped_rules("id-2014"), today).until
    assert (min(found), max(found)) == (first, today)
    assert len(found) == (today - first).days + 1


@pytest.mark.requirement("P-37", "G-P25")
def test_entries_since_a_day() -> None:
    today = date(2026, 12, 10)
    found = entries(shipped_rules("id-2014"), today, since=date(2026, 11, 1)).until
    assert (min(found), max(found)) == (date(2026, 11, 1), today)


@pytest.mark.requirement("P-39", "P-40", "G-P16")
def test_who_becomes_postpaid_keeps_the_tier_and_counts_anew() -> None:
    moved = migrate(standing("gold", date(2026, 1, 1), date(2026, 7, 1)), on=date(2026, 4, 10), tier=TIER)
    assert (moved.tier, moved.until, moved.counted_from) == ("gold", date(2026, 11, 1), date(2026, 4, 10))
