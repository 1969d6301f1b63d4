"""The same sale wanted many times at once, and a balance wanted by more than it can pay."""

import asyncio
import uuid
from datetime import timedelta

import asyncpg
import msgspec
import pytest
from tests.races.arena import Arena
from tests.shop import open_shop

from konter.sales.model import SaleOutcome

PRICE_RP = 49_500


@pytest.mark.requirement("D-43", "D-107")
async def test_twenty_twins_on_a_held_lock_make_one_sale(arena: Arena) -> None:
    shop = arena.shop
    request = shop.request()
    async with arena.process(size=20, batch_max=1) as process:
        async with arena.held(shop.user.outlet_id):
            twins = [asyncio.create_task(process._sell([request])) for _ in range(20)]
            await arena.until_waiting(20)
        outcomes: list[SaleOutcome] = [each for batch in await asyncio.gather(*twins) for each in batch]
    assert sorted(outcome.code for outcome in outcomes) == ["new"] + ["replay"] * 19
    assert len({outcome.sale.id for outcome in outcomes}) == 1
    assert await shop.balance() == 1_000_000 - PRICE_RP
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "sale_seller")) == 1
    assert len(await shop.stage.texts(shop.customer, "sale_customer_recharge")) == 1


async def test_twins_through_two_processes_make_one_sale(arena: Arena) -> None:
    request = arena.shop.request()
    async with arena.process() as one, arena.process() as two:
        outcomes = await asyncio.gather(*[process.lane.submit(request) for process in (one, two) * 10])
    assert sorted(outcome.code for outcome in outcomes) == ["new"] + ["replay"] * 19
    assert await arena.shop.balance() == 1_000_000 - PRICE_RP


async def test_a_sale_is_of_the_moment_at_which_it_had_its_lock(arena: Arena) -> None:
    """So that what an owner's book says comes later also happened later."""
    shop = arena.shop
    async with arena.process() as process:
        async with arena.held(shop.user.outlet_id):
            waiting = asyncio.create_task(process.lane.submit(shop.request()))
            await arena.until_waiting()
            shop.stage.clock.advance(timedelta(seconds=4))
        assert (await waiting).sale.at == shop.stage.now


async def test_twins_of_which_one_says_something_else(arena: Arena) -> None:
    """Whichever comes first is the sale; the other's ref is taken."""
    request = arena.shop.request()
    other = msgspec.structs.replace(request, product="PULSA5")
    async with arena.process() as one, arena.process() as two:
        outcomes = await asyncio.gather(one.lane.submit(request), two.lane.submit(other))
    assert sorted(outcome.code for outcome in outcomes) == ["REF_REUSED", "new"]


async def test_two_different_refs_for_one_number_are_told_apart_by_the_guard(arena: Arena) -> None:
    async with arena.process() as one, arena.process() as two:
        outcomes = await asyncio.gather(*[p.lane.submit(arena.shop.request()) for p in (one, two) * 5])
    assert sorted(outcome.code for outcome in outcomes) == ["DUPLICATE_SALE"] * 9 + ["new"]


@pytest.mark.requirement("D-107", "G-D33")
@pytest.mark.parametrize(("processes", "size", "batch_max"), [(1, 8, 1), (2, 2, 256), (2, 4, 7)])
async def test_a_balance_for_30_makes_30_of_200(arena: Arena, processes: int, size: int, batch_max: int) -> None:
    seller = await open_shop(arena.shop.stage, way=arena.shop.way, balance_rp=30 * PRICE_RP + PRICE_RP - 1)
    numbers = [await seller.stage.number() for _ in range(8)]
    requests = [seller.request(msisdn=numbers[n % 8], second=True, client_ref=uuid.uuid4()) for n in range(200)]
    async with arena.process(size=size, batch_max=batch_max) as one, arena.process(size=size) as two:
        if batch_max == 1:  # each request a transaction of its own, eight at a time
            wanted = [one._sell([request]) for request in requests]
            outcomes = [batch[0] for batch in await asyncio.gather(*wanted)]
        else:
            lanes = [one.lane, two.lane][:processes]
            outcomes = await asyncio.gather(*[lanes[n % processes].submit(r) for n, r in enumerate(requests)])
    codes = [outcome.code for outcome in outcomes]
    assert (codes.count("new"), codes.count("INSUFFICIENT_BALANCE")) == (30, 170)
    assert await seller.balance() == PRICE_RP - 1
    assert sum([(await seller.look(number)).balance_rp for number in numbers]) == 30 * 50_000


async def test_wrong_pins_from_many_connections_are_all_counted(arena: Arena) -> None:
    shop = arena.shop
    async with arena.process(size=8) as process:
        wanted = [process._sell([shop.request(pin="000001")]) for _ in range(8)]
        codes = [batch[0].code for batch in await asyncio.gather(*wanted)]
    assert (codes.count("WRONG_PIN"), codes.count("PIN_LOCKED")) == (2, 6)


async def test_a_request_that_the_database_cannot_take_fails_alone(arena: Arena) -> None:
    """Edges let no NUL through; should one get here, its neighbours in the batch are sold all the same, once."""
    shop = arena.shop
    requests = [shop.request(product="S50D1", second=True) for _ in range(6)]
    requests[2] = shop.request(product="S50\x00D1")
    async with arena.process() as process:
        wanted = [process.lane.submit(request) for request in requests]
        outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    assert isinstance(outcomes.pop(2), asyncpg.PostgresError)
    assert [outcome.code for outcome in outcomes] == ["new"] * 5
    assert await shop.balance() == 1_000_000 - 5 * 1_450
