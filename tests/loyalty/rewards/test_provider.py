"""Digital rewards of outside providers: points are held, then posted or back in their vintages."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.stage import passwords, stage

from konter.ledger.books import check_books
from konter.ledger.expire import expire
from konter.loyalty.points.why import moves_of
from konter.loyalty.rewards.redemption.ending import Answer
from konter.loyalty.rewards.redemption.model import Redemption
from konter.loyalty.rewards.redemption.provider import Providing, RewardOrder, Said
from konter.loyalty.rewards.redemption.read import redemption_of
from konter.loyalty.rewards.redemption.redeem import TOPIC_ORDER
from konter.loyalty.rewards.redemption.settle import settle_redemptions
from konter.loyalty.vintages import expires_at
from konter.platform.outbox import DONE, Again, Taken

__all__ = ["passwords", "stage"]

TONE = {"kind": "digital", "provider": "tones", "item": "RBT30", "days": 30, "points": 30}


class FakeProvider:
    """Says what it is told to say, and keeps what it was asked; an exception is raised."""

    def __init__(self, says: Said | Exception, on_cancel: Said | Exception | None = None) -> None:
        self.says, self.on_cancel = says, on_cancel or Said(state="refused")
        self.ordered: list[RewardOrder] = []
        self.cancelled: list[RewardOrder] = []

    async def order(self, orders: Sequence[RewardOrder]) -> list[Said]:
        self.ordered += orders
        return self._said(self.says, orders)

    async def cancel(self, orders: Sequence[RewardOrder]) -> list[Said]:
        self.cancelled += orders
        return self._said(self.on_cancel, orders)

    @staticmethod
    def _said(says: Said | Exception, orders: Sequence[RewardOrder]) -> list[Said]:
        if isinstance(says, Exception):
            raise says
        return [says for _ in orders]


def providing(counter: Counter, provider: FakeProvider | None) -> Providing:
    providers = {"tones": provider} if provider is not None else {}
    clock, ids = counter.stage.clock, counter.stage.ids
    return Providing(counter.stage.pool, providers, clock=clock, ids=ids, references=counter.references)


async def taken(counter: Counter, redemption: Redemption) -> Taken:
    row = await counter.stage.pool.fetchrow(
        "SELECT id, cell, topic, body, at, due_at, 1 AS attempts FROM outbox WHERE topic = $1"
        " AND (body->>'redemption_id')::bigint = $2",
        TOPIC_ORDER,
        redemption.id,
    )
    return Taken(**row)


async def reread(counter: Counter, redemption: Redemption) -> Redemption:
    async with counter.stage.pool.acquire() as connection:
        found = await redemption_of(connection, redemption.id, subscription_id=redemption.subscription_id)
    assert isinstance(found, Redemption)
    return found


@pytest.mark.requirement("P-22", "P-29")
async def test_it_works(counter: Counter) -> None:
    """30 points -> ring-back tone, 30 days."""
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    await counter.stage.pool.execute("UPDATE subscription SET locale = 'en' WHERE id = $1", customer.id)
    redemption = (await counter.redeem(customer, reward)).redemption
    assert (redemption.status, redemption.delivery) == ("checking", None)
    assert (await counter.points(customer))[0] == 70
    provider = FakeProvider(Said(state="done", reference="T-1"))
    outcomes = await providing(counter, provider).handler()([await taken(counter, redemption)])
    assert outcomes == [DONE]
    (order,) = provider.ordered
    assert (order.msisdn, order.item, order.days) == (customer.msisdn, "RBT30", 30)
    ended = await reread(counter, redemption)
    assert (ended.status, ended.delivery.reference, ended.resolved_at) == ("done", "T-1", counter.stage.now)
    assert (await counter.points(customer))[0] == 70
    (text,) = await counter.stage.texts(customer.msisdn, "reward_done")
    assert (text["product"], text["points"], text["code"]) == ("Reward", 30, redemption.code)


@pytest.mark.requirement("P-29", "P-20")
async def test_what_a_provider_refuses_brings_the_points_back_to_the_same_vintages(counter: Counter) -> None:
    counter.stage.clock.at = datetime(2026, 2, 1, tzinfo=UTC)
    customer, reward = await counter.customer(20, y2025=25), await counter.reward(**TONE, stock=1)
    before = await counter.points(customer)
    redemption = (await counter.redeem(customer, reward)).redemption
    assert (await counter.redeem(customer, reward)).code == "REWARD_OUT_OF_STOCK"
    provider = FakeProvider(Said(state="refused", reason="NO_SUCH_TONE"))
    await providing(counter, provider).handler()([await taken(counter, redemption)])
    ended = await reread(counter, redemption)
    assert (ended.status, ended.reason) == ("refunded", "NO_SUCH_TONE")
    assert await counter.points(customer) == before
    assert (await counter.stage.texts(customer.msisdn, "reward_refunded"))[0]["product"] == "Hadiah"
    assert (await counter.redeem(customer, reward)).code == "new"


@pytest.mark.requirement("P-28", "P-29")
async def test_read_page_by_page_a_refund_stands_with_what_it_brings_back(own_counter: Counter) -> None:
    counter, clock = own_counter, own_counter.stage.clock
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    clock.at += timedelta(minutes=1)
    first = (await counter.redeem(customer, reward)).redemption
    clock.at += timedelta(minutes=1)
    await counter.redeem(customer, reward)
    clock.at += timedelta(minutes=1)
    provider = FakeProvider(Said(state="refused", reason="NO_SUCH_TONE"))
    await providing(counter, provider).handler()([await taken(counter, first)])
    before, pages = None, []
    async with counter.stage.pool.acquire() as connection:
        whole = await moves_of(connection, customer.id)
        while page := await moves_of(connection, customer.id, before=before, limit=1):
            pages += page
            before = (page[-1].at, page[-1].id)
    assert pages == whole
    assert [(move.kind, move.state, move.points) for move in whole][:2] == [
        ("redemption", "pending", -30),
        ("redemption", "voided", 0),
    ]


async def test_what_was_refunded_does_not_count_for_the_quota(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward(**TONE, quota=1, quota_per="ever")
    redemption = (await counter.redeem(customer, reward)).redemption
    assert (await counter.redeem(customer, reward)).code == "REWARD_QUOTA_USED"
    await providing(counter, FakeProvider(Said(state="refused"))).handler()([await taken(counter, redemption)])
    assert (await counter.redeem(customer, reward)).code == "new"


@pytest.mark.parametrize("says", [Said(state="unknown"), RuntimeError("away")])
async def test_a_provider_that_does_not_say_is_asked_again(counter: Counter, says: Said | Exception) -> None:
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    row = await taken(counter, redemption)
    (outcome,) = await providing(counter, FakeProvider(says)).handler()([row])
    assert isinstance(outcome, Again)
    assert (await reread(counter, redemption)).status == "checking"
    provider = FakeProvider(Said(state="done"))
    for _ in range(2):  # a worker may bring a row twice
        assert await providing(counter, provider).handler()([row]) == [DONE]
    assert len(provider.ordered) == 1


@pytest.mark.requirement("P-29")
@pytest.mark.parametrize(
    ("says", "status"),
    [
        (Said(state="done", reference="T\0-1"), "done"),
        (Said(state="done", reference="\ud800" + "T" * 1_000_000), "done"),
        (Said(state="done", reference=None), "done"),
        (Said(state="refused", reason="NO\0"), "refunded"),
        (Said(state="refused", reason=404), "refunded"),
        (Said(state="finished"), "checking"),
        (None, "checking"),
    ],
)
async def test_nonsense_of_a_provider_holds_up_nobody_else(counter: Counter, says: Said | None, status: str) -> None:
    class Odd(FakeProvider):
        async def order(self, orders: Sequence[RewardOrder]) -> list[Said]:
            return [says if order.msisdn == first.msisdn else Said(state="done") for order in orders]

        cancel = order

    first, second, reward = await counter.customer(), await counter.customer(), await counter.reward(**TONE)
    both = [(await counter.redeem(each, reward)).redemption for each in (first, second)]
    odd = providing(counter, Odd(Said(state="done")))
    await odd.handler()([await taken(counter, each) for each in both])
    assert [(await reread(counter, each)).status for each in both] == [status, "done"]
    counter.stage.clock.at += timedelta(days=2)
    await odd.end_overdue(now=counter.stage.now)
    assert (await reread(counter, both[0])).status == ("done" if status == "done" else "refunded")


async def test_a_provider_that_hangs_or_answers_too_little_holds_nobody_up(counter: Counter) -> None:
    class Hanging(FakeProvider):
        async def order(self, orders: Sequence[RewardOrder]) -> list[Said]:
            await asyncio.Event().wait()
            return []

    class Silent(FakeProvider):
        async def order(self, orders: Sequence[RewardOrder]) -> list[Said]:
            return []

    customer, reward = await counter.customer(), await counter.reward(**TONE)
    row = await taken(counter, (await counter.redeem(customer, reward)).redemption)
    with patch("konter.loyalty.rewards.redemption.provider.ANSWER_WITHIN_S", 0.05):
        for provider in (Hanging(Said(state="done")), Silent(Said(state="done"))):
            (outcome,) = await providing(counter, provider).handler()([row])
            assert isinstance(outcome, Again)


@pytest.mark.requirement("P-29")
@pytest.mark.parametrize(
    ("on_cancel", "status"),
    [
        (Said(state="refused"), "refunded"),
        (Said(state="done", reference="T-2"), "done"),
        (Said(state="unknown"), "refunded"),
        (RuntimeError("away"), "refunded"),
        (None, "refunded"),
    ],
)
async def test_the_deadline_ends_it(own_counter: Counter, on_cancel: Said | Exception | None, status: str) -> None:
    counter = own_counter
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    provider = FakeProvider(Said(state="unknown"), on_cancel) if on_cancel is not None else None
    counter.stage.clock.at = redemption.deadline - timedelta(seconds=1)
    assert await providing(counter, provider).end_overdue(now=counter.stage.now) == 0
    counter.stage.clock.at = redemption.deadline
    assert await providing(counter, provider).end_overdue(now=counter.stage.now) == 1
    assert await providing(counter, provider).end_overdue(now=counter.stage.now) == 0
    ended = await reread(counter, redemption)
    assert (ended.status, ended.reason) == (status, "DEADLINE" if status == "refunded" else None)
    assert (await counter.points(customer))[0] == (70 if status == "done" else 100)
    async with counter.stage.pool.acquire() as connection:
        assert (await check_books(connection, now=counter.stage.now + timedelta(days=1))).balanced


async def test_what_is_given_after_the_refund_is_noted_and_kept(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    answers = [
        Answer(redemption_id=redemption.id, subscription_id=customer.id, given=False, reason="DEADLINE"),
        Answer(redemption_id=redemption.id, subscription_id=customer.id, given=True, reference="T-3"),
    ]
    given = {"clock": counter.stage.clock, "ids": counter.stage.ids, "references": counter.references}
    async with counter.stage.pool.acquire() as connection:
        first, second = await settle_redemptions(connection, answers, **given)
        third = (await settle_redemptions(connection, answers, **given))[0]
    assert [each.status for each in (first, second, third)] == ["refunded"] * 3
    assert (await counter.points(customer))[0] == 100
    assert sorted(await counter.stage.audit(redemption.id)) == [
        "reward.ended",
        "reward.given_late",
        "reward.given_late",
        "reward.redeemed",
    ]


@pytest.mark.requirement("P-18", "P-29")
async def test_points_that_come_back_after_their_end_come_back_and_expire(own_counter: Counter) -> None:
    """Held on 31 March, refused on 1 April: the same vintage gets them, and the job ends them with it."""
    counter = own_counter
    customer, reward = await counter.customer(30), await counter.reward(**TONE)
    await counter.stage.pool.execute("UPDATE subscription SET active_until = $1", datetime(2027, 12, 1, tzinfo=UTC))
    counter.stage.clock.at = datetime(2027, 3, 31, 16, 59, tzinfo=UTC)
    redemption = (await counter.redeem(customer, reward)).redemption
    counter.stage.clock.at = datetime(2027, 3, 31, 17, 10, tzinfo=UTC)
    async with counter.stage.pool.acquire() as connection:
        while await expire(connection, now=counter.stage.now, ids=counter.stage.ids):
            pass
    await providing(counter, FakeProvider(Said(state="refused"))).handler()([await taken(counter, redemption)])
    end = expires_at(2026, counter.stage.rules.poin)
    assert await counter.stage.pool.fetchval("SELECT balance FROM account WHERE expires_at = $1", end) == 30
    assert (await counter.points(customer))[0] == 0
    async with counter.stage.pool.acquire() as connection:
        assert await expire(connection, now=counter.stage.now, ids=counter.stage.ids) == 1
    assert await counter.stage.pool.fetchval("SELECT balance FROM account WHERE expires_at = $1", end) == 0


@pytest.mark.requirement("P-29", "G-P19")
async def test_points_that_come_back_repay_a_debt_that_arose_meanwhile(counter: Counter) -> None:
    """A debt stands only while every vintage is empty."""
    customer, reward = await counter.customer(30), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    await counter.grant(customer, -10, 2026)
    assert (await counter.points(customer))[0] == -10
    await providing(counter, FakeProvider(Said(state="refused"))).handler()([await taken(counter, redemption)])
    assert await counter.points(customer) == (20, {expires_at(2026, counter.stage.rules.poin): 20})


@pytest.mark.requirement("P-29")
async def test_what_was_redeemed_before_a_reward_was_limited_comes_back_and_is_not_in_its_stock(
    counter: Counter,
) -> None:
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    await counter.reward(**TONE, code=reward, stock=5, valid_from="2099-01-01")
    await providing(counter, FakeProvider(Said(state="refused"))).handler()([await taken(counter, redemption)])
    assert (await reread(counter, redemption)).status == "refunded"
    assert (await counter.points(customer))[0] == 100
    assert await counter.stage.pool.fetchval("SELECT taken FROM reward_stock WHERE reward = $1", reward) == 0
