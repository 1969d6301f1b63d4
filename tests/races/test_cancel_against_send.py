"""A seller who cancels at the last moment and the worker that sends: whoever has the sale first decides, for both."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.access.people import code_of
from tests.races.arena import Arena
from tests.sales.mercy.held import HOLD_S, hold, past_the_hold, reread, sell_held, sender, take_back
from tests.shop import Shop

from konter.platform.refusal import Refusal
from konter.sales.model import Sale

COST_RP = 49_500


@pytest.fixture
async def held(shop: Shop) -> Sale:
    await hold(shop)
    return await sell_held(shop)


@pytest.mark.requirement("D-43", "D-46")
async def test_the_worker_comes_while_the_seller_cancels_and_passes_it_over(arena: Arena, held: Sale) -> None:
    """The cancellation was decided in time and has not committed yet; then the hold ends."""
    shop = arena.shop
    async with sender(shop) as worker:
        blocker = await asyncpg.connect(arena.dsn)
        transaction = blocker.transaction()
        await transaction.start()
        # The cancellation holds the sale's row of the work list, and waits for the wallet to write.
        await blocker.execute("SELECT FROM account WHERE owner_id = $1 FOR UPDATE", shop.user.outlet_id)
        cancelling = asyncio.create_task(take_back(shop, held.id))
        await arena.until_waiting()
        past_the_hold(shop)
        assert await worker.look() == 0
        await transaction.rollback()
        await blocker.close()
        sale = await cancelling
        assert not isinstance(sale, Refusal)
        assert (sale.status, sale.reason) == ("refunded", "CANCELLED")
        assert await worker.look() == 0
        assert worker.network.done == {}
    assert (await shop.look()).balance_rp == 0
    assert await shop.balance() == 1_000_000


@pytest.mark.requirement("D-43", "D-46")
async def test_the_worker_has_it_and_the_seller_is_told_so_whatever_her_servers_clock(arena: Arena, held: Sale) -> None:
    shop = arena.shop
    async with sender(shop) as worker:
        past_the_hold(shop)
        async with arena.held((await shop.look()).id):  # the delivery waits for the customer
            sending = asyncio.create_task(worker.look())
            await arena.until_waiting()
            shop.stage.clock.advance(timedelta(seconds=-HOLD_S))  # her server is a minute behind
            refused = await take_back(shop, held.id)
        assert await sending == 1
    assert code_of(refused) == "TOO_LATE_TO_CANCEL"
    assert (await reread(shop, held.id))["status"] == "done"
    assert (await shop.look()).balance_rp == 50_000
    assert await shop.balance() == 1_000_000 - COST_RP


async def test_many_sellers_and_workers_at_the_last_moment_each_sale_ends_one_way(arena: Arena) -> None:
    shop = arena.shop
    await hold(shop)
    sales = [await sell_held(shop, product="S50D1", second=True) for _ in range(12)]
    async with sender(shop) as one, sender(shop) as two:

        async def clock_runs_out() -> None:
            await asyncio.sleep(0.03)
            past_the_hold(shop)

        wanted = [take_back(shop, sale.id) for sale in sales for _ in range(2)]
        looks = [worker.look() for worker in (one, two) for _ in range(4)]
        outcomes, *_ = await asyncio.gather(asyncio.gather(*wanted), clock_runs_out(), *looks)
        past_the_hold(shop)
        for _ in range(3):
            await one.look()
            shop.stage.clock.advance(timedelta(minutes=1))
        delivered = len(one.network.done | two.network.done)
    rows = [await reread(shop, sale.id) for sale in sales]
    done = sum(row["status"] == "done" for row in rows)
    assert {row["status"] for row in rows} <= {"done", "refunded"}
    told = [outcome for outcome in outcomes if not isinstance(outcome, Refusal)]
    assert {sale.id for sale in told} == {row["id"] for row in rows if row["status"] == "refunded"}
    assert await shop.balance() == 1_000_000 - done * sales[0].cost_rp
    if shop.way.network:
        assert delivered == done
    receipts = await shop.stage.pool.fetchval(
        "SELECT count(*) FROM receipt WHERE outcome = 'received' AND transfer_id = ANY($1::bigint[])",
        [sale.transfer_id for sale in sales],
    )
    assert receipts == done


async def test_two_users_cancel_at_once_and_the_money_comes_back_once(arena: Arena, held: Sale) -> None:
    shop = arena.shop
    async with arena.held(shop.user.outlet_id):
        twins = [asyncio.create_task(take_back(shop, held.id)) for _ in range(4)]
        await arena.until_waiting(4)
    outcomes = await asyncio.gather(*twins)
    assert {outcome.status for outcome in outcomes} == {"refunded"}
    assert await shop.balance() == 1_000_000
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "sale_refunded")) == 1
