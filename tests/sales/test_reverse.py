"""Reversals: one asks, another decides; all of it or nothing; the sale stays done."""

import asyncio
from datetime import timedelta

import pytest
from tests.sales.reversing import BUDI, RANI, SARI, ask, decide, reverse
from tests.sales.usage import use
from tests.shop import Shop, open_shop

from konter.channel.scope import EVERYWHERE as ALL_OUTLETS
from konter.platform.audit import SYSTEM
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import EVERYWHERE
from konter.sales.reversal.reverse import asked_reversals

DAY = timedelta(days=1)


async def story(shop: Shop, sale_id: int) -> SaleStory:
    async with shop.stage.pool.acquire() as connection:
        found = await sale_story(connection, SaleId(sale_id), outlet_id=shop.user.outlet_id)
    assert isinstance(found, SaleStory)
    return found


async def stay_logged_in(shop: Shop) -> None:
    await shop.stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '400 days'")


async def test_it_works(shop: Shop) -> None:
    before = await shop.look()
    sale = (await shop.sell()).sale
    asked = await ask(shop.stage, sale.id, reason="nomor salah")
    decided = await decide(shop.stage, asked)
    assert (decided.sale.status, decided.reversal.state, decided.reversal.reason) == ("done", "done", "nomor salah")
    assert (decided.reversal.balance_before_rp, decided.reversal.balance_after_rp) == (950_500, 1_000_000)
    assert await shop.balance() == 1_000_000
    assert await shop.look() == before


@pytest.mark.requirement("D-44")
async def test_the_sale_stays_as_it_was_and_carries_the_reversal(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    await reverse(shop.stage, sale.id)
    found = await story(shop, sale.id)
    assert found.sale == sale
    assert found.reversal.refund_rp == sale.cost_rp


async def test_who_asked_may_neither_approve_nor_decline(shop: Shop) -> None:
    asked = await ask(shop.stage, (await shop.sell()).sale.id, by=RANI)
    for approve in (True, False):
        assert (await decide(shop.stage, asked, by=RANI, approve=approve)).code == "SAME_EYES"
    assert await shop.balance() == 950_500


async def test_asking_moves_nothing(shop: Shop) -> None:
    asked = await ask(shop.stage, (await shop.sell()).sale.id)
    assert await shop.balance() == 950_500
    async with shop.stage.pool.acquire() as connection:
        assert asked in {each.id for each in await asked_reversals(connection, scope=ALL_OUTLETS)}


async def test_one_that_is_declined_moves_nothing_and_may_be_asked_for_again(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    declined = await decide(shop.stage, await ask(shop.stage, sale.id), approve=False)
    assert declined.reversal is None
    assert await shop.balance() == 950_500
    assert await reverse(shop.stage, sale.id) == "done"


@pytest.mark.parametrize("then", ["asked", "done"])
async def test_asking_twice_is_refused(shop: Shop, then: str) -> None:
    sale = (await shop.sell()).sale
    asked = await ask(shop.stage, sale.id)
    if then == "done":
        await decide(shop.stage, asked)
    code = {"asked": "REVERSAL_ASKED", "done": "ALREADY_REVERSED"}[then]
    assert (await ask(shop.stage, sale.id, by=SARI)).code == code


async def test_twice_at_once_by_two_supervisors_gives_the_money_back_once(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    asked = await ask(shop.stage, sale.id)
    decided = await asyncio.gather(decide(shop.stage, asked, by=BUDI), decide(shop.stage, asked, by=SARI))
    refused = [each.code for each in decided if isinstance(each, Refusal)]
    assert refused == ["REVERSAL_DECIDED"]
    assert await shop.balance() == 1_000_000
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "reversal_seller")) == 1


async def test_asked_for_twice_at_once_there_is_one(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    asked = await asyncio.gather(*[ask(shop.stage, sale.id, by=by) for by in (RANI, BUDI, SARI)])
    assert [each.code for each in asked if isinstance(each, Refusal)] == ["REVERSAL_ASKED"] * 2


async def test_nothing_there_to_ask_for_or_decide(shop: Shop) -> None:
    assert (await ask(shop.stage, 256 * 99 + 1)).code == "SALE_NOT_FOUND"
    assert (await decide(shop.stage, ReversalId(256 * 99 + 1))).code == "REVERSAL_NOT_FOUND"


@pytest.mark.parametrize("source", ["data", "data-local", "data-night"])
async def test_a_package_of_which_anything_was_used_stays(shop: Shop, source: str) -> None:
    sale = (await shop.sell(product="D16C30")).sale
    before = await shop.look()
    bucket = next(each for each in sale.delivery.buckets if each.source == source)
    await use(shop.stage, shop.customer, (source, bucket.expires_at), 1)
    refused = await decide(shop.stage, await ask(shop.stage, sale.id))
    assert (refused.code, refused.data["left"], refused.data["delivered"]) == (
        "DELIVERY_SPENT",
        bucket.amount - 1,
        bucket.amount,
    )
    assert sum(b.balance for b in (await shop.look()).buckets) == sum(b.balance for b in before.buckets) - 1
    assert await shop.balance() == 938_000


async def test_credit_that_was_used_cannot_be_taken_back(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    await use(shop.stage, shop.customer, ("main", None), 1)
    assert await reverse(shop.stage, sale.id) == "DELIVERY_SPENT"
    await shop.sell(product="PULSA5")  # rupiah carry no names: there is enough again
    assert await reverse(shop.stage, sale.id) == "done"


async def test_a_quota_whose_time_is_over_cannot_be_taken_back(shop: Shop) -> None:
    sale = (await shop.sell(product="D1G1")).sale
    shop.stage.clock.advance(2 * DAY)
    assert await reverse(shop.stage, sale.id) == "DELIVERY_SPENT"


@pytest.mark.requirement("T-11", "G-T01")
async def test_the_active_period_keeps_what_came_later(shop: Shop) -> None:
    """30 left, + 45, then + 7 the next day. Without the 45: 30 left, + 7."""
    before = (await shop.look()).active_until
    sale = (await shop.sell()).sale
    shop.stage.clock.advance(DAY)
    await stay_logged_in(shop)
    await shop.sell(product="PULSA5")
    await reverse(shop.stage, sale.id)
    after = (await shop.look()).active_until
    assert (after.date() - before.date()).days == 7


@pytest.mark.requirement("T-11")
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_all_taken_back_in_any_order_is_as_if_nothing_had_been(shop: Shop, order: tuple[int, ...]) -> None:
    before = await shop.look()
    sales = []
    for product in ("PULSA50", "MA30", "PULSA5"):
        sales.append((await shop.sell(product=product)).sale)
        shop.stage.clock.advance(timedelta(minutes=5))
    for place in order:
        assert await reverse(shop.stage, sales[place].id) == "done"
    assert (await shop.look()).active_until == before.active_until


@pytest.mark.requirement("T-11")
async def test_two_sales_of_one_batch_are_apart(shop: Shop) -> None:
    before = (await shop.look()).active_until
    _, second = await shop.sell_all(shop.request(), shop.request(product="PULSA5"))
    await reverse(shop.stage, second.sale.id)
    assert ((await shop.look()).active_until.date() - before.date()).days == 45


async def test_what_another_outlet_sold_to_the_number_stays(shop: Shop) -> None:
    other = await open_shop(shop.stage, way=shop.way)
    before = (await shop.look()).active_until
    sale = (await shop.sell()).sale
    await other.sell(product="PULSA5", msisdn=shop.customer)
    await reverse(shop.stage, sale.id)
    assert ((await shop.look()).active_until.date() - before.date()).days == 7
    assert (await shop.look()).balance_rp == 5_000


@pytest.mark.requirement("D-21")
async def test_seller_and_customer_are_told(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    await reverse(shop.stage, sale.id)
    (to_seller,) = await shop.stage.texts(shop.user.nn_msisdn, "reversal_seller")
    (to_customer,) = await shop.stage.texts(shop.customer, "reversal_customer")
    assert (to_seller["code"], to_seller["refund_rp"], to_seller["balance_rp"]) == (sale.code, 49_500, 1_000_000)
    assert (to_customer["code"], to_customer["balance_rp"]) == (sale.code, 0)


async def test_what_was_taken_back_may_be_sold_again_at_once(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    assert (await shop.sell()).refusal.code == "DUPLICATE_SALE"
    await reverse(shop.stage, sale.id)
    assert (await shop.sell()).sale is not None


async def test_its_ref_still_finds_the_sale(shop: Shop) -> None:
    request = shop.request()
    (first,) = await shop.sell_all(request)
    await reverse(shop.stage, first.sale.id)
    (again,) = await shop.sell_all(request)
    assert (again.replay, again.sale) == (True, first.sale)
    assert await shop.balance() == 1_000_000


@pytest.mark.requirement("D-81")
async def test_both_pairs_of_eyes_are_in_the_audit(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    await reverse(shop.stage, sale.id)
    rows = await shop.stage.pool.fetch("SELECT actor, action FROM audit WHERE subject_id = $1 ORDER BY at, id", sale.id)
    in_steps = [(BUDI.text, "approve_reversal"), (SYSTEM.text, "reverse")]
    assert [(row["actor"], row["action"]) for row in rows[1:]] == [
        (RANI.text, "ask_reversal"),
        *([(BUDI.text, "reverse")] if shop.way == EVERYWHERE else in_steps),
    ]
