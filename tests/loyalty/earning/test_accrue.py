"""Points on recharges and bills, from the ledger, by the examples of the programme."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, shipped_rulebook, subscription_of, with_value

from konter.loyalty.bills.record import cancel_bills
from konter.loyalty.earning.accrue import OVERLAP
from konter.loyalty.tiers.model import EVER, Cause, Change, Standing
from konter.loyalty.tiers.queries import write_changes
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)
LATER = NOON + timedelta(hours=1)


@pytest.mark.requirement("P-01", "P-03", "P-05", "P-15")
async def test_it_works(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 75_000, at=NOON)
    assert await people.accrue(LATER) == 1
    assert await people.vintages(customer, at=LATER) == {2026: 15}


@pytest.mark.requirement("P-09", "G-P01", "G-P03")
async def test_held_points_come_with_the_recharge_that_reaches_the_minimum(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 20_000, at=NOON)
    await people.recharge(customer, 20_000, at=NOON)
    assert await people.accrue(LATER) == 0
    await people.recharge(customer, 10_000, at=LATER)
    assert await people.accrue(LATER + timedelta(hours=1)) == 1
    assert await people.points(customer, at=LATER) == 10
    for amount in (7_000, 3_000):
        await people.recharge(customer, amount, at=LATER + timedelta(hours=1))
    await people.accrue(LATER + timedelta(hours=2))
    assert await people.points(customer, at=LATER) == 12


@pytest.mark.requirement("P-15", "G-P03")
async def test_points_are_due_a_day_after_the_recharge_that_reached_the_minimum(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    for hours in (0, 1, 40):
        await people.recharge(customer, 30_000, at=NOON + timedelta(hours=hours))
    await people.accrue(NOON + timedelta(hours=41))
    (grant,) = await people.fetch("SELECT points, caused_at, due_at FROM point_grant")
    assert tuple(grant) == (18, NOON + timedelta(hours=1), NOON + timedelta(hours=25))


@pytest.mark.requirement("P-07", "P-16", "P-17", "P-43")
async def test_months_stand_alone_and_add_up_in_their_year(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    for at in (datetime(2026, 11, 30, 23, 59, 59, tzinfo=WIB), datetime(2026, 12, 1, tzinfo=WIB)):
        await people.recharge(customer, 52_500, at=at)
    await people.recharge(customer, 100_000, at=datetime(2027, 1, 1, tzinfo=WIB))
    now = datetime(2027, 1, 2, tzinfo=WIB)
    assert await people.accrue(now) == 3
    assert await people.vintages(customer, at=now) == {2026: 20, 2027: 20}


async def test_a_second_run_changes_nothing(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 75_000, at=NOON)
    await people.accrue(LATER)
    assert await people.accrue(LATER) == 0
    assert await people.accrue(LATER, since=OPENED) == 0
    assert await people.points(customer, at=LATER) == 15


async def test_late_data_of_a_month_that_was_reckoned_grants_the_difference(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 75_000, at=datetime(2026, 9, 3, tzinfo=WIB))
    await people.accrue(LATER)
    await people.recharge(customer, 25_000, at=datetime(2026, 9, 4, tzinfo=WIB))
    assert await people.accrue(LATER + timedelta(hours=1)) == 0  # it was posted long ago, as the books have it
    assert await people.accrue(LATER + timedelta(hours=1), since=datetime(2026, 9, 1, tzinfo=WIB)) == 1
    assert await people.points(customer, at=LATER) == 20


async def test_what_was_committed_after_a_run_and_posted_before_it_is_seen_by_the_next(people: People) -> None:
    """A transaction may take as long as that: its rows tell of its beginning."""
    customer, other = await people.open(at=OPENED, count=2)
    sale = await people.recharge(other, 75_000, at=NOON - timedelta(hours=1))
    await people.accrue(NOON)
    await people.recharge(customer, 75_000, at=NOON - OVERLAP)
    await people.reverse(other, sale, 75_000, at=NOON - OVERLAP)
    assert await people.accrue(NOON + timedelta(minutes=5)) == 2
    assert (await people.points(customer, at=LATER), await people.points(other, at=LATER)) == (15, 0)
    assert timedelta(minutes=15) <= OVERLAP


async def test_what_is_posted_at_the_moment_of_a_run_is_left_to_the_next_and_counted_once(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 75_000, at=NOON)
    assert await people.accrue(NOON) == 0
    assert await people.accrue(NOON + timedelta(minutes=5)) == 1
    assert await people.accrue(NOON + timedelta(minutes=10)) == 0


async def test_to_look_again_from_a_moment_on_passes_over_nothing_before_it(people: People) -> None:
    """No worker ran for two days; then somebody has today looked at again."""
    first, second = await people.open(at=OPENED, count=2)
    await people.recharge(first, 50_000, at=NOON)
    await people.accrue(LATER)
    await people.recharge(second, 75_000, at=LATER + timedelta(days=1))
    now = LATER + timedelta(days=2)
    await people.accrue(now, since=now - timedelta(hours=1))
    await people.accrue(now + timedelta(minutes=5))
    assert await people.points(second, at=now) == 15


@pytest.mark.requirement("G-P02")
async def test_what_was_delivered_late_counts_and_what_is_no_recharge_does_not(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    for kind in ("adjustment", "voucher_recharge", "bonus", "transfer_in"):
        await people.recharge(customer, 50_000, at=NOON, kind=kind)
    await people.accrue(LATER)
    assert await people.points(customer, at=LATER) == 20


@pytest.mark.requirement("P-12", "G-P10", "G-P21")
@pytest.mark.parametrize("brand", ["prima-flex", "prima", "other"])
async def test_reloads_of_other_plans_earn_nothing(people: People, brand: str) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand=brand, kind="postpaid"))
    await people.recharge(customer, 50_000, at=NOON)
    assert await people.accrue(LATER) == 0


@pytest.mark.requirement("P-10", "P-19")
async def test_the_programme_begins_on_the_first_of_march_2014(people: People) -> None:
    customer = subscription_of(await people.open(at=datetime(2014, 1, 1, tzinfo=WIB)))
    await people.recharge(customer, 50_000, at=datetime(2014, 2, 28, 12, tzinfo=WIB))
    await people.recharge(customer, 50_000, at=datetime(2014, 3, 1, tzinfo=WIB))
    await people.recharge(customer, 50_000, at=datetime(2014, 12, 31, 12, tzinfo=WIB))
    await people.accrue(datetime(2015, 1, 1, tzinfo=WIB))
    assert await people.vintages(customer, at=datetime(2015, 3, 31, 23, 59, tzinfo=WIB)) == {2014: 20}
    assert await people.vintages(customer, at=datetime(2015, 4, 1, tzinfo=WIB)) == {}


@pytest.mark.requirement("G-P19")
async def test_a_reversal_takes_back_what_it_earned(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 25_000, at=NOON)
    await people.recharge(customer, 50_000, at=NOON)
    await people.accrue(LATER)
    await people.reverse(customer, sale, 25_000, at=LATER)
    assert await people.accrue(LATER + timedelta(hours=1)) == 1
    assert await people.vintages(customer, at=LATER) == {2026: 10}


@pytest.mark.requirement("P-43", "G-P19")
async def test_a_reversal_in_a_later_month_takes_back_what_the_earlier_one_earned(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 75_000, at=NOON - timedelta(days=60))
    await people.accrue(NOON)
    await people.reverse(customer, sale, 75_000, at=LATER)
    assert await people.accrue(LATER + timedelta(hours=1)) == 1
    assert await people.points(customer, at=LATER) == 0


@pytest.mark.requirement("G-P19")
@pytest.mark.parametrize(("allowed", "moved", "left"), [(True, [15, -15], -12), (False, [15, -3], 0)])
async def test_a_grant_says_what_moved_where_no_debt_may_be_left(
    people: People, *, allowed: bool, moved: list[int], left: int
) -> None:
    people.rulebook = with_value(people.rulebook, "poin.negative_allowed", allowed)
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 75_000, at=NOON)
    await people.accrue(LATER)
    assert await people.spend(customer, 12, at=LATER)
    await people.reverse(customer, sale, 75_000, at=LATER)
    await people.accrue(LATER + timedelta(hours=1))
    assert await people.points(customer, at=LATER) == left
    assert [row["points"] for row in await people.fetch("SELECT points FROM point_grant ORDER BY at")] == moved


@pytest.mark.requirement("P-18", "G-P19")
async def test_points_that_are_over_pay_nothing_back_though_nobody_has_closed_them_yet(people: People) -> None:
    people.rulebook = with_value(people.rulebook, "poin.negative_allowed", value=False)
    customer = subscription_of(await people.open(at=datetime(2025, 1, 5, tzinfo=WIB)))
    await people.recharge(customer, 50_000, at=datetime(2025, 12, 1, tzinfo=WIB))
    await people.accrue(datetime(2025, 12, 2, tzinfo=WIB))
    end = datetime(2026, 4, 1, tzinfo=WIB)
    sale = await people.recharge(customer, 75_000, at=end)
    await people.accrue(end + timedelta(minutes=1))
    assert await people.spend(customer, 12, at=end + timedelta(minutes=1))
    await people.reverse(customer, sale, 75_000, at=end + timedelta(minutes=2))
    await people.accrue(end + timedelta(minutes=3))
    assert await people.points(customer, at=end + timedelta(minutes=4)) == 0
    assert [row["points"] for row in await people.fetch("SELECT points FROM point_grant ORDER BY at")] == [10, 15, -3]


@pytest.mark.requirement("P-02", "P-04", "P-06", "P-08", "G-P07")
@pytest.mark.parametrize(("total_rp", "points"), [(123_456, 48), (49_999, 0), (50_000, 20)])
async def test_a_bill_earns_two_points_for_five_thousand(people: People, total_rp: int, points: int) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    await people.bill(people.msisdns[0], "B-1", total_rp)
    await people.accrue(NOON)
    assert await people.points(customer, at=NOON) == points
    assert await people.accrue(NOON) == 0


@pytest.mark.requirement("P-11", "G-P09")
async def test_of_corporate_accounts_only_the_named_segment_earns(people: People) -> None:
    first, second = await people.open(at=OPENED, brand="prima", kind="postpaid", count=2)
    for msisdn, segment in zip(people.msisdns, ("corporate_business", "corporate_group"), strict=True):
        await people.bill(msisdn, "B-1", 100_000, segment=segment)
    await people.accrue(NOON)
    assert (await people.points(first, at=NOON), await people.points(second, at=NOON)) == (40, 0)


@pytest.mark.requirement("P-12")
async def test_the_bill_of_a_hybrid_plan_earns_and_its_reload_does_not(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima-flex", kind="postpaid"))
    await people.bill(people.msisdns[0], "B-1", 100_000)
    await people.recharge(customer, 50_000, at=NOON)
    await people.accrue(LATER)
    assert await people.points(customer, at=LATER) == 40


@pytest.mark.requirement("P-10", "G-P05")
@pytest.mark.parametrize(("last_day", "points"), [(date(2014, 2, 28), 0), (date(2014, 3, 1), 20)])
async def test_a_bill_earns_whose_period_ends_in_the_programme(people: People, last_day: date, points: int) -> None:
    customer = subscription_of(await people.open(at=datetime(2014, 1, 1, tzinfo=WIB), brand="prima", kind="postpaid"))
    issued = datetime(2014, 3, 2, tzinfo=WIB)
    told = {"period_begin": date(2014, 2, 2), "period_end": last_day, "issued_at": issued, "now": issued}
    await people.bill(people.msisdns[0], "B-1", 50_000, **told)
    await people.accrue(issued + timedelta(hours=1))
    assert await people.points(customer, at=issued) == points


async def test_bills_of_one_customer_are_counted_one_after_another(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    for number in ("B-1", "B-2", "B-3"):
        await people.bill(people.msisdns[0], number, 50_000)
    assert await people.accrue(NOON) == 3
    assert await people.points(customer, at=NOON) == 60


@pytest.mark.requirement("P-37", "G-P15", "G-P25", "G-P27")
async def test_fifty_thousand_in_a_month_make_red_at_once(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 49_999, at=NOON)
    await people.accrue(LATER)
    assert await people.fetch("SELECT FROM tier_member") == []
    await people.recharge(customer, 1, at=LATER)
    await people.accrue(LATER + timedelta(hours=1))
    (held,) = await people.fetch("SELECT subscription_id, tier, since, until, cause FROM tier_member")
    assert tuple(held) == (customer, "red", date(2026, 11, 10), date(2027, 6, 1), "entry")
    (change,) = await people.fetch("SELECT tier_before, tier, spent_rp FROM tier_change")
    assert tuple(change) == ("mass", "red", 50_000)


@pytest.mark.requirement("P-37", "G-P25")
async def test_red_still_comes_of_the_month_before_and_of_none_that_is_older(people: People) -> None:
    older, newer = await people.open(at=OPENED, count=2)
    first = datetime(2026, 11, 1, tzinfo=WIB)
    await people.recharge(older, 60_000, at=first - timedelta(microseconds=1))
    await people.recharge(newer, 60_000, at=first)
    await people.accrue(datetime(2026, 12, 31, 23, 59, tzinfo=WIB))
    found = await people.fetch("SELECT subscription_id, since FROM tier_member")
    assert [tuple(row) for row in found] == [(newer, date(2026, 11, 1))]


@pytest.mark.requirement("P-37")
async def test_what_was_spent_while_a_higher_tier_held_makes_nobody_red_who_fell_since(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.fetch(
        "INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)"
        " VALUES ($1::bigint, $1::bigint & 255, 'mass', '2026-12-01', NULL, '0001-01-01', 'downgrade', 2)",
        customer,
    )
    await people.recharge(customer, 60_000, at=datetime(2026, 11, 30, 23, 59, tzinfo=WIB))
    await people.accrue(datetime(2026, 12, 1, 0, 10, tzinfo=WIB))
    assert [row["tier"] for row in await people.fetch("SELECT tier FROM tier_member")] == ["mass"]


@pytest.mark.requirement("P-37", "G-P10", "G-P28")
async def test_reloads_that_count_and_do_not_earn_make_red_too(people: People) -> None:
    people.rulebook = with_value(people.rulebook, "poin.hybrid.reload_counts", value=True)
    customer = subscription_of(await people.open(at=OPENED, brand="prima-flex", kind="postpaid"))
    await people.recharge(customer, 50_000, at=NOON)
    assert await people.accrue(LATER) == 0
    assert [row["tier"] for row in await people.fetch("SELECT tier FROM tier_member")] == ["red"]


@pytest.mark.requirement("P-37", "G-P25")
async def test_a_cancelled_bill_is_not_the_latest(people: People) -> None:
    await people.open(at=OPENED, brand="prima", kind="postpaid")
    await people.bill(people.msisdns[0], "B-1", 100_000)
    await people.bill(people.msisdns[0], "B-2", 120_000, issued_at=datetime(2026, 11, 5, 2, 30, tzinfo=WIB))
    async with people.db.acquire() as connection:
        await cancel_bills(connection, [(people.msisdns[0], "B-2")], actor=SYSTEM, now=NOON, ids=people.ids)
    await people.accrue(NOON)
    assert [row["tier"] for row in await people.fetch("SELECT tier FROM tier_member")] == ["red"]


@pytest.mark.requirement("P-02", "G-P06")
@pytest.mark.parametrize(
    ("since", "cause", "points"),
    [
        (date(2026, 10, 4), "entry", 80),
        (date(2026, 10, 5), "entry", 40),
        (date(2026, 10, 5), "upgrade", 80),
        (date(2026, 10, 6), "upgrade", 40),
    ],
)
async def test_a_bill_is_multiplied_by_the_tier_with_which_its_period_began(
    people: People, since: date, cause: Cause, points: int
) -> None:
    """The period begins on 5 October; who entered on that day began it with the tier below."""
    people.rulebook = with_value(people.rulebook, "poin.tier_multipliers", [1, 2, 3, 4])
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    red = Standing(tier="red", since=since, until=date(2027, 5, 1), counted_from=EVER, cause=cause)
    change = Change(subscription_id=customer, seq=1, tier_before="mass", standing=red, spent_rp=0)
    async with people.db.acquire() as connection:
        await write_changes(connection, [change], rule="test", at=OPENED)
    await people.bill(people.msisdns[0], "B-1", 100_000)
    await people.accrue(NOON)
    assert await people.points(customer, at=NOON) == points


@pytest.mark.requirement("P-37", "G-P25")
@pytest.mark.parametrize(
    ("older_rp", "newer_rp", "days", "red"),
    [(100_000, 20_000, 1, []), (20_000, 100_000, 1, [date(2026, 11, 6)]), (100_000, 100_000, 0, [date(2026, 11, 5)])],
)
async def test_the_newest_bill_alone_makes_red(
    people: People, older_rp: int, newer_rp: int, days: int, red: list[date]
) -> None:
    await people.open(at=OPENED, brand="prima", kind="postpaid")
    issued = datetime(2026, 11, 5, 2, tzinfo=WIB)
    await people.bill(people.msisdns[0], "B-1", older_rp, issued_at=issued)
    await people.bill(people.msisdns[0], "B-2", newer_rp, issued_at=issued + timedelta(days=days), now=NOON)
    await people.accrue(NOON)
    assert [row["since"] for row in await people.fetch("SELECT since FROM tier_member")] == red


@pytest.mark.requirement("P-37", "G-P15")
async def test_a_bill_that_is_told_a_year_late_makes_nobody_red_until_last_year(people: People) -> None:
    await people.open(at=datetime(2024, 1, 5, tzinfo=WIB), brand="prima", kind="postpaid")
    days = {"period_begin": date(2025, 1, 5), "period_end": date(2025, 2, 4)}
    await people.bill(people.msisdns[0], "B-1", 100_000, issued_at=datetime(2025, 2, 5, tzinfo=WIB), now=NOON, **days)
    await people.accrue(NOON)
    assert await people.fetch("SELECT FROM tier_member") == []


async def test_each_grant_keeps_rule_and_inputs(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 62_000, at=NOON)
    await people.accrue(LATER)
    (grant,) = await people.fetch("SELECT * FROM point_grant WHERE subscription_id = $1", customer)
    said = {key: grant[key] for key in ("points", "worth", "basis_rp", "steps", "step_rp", "per_step", "multiplier")}
    assert said == {
        "points": 12,
        "worth": 12,
        "basis_rp": 62_000,
        "steps": 12,
        "step_rp": 5_000,
        "per_step": 1,
        "multiplier": 1,
    }
    assert (grant["tier"], grant["brand"], grant["vintage"], grant["month"]) == (
        "mass",
        "nusa",
        2026,
        date(2026, 11, 1),
    )
    assert grant["rule"] == people.rulebook.at(NOON).label
    assert (grant["caused_at"], grant["due_at"]) == (NOON, NOON + timedelta(hours=24))


@pytest.mark.requirement("P-15")
async def test_a_grant_is_due_by_the_first_recharge_that_waited_for_it(people: People) -> None:
    """Before the minimum that is the one which reached it; afterwards none hides behind a later one."""
    customer = subscription_of(await people.open(at=OPENED))
    for minutes, amount_rp in ((0, 20_000), (10, 30_000)):
        await people.recharge(customer, amount_rp, at=NOON + timedelta(minutes=minutes))
    await people.accrue(LATER)
    for minutes in (20, 50):
        await people.recharge(customer, 5_000, at=LATER + timedelta(minutes=minutes))
    await people.accrue(LATER + timedelta(hours=1))
    await people.recharge(customer, 5_000, at=LATER + timedelta(minutes=62))
    await people.accrue(LATER + timedelta(minutes=65))  # which sees that of minute 50 once more
    told = [row["caused_at"] for row in await people.fetch("SELECT caused_at FROM point_grant ORDER BY at")]
    assert told == [NOON + timedelta(minutes=10), LATER + timedelta(minutes=20), LATER + timedelta(minutes=62)]


async def test_another_programme_from_a_date_on_by_data_alone(people: People) -> None:
    people.rulebook = shipped_rulebook("id-2014", "id-2026", since=datetime(2026, 11, 1, tzinfo=WIB))
    customer = subscription_of(await people.open(at=OPENED))
    for month in (10, 11):
        await people.recharge(customer, 100_000, at=datetime(2026, month, 10, tzinfo=WIB))
    await people.accrue(NOON)
    assert [
        tuple(row) for row in await people.fetch("SELECT month, points, step_rp FROM point_grant ORDER BY month")
    ] == [
        (date(2026, 10, 1), 20, 5_000),
        (date(2026, 11, 1), 10, 10_000),
    ]
    assert await people.points(customer, at=NOON) == 30
