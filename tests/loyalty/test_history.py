"""Page by page the history of points has every move once."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of

from konter.loyalty.history import PAGE_MAX, HistoryLine, points_history
from konter.platform.clock import WIB

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)
BILLS = 2 * PAGE_MAX + 30


async def pages(people: People, subscription: int, *, now: datetime, limit: int) -> list[list[HistoryLine]]:
    made, before = [], None
    async with people.db.acquire() as connection:
        while before is not None or not made:
            page = await points_history(connection, subscription, before=before, now=now, limit=limit)
            made.append(page.lines)
            before = page.last
    return made


@pytest.mark.requirement("P-28", "P-30")
async def test_no_page_loses_a_move_of_a_moment_that_has_more_than_a_page(people: People) -> None:
    """Bills of years were told on one day: one run books them all at its own moment."""
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    days = {"period_begin": date(2026, 8, 5), "period_end": date(2026, 9, 4)}
    issued = datetime(2026, 9, 5, 2, tzinfo=WIB)
    await people.bill(people.msisdns[0], "first", 50_000, issued_at=issued, now=issued, **days)
    await people.accrue(issued + timedelta(hours=1))
    for number in range(BILLS):
        await people.bill(people.msisdns[0], f"B-{number}", 50_000)
    await people.accrue(NOON)
    await people.spend(customer, 12, at=NOON + timedelta(hours=1))
    found = await pages(people, customer, now=NOON + timedelta(hours=1), limit=20)
    assert [len(lines) for lines in found] == [20] * 6 + [BILLS + 2 - 120]
    lines = [line for page in found for line in page]
    assert len({(line.move.kind, line.move.reference_id) for line in lines}) == len(lines)
    assert sum(line.move.points for line in lines) == await people.points(customer, at=NOON)
    assert all(line.grant is not None for line in lines[1:])
