"""The clocks of earning are measured by what really waited."""

from datetime import datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of

from konter.loyalty.earning.clocks import EarningClock, earning_clocks, forget_runs
from konter.platform.clock import WIB

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)


async def clocks(people: People, now: datetime) -> dict[str, EarningClock]:
    async with people.db.acquire() as connection:
        found = await earning_clocks(connection, now=now, rules=people.rulebook.at(now))
    return {each.of: each for each in found}


@pytest.mark.requirement("P-15")
async def test_points_within_a_day_of_the_recharge(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.accrue(NOON)
    await people.recharge(customer, 50_000, at=NOON)
    await people.accrue(NOON + timedelta(hours=22))
    seen = (await clocks(people, NOON + timedelta(hours=23)))["recharges"]
    assert (seen.in_time, seen.late, seen.waiting_s, seen.promised_s) == (1, 0, 3600, 86_400)


@pytest.mark.requirement("P-15")
async def test_a_run_that_came_too_late_is_shown(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.accrue(NOON)
    await people.recharge(customer, 50_000, at=NOON)
    await people.accrue(NOON + timedelta(hours=25))
    seen = (await clocks(people, NOON + timedelta(hours=26)))["recharges"]
    assert (seen.in_time, seen.late, seen.broken, seen.worst_s) == (0, 1, True, 25 * 3600)


@pytest.mark.requirement("P-14")
@pytest.mark.parametrize(("hours", "late"), [(72, 0), (73, 1)])
async def test_points_within_three_days_of_the_bill(people: People, hours: int, late: int) -> None:
    await people.open(at=OPENED, brand="prima", kind="postpaid")
    issued = datetime(2026, 11, 5, 2, tzinfo=WIB)
    await people.bill(people.msisdns[0], "B-1", 100_000, issued_at=issued, now=issued)
    now = issued + timedelta(hours=hours)
    await people.accrue(now)
    seen = (await clocks(people, now))["bills"]
    assert (seen.in_time, seen.late, seen.promised_s) == (1 - late, late, 3 * 86_400)


async def test_old_runs_are_forgotten_and_the_newest_stays(people: People) -> None:
    for days in (0, 1):
        await people.accrue(NOON + timedelta(days=days))
    async with people.db.acquire() as connection:
        await forget_runs(connection, now=NOON + timedelta(days=500))
    kept = await people.fetch("SELECT name, up_to FROM point_run ORDER BY name")
    assert [tuple(row) for row in kept] == [(name, NOON + timedelta(days=1)) for name in ("bills", "recharges")]
