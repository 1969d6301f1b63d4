"""Customers are told in time that points end, once."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, shipped_rulebook, subscription_of
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.points.notices import Notice, due_notices, notice_words, notify_ending
from konter.messaging.gsm7 import SINGLE_SEPTETS, septets
from konter.platform.clock import WIB
from konter.platform.ids import IdBlocks

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
END = datetime(2027, 4, 1, tzinfo=WIB)
LAST = date(2027, 3, 31)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=WIB)


async def run(people: People, day: date, *, page: int = 5_000, ids: IdBlocks | None = None) -> int:
    rules = people.rulebook.at(on(day))
    async with people.db.acquire() as connection:
        return await notify_ending(connection, now=on(day), ids=ids or people.ids, rules=rules, page=page)


async def texts(people: People) -> list[tuple[str, str]]:
    rows = await people.fetch("SELECT body FROM outbox WHERE topic = 'sms' ORDER BY id")
    said = [row["body"] for row in rows]
    return [(each["to"], each["data"]["words"]) for each in said if each["template"] == "reply"]


async def with_points(people: People, count: int = 1, *, year: int = 2026) -> list[int]:
    """Customers with 12 points of a year."""
    ids = await people.open(at=OPENED, count=count)
    at = datetime(year, 2, 10, 12, tzinfo=WIB)
    for each in ids:
        await people.recharge(each, 62_000, at=at)
    await people.accrue(at + timedelta(hours=1))
    return ids


@pytest.mark.requirement("P-17", "P-18")
async def test_it_works(people: People) -> None:
    await with_points(people)
    (number,) = people.msisdns
    assert await run(people, LAST - timedelta(days=31)) == 0
    assert await run(people, LAST - timedelta(days=30)) == 1
    ((to, words),) = await texts(people)
    assert int(to) == number
    assert words == "12 poin Anda akan hangus setelah 31/03/2027 pukul 23:59 WIB. Tukar sekarang di *700#."
    assert await run(people, LAST - timedelta(days=8)) == 0
    assert await run(people, LAST - timedelta(days=7)) == 1
    assert await run(people, LAST) == 0
    runs = await people.fetch("SELECT days_before, told FROM point_notice_run ORDER BY days_before")
    assert [tuple(row) for row in runs] == [(7, 1), (30, 1)]


async def test_a_run_that_broke_off_tells_the_rest(people: People) -> None:
    ids = await with_points(people, 7)
    day = LAST - timedelta(days=30)
    assert await run(people, day, page=3) == 7
    await people.db.execute("DELETE FROM point_notice_run")
    await people.db.execute("DELETE FROM point_notice WHERE subscription_id = ANY($1)", ids[:2])
    assert await run(people, day, page=3) == 2
    assert await run(people, day, page=3) == 0


async def test_who_gets_points_of_the_vintage_after_a_notice_is_told_by_the_next(people: People) -> None:
    """Every morning of the days between looks, and tells nobody."""
    await with_points(people)
    assert await run(people, LAST - timedelta(days=30)) == 1
    (late,) = await people.open(at=OPENED)
    december = datetime(2026, 12, 10, 12, tzinfo=WIB)
    await people.recharge(late, 62_000, at=december)
    await people.accrue(on(LAST - timedelta(days=21)), since=december)
    assert await run(people, LAST - timedelta(days=20)) == 0
    assert await run(people, LAST - timedelta(days=7)) == 2


async def test_two_runs_at_once_tell_each_once(people: People) -> None:
    await with_points(people, 9)
    day = LAST - timedelta(days=30)
    both = await asyncio.gather(*(run(people, day, page=2, ids=IdBlocks()) for _ in range(2)))
    assert sum(both) == 9
    assert len(await texts(people)) == 9


async def test_who_has_none_of_the_vintage_or_has_left_is_not_told(people: People) -> None:
    spent, gone = await with_points(people, 2)
    await people.open(at=OPENED)
    await people.spend(spent, 12, at=on(LAST - timedelta(days=40)))
    await people.db.execute("UPDATE subscription SET ended_at = $2 WHERE id = $1", gone, on(date(2027, 2, 20)))
    assert await run(people, LAST - timedelta(days=30)) == 0


async def test_only_the_vintage_that_ends_is_told(people: People) -> None:
    customer = subscription_of(await with_points(people))
    at = datetime(2027, 1, 10, 12, tzinfo=WIB)
    await people.recharge(customer, 100_000, at=at)
    await people.accrue(at + timedelta(hours=1))
    assert await run(people, LAST - timedelta(days=7)) == 1
    ((_, words),) = await texts(people)
    assert words.startswith("12 poin Anda")


def notice(days_before: int) -> Notice:
    return Notice(vintage=2026, days_before=days_before, expires_at=END, last_day=LAST)


def test_missed_mornings_are_made_up_for_and_what_is_over_is_not_told() -> None:
    poin = shipped_rules("id-2014").poin
    for days, due in ((31, []), (30, [30]), (20, [30]), (8, [30]), (7, [7]), (1, [7]), (0, [7])):
        assert list(due_notices(on(LAST - timedelta(days=days)), poin)) == [notice(each) for each in due], days
    assert list(due_notices(END, poin)) == []
    assert list(due_notices(END - timedelta(microseconds=1), poin)) == [notice(7)]


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_text_is_one_part(locale: str) -> None:
    said = notice_words(notice(30), 99_999_999, locale, shipped_rulebook("id-2026").at(on(LAST)).poin)
    assert (septets(said) or 999) <= SINGLE_SEPTETS
