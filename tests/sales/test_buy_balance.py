"""Buying selling balance: once per ref, for outlets that exist."""

import uuid

import pytest
from tests.shop import Shop

from konter.ledger.books import check_books
from konter.platform.audit import SYSTEM, Actor
from konter.platform.ids import OutletId
from konter.sales.purchase.buy import Bought, BuyRequest, buy_balance


async def buy(shop: Shop, *requests: BuyRequest) -> list:
    async with shop.stage.pool.acquire() as connection:
        return await buy_balance(connection, requests, clock=shop.stage.clock, ids=shop.stage.ids)


def wish(shop: Shop, **changed) -> BuyRequest:
    fields = {"outlet_id": shop.user.outlet_id, "client_ref": uuid.uuid4(), "amount_rp": 250_000, "actor": SYSTEM}
    return BuyRequest(**{**fields, **changed})


@pytest.mark.requirement("D-67")
async def test_it_works(shop: Shop) -> None:
    (bought,) = await buy(shop, wish(shop))
    assert (bought.amount_rp, bought.replay) == (250_000, False)
    assert await shop.balance() == 1_250_000


async def test_twice_with_the_same_ref_adds_once(shop: Shop) -> None:
    request = wish(shop)
    first, second = (await buy(shop, request))[0], (await buy(shop, request))[0]
    assert second == Bought(first.id, 250_000, replay=True)
    assert await shop.balance() == 1_250_000


async def test_twins_in_one_batch_add_once(shop: Shop) -> None:
    outcomes = await buy(shop, *[wish(shop, client_ref=uuid.UUID(int=9))] * 5)
    assert [outcome.replay for outcome in outcomes] == [False, True, True, True, True]
    assert await shop.balance() == 1_250_000


async def test_the_same_ref_with_another_amount_is_refused(shop: Shop) -> None:
    request = wish(shop)
    await buy(shop, request)
    (refused,) = await buy(shop, wish(shop, client_ref=request.client_ref, amount_rp=1))
    assert refused.code == "PURCHASE_REF_REUSED"
    assert await shop.balance() == 1_250_000


async def test_an_outlet_nobody_knows_is_refused_beside_one_that_buys(shop: Shop) -> None:
    refused, bought = await buy(shop, wish(shop, outlet_id=OutletId(256 * 77 + 3)), wish(shop))
    assert refused.code == "OUTLET_NOT_FOUND"
    assert not bought.replay
    assert await shop.balance() == 1_250_000


async def test_a_customer_has_no_wallet(shop: Shop) -> None:
    (refused,) = await buy(shop, wish(shop, outlet_id=OutletId((await shop.look()).id)))
    assert refused.code == "OUTLET_NOT_FOUND"


async def test_who_booked_it_is_in_the_audit(shop: Shop) -> None:
    (bought,) = await buy(shop, wish(shop, actor=Actor("staff", 5)))
    row = await shop.stage.pool.fetchrow("SELECT actor, action, data FROM audit WHERE subject_id = $1", bought.id)
    assert (row["actor"], row["action"], row["data"]["amount_rp"]) == ("staff:5", "buy_balance", 250_000)


async def test_many_at_once(shop: Shop) -> None:
    outcomes = await buy(shop, *[wish(shop, amount_rp=1_000 + n) for n in range(200)])
    assert len({outcome.id for outcome in outcomes}) == 200
    assert await shop.balance() == 1_000_000 + sum(1_000 + n for n in range(200))
    async with shop.stage.pool.acquire() as connection:
        assert (await check_books(connection, now=shop.stage.now)).balanced
