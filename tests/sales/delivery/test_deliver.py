"""The second step: the receiver's cell delivers once per transfer, or promises that it never will."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.sales.checking.desk import Desk

from konter.ledger.queries import lock_owners
from konter.platform.db import open_pool
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import VOIDED, Order, Result


async def delivered(desk: Desk, *orders: Order) -> list[Result | None]:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        return await deliver(connection, orders, clock=stage.clock, ids=stage.ids, references=desk.shop.references)


async def receipts(desk: Desk) -> list[str]:
    return [row["outcome"] for row in await desk.stage.pool.fetch("SELECT outcome FROM receipt ORDER BY transfer_id")]


@pytest.mark.requirement("D-46")
async def test_it_works(desk: Desk) -> None:
    sale = await desk.left_open()
    (result,) = await delivered(desk, Order(sale=sale))
    assert (result.delivery.credit_rp, result.reason) == (50_000, "")
    assert (await desk.credited_rp(), await receipts(desk)) == (50_000, ["received"])
    assert len(await desk.stage.texts(desk.shop.customer, "sale_customer_recharge")) == 1
    assert (await desk.now_is(sale)).status == "checking", "the payer's cell ends it"


@pytest.mark.requirement("D-46")
async def test_twice_delivers_once_and_answers_the_same(desk: Desk) -> None:
    sale = await desk.left_open()
    twins = await delivered(desk, Order(sale=sale), Order(sale=sale))
    (again,) = await delivered(desk, Order(sale=sale))
    assert twins == [again, again]
    assert (await desk.credited_rp(), await receipts(desk)) == (50_000, ["received"])
    assert len(await desk.stage.texts(desk.shop.customer, "sale_customer_recharge")) == 1


@pytest.mark.requirement("G-D12")
async def test_what_was_voided_is_never_delivered(desk: Desk) -> None:
    sale = await desk.left_open()
    (voided,) = await delivered(desk, Order(sale=sale, void=True))
    (after,) = await delivered(desk, Order(sale=sale))
    assert (voided.reason, after.reason, after.delivery) == (VOIDED, VOIDED, None)
    assert (await desk.credited_rp(), await receipts(desk)) == (0, ["refused"])


async def test_voiding_what_was_delivered_says_so(desk: Desk) -> None:
    sale = await desk.left_open()
    (result,) = await delivered(desk, Order(sale=sale))
    assert await delivered(desk, Order(sale=sale, void=True)) == [result]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ended_at = $2", "UNKNOWN_SUBSCRIBER"),
        ("active_until = $2 - interval '400 days'", "SUBSCRIBER_EXPIRED"),
        ("kind = 'postpaid', active_until = $2 + interval '1 day'", "NOT_PREPAID"),
    ],
)
async def test_a_receiver_that_changed_since_the_sale_refuses_for_good(desk: Desk, change: str, reason: str) -> None:
    """It was looked at without its lock when it was sold; here it is looked at under it."""
    sale = await desk.left_open()
    await desk.stage.pool.execute(
        f"UPDATE subscription SET {change} WHERE id = $1 AND $2::timestamptz IS NOT NULL",
        sale.subscription_id,
        desk.stage.now,
    )
    (result,) = await delivered(desk, Order(sale=sale))
    assert (result.reason, await receipts(desk)) == (reason, ["refused"])


async def test_what_a_network_gave_is_booked_whatever_stands_against_it(networked: Desk) -> None:
    sale = await networked.left_open()
    await networked.stage.pool.execute(
        "UPDATE subscription SET active_until = $2 WHERE id = $1",
        sale.subscription_id,
        networked.stage.now - timedelta(days=400),
    )
    (result,) = await delivered(networked, Order(sale=sale, confirmed=True))
    assert (result.delivery.credit_rp, await receipts(networked)) == (50_000, ["received"])


async def test_a_receiver_that_is_held_is_passed_over_and_its_neighbours_are_not(desk: Desk, own_dsn: str) -> None:
    held = await desk.left_open()
    free = await desk.left_open(msisdn=await desk.stage.number())
    holder = await asyncpg.connect(own_dsn)
    transaction = holder.transaction()
    await transaction.start()
    await lock_owners(holder, owners=[held.subscription_id])
    async with await open_pool(own_dsn, size=1, lock_timeout="200") as pool, pool.acquire() as connection:
        parts: dict[str, Any] = {"clock": desk.stage.clock, "ids": desk.stage.ids}
        orders = [Order(sale=held), Order(sale=free)]
        results = await deliver(connection, orders, references=desk.shop.references, **parts)
    await transaction.rollback()
    await holder.close()
    assert results[0] is None
    assert results[1].delivery.credit_rp == 50_000
    assert await receipts(desk) == ["received"]


async def test_twenty_at_once_deliver_once(desk: Desk) -> None:
    sale = await desk.left_open()
    results = await asyncio.gather(*[delivered(desk, Order(sale=sale)) for _ in range(20)])
    assert len({each.delivery.main_after_rp for (each,) in results}) == 1
    assert (await desk.credited_rp(), await receipts(desk)) == (50_000, ["received"])


async def test_delivery_against_its_void_has_one_end(desk: Desk) -> None:
    """Whoever has the customer's row first; the other hears of it."""
    sales = [await desk.left_open(msisdn=await desk.stage.number()) for _ in range(6)]
    orders = [Order(sale=sale, void=void) for sale in sales for void in (False, True)]
    results = await asyncio.gather(*[delivered(desk, order) for order in orders])
    for (one,), (other,) in zip(results[::2], results[1::2], strict=True):
        assert one == other
