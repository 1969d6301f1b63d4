"""A merchant closes: it burns nothing any more, what it held is free, and no reward of its codes is on offer."""

import asyncio
from typing import Any

import pytest
from tests.loyalty.rewards.conftest import WORDS, Counter

from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.merchants.burn import verify_code
from konter.loyalty.rewards.merchants.manage import (
    add_merchant_number,
    close_merchant,
    merchant_of_client,
    merchant_of_number,
    open_merchant,
    set_merchant_client,
)
from konter.loyalty.rewards.merchants.read import MerchantView, merchant_view
from konter.platform.audit import SYSTEM
from konter.platform.ids import ClientId
from konter.platform.refusal import Refusal


def given(counter: Counter) -> dict[str, Any]:
    return {"now": counter.stage.now, "actor": SYSTEM, "ids": counter.stage.ids}


def timed(counter: Counter) -> dict[str, Any]:
    """For verbs that read their moment behind a lock."""
    return {"clock": counter.stage.clock, "actor": SYSTEM, "ids": counter.stage.ids}


async def close(counter: Counter, merchant: str) -> Refusal | None:
    async with counter.stage.pool.acquire() as connection:
        return await close_merchant(connection, merchant, **timed(counter))


async def set_open(counter: Counter, reward: str, *, is_open: bool) -> bool | Refusal:
    async with counter.stage.pool.acquire() as connection:
        return await set_reward_open(connection, reward, is_open=is_open, **timed(counter))


async def machine(counter: Counter) -> ClientId:
    id_ = await counter.stage.pool.fetchval(
        "INSERT INTO api_client (id, name, scopes, per_minute, created_at, created_by)"
        " SELECT coalesce(max(id), 0) + 256, 'Kasir', ARRAY['vouchers.burn'], 60, $1, 'system' FROM api_client"
        " RETURNING id",
        counter.stage.now,
    )
    return ClientId(id_)


@pytest.mark.requirement("P-23")
async def test_it_works(counter: Counter) -> None:
    merchant, number, client = await counter.merchant(), await counter.stage.number(), await machine(counter)
    async with counter.stage.pool.acquire() as connection:
        assert await add_merchant_number(connection, merchant, number, **given(counter)) is None
        assert await set_merchant_client(connection, merchant, client, **given(counter)) is None
        assert await close_merchant(connection, merchant, **timed(counter)) is None
        assert await merchant_of_number(connection, number) is None
        assert await merchant_of_client(connection, client) is None
        seen = await merchant_view(connection, merchant)
        assert isinstance(seen, MerchantView)
        assert (seen.closed_at, seen.numbers, seen.client_id) == (counter.stage.now, (), None)
        other = await counter.merchant()
        assert await add_merchant_number(connection, other, number, **given(counter)) is None
        assert await set_merchant_client(connection, other, client, **given(counter)) is None
    audit = "SELECT data FROM audit WHERE action = 'merchant.closed' AND data ->> 'merchant' = $1"
    assert (await counter.stage.pool.fetchval(audit, merchant))["numbers"] == 1


@pytest.mark.requirement("P-23")
async def test_a_closed_merchant_burns_nothing(counter: Counter) -> None:
    merchant = await counter.merchant()
    reward = await counter.vouchers(2, merchant=merchant)
    customer = await counter.customer()
    burnt, code = await counter.code_of(customer, reward), await counter.code_of(customer, reward)
    earlier = counter.burning(merchant, burnt)
    await counter.burn(earlier)
    await set_open(counter, reward, is_open=False)
    assert await close(counter, merchant) is None
    outcome, again = await counter.burn(counter.burning(merchant, code), earlier)
    assert (outcome.refusal.code, again.replay) == ("MERCHANT_NOT_FOUND", True)
    async with counter.stage.pool.acquire() as connection:
        view = await verify_code(connection, merchant, code, keys=counter.stage.keys, now=counter.stage.now)
    assert view.refusal.code == "MERCHANT_NOT_FOUND"


async def test_one_that_is_unknown_or_closed(counter: Counter) -> None:
    merchant, number = await counter.merchant(), await counter.stage.number()
    assert (await close(counter, "NONE")).code == "MERCHANT_NOT_FOUND"
    assert await close(counter, merchant) is None
    assert (await close(counter, merchant)).code == "MERCHANT_NOT_FOUND"
    async with counter.stage.pool.acquire() as connection:
        assert (await add_merchant_number(connection, merchant, number, **given(counter))).code == "MERCHANT_NOT_FOUND"
        assert (await set_merchant_client(connection, merchant, None, **given(counter))).code == "MERCHANT_NOT_FOUND"
        assert (await open_merchant(connection, merchant, "Lagi", **given(counter))).code == "MERCHANT_EXISTS"


async def test_not_while_a_reward_of_its_codes_is_on_offer(counter: Counter) -> None:
    """Nobody pays points for what nobody gives."""
    merchant = await counter.merchant()
    reward = await counter.vouchers(1, merchant=merchant)
    refusal = await close(counter, merchant)
    assert (refusal.code, refusal.data) == ("MERCHANT_HAS_REWARDS", {"reward": reward})
    await set_open(counter, reward, is_open=False)
    planned = await counter.vouchers(1, merchant=merchant, valid_from="2027-01-01")
    assert (await close(counter, merchant)).data == {"reward": planned}
    await set_open(counter, planned, is_open=False)
    over = await counter.vouchers(1, merchant=merchant, last_day="2014-04-01")
    assert over
    assert await close(counter, merchant) is None
    assert (await set_open(counter, reward, is_open=True)).code == "MERCHANT_NOT_FOUND"


async def test_a_file_offers_nothing_of_a_closed_merchant(counter: Counter) -> None:
    merchant = await counter.merchant()
    offer = {"row": "reward", "code": f"GELAS-{merchant}", "kind": "merchant", "points": 12, "merchant": merchant}
    offer |= {"valid_from": "2014-03-01", "last_day": "2014-04-01", **WORDS}
    row = {"row": "merchant", "code": merchant, "name": "Toko Melati"}
    await counter.import_rows(row, offer)
    assert await close(counter, merchant) is None
    assert (await counter.import_rows(row, offer)).same == 1, "the same file again changes nothing"
    new = {**offer, "valid_from": "2027-01-01", "last_day": ""}
    refused = await counter.import_rows({**row, "name": "Toko Lain"}, new)
    assert [(fault.column, fault.reason) for fault in refused.data["faults"]] == [
        ("code", "closed_merchant"),
        ("merchant", "closed_merchant"),
    ]


async def test_a_number_that_comes_at_the_same_moment(counter: Counter) -> None:
    """Whoever is first, no number is left with a closed merchant."""
    for _ in range(10):
        merchant, number = await counter.merchant(), await counter.stage.number()

        async def add(merchant: str = merchant, number: Any = number) -> Refusal | None:
            async with counter.stage.pool.acquire() as connection:
                return await add_merchant_number(connection, merchant, number, **given(counter))

        await asyncio.gather(add(), close(counter, merchant))
        left = "SELECT count(*) FROM merchant_number WHERE merchant = $1"
        assert await counter.stage.pool.fetchval(left, merchant) == 0
