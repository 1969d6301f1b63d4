"""Runs that were due before a vintage ended and book after it: what the ledger has closed stays closed."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of

from konter.ledger.expire import expire
from konter.loyalty.bills.record import cancel_bills
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB

OPENED = datetime(2025, 1, 5, tzinfo=WIB)
DECEMBER = datetime(2025, 12, 10, 12, tzinfo=WIB)
END = datetime(2026, 4, 1, tzinfo=WIB)  # the first moment at which the points of 2025 are over
DUE = END - timedelta(minutes=5)


async def end_all(people: People) -> None:
    async with people.db.acquire() as connection:
        while await expire(connection, now=END, ids=people.ids):
            pass


@pytest.mark.requirement("P-18", "G-P19")
async def test_what_is_taken_back_of_points_that_ended_is_no_debt(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 75_000, at=DECEMBER)
    await people.accrue(DECEMBER + timedelta(hours=1))
    await people.reverse(customer, sale, 75_000, at=DUE - timedelta(minutes=1))
    await end_all(people)
    assert await people.accrue(DUE) == 0
    assert await people.points(customer, at=END) == 0
    assert [row["points"] for row in await people.fetch("SELECT points FROM point_grant")] == [15]


@pytest.mark.requirement("P-02", "P-18", "G-P19")
async def test_nor_is_what_a_cancelled_bill_gave(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    told = {"period_begin": date(2025, 11, 5), "period_end": date(2025, 12, 4)}
    issued = datetime(2025, 12, 5, 2, tzinfo=WIB)
    await people.bill(people.msisdns[0], "B-1", 100_000, issued_at=issued, now=issued, **told)
    await people.accrue(DECEMBER)
    async with people.db.acquire() as connection:
        await cancel_bills(connection, [(people.msisdns[0], "B-1")], actor=SYSTEM, now=DUE, ids=people.ids)
    await end_all(people)
    assert await people.accrue(DUE) == 0
    assert await people.points(customer, at=END) == 0
    (bill,) = await people.fetch("SELECT counted, points FROM issued_bill")
    assert tuple(bill) == (True, 40)


@pytest.mark.requirement("P-16", "P-18")
async def test_what_came_late_is_not_granted_to_a_vintage_that_ended(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 75_000, at=DECEMBER)
    await people.accrue(DECEMBER + timedelta(hours=1))
    await people.recharge(customer, 25_000, at=DECEMBER + timedelta(days=1))
    await people.recharge(customer, 50_000, at=DUE - timedelta(minutes=1))
    await end_all(people)
    assert await people.accrue(DUE, since=DECEMBER) == 1
    assert await people.vintages(customer, at=DUE) == {2026: 10}


@pytest.mark.requirement("P-18", "G-P19")
async def test_until_then_a_run_that_was_due_before_takes_back_what_is_left(people: People) -> None:
    """Nobody has closed the vintage yet."""
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 75_000, at=DECEMBER)
    await people.accrue(DECEMBER + timedelta(hours=1))
    await people.reverse(customer, sale, 75_000, at=DUE - timedelta(minutes=1))
    assert await people.accrue(DUE) == 1
    await end_all(people)
    assert await people.fetch("SELECT FROM transfer WHERE kind = 'expiry' AND asset = 'POINTS'") == []
    assert await people.points(customer, at=END) == 0
