"""The same redemption wanted many times at once, and a reward wanted by more than there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.races.arena import Arena

from konter.loyalty.rewards.redemption.redeeming import Redeeming
from konter.platform.db import open_pool
from konter.platform.ids import IdBlocks
from konter.sales.references import References
from konter.subscriber.model import Subscription


@asynccontextmanager
async def process(counter: Counter, dsn: str, *, size: int = 4, batch_max: int = 256) -> AsyncIterator[Redeeming]:
    """A server process: a pool, id blocks and a lane of its own."""
    async with await open_pool(dsn, size=size) as pool:
        redeeming = Redeeming(
            pool,
            clock=counter.stage.clock,
            ids=IdBlocks(),
            keys=counter.stage.keys,
            references=References(),
            batch_max=batch_max,
        )
        yield redeeming
        await redeeming.close()


async def customers(counter: Counter, count: int) -> list[Subscription]:
    return [await counter.customer(100) for _ in range(count)]


@pytest.mark.requirement("P-29")
@pytest.mark.parametrize(("batch_max", "kind"), [(256, "telco"), (1, "telco"), (7, "merchant")])
async def test_the_last_ten_for_200_at_once_go_to_exactly_ten(
    counter: Counter, worker_dsn: str, batch_max: int, kind: str
) -> None:
    reward = await (counter.reward(stock=10) if kind == "telco" else counter.vouchers(10))
    people = await customers(counter, 40)
    requests = [counter.request(people[n % 40], reward) for n in range(200)]
    async with (
        process(counter, worker_dsn, batch_max=batch_max) as one,
        process(counter, worker_dsn, batch_max=batch_max) as two,
    ):
        outcomes = await asyncio.gather(*[(one, two)[n % 2].redeem(each) for n, each in enumerate(requests)])
    codes = [outcome.code for outcome in outcomes]
    assert (codes.count("new"), codes.count("REWARD_OUT_OF_STOCK")) == (10, 190)
    price = 20 if kind == "telco" else 12
    assert sum([(await counter.points(each))[0] for each in people]) == 40 * 100 - 10 * price
    assert await counter.stage.pool.fetchval("SELECT taken FROM reward_stock WHERE reward = $1", reward) == 10
    if kind == "merchant":
        given = [outcome.redemption.delivery.code_id for outcome in outcomes if outcome.redemption is not None]
        assert len(set(given)) == 10


@pytest.mark.requirement("P-29", "P-30")
async def test_twenty_twins_on_a_held_lock_redeem_once(counter: Counter, worker_dsn: str) -> None:
    (customer,) = await customers(counter, 1)
    request = counter.request(customer, await counter.reward())
    arena = Arena(None, worker_dsn)
    async with process(counter, worker_dsn, size=20) as redeeming:
        async with arena.held(customer.id):
            twins = [asyncio.create_task(redeeming._redeem([request])) for _ in range(20)]
            await arena.until_waiting(20)
        outcomes = [batch[0] for batch in await asyncio.gather(*twins)]
    assert sorted(outcome.code for outcome in outcomes) == ["new"] + ["replay"] * 19
    assert len({outcome.redemption.id for outcome in outcomes}) == 1
    assert (await counter.points(customer))[0] == 80
    assert len(await counter.stage.texts(customer.msisdn, "reward_given")) == 1


async def test_a_balance_for_five_makes_five_of_forty(counter: Counter, worker_dsn: str) -> None:
    (customer,) = await customers(counter, 1)
    requests = [counter.request(customer, await counter.reward()) for _ in range(40)]
    async with process(counter, worker_dsn, batch_max=1) as one, process(counter, worker_dsn) as two:
        outcomes = await asyncio.gather(*[(one, two)[n % 2].redeem(each) for n, each in enumerate(requests)])
    codes = [outcome.code for outcome in outcomes]
    assert (codes.count("new"), codes.count("INSUFFICIENT_POINTS")) == (5, 35)


async def test_different_rewards_and_customers_crosswise_never_deadlock(counter: Counter, worker_dsn: str) -> None:
    rewards = [await counter.reward(stock=1000) for _ in range(3)]
    people = await customers(counter, 6)
    async with process(counter, worker_dsn, batch_max=3) as one, process(counter, worker_dsn, batch_max=3) as two:
        wanted = [counter.request(people[n % 6], rewards[n % 3]) for n in range(30)]
        crosswise = [*wanted[::2], *reversed(wanted[1::2])]
        outcomes = await asyncio.gather(*[(one, two)[n % 2].redeem(each) for n, each in enumerate(crosswise)])
    assert {outcome.code for outcome in outcomes} == {"new"}
