"""The outlet's history: filters, pages, totals. Each test has an outlet of its own."""

from datetime import date, timedelta

import pytest
from tests.conftest import NOON
from tests.sales.reversing import reverse
from tests.shop import Shop, open_shop

from konter.access.many_sessions import open_sessions
from konter.access.step import Step
from konter.platform.refusal import Refusal
from konter.sales.history.queries import SaleFilter
from konter.sales.history.read import HistoryLine, Totals, history, sale_filter, totals

TODAY = date(2026, 11, 21)
MONTH = {"begin": TODAY - timedelta(days=30), "end": TODAY}


async def where(shop: Shop, *, zone: str = "Asia/Jakarta", **wanted) -> SaleFilter:
    async with shop.stage.pool.acquire() as connection:
        _, catalogue = await shop.references.current(connection)
    made = sale_filter(shop.user.outlet_id, zone=zone, catalogue=catalogue, **{**MONTH, **wanted})
    assert not isinstance(made, Refusal), made
    return made


async def lines(shop: Shop, **wanted) -> list[HistoryLine]:
    async with shop.stage.pool.acquire() as connection:
        return await history(connection, await where(shop, **wanted), limit=100)


async def products(shop: Shop, **wanted) -> list[str]:
    return [line.sale.product for line in await lines(shop, **wanted)]


async def sums(shop: Shop, **wanted) -> Totals:
    async with shop.stage.pool.acquire() as connection:
        return await totals(connection, await where(shop, **wanted), zone="Asia/Jakarta")


@pytest.mark.requirement("D-12", "D-44")
async def test_it_works(shop: Shop) -> None:
    first = (await shop.sell()).sale
    shop.stage.clock.advance(timedelta(seconds=1))
    second = (await shop.sell(product="V30M1")).sale
    assert [line.sale for line in await lines(shop)] == [second, first]
    assert [line.user_name for line in await lines(shop)] == ["Siti Kasir"] * 2
    assert second.balance_before_rp == first.balance_after_rp == 950_500


@pytest.mark.requirement("D-12")
@pytest.mark.parametrize(
    "q", ["code", "trx code", "number", "pretty number", "Telepon 30 menit", "calls 30 MIN", "v30m1"]
)
async def test_one_line_finds_a_sale_by_code_number_or_product(shop: Shop, q: str) -> None:
    await shop.sell()
    customer = await shop.stage.number()
    sale = (await shop.sell(product="V30M1", msisdn=customer)).sale
    national = f"0{str(customer)[2:]}"
    typed = {
        "code": sale.code,
        "trx code": f"trx {sale.code.lower()}",
        "number": national,
        "pretty number": f"+62 {national[1:4]}-{national[4:8]}-{national[8:]}",
    }.get(q, q)
    assert [line.sale.id for line in await lines(shop, q=f" {typed} ")] == [sale.id]


@pytest.mark.parametrize("q", ["Video 3 GB", "GAMES 2 GB"])
async def test_a_product_name_of_eight_signs_is_no_code(shop: Shop, q: str) -> None:
    await shop.sell()
    await shop.sell(product="GV3G7")
    await shop.sell(product="GG2G7")
    assert len(await products(shop, q=q)) == 1


@pytest.mark.parametrize("q", ["'; DROP TABLE sale; --", "%", "\x00", "🐱", "zzz"])
async def test_odd_words_find_nothing(shop: Shop, q: str) -> None:
    await shop.sell()
    assert await lines(shop, q=q) == []


async def test_by_product_and_by_user(shop: Shop) -> None:
    colleague = await shop.stage.user(shop.user.outlet_id, name="Dewi")
    step = Step(now=shop.stage.now, ids=shop.stage.ids, keys=shop.stage.keys, rules=shop.stage.rules)
    async with shop.stage.pool.acquire() as connection:
        (claims,) = await open_sessions(connection, [(colleague.id, colleague.outlet_id)], agent="t", step=step)
    await shop.sell()
    await shop.sell(product="V30M1", claims=claims)
    assert await products(shop, product="PULSA50") == ["PULSA50"]
    assert await products(shop, user_id=colleague.id) == ["V30M1"]
    by_user = {total.label: total.sales for total in (await sums(shop)).by_user}
    assert by_user == {"Siti Kasir": 1, "Dewi": 1}


async def test_another_outlets_sales_are_not_seen(shop: Shop) -> None:
    stranger = await open_shop(shop.stage, way=shop.way)
    sale = (await stranger.sell()).sale
    assert await lines(shop) == []
    assert await lines(shop, q=sale.code) == []
    assert (await sums(shop)).all.sales == 0


async def test_days_begin_and_end_in_the_outlets_zone(shop: Shop) -> None:
    """NOON is 12:00 WIB, 14:00 WIT; eleven hours later it is still the 21st in Jakarta and the 22nd in Jayapura."""
    shop.stage.clock.advance(timedelta(hours=11))
    await shop.sell()
    only_today = {"begin": TODAY, "end": TODAY}
    assert len(await lines(shop, **only_today)) == 1
    assert await lines(shop, **only_today, zone="Asia/Jayapura") == []


@pytest.mark.parametrize(
    ("begin", "end"),
    [(TODAY, TODAY - timedelta(1)), (TODAY - timedelta(92), TODAY), (date.max, date.max), (date.min, date.min)],
)
async def test_a_range_turned_round_or_too_long_is_refused(shop: Shop, begin: date, end: date) -> None:
    async with shop.stage.pool.acquire() as connection:
        _, catalogue = await shop.references.current(connection)
    made = sale_filter(shop.user.outlet_id, begin=begin, end=end, zone="Asia/Jakarta", catalogue=catalogue)
    assert made.code == "INVALID_INPUT"


@pytest.mark.requirement("D-12")
async def test_pages_have_no_gaps_and_no_doubles_even_within_one_moment(shop: Shop) -> None:
    requests = [shop.request(product="S50D1", msisdn=await shop.stage.number()) for _ in range(12)]
    await shop.sell_all(*requests[:9])
    shop.stage.clock.advance(timedelta(minutes=1))
    await shop.sell_all(*requests[9:])
    seen, before = [], None
    async with shop.stage.pool.acquire() as connection:
        found = await where(shop)
        while page := await history(connection, found, before=before, limit=5):
            seen += [line.sale.id for line in page]
            before = (page[-1].sale.at, page[-1].sale.id)
            if len(seen) == 5:  # one that comes while somebody reads does not move the pages
                await shop.sell()
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.requirement("D-12")
async def test_totals_by_day_product_and_user_add_up(shop: Shop) -> None:
    for day in range(3):
        for product in ("PULSA50", "V30M1", "S50D1")[: day + 1]:
            await shop.sell(product=product)
        shop.stage.clock.advance(timedelta(hours=25) if day < 2 else timedelta())
        await shop.stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '2 days'")
    found = await sums(shop, end=TODAY + timedelta(days=3))
    assert [(t.label, t.sales) for t in found.by_day] == [("2026-11-23", 3), ("2026-11-22", 2), ("2026-11-21", 1)]
    assert {t.label: t.sales for t in found.by_product} == {"PULSA50": 3, "V30M1": 2, "S50D1": 1}
    for ways in (found.by_day, found.by_product, found.by_user):
        assert sum(t.price_rp for t in ways) == found.all.price_rp == 3 * 51_500 + 2 * 3_500 + 2_500
        assert sum(t.margin_rp for t in ways) == found.all.margin_rp == 3 * 2_000 + 2 * 1_050 + 1_050
    assert found.all.nominal_rp == 150_000


async def test_totals_of_nothing_are_nothing(shop: Shop) -> None:
    found = await sums(shop)
    assert (found.all.sales, found.all.price_rp, found.by_day) == (0, 0, [])


async def test_totals_keep_to_the_same_filter_as_the_list(shop: Shop) -> None:
    await shop.sell()
    sale = (await shop.sell(product="V30M1")).sale
    assert (await sums(shop, q=sale.code)).all.price_rp == sale.price_rp
    assert (await sums(shop, product="PULSA50")).all.sales == 1


async def test_what_was_taken_back_stays_in_the_list_and_leaves_the_totals(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    await shop.sell(product="V30M1")
    assert await reverse(shop.stage, sale.id) == "done"
    marks = {line.sale.product: line.reversed_at for line in await lines(shop)}
    assert marks == {"PULSA50": NOON, "V30M1": None}
    assert {t.label for t in (await sums(shop)).by_product} == {"V30M1"}
