"""Merchants verify and burn codes: once, their own, in time."""

import asyncio
import uuid
from datetime import timedelta

import asyncpg
import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.races.arena import Arena

from konter.access.limits.guesses import WRONG_MAX
from konter.loyalty.rewards.merchants.burn import burn_codes, tries_left, verify_code
from konter.loyalty.rewards.merchants.manage import (
    add_merchant_number,
    merchant_of_client,
    merchant_of_number,
    open_merchant,
    remove_merchant_number,
    set_merchant_client,
)
from konter.loyalty.rewards.merchants.model import BurnOutcome, BurnRequest, CodeView
from konter.loyalty.rewards.merchants.read import MerchantView, merchant_view
from konter.platform.audit import SYSTEM
from konter.platform.db import open_pool
from konter.platform.ids import ClientId, IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.open import NewSubscription, open_subscriptions


async def verify(counter: Counter, merchant: str, code: str) -> CodeView | Refusal:
    async with counter.stage.pool.acquire() as connection:
        return await verify_code(connection, merchant, code, keys=counter.stage.keys, now=counter.stage.now)


async def at_once(counter: Counter, dsn: str, *requests: BurnRequest) -> list[BurnOutcome]:
    """Burn on connections of their own, all let go at the same moment: somebody holds the codes until all wait."""
    holder = await asyncpg.connect(dsn)
    async with await open_pool(dsn, size=len(requests)) as pool:

        async def burn(request: BurnRequest) -> BurnOutcome:
            async with pool.acquire() as connection:
                given = {"clock": counter.stage.clock, "ids": IdBlocks(), "keys": counter.stage.keys}
                return (await burn_codes(connection, [request], **given))[0]

        async with holder.transaction():
            await holder.execute("SELECT FROM reward_code WHERE redemption_id IS NOT NULL FOR UPDATE")
            tries = [asyncio.create_task(burn(request)) for request in requests]
            await Arena(None, dsn).until_waiting(len(requests))
        outcomes = await asyncio.gather(*tries)
    await holder.close()
    return outcomes


def told(outcomes: list[BurnOutcome]) -> list[str]:
    return sorted(outcome.refusal.code if outcome.refusal else "burnt" for outcome in outcomes)


async def bought(counter: Counter, **reward: object) -> tuple[str, str]:
    """A merchant, and a code of it that a customer has."""
    merchant = await counter.merchant()
    code = await counter.code_of(await counter.customer(), await counter.vouchers(3, merchant=merchant, **reward))
    return merchant, code


@pytest.mark.requirement("P-23")
async def test_it_works(counter: Counter) -> None:
    merchant, code = await bought(counter)
    before = await verify(counter, merchant, code)
    assert (before.name_id, before.terms_en, before.burnt_at, before.refusal) == ("Hadiah", "Used once.", None, None)
    assert [before.name(locale) for locale in ("id", "en")] == ["Hadiah", "Reward"]
    assert [before.terms(locale) for locale in ("id", "en")] == ["Sekali pakai.", "Used once."]
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert outcome.view.burnt_at == counter.stage.now
    after = await verify(counter, merchant, code)
    assert (after.burnt_at, after.refusal.code) == (counter.stage.now, "CODE_BURNT")


async def test_a_merchant_never_learns_who_has_a_code(counter: Counter) -> None:
    merchant, code = await bought(counter)
    view = await verify(counter, merchant, code)
    shown = str([getattr(view, name) for name in view.__struct_fields__])
    row = await counter.stage.pool.fetchrow("SELECT subscription_id, id FROM redemption ORDER BY at DESC, id DESC")
    assert str(row["subscription_id"]) not in shown
    assert str(row["id"]) not in shown


async def test_a_code_written_another_way(counter: Counter) -> None:
    merchant, code = await bought(counter)
    (outcome,) = await counter.burn(counter.burning(merchant, f" {code[:6]}-{code[6:]}".lower()))
    assert outcome.refusal is None


async def test_burning_twice_under_the_same_ref_burns_once(counter: Counter) -> None:
    merchant, code = await bought(counter)
    request = counter.burning(merchant, code)
    (first,) = await counter.burn(request)
    counter.stage.clock.advance(timedelta(minutes=1))
    second, third = await counter.burn(request, request)
    assert (second.view, second.replay, third.replay) == (first.view, True, True)


async def test_burning_twice_under_another_ref_is_refused_with_the_time(counter: Counter) -> None:
    merchant, code = await bought(counter)
    at = counter.stage.now
    await counter.burn(counter.burning(merchant, code))
    counter.stage.clock.advance(timedelta(minutes=1))
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert (outcome.refusal.code, outcome.refusal.data["at"]) == ("CODE_BURNT", at)
    assert outcome.refusal.data["shown"] == "21/11/2026 12:00"


async def test_a_ref_of_another_code(counter: Counter) -> None:
    merchant = await counter.merchant()
    reward, customer = await counter.vouchers(2, merchant=merchant), await counter.customer()
    codes, ref = [await counter.code_of(customer, reward) for _ in range(2)], uuid.uuid4()
    outcomes = await counter.burn(*[counter.burning(merchant, code, client_ref=ref) for code in codes])
    assert outcomes[0].refusal is None
    assert outcomes[1].refusal.code == "BURN_REF_REUSED"
    (again,) = await counter.burn(counter.burning(merchant, codes[1], client_ref=ref))
    assert again.refusal.code == "BURN_REF_REUSED"


async def test_a_code_of_another_merchant(counter: Counter) -> None:
    _, code = await bought(counter)
    other = await counter.merchant()
    (outcome,) = await counter.burn(counter.burning(other, code))
    assert outcome.refusal.code == "CODE_OF_ANOTHER"
    assert (await verify(counter, other, code)).code == "CODE_OF_ANOTHER"


@pytest.mark.requirement("P-23")
async def test_a_code_of_no_merchant_is_unknown_and_counts_as_a_guess(counter: Counter) -> None:
    merchant, reward = await counter.merchant(), await counter.reward(kind="digital", points=12)
    await counter.codes(reward, counter.new_codes(1))
    code = await counter.code_of(await counter.customer(), reward)
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert outcome.refusal.code == "CODE_UNKNOWN"
    assert (await verify(counter, merchant, code)).code == "CODE_UNKNOWN"
    async with counter.stage.pool.acquire() as connection:
        assert await tries_left(connection, merchant, now=counter.stage.now) == WRONG_MAX - 2


async def test_a_code_that_nobody_has_is_unknown(counter: Counter) -> None:
    merchant = await counter.merchant()
    reward, (free,) = await counter.vouchers(1, merchant=merchant), counter.new_codes(1)
    await counter.codes(reward, [free])
    for code in (free, "TIDAK-ADA", ""):
        (outcome,) = await counter.burn(counter.burning(merchant, code))
        assert outcome.refusal.code == "CODE_UNKNOWN"
        assert (await verify(counter, merchant, code)).code == "CODE_UNKNOWN"


async def test_a_code_is_good_to_the_end_of_its_last_day(counter: Counter) -> None:
    merchant, code = await bought(counter, days=1)
    view = await verify(counter, merchant, code)
    counter.stage.clock.at = view.expires_at - timedelta(seconds=1)
    assert (await verify(counter, merchant, code)).refusal is None
    counter.stage.clock.at = view.expires_at
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert outcome.refusal.code == "CODE_EXPIRED"


async def test_whoever_guesses_waits_even_with_the_right_one(counter: Counter) -> None:
    merchant, code = await bought(counter)
    for _ in range(WRONG_MAX // 2):
        await counter.burn(counter.burning(merchant, "SALAH-1"), counter.burning(merchant, "SALAH-2"))
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert outcome.refusal.code == "TOO_MANY_REQUESTS"
    assert (await verify(counter, merchant, code)).code == "TOO_MANY_REQUESTS"
    counter.stage.clock.advance(timedelta(minutes=11))
    (outcome,) = await counter.burn(counter.burning(merchant, code))
    assert outcome.refusal is None


@pytest.mark.requirement("P-23")
async def test_ten_who_burn_at_once_burn_once(counter: Counter, worker_dsn: str) -> None:
    merchant, code = await bought(counter)
    outcomes = await at_once(counter, worker_dsn, *[counter.burning(merchant, code) for _ in range(10)])
    assert told(outcomes) == ["CODE_BURNT"] * 9 + ["burnt"]
    assert await counter.stage.pool.fetchval("SELECT count(*) FROM code_burn WHERE merchant = $1", merchant) == 1


async def test_twins_of_one_ref_at_once_all_get_the_same_answer(counter: Counter, worker_dsn: str) -> None:
    merchant, code = await bought(counter)
    outcomes = await at_once(counter, worker_dsn, *[counter.burning(merchant, code)] * 10)
    assert {outcome.view.burnt_at for outcome in outcomes} == {counter.stage.now}
    assert sorted(outcome.replay for outcome in outcomes) == [False] + [True] * 9


async def test_one_ref_for_two_codes_at_once(counter: Counter, worker_dsn: str) -> None:
    merchant = await counter.merchant()
    reward, customer = await counter.vouchers(2, merchant=merchant), await counter.customer()
    codes, ref = [await counter.code_of(customer, reward) for _ in range(2)], uuid.uuid4()
    both = [counter.burning(merchant, code, client_ref=ref) for code in codes]
    assert told(await at_once(counter, worker_dsn, *both)) == ["BURN_REF_REUSED", "burnt"]


async def test_who_speaks_for_a_merchant(counter: Counter) -> None:
    one, two = await counter.merchant(), await counter.merchant()
    msisdn = await counter.stage.number()
    given = {"now": counter.stage.now, "actor": SYSTEM, "ids": counter.stage.ids}
    async with counter.stage.pool.acquire() as connection:
        assert await merchant_of_number(connection, msisdn) is None
        assert await add_merchant_number(connection, one, msisdn, **given) is None
        assert await add_merchant_number(connection, one, msisdn, **given) is None
        assert (await add_merchant_number(connection, two, msisdn, **given)).code == "MERCHANT_NUMBER_TAKEN"
        assert (await add_merchant_number(connection, "NONE", msisdn, **given)).code == "MERCHANT_NOT_FOUND"
        assert await merchant_of_number(connection, msisdn) == one
        refusal = await remove_merchant_number(connection, two, msisdn, **given)
        assert (refusal.code, refusal.status) == ("MERCHANT_NUMBER_UNKNOWN", 404)
        assert await remove_merchant_number(connection, one, msisdn, **given) is None
        assert await merchant_of_number(connection, msisdn) is None
        assert (await remove_merchant_number(connection, one, msisdn, **given)).code == "MERCHANT_NUMBER_UNKNOWN"
        assert (await open_merchant(connection, one, "Lagi", **given)).code == "MERCHANT_EXISTS"
        assert (await set_merchant_client(connection, "NONE", None, **given)).code == "MERCHANT_NOT_FOUND"
        assert await set_merchant_client(connection, one, None, **given) is None
        assert (await set_merchant_client(connection, one, ClientId(1), **given)).code == "CLIENT_MAY_NOT_BURN"
        assert await merchant_of_client(connection, ClientId(1)) is None


async def recycled(counter: Counter, number: Msisdn) -> None:
    """The number ends, and somebody else gets it."""
    stage = counter.stage
    await stage.pool.execute(
        "UPDATE subscription SET ended_at = $2 WHERE msisdn = $1 AND ended_at IS NULL", number, stage.now
    )
    new = NewSubscription(msisdn=number, active_until=stage.now + timedelta(days=365), brand="nusa")
    async with stage.pool.acquire() as connection:
        await open_subscriptions(connection, [new], now=stage.now, ids=stage.ids)


@pytest.mark.requirement("P-23")
async def test_whoever_gets_a_recycled_number_speaks_for_nobody(counter: Counter) -> None:
    one, two, number = await counter.merchant(), await counter.merchant(), await counter.stage.number()
    given = {"now": counter.stage.now, "actor": SYSTEM, "ids": counter.stage.ids}
    async with counter.stage.pool.acquire() as connection:
        assert await add_merchant_number(connection, one, number, **given) is None
        await recycled(counter, number)
        assert await merchant_of_number(connection, number) is None
        seen = await merchant_view(connection, one)
        assert isinstance(seen, MerchantView)
        assert seen.numbers == ()
        assert await add_merchant_number(connection, two, number, **given) is None
        assert await merchant_of_number(connection, number) == two
        await recycled(counter, number)
        assert await add_merchant_number(connection, two, number, **given) is None
        assert await merchant_of_number(connection, number) == two


async def test_a_number_that_nobody_has_speaks_for_nobody(counter: Counter) -> None:
    merchant, number = await counter.merchant(), await counter.stage.number()
    given = {"now": counter.stage.now, "actor": SYSTEM, "ids": counter.stage.ids}
    await counter.stage.pool.execute("UPDATE subscription SET ended_at = $2 WHERE msisdn = $1", number, given["now"])
    async with counter.stage.pool.acquire() as connection:
        assert (await add_merchant_number(connection, merchant, number, **given)).code == "UNKNOWN_SUBSCRIBER"
