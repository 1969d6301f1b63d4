"""The third step: the payer's cell ends the sale once, whoever says how it ended, and however often."""

import asyncio
from typing import Any

import pytest
from tests.sales.checking.desk import BALANCE_RP, PRICE_RP, Desk

from konter.platform.audit import Actor
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import DEADLINE, Order, Result, Settled
from konter.sales.delivery.settle import settle
from konter.sales.model import Sale


async def settled(desk: Desk, *results: Result, **more: Any) -> list[Settled | None]:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        return await settle(
            connection, results, clock=stage.clock, ids=stage.ids, references=desk.shop.references, **more
        )


async def received(desk: Desk, sale: Sale) -> Result:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        (result,) = await deliver(
            connection, [Order(sale=sale)], clock=stage.clock, ids=stage.ids, references=desk.shop.references
        )
    assert result is not None
    return result


async def payment(desk: Desk, sale: Sale) -> str:
    return await desk.stage.pool.fetchval("SELECT state FROM transfer WHERE id = $1", sale.transfer_id)


@pytest.mark.requirement("D-43", "D-46")
async def test_it_works(desk: Desk) -> None:
    sale = await desk.left_open()
    assert await payment(desk, sale) == "pending"
    (each,) = await settled(desk, await received(desk, sale))
    assert (each.new, each.late, each.sale.status, each.sale.delivery.credit_rp) == (True, False, "done", 50_000)
    assert await payment(desk, sale) == "posted"
    assert (await desk.now_is(sale), await desk.listed(sale)) == (each.sale, None)
    assert (await desk.shop.balance(), await desk.texts()) == (BALANCE_RP - PRICE_RP, (1, 0, 1))


@pytest.mark.requirement("D-46", "G-D12")
async def test_a_refund_brings_the_cost_back_and_says_why(desk: Desk) -> None:
    sale = await desk.left_open()
    (each,) = await settled(desk, Result(sale=sale, reason=DEADLINE), actor=Actor("staff", 9))
    assert (each.new, each.sale.status, each.sale.reason) == (True, "refunded", DEADLINE)
    assert (each.sale.refund_before_rp, each.sale.refund_after_rp) == (BALANCE_RP - PRICE_RP, BALANCE_RP)
    assert (await payment(desk, sale), await desk.shop.balance()) == ("voided", BALANCE_RP)
    assert await desk.texts() == (0, 1, 0)
    audit = await desk.stage.pool.fetchrow("SELECT actor, data FROM audit WHERE action = 'refund_sale'")
    assert (audit["actor"], audit["data"]["reason"]) == ("staff:9", DEADLINE)


@pytest.mark.parametrize("delivered", [True, False])
async def test_twice_ends_it_once(desk: Desk, *, delivered: bool) -> None:
    sale = await desk.left_open()
    result = await received(desk, sale) if delivered else Result(sale=sale, reason=DEADLINE)
    twins = await settled(desk, result, result)
    (again,) = await settled(desk, result)
    assert [each.new for each in (*twins, again)] == [True, False, False]
    assert not any(each.late for each in (*twins, again))
    assert len({each.sale.status for each in (*twins, again)}) == 1
    assert sum((await desk.texts())[:2]) == 1, "one text to the seller"


@pytest.mark.requirement("D-21")
async def test_the_seller_is_told_the_balance_of_now_not_that_of_then(desk: Desk) -> None:
    sale = await desk.left_open()
    await desk.left_open(msisdn=desk.shop.customer, second=True)
    await settled(desk, await received(desk, sale))
    (told,) = await desk.stage.texts(desk.shop.user.nn_msisdn, "sale_seller")
    assert (told["code"], told["balance_rp"]) == (sale.code, BALANCE_RP - 2 * PRICE_RP)


async def test_a_refund_after_it_was_done_changes_nothing(desk: Desk) -> None:
    sale = await desk.left_open()
    await settled(desk, await received(desk, sale))
    (each,) = await settled(desk, Result(sale=sale, reason=DEADLINE))
    assert (each.new, each.late, each.sale.status) == (False, False, "done")
    assert (await payment(desk, sale), await desk.shop.balance()) == ("posted", BALANCE_RP - PRICE_RP)


async def test_done_and_refunded_at_once_have_one_end(desk: Desk) -> None:
    sales = [await desk.left_open(msisdn=await desk.stage.number(), product="PULSA5") for _ in range(5)]
    results = [await received(desk, sale) for sale in sales]
    refunds = [Result(sale=sale, reason=DEADLINE) for sale in sales]
    ended = await asyncio.gather(*[settled(desk, each) for each in (*results, *refunds)])
    assert sum(each.new for (each,) in ended) == 5
    for sale in sales:
        now = await desk.now_is(sale)
        assert await payment(desk, sale) == {"done": "posted", "refunded": "voided"}[now.status]
    late = [sale for sale in sales if (await desk.now_is(sale)).status == "refunded"]
    assert sorted(sale_id for _, sale_id, _ in await desk.items()) == sorted(sale.id for sale in late)
    for sale in late:
        await desk.adjust(sale)


async def test_several_sales_are_ended_in_one_batch(desk: Desk) -> None:
    sales = [await desk.left_open(msisdn=await desk.stage.number()) for _ in range(3)]
    results = [await received(desk, sales[0]), Result(sale=sales[1], reason=DEADLINE), await received(desk, sales[2])]
    assert [each.sale.status for each in await settled(desk, *results)] == ["done", "refunded", "done"]
    assert await desk.shop.balance() == BALANCE_RP - 2 * PRICE_RP
