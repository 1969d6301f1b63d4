"""What is forfeited does not stand in the way of what comes after."""

from datetime import datetime, timedelta

import msgspec
import pytest
from tests.loyalty.people import People

from konter.ledger.read import lock_owners
from konter.loyalty.bills.record import cancel_bills
from konter.loyalty.points.forfeit import forfeit_ended
from konter.loyalty.tiers.migrate import migrate_members
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.rules.model import Rulebook
from konter.subscriber.plans import Plan

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)
HOUR = timedelta(hours=1)


@pytest.mark.requirement("G-P18", "G-P19")
async def test_a_reversal_after_the_end_and_another_after_the_forfeit_leave_all_others_their_points(
    people: People,
) -> None:
    ended, other = await people.open(at=OPENED, count=2)
    sales = [await people.recharge(ended, 50_000, at=NOON) for _ in range(2)]
    await people.accrue(NOON + HOUR)
    await people.spend(ended, 20, at=NOON + HOUR)
    await people.fetch("UPDATE subscription SET ended_at = $2 WHERE id = $1", ended, NOON + HOUR)
    for hours, sale in enumerate(sales, start=2):
        await people.reverse(ended, sale, 50_000, at=NOON + hours * HOUR)
        await people.recharge(other, 50_000, at=NOON + hours * HOUR)
        await people.accrue(NOON + hours * HOUR + HOUR / 2)
        async with people.db.acquire() as connection:
            given = {"since": OPENED, "now": NOON + hours * HOUR, "ids": people.ids, "rules": people.rulebook.at(NOON)}
            await forfeit_ended(connection, **given)
    assert (await people.points(ended, at=NOON + 4 * HOUR), await people.points(other, at=NOON + 4 * HOUR)) == (0, 20)


@pytest.mark.requirement("G-P17", "G-P19")
async def test_who_lost_all_points_by_migrating_owes_and_earns_again(people: People) -> None:
    rows = people.rulebook.rows
    said = [each for each in rows if each.key != "poin.migrate_to_prepaid"]
    said += [msgspec.structs.replace(each, value="forfeit") for each in rows if each not in said]
    people.rulebook = Rulebook(said, 1)
    (customer,) = await people.open(at=OPENED, brand="prima", kind="postpaid")
    await people.bill(people.msisdns[0], "B-1", 100_000)
    await people.accrue(NOON)
    async with people.db.acquire() as connection:
        given = {"now": NOON + HOUR, "ids": people.ids}
        async with connection.transaction():
            await lock_owners(connection, owners=[customer])
            rules = people.rulebook.at(NOON)
            await migrate_members(connection, [(customer, Plan("nusa", "prepaid"))], rules=rules, **given)
        await cancel_bills(connection, [(people.msisdns[0], "B-1")], actor=SYSTEM, **given)
    await people.accrue(NOON + 2 * HOUR)
    assert await people.points(customer, at=NOON + 2 * HOUR) == -40
    await people.recharge(customer, 250_000, at=NOON + 3 * HOUR)
    await people.accrue(NOON + 4 * HOUR)
    assert await people.points(customer, at=NOON + 4 * HOUR) == 10
