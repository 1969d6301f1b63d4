"""A sale against whatever may forbid or undo it at the same moment. Whoever has the lock first is obeyed by the other."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.races.arena import Arena
from tests.sales.reversing import ask, decide
from tests.shop import Shop, open_shop

from konter.access.model import Origin
from konter.access.sessions import revoke_session
from konter.catalogue.availability import set_open
from konter.channel.suspensions import set_outlets, set_users
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.sales.model import SaleOutcome


def given(shop: Shop) -> dict:
    return {"reason": "hilang", "actor": SYSTEM, "now": shop.stage.now, "ids": shop.stage.ids}


async def revoke(shop: Shop) -> Callable[[], Awaitable[None]]:
    """Logged in on another phone, ready to end the lost one's session."""
    principal = await shop.stage.principal(shop.user)

    async def forbid() -> None:
        origin = Origin("", "")
        async with shop.stage.pool.acquire() as connection:
            await revoke_session(connection, principal, shop.claims.session_id, origin=origin, **shop.stage.given)

    return forbid


async def block(shop: Shop) -> Callable[[], Awaitable[None]]:
    async def forbid() -> None:
        async with shop.stage.pool.acquire() as connection:
            await set_users(connection, [shop.user.id], "blocked", **given(shop))

    return forbid


async def suspend(shop: Shop) -> Callable[[], Awaitable[None]]:
    async def forbid() -> None:
        async with shop.stage.pool.acquire() as connection:
            await set_outlets(connection, [shop.user.outlet_id], "suspended", **given(shop))

    return forbid


Prepare = Callable[[Shop], Awaitable[Callable[[], Awaitable[None]]]]
FORBIDS = [(revoke, "SESSION_EXPIRED"), (block, "SESSION_EXPIRED"), (suspend, "APP_BLOCKED")]


@pytest.mark.requirement("D-52")
@pytest.mark.parametrize(("prepare", "code"), FORBIDS)
async def test_a_sale_that_waits_behind_whoever_forbids_it_is_refused(
    arena: Arena, prepare: Prepare, code: str
) -> None:
    shop = arena.shop
    forbid = await prepare(shop)
    async with arena.process() as process:
        async with arena.held(shop.user.outlet_id):
            forbidding = asyncio.create_task(forbid())
            await arena.until_waiting(1)
            selling = asyncio.create_task(process.lane.submit(shop.request()))
            await arena.until_waiting(2)
        await forbidding
        outcome: SaleOutcome = await selling
    assert outcome.code == code
    assert await shop.balance() == 1_000_000


@pytest.mark.requirement("D-52")
@pytest.mark.parametrize(("prepare", "code"), FORBIDS)
async def test_a_sale_that_was_first_stands_and_the_next_is_refused(arena: Arena, prepare: Prepare, code: str) -> None:
    shop = arena.shop
    forbid = await prepare(shop)
    async with arena.process() as process:
        async with arena.held(shop.user.outlet_id):
            selling = asyncio.create_task(process.lane.submit(shop.request()))
            await arena.until_waiting(1)
            forbidding = asyncio.create_task(forbid())
            await arena.until_waiting(2)
        assert (await selling).code == "new"
        await forbidding
        assert (await process.lane.submit(shop.request(second=True))).code == code
    assert await shop.balance() == 950_500


async def test_a_sale_that_waits_while_its_product_closes_is_refused(arena: Arena) -> None:
    shop = arena.shop
    stage = shop.stage
    async with arena.process() as process:
        await process.lane.submit(shop.request(product="V30M1"))  # rules and catalogue are in memory, PULSA15 open
        async with arena.held(shop.user.outlet_id):
            selling = asyncio.create_task(process.lane.submit(shop.request(product="PULSA15")))
            await arena.until_waiting(1)
            async with stage.pool.acquire() as connection:
                await set_open(connection, "PULSA15", is_open=False, now=stage.now, actor=SYSTEM, ids=stage.ids)
        outcome = await selling
        async with stage.pool.acquire() as connection:
            await set_open(connection, "PULSA15", is_open=True, now=stage.now, actor=SYSTEM, ids=stage.ids)
        assert outcome.code == "PRODUCT_CLOSED"
        assert (await process.lane.submit(shop.request(product="PULSA15"))).code == "new"


async def test_reversal_and_replay_at_once_leave_the_money_back_and_one_sale(arena: Arena) -> None:
    shop = arena.shop
    request = shop.request()
    (first,) = await shop.sell_all(request)
    asked = await ask(shop.stage, first.sale.id)
    async with arena.process() as process:
        async with arena.held(shop.user.outlet_id):
            deciding = asyncio.create_task(decide(shop.stage, asked))
            again = asyncio.create_task(process.lane.submit(request))
            await arena.until_waiting(2)
        assert not isinstance(await deciding, Refusal)
        assert (await again).code == "replay"
    assert await shop.balance() == 1_000_000


async def test_reversal_and_another_sale_to_the_number_at_once_agree_on_the_active_period(arena: Arena) -> None:
    shop = arena.shop
    before = (await shop.look()).active_until
    sale = (await shop.sell()).sale
    asked = await ask(shop.stage, sale.id)
    async with arena.process() as process:
        async with arena.held((await shop.look()).id):
            deciding = asyncio.create_task(decide(shop.stage, asked))
            selling = asyncio.create_task(process.lane.submit(shop.request(product="PULSA5")))
            await arena.until_waiting(2)
        assert not isinstance(await deciding, Refusal)
        assert (await selling).code == "new"
    view = await shop.look()
    assert view.balance_rp == 5_000
    assert (view.active_until.date() - before.date()).days == 7


async def test_one_number_moved_by_both_sides_at_once_keeps_every_rupiah(arena: Arena) -> None:
    """Many outlets recharge one customer through two processes: every recharge arrives, none is overwritten."""
    sellers = [arena.shop, *[await open_shop(arena.shop.stage, way=arena.shop.way) for _ in range(5)]]
    async with arena.process() as one, arena.process() as two:
        wanted = [
            (one, two)[n % 2].lane.submit(seller.request(msisdn=arena.shop.customer, second=True))
            for n, seller in enumerate(sellers * 5)
        ]
        outcomes = await asyncio.gather(*wanted)
    assert [outcome.code for outcome in outcomes] == ["new"] * 30
    assert (await arena.shop.look()).balance_rp == 30 * 50_000


async def test_outlets_that_sell_to_each_others_numbers_all_end(arena: Arena) -> None:
    """A sells to B's phone while B sells to A's, and each to its own: the owners are locked in one order, so nobody waits in a ring."""
    left, right = arena.shop, await open_shop(arena.shop.stage, way=arena.shop.way)
    phones: list[Msisdn] = [left.user.nn_msisdn, right.user.nn_msisdn]
    async with (
        arena.process(size=4, batch_max=1) as one,
        asyncio.timeout(20),
    ):
        wanted = [
            one._sell([seller.request(msisdn=phone, product="S50D1", second=True) for phone in order])
            for _ in range(15)
            for seller, order in ((left, phones), (right, phones[::-1]))
        ]
        batches = await asyncio.gather(*wanted, return_exceptions=True)
    assert [outcome.code for batch in batches for outcome in batch] == ["new"] * 60
    assert await left.balance() == await right.balance() == 1_000_000 - 30 * 1_450
