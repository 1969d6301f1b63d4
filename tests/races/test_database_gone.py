"""The database lets us wait, throws us out or goes: 503 within a bound, and the retry with the same ref finds the truth."""

import asyncio
import time

import asyncpg
import pytest
from tests.races.arena import Arena
from tests.shop import open_shop

from konter.platform.refusal import Refused


async def test_a_lock_that_is_not_had_in_time_is_503_and_the_retry_sells(arena: Arena) -> None:
    shop = arena.shop
    request = shop.request()
    async with arena.process(lock_timeout="300ms") as process:
        async with arena.held(shop.user.outlet_id):
            begun = time.monotonic()
            refusal = (await process.lane.submit(request)).refusal
            assert time.monotonic() - begun < 3
        assert (refusal.code, refusal.status) == ("UNAVAILABLE", 503)
        assert await shop.balance() == 1_000_000
        assert (await process.lane.submit(request)).code == "new"
    assert await shop.balance() == 950_500


async def test_a_lock_that_is_not_had_puts_off_nobody_else(arena: Arena) -> None:
    shop, neighbour = arena.shop, await open_shop(arena.shop.stage, way=arena.shop.way)
    async with arena.process(lock_timeout="300ms") as process, arena.held(shop.user.outlet_id):
        requests = [shop.request(), neighbour.request(), neighbour.request(msisdn=shop.customer)]
        outcomes = await asyncio.gather(*(process.lane.submit(request) for request in requests))
    assert [outcome.code for outcome in outcomes] == ["UNAVAILABLE", "new", "new"]
    assert (await shop.balance(), await neighbour.balance()) == (1_000_000, 901_000)


async def kill(arena: Arena, pids: list[int]) -> None:
    connection = await asyncpg.connect(arena.dsn)
    try:
        for pid in pids:
            await connection.execute("SELECT pg_terminate_backend($1)", pid)
    finally:
        await connection.close()


@pytest.mark.requirement("D-43")
async def test_a_connection_killed_before_the_decision_sold_nothing(arena: Arena) -> None:
    shop = arena.shop
    request = shop.request()
    async with arena.process() as process:
        async with arena.held(shop.user.outlet_id):
            selling = asyncio.create_task(process.lane.submit(request))
            await kill(arena, await arena.until_waiting(1))
            with pytest.raises(Refused, match="UNAVAILABLE"):
                await selling
        assert await shop.balance() == 1_000_000
        assert (await process.lane.submit(request)).code == "new"


@pytest.mark.requirement("D-43")
async def test_a_connection_killed_in_the_middle_of_the_write_sold_nothing(arena: Arena) -> None:
    """The write waits for a row of the wallet that somebody else has; everything before it is undone."""
    shop = arena.shop
    request = shop.request()
    holder = await asyncpg.connect(arena.dsn)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT FROM account WHERE owner_id = $1 FOR UPDATE", shop.user.outlet_id)
    async with arena.process() as process:
        selling = asyncio.create_task(process.lane.submit(request))
        await kill(arena, await arena.until_waiting(1))
        with pytest.raises(Refused, match="UNAVAILABLE"):
            await selling
        await transaction.rollback()
        await holder.close()
        assert await shop.balance() == 1_000_000
        assert (await process.lane.submit(request)).code == "new"
    assert len(await shop.stage.texts(shop.user.nn_msisdn, "sale_seller")) == 1


@pytest.mark.requirement("D-43", "D-107")
async def test_killed_after_the_commit_but_before_the_answer_the_retry_is_a_replay(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = arena.shop
    request = shop.request()
    async with arena.process() as process:
        committed = process._sell

        async def and_then_gone(requests):
            await committed(requests)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

        monkeypatch.setattr(process.lane, "_command", and_then_gone)
        with pytest.raises(Refused, match="UNAVAILABLE"):
            await process.lane.submit(request)
        monkeypatch.setattr(process.lane, "_command", committed)
        assert (await process.lane.submit(request)).code == "replay"
    assert await shop.balance() == 950_500


async def test_killed_again_and_again_every_ref_ends_sold_once(arena: Arena) -> None:
    shop = arena.shop
    requests = [shop.request(product="S50D1", second=True) for _ in range(60)]
    refused = 0
    async with arena.process(size=3, batch_max=4) as process:
        todo = requests
        for _ in range(6):
            wanted = [asyncio.create_task(process.lane.submit(request)) for request in todo]
            await asyncio.sleep(0.01)
            await kill(arena, await arena.until("application_name = 'konter' AND state <> 'idle'", 0))
            outcomes = await asyncio.gather(*wanted, return_exceptions=True)
            refused += sum(isinstance(outcome, Refused) for outcome in outcomes)
        outcomes = [await process.lane.submit(request) for request in requests]
    assert {outcome.code for outcome in outcomes} <= {"new", "replay"}
    assert len({outcome.sale.id for outcome in outcomes}) == 60
    assert await shop.balance() == 1_000_000 - 60 * 1_450
