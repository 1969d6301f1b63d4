"""The day of the evaluation: what came before it on that day is looked at once more."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, shipped_rulebook, subscription_of

from konter.loyalty.earning.accrue import accrue_recharges
from konter.loyalty.monthly import evaluate_month
from konter.platform.clock import WIB

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
DAY = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=WIB)
DUE = MIDNIGHT + timedelta(minutes=5)


def minute(number: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=number)


async def evaluated(people: People, **given) -> dict[str, int]:
    return dict(await evaluate_month(people.db, DAY, due=DUE, rulebook=people.rulebook, ids=people.ids, **given))


@pytest.mark.requirement("P-32", "G-P26")
async def test_what_was_granted_with_the_tier_of_the_day_before_gets_the_rest(people: People) -> None:
    people.rulebook = shipped_rulebook("id-2026")
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 300_000, at=datetime(2026, 11, 10, tzinfo=WIB))
    await people.accrue(minute(0))
    before = await people.points(customer, at=MIDNIGHT)
    for number in (2, 20):
        await people.recharge(customer, 50_000, at=minute(number))
    await people.accrue(DUE)
    # The evaluation takes so long that another worker has granted for a recharge of twenty past with the old tier.
    await accrue_recharges(people.db, now=minute(25), rulebook=people.rulebook, ids=people.ids)
    assert await people.points(customer, at=DUE) == before + 10
    assert await evaluated(people, clock=lambda: minute(30)) == {"upgrade": 1}
    assert await people.points(customer, at=DUE) == before + 20
    assert await evaluated(people, clock=lambda: minute(31)) == {}
    assert await people.points(customer, at=DUE) == before + 20


@pytest.mark.requirement("P-35", "P-37")
async def test_whose_tier_ends_that_day_enters_again_by_a_bill_of_that_day(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    await people.fetch(
        "INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)"
        " VALUES ($1::bigint, $1::bigint & 255, 'red', '2026-06-01', $2, '0001-01-01', 'entry', 1)",
        customer,
        DAY,
    )
    told = {"period_begin": date(2026, 11, 1), "period_end": date(2026, 11, 30)}
    await people.bill(people.msisdns[0], "B-1", 60_000, issued_at=minute(2), now=minute(3), **told)
    await people.accrue(DUE)
    assert await evaluated(people) == {"downgrade": 1}
    rows = await people.fetch("SELECT tier, since, cause FROM tier_member WHERE subscription_id = $1", customer)
    assert [tuple(row) for row in rows] == [("red", DAY, "entry")]
    assert [row["points"] for row in await people.fetch("SELECT points FROM point_grant")] == [24]


@pytest.mark.requirement("P-32", "P-33", "P-36")
async def test_a_month_that_is_evaluated_again_after_late_data_raises_and_lowers_nobody(people: People) -> None:
    late, back = await people.open(at=OPENED, count=2)
    november = datetime(2026, 11, 10, 12, tzinfo=WIB)
    sale = await people.recharge(back, 1_800_000, at=november)
    assert await evaluated(people) == {"upgrade": 1}
    await people.recharge(late, 1_800_000, at=november)
    await people.reverse(back, sale, 1_800_000, at=minute(6))
    await people.accrue(minute(10), since=november)
    assert await evaluated(people) == {"upgrade": 1}
    assert await evaluated(people) == {}
    rows = await people.fetch("SELECT subscription_id, tier, since, cause FROM tier_member ORDER BY subscription_id")
    assert [tuple(row) for row in rows] == [(each, "gold", DAY, "upgrade") for each in (late, back)]
    assert (await people.points(late, at=DUE), await people.points(back, at=DUE)) == (360, 0)


@pytest.mark.requirement("P-03", "P-07", "P-32")
async def test_the_leap_day_is_of_its_february(people: People) -> None:
    customer, other = await people.open(at=OPENED, count=2)
    march = datetime(2028, 3, 1, tzinfo=WIB)
    await people.recharge(customer, 1_800_000, at=datetime(2028, 2, 29, tzinfo=WIB))
    await people.recharge(customer, 50_000, at=march - timedelta(microseconds=1))
    await people.recharge(other, 1_800_000, at=march)
    given = {"due": march + timedelta(minutes=5), "rulebook": people.rulebook, "ids": people.ids}
    assert dict(await evaluate_month(people.db, march.date(), **given)) == {"upgrade": 1}
    grants = await people.fetch("SELECT subscription_id, month, points FROM point_grant ORDER BY month")
    assert [tuple(row) for row in grants] == [(customer, date(2028, 2, 1), 370), (other, date(2028, 3, 1), 360)]
    (gold,) = await people.fetch("SELECT subscription_id, until FROM tier_member WHERE tier = 'gold'")
    assert tuple(gold) == (customer, date(2028, 9, 1))
