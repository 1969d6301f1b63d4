"""A held sale is taken back, or goes out: never both. Each way of selling."""

from datetime import timedelta

import pytest
from tests.access.people import code_of
from tests.sales.mercy.held import HOLD_S, hold, past_the_hold, reread, sell_held, sender, take_back, waiting
from tests.shop import Shop, open_shop

from konter.sales.model import Sale

COST_RP = 49_500


@pytest.fixture
async def held(shop: Shop) -> Sale:
    """A sale that waits, of an outlet whose sales are held for a minute."""
    await hold(shop)
    return await sell_held(shop)


@pytest.mark.requirement("D-43", "D-44")
async def test_it_works(shop: Shop, held: Sale) -> None:
    assert (held.status, held.hold_until - held.at) == ("checking", timedelta(seconds=HOLD_S))
    assert await shop.balance() == 1_000_000 - COST_RP
    sale = await take_back(shop, held.id)
    assert isinstance(sale, Sale)
    assert (sale.status, sale.reason, sale.resolved_at) == ("refunded", "CANCELLED", shop.stage.now)
    assert (sale.refund_before_rp, sale.refund_after_rp) == (1_000_000 - COST_RP, 1_000_000)
    assert await shop.balance() == 1_000_000
    assert (await shop.look()).balance_rp == 0
    assert await waiting(shop) == 0
    rows = await shop.stage.pool.fetch("SELECT action, actor, data FROM audit WHERE subject_id = $1", sale.id)
    told = [(row["action"], row["actor"]) for row in rows]
    assert told == [("sell", f"outlet_user:{shop.user.id}"), ("refund_sale", f"outlet_user:{shop.user.id}")]
    assert rows[1]["data"]["reason"] == "CANCELLED"
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "sale_refunded")) == 1


async def test_twice_gives_the_same_answer_and_one_refund(shop: Shop, held: Sale) -> None:
    first, again = await take_back(shop, held.id), await take_back(shop, held.id)
    assert first == again
    assert await shop.balance() == 1_000_000
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "sale_refunded")) == 1


async def test_a_cancelled_sale_never_goes_out(shop: Shop, held: Sale) -> None:
    await take_back(shop, held.id)
    past_the_hold(shop)
    async with sender(shop) as worker:
        assert await worker.look() == 0
        assert worker.network.done == {}
    assert (await shop.look()).balance_rp == 0


async def test_nothing_goes_out_while_it_is_held_and_then_it_does(shop: Shop, held: Sale) -> None:
    async with sender(shop) as worker:
        shop.stage.clock.advance(timedelta(seconds=HOLD_S, microseconds=-1))
        assert await worker.look() == 0
        assert (await shop.look()).balance_rp == 0
        shop.stage.clock.advance(timedelta(microseconds=1))
        assert await worker.look() == 1
    assert (await reread(shop, held.id))["status"] == "done"
    assert (await shop.look()).balance_rp == 50_000
    assert code_of(await take_back(shop, held.id)) == "TOO_LATE_TO_CANCEL"
    assert await shop.balance() == 1_000_000 - COST_RP


async def test_at_the_end_of_the_hold_it_is_too_late_though_nobody_has_sent_it_yet(shop: Shop, held: Sale) -> None:
    past_the_hold(shop)
    refused = await take_back(shop, held.id)
    assert code_of(refused) == "TOO_LATE_TO_CANCEL"
    assert refused.data == {"code": held.code, "held": True}
    assert (await reread(shop, held.id))["status"] == "checking"


async def test_once_taken_to_be_sent_it_is_too_late_whatever_the_clock_says(shop: Shop, held: Sale) -> None:
    """The seller's server may be behind the worker: what counts is who had the sale first."""
    taken = shop.stage.now + timedelta(seconds=30)
    await shop.stage.pool.execute("UPDATE sale_check SET taken_until = $2 WHERE sale_id = $1", held.id, taken)
    assert code_of(await take_back(shop, held.id)) == "TOO_LATE_TO_CANCEL"
    put_off = held.hold_until + timedelta(seconds=30)
    await shop.stage.pool.execute(
        "UPDATE sale_check SET taken_until = NULL, due_at = $2 WHERE sale_id = $1", held.id, put_off
    )
    assert code_of(await take_back(shop, held.id)) == "TOO_LATE_TO_CANCEL"
    assert await shop.balance() == 1_000_000 - COST_RP


async def test_what_was_sent_at_once_cannot_be_cancelled(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    refused = await take_back(shop, sale.id)
    assert code_of(refused) == "TOO_LATE_TO_CANCEL"
    assert refused.data["held"] is False


async def test_of_another_outlet_it_is_not_found(shop: Shop, held: Sale) -> None:
    stranger = await open_shop(shop.stage)
    assert code_of(await take_back(stranger, held.id)) == "SALE_NOT_FOUND"
    assert code_of(await take_back(shop, held.id + 256)) == "SALE_NOT_FOUND"
    assert (await reread(shop, held.id))["status"] == "checking"


async def test_a_cancelled_number_may_be_sold_to_at_once(shop: Shop, held: Sale) -> None:
    """It is no repeat: nothing was delivered."""
    await take_back(shop, held.id)
    assert (await sell_held(shop)).status == "checking"
