"""The programme's figures: flows between tiers, how many are in each, and what is redeemed, day by day."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of
from tests.loyalty.rewards.conftest import Counter, own_counter, own_stage, passwords

from konter.loyalty.rewards.redemption.figures import RewardFigure, reward_figures, roll_up_rewards
from konter.loyalty.tiers.evaluate import evaluate_tiers
from konter.loyalty.tiers.figures import TierFlow, roll_up_tiers, tier_flows, tier_standing
from konter.platform.clock import WIB, business_day
from konter.platform.ids import SubscriptionId

__all__ = ["own_counter", "own_stage", "passwords"]
OPENED, JULY = datetime(2026, 1, 5, tzinfo=WIB), date(2026, 7, 1)
NIGHT = datetime(2026, 7, 1, 0, 5, tzinfo=WIB)


async def spend(people: People, subscription: SubscriptionId, amount_rp: int) -> None:
    await people.fetch(
        "INSERT INTO point_month (subscription_id, cell, month, counted_rp, points)"
        " VALUES ($1::bigint, $1::bigint & 255, '2026-06-01', $2, 0)",
        subscription,
        amount_rp,
    )


async def spend_more(people: People, subscription: SubscriptionId, amount_rp: int) -> None:
    await people.fetch("UPDATE point_month SET counted_rp = $2 WHERE subscription_id = $1", subscription, amount_rp)


@pytest.mark.requirement("P-32")
async def test_flows_and_counts_of_tiers(people: People) -> None:
    one, other, _ = [subscription_of([each]) for each in await people.open(at=OPENED, count=3)]
    rules = people.rulebook.at(NIGHT)
    gold = rules.tier.threshold["gold_idr"]
    await spend(people, one, 6 * gold)
    await spend(people, other, 6 * rules.tier.threshold["red_idr"])
    await evaluate_tiers(people.db, JULY, now=NIGHT, rulebook=people.rulebook)
    async with people.db.acquire() as connection:
        for _ in range(2):  # again replaces it
            await roll_up_tiers(connection, JULY, rules=rules)
        await roll_up_tiers(connection, JULY - timedelta(days=1), rules=rules, standing=False)
        flows = await tier_flows(connection, first=date(2026, 6, 1), last=date(2026, 7, 31))
        standing = await tier_standing(connection, rules=rules)
    assert flows == [
        TierFlow(month=JULY, tier_before="mass", tier=tier, cause="upgrade", changes=1) for tier in ("gold", "red")
    ]
    assert standing is not None
    assert (standing.day, standing.customers) == (JULY, {"mass": 1, "red": 1, "gold": 1, "priority": 0})


@pytest.mark.requirement("P-32")
async def test_the_count_is_of_its_day_also_when_the_next_has_begun(people: People) -> None:
    """The night's count comes after the evaluation of the first of the month, and may come hours late."""
    one, _ = [subscription_of([each]) for each in await people.open(at=OPENED, count=2)]
    rules = people.rulebook.at(NIGHT)
    await people.recharge(one, 60_000, at=datetime(2026, 6, 10, tzinfo=WIB))
    await people.accrue(datetime(2026, 6, 10, 1, tzinfo=WIB))
    await spend_more(people, one, 6 * rules.tier.threshold["gold_idr"])
    await evaluate_tiers(people.db, JULY, now=NIGHT, rulebook=people.rulebook)
    counts = []
    async with people.db.acquire() as connection:
        for day in (date(2026, 6, 9), date(2026, 6, 30), JULY):
            await roll_up_tiers(connection, day, rules=rules)
            standing = await tier_standing(connection, rules=rules)
            assert standing is not None
            counts.append(standing.customers)
    assert counts == [
        {"mass": 2, "red": 0, "gold": 0, "priority": 0},
        {"mass": 1, "red": 1, "gold": 0, "priority": 0},
        {"mass": 1, "red": 0, "gold": 1, "priority": 0},
    ]


@pytest.mark.requirement("P-32", "P-36")
async def test_a_tier_counts_from_when_it_holds_not_from_when_it_was_written(people: People) -> None:
    """Flows and counts would otherwise not add up: points of the last minutes of a month are granted in the next."""
    one, _ = [subscription_of([each]) for each in await people.open(at=OPENED, count=2)]
    rules = people.rulebook.at(NIGHT)
    await people.recharge(one, 60_000, at=datetime(2026, 6, 30, 23, 58, tzinfo=WIB))
    await people.accrue(datetime(2026, 7, 1, 0, 3, tzinfo=WIB))
    async with people.db.acquire() as connection:
        for day in (date(2026, 6, 30), JULY):
            await roll_up_tiers(connection, day, rules=rules)
        flows = await tier_flows(connection, first=date(2026, 6, 1), last=date(2026, 7, 31))
    assert flows == [TierFlow(month=date(2026, 6, 1), tier_before="mass", tier="red", cause="entry", changes=1)]


async def test_before_the_first_night_nobody_is_counted(people: People) -> None:
    async with people.db.acquire() as connection:
        assert await tier_standing(connection, rules=people.rulebook.at(NIGHT)) is None


@pytest.mark.requirement("P-21", "P-23")
async def test_what_is_redeemed_and_burnt(own_counter: Counter) -> None:
    counter, customer = own_counter, await own_counter.customer(100)
    merchant = await counter.merchant()
    telco, voucher = await counter.reward(), await counter.vouchers(3, merchant=merchant)
    await counter.redeem(customer, telco)
    code = await counter.code_of(customer, voucher)
    await counter.redeem(customer, voucher)
    await counter.burn(counter.burning(merchant, code))
    day = business_day(counter.stage.now)
    async with counter.stage.pool.acquire() as connection:
        for _ in range(2):
            await roll_up_rewards(connection, day, rules=counter.stage.rules)
        figures = await reward_figures(connection, first=day, last=day)
        assert await reward_figures(connection, first=day + timedelta(days=1), last=day + timedelta(days=1)) == []
    shared = {"name_id": "Hadiah", "name_en": "Reward", "refunded": 0}
    assert figures == [
        RewardFigure(
            reward=voucher,
            merchant=merchant,
            merchant_name="Toko Melati",
            redemptions=2,
            points=24,
            burnt=1,
            **shared,
        ),
        RewardFigure(reward=telco, merchant=None, merchant_name=None, redemptions=1, points=20, burnt=0, **shared),
    ]
