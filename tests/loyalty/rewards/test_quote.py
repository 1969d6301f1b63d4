"""What a redemption would come to is what it then comes to; codes are opened for those who look at their own."""

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.sales.test_round_trips import said_in

from konter.loyalty.rewards.redemption.quote import Quote, quote_reward
from konter.loyalty.rewards.redemption.read import redemptions_of, vouchers_of
from konter.subscriber.model import Subscription


async def quoted(counter: Counter, customer: Subscription, reward: str) -> Quote | None:
    stage = counter.stage
    async with stage.pool.acquire() as connection:
        return await quote_reward(connection, customer.id, reward, now=stage.now, rules=stage.rules)


@pytest.mark.requirement("P-20")
async def test_it_works(counter: Counter) -> None:
    customer, reward = await counter.customer(30, y2027=100), await counter.reward(points=110)
    asked = await quoted(counter, customer, reward)
    assert (asked.points, asked.points_after, asked.line.refusal) == (130, 20, None)
    outcome = await counter.redeem(customer, reward)
    spent = [(each.points, each.expires_at) for each in outcome.redemption.why.vintages]
    assert spent == [(part.points, part.expires_at) for part in asked.paid_by]
    assert [points for points, _ in spent] == [30, 80]


async def test_points_and_reward_are_of_one_read(counter: Counter) -> None:
    """Read a second time for the balance, the points could be others than those that the refusal speaks of."""
    customer, reward = await counter.customer(30), await counter.reward()
    stage = counter.stage
    given = {"now": stage.now, "rules": stage.rules}
    asked, said = await said_in(counter, lambda c: quote_reward(c, customer.id, reward, **given))
    assert (asked.points, len(said)) == (30, 4)


async def test_too_few_points_are_taken_from_nowhere(counter: Counter) -> None:
    asked = await quoted(counter, await counter.customer(10), await counter.reward())
    assert (asked.line.refusal.code, asked.paid_by) == ("INSUFFICIENT_POINTS", ())


async def test_what_is_not_on_offer(counter: Counter) -> None:
    assert await quoted(counter, await counter.customer(10), "ENTAH") is None


@pytest.mark.requirement("P-23")
async def test_own_codes_are_opened_and_say_when_they_were_burnt(counter: Counter) -> None:
    merchant, customer = await counter.merchant(), await counter.customer()
    reward, plain = await counter.vouchers(2, merchant=merchant), await counter.reward()
    code = await counter.code_of(customer, reward)
    await counter.redeem(customer, plain)
    await counter.burn(counter.burning(merchant, code))
    async with counter.stage.pool.acquire() as connection:
        found = await redemptions_of(connection, customer.id)
        vouchers = await vouchers_of(connection, found, keys=counter.stage.keys)
    assert [(each.code, each.burnt_at) for each in vouchers.values()] == [(code, counter.stage.now)]
