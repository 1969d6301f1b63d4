"""The day's close: opening plus lines is closing, and tonight's closing is tomorrow's opening, in the outlet's zone."""

import itertools
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.access.people import Stage
from tests.sales.reversing import reverse
from tests.shop import Shop, open_shop

from konter.platform.clock import day_start
from konter.sales.history.read import DayClose, day_close, day_lines

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
BLINK = timedelta(microseconds=1)


async def zone_of(shop: Shop) -> str:
    return await shop.stage.pool.fetchval("SELECT zone FROM outlet WHERE id = $1", shop.user.outlet_id)


async def close(shop: Shop, day: date = TODAY) -> DayClose:
    async with shop.stage.pool.acquire() as connection:
        return await day_close(connection, shop.user.outlet_id, day, zone=await zone_of(shop))


async def lines(shop: Shop, kind: str, day: date = TODAY, **page) -> list:
    async with shop.stage.pool.acquire() as connection:
        return await day_lines(connection, shop.user.outlet_id, day, zone=await zone_of(shop), kind=kind, **page)


def by_kind(found: DayClose) -> dict[str, tuple[int, int]]:
    return {line.kind: (line.moves, line.amount_rp) for line in found.lines}


async def at(shop: Shop, moment) -> Shop:
    """The clock stands there, and the session with it."""
    shop.stage.clock.at = moment
    await shop.stage.pool.execute("UPDATE session SET expires_at = $1", moment + 400 * DAY)
    return shop


async def outlet_in(stage: Stage, zone: str) -> Shop:
    shop = await open_shop(stage, balance_rp=0)
    await stage.pool.execute("UPDATE outlet SET zone = $2 WHERE id = $1", shop.user.outlet_id, zone)
    return shop


@pytest.mark.requirement("D-12", "D-44")
async def test_it_works(shop: Shop) -> None:
    await shop.sell()
    sale = (await shop.sell(product="V30M1")).sale
    assert await reverse(shop.stage, sale.id) == "done"
    found = await close(shop)
    assert (found.opening_rp, found.closing_rp) == (0, await shop.balance())
    assert by_kind(found) == {
        "sale": (2, -51_950),
        "refund": (0, 0),
        "reversal": (1, 2_450),
        "purchase": (1, 1_000_000),
    }


async def test_a_quiet_day_has_empty_lines_and_the_same_balance(shop: Shop) -> None:
    found = await close(shop, TODAY + DAY)
    assert (found.opening_rp, found.closing_rp) == (1_000_000, 1_000_000)
    assert by_kind(found) == {"sale": (0, 0), "refund": (0, 0), "reversal": (0, 0), "purchase": (0, 0)}


async def test_before_the_outlet_opened_there_was_nothing(shop: Shop) -> None:
    found = await close(shop, TODAY - DAY)
    assert (found.opening_rp, found.closing_rp) == (0, 0)


@pytest.mark.parametrize(("day", "balance_rp"), [(date.min, 0), (date.max, 1_000_000)])
async def test_a_day_that_no_calendar_needs_is_a_quiet_one(shop: Shop, day: date, balance_rp: int) -> None:
    found = await close(shop, day)
    assert (found.day, found.opening_rp, found.closing_rp) == (day, balance_rp, balance_rp)
    assert await lines(shop, "sale", day) == []


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
async def test_days_meet_at_the_outlets_midnight(shop: Shop, zone: str) -> None:
    mine = await outlet_in(shop.stage, zone)
    await mine.buy(500_000)
    midnight = day_start(TODAY + DAY, ZoneInfo(zone))
    await (await at(mine, midnight - BLINK)).sell()
    await (await at(mine, midnight)).sell(product="V30M1")
    today, tomorrow = await close(mine), await close(mine, TODAY + DAY)
    assert (by_kind(today)["sale"], by_kind(tomorrow)["sale"]) == ((1, -49_500), (1, -2_450))
    assert today.closing_rp == tomorrow.opening_rp == 450_500
    assert tomorrow.closing_rp == await mine.balance()


async def test_a_server_whose_clock_is_late_at_midnight_counts_nothing_twice(shop: Shop) -> None:
    """Its sale's moment is of yesterday, but one of today was booked before it: the book has them turned round."""
    midnight = day_start(TODAY + DAY)
    await (await at(shop, midnight + timedelta(seconds=1))).sell()
    await (await at(shop, midnight - timedelta(seconds=1))).sell(product="V30M1")
    await (await at(shop, midnight + timedelta(seconds=2))).sell(product="S50D1")
    today, tomorrow = await close(shop), await close(shop, TODAY + DAY)
    assert (by_kind(today)["sale"], by_kind(tomorrow)["sale"]) == ((1, -2_450), (2, -50_950))
    assert today.closing_rp == tomorrow.opening_rp == 1_000_000 - 2_450
    assert tomorrow.closing_rp == await shop.balance()


async def test_a_week_of_days_forms_a_chain(shop: Shop) -> None:
    start = shop.stage.now
    for day in range(7):
        await at(shop, start + day * DAY + timedelta(hours=day))
        await shop.sell(product=("PULSA5", "V30M1", "S50D1")[day % 3], second=True)
        if day % 3 == 2:
            await shop.buy(10_000)
    days = [await close(shop, TODAY + day * DAY) for day in range(8)]
    for before, after in itertools.pairwise(days):
        assert before.closing_rp == after.opening_rp
    assert days[-1].closing_rp == await shop.balance()


@pytest.mark.requirement("D-44")
async def test_each_line_opens_into_its_moves(shop: Shop) -> None:
    sales = [(await shop.sell(product=product)).sale for product in ("PULSA50", "V30M1", "S50D1")]
    found = await lines(shop, "sale")
    assert [line.reference_id for line in found] == [sale.id for sale in reversed(sales)]
    assert [line.balance_after_rp for line in found] == [sale.balance_after_rp for sale in reversed(sales)]
    assert sum(line.amount_rp for line in found) == by_kind(await close(shop))["sale"][1]
    assert await lines(shop, "sale", TODAY - DAY) == []


async def test_the_moves_come_page_by_page(shop: Shop) -> None:
    await shop.sell_all(*[shop.request(product="S50D1", second=True) for _ in range(7)])
    seen, before = [], None
    while page := await lines(shop, "sale", before_seq=before, limit=3):
        seen += [line.seq for line in page]
        before = page[-1].seq
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 7
