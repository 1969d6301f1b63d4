"""Redeeming: the main path of each kind first, then each no, then replays."""

import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.loyalty.rewards.conftest import DAY, Counter
from tests.sales.test_round_trips import said_in

from konter.ledger.expire import expire
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.redemption.model import RedeemRequest
from konter.loyalty.rewards.redemption.quote import quote_reward
from konter.loyalty.rewards.redemption.read import Voucher, redemption_of, redemptions_of, vouchers_of
from konter.loyalty.rewards.redemption.redeem import redeem
from konter.loyalty.vintages import expires_at
from konter.platform.audit import SYSTEM
from konter.platform.refusal import Refusal
from konter.sales.references import References
from konter.subscriber.view import subscriber_view

MB100 = 100 * 1024**2
ROUND_TRIPS_MAX = 8


@pytest.mark.requirement("P-21", "P-29")
async def test_it_works(counter: Counter) -> None:
    """20 points -> 100 MB."""
    customer, reward = await counter.customer(48), await counter.reward()
    redemption = (await counter.redeem(customer, reward)).redemption
    assert (redemption.status, redemption.points, redemption.points_after) == ("done", 20, 28)
    (bucket,) = redemption.delivery.delivery.buckets
    assert (bucket.source, bucket.amount, bucket.before, bucket.after) == ("data", MB100, 0, MB100)
    assert (await counter.points(customer))[0] == 28
    async with counter.stage.pool.acquire() as connection:
        view = await subscriber_view(connection, customer.msisdn, now=counter.stage.now, rules=counter.stage.rules)
    assert [(each.source, each.balance) for each in view.buckets] == [("data", MB100)]
    (text,) = await counter.stage.texts(customer.msisdn, "reward_given")
    assert (text["product"], text["points_left"], text["code"]) == ("Hadiah", 28, redemption.code)


@pytest.mark.requirement("P-29")
async def test_points_leave_the_books_as_redeemed(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    redemption = (await counter.redeem(customer, reward)).redemption
    rows = await counter.stage.pool.fetch(
        "SELECT e.kind, e.amount, t.kind AS of FROM entry e JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell"
        " WHERE t.reference_id = $1 AND e.asset = 'POINTS' ORDER BY e.amount",
        redemption.id,
    )
    assert [tuple(row) for row in rows] == [("points", -20, "redemption"), ("redeemed", 20, "redemption")]


@pytest.mark.requirement("P-20")
async def test_the_older_vintage_pays_first(counter: Counter) -> None:
    """100 of 2025 and 30 of 2026, as it is before April: redeem 110 -> 100 + 10."""
    counter.stage.clock.at = datetime(2026, 2, 1, tzinfo=UTC)
    customer, reward = await counter.customer(30, y2025=100), await counter.reward(points=110)
    redemption = (await counter.redeem(customer, reward)).redemption
    ends = [expires_at(year, counter.stage.rules.poin) for year in (2025, 2026)]
    assert [(each.points, each.expires_at) for each in redemption.why.vintages] == [(100, ends[0]), (10, ends[1])]
    assert await counter.points(customer) == (20, {ends[1]: 20})


@pytest.mark.requirement("P-18", "P-20")
async def test_the_last_second_of_31_march_counts_and_the_next_does_not(own_counter: Counter) -> None:
    counter = own_counter
    customer = await counter.customer(20, y2025=20)
    reward = await counter.reward()
    # A month of the SIM's own life does not matter here.
    await counter.stage.pool.execute("UPDATE subscription SET active_until = $1", datetime(2027, 12, 1, tzinfo=UTC))
    counter.stage.clock.at = datetime(2027, 3, 31, 16, 59, 59, 999999, tzinfo=UTC)
    assert (await counter.redeem(customer, reward)).code == "new"
    counter.stage.clock.at = datetime(2027, 3, 31, 16, 59, 59, tzinfo=UTC)
    await counter.grant(customer, 20, 2026)
    counter.stage.clock.at = datetime(2027, 3, 31, 17, 0, 0, tzinfo=UTC)
    refusal = (await counter.redeem(customer, reward)).refusal
    assert (refusal.code, refusal.data["balance"]) == ("INSUFFICIENT_POINTS", 0)
    async with counter.stage.pool.acquire() as connection:
        assert await expire(connection, now=counter.stage.now, ids=counter.stage.ids)


@pytest.mark.requirement("P-23")
async def test_a_merchants_code_is_given_by_text_and_stays_sealed(counter: Counter) -> None:
    """12 points -> merchant code."""
    customer, reward = await counter.customer(12), await counter.vouchers(1, days=30)
    redemption = (await counter.redeem(customer, reward)).redemption
    (text,) = await counter.stage.texts(customer.msisdn, "reward_code_until")
    async with counter.stage.pool.acquire() as connection:
        held = await vouchers_of(connection, [redemption], keys=counter.stage.keys)
    assert held == {redemption.id: Voucher(code=text["voucher"], burnt_at=None)}
    said = await counter.stage.pool.fetchval(
        "SELECT string_agg(row_to_json(r)::text, ' ') FROM redemption r WHERE id = $1", redemption.id
    )
    rows = await counter.stage.pool.fetchval(
        "SELECT string_agg(row_to_json(a)::text, ' ') FROM audit a WHERE subject_id = $1", redemption.id
    )
    outbox = await counter.stage.pool.fetchval("SELECT string_agg(body::text, ' ') FROM outbox")
    sealed = await counter.stage.pool.fetchval("SELECT sealed FROM reward_code WHERE redemption_id = $1", redemption.id)
    assert not any(text["voucher"] in kept for kept in (said, rows, outbox, sealed))


async def test_codes_that_end_soonest_go_first_and_those_that_are_over_never(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    soon, over = counter.new_codes(2)
    await counter.codes(reward, [soon], last_day="2026-12-01")
    await counter.codes(reward, [over], last_day="2026-11-22")
    counter.stage.clock.advance(2 * DAY)
    customer = await counter.customer()
    assert await counter.code_of(customer, reward) == soon
    assert len(await counter.code_of(customer, reward)) == 12
    assert (await counter.redeem(customer, reward)).code == "REWARD_OUT_OF_STOCK"


@pytest.mark.requirement("P-22")
async def test_an_e_book_code_needs_no_merchant(counter: Counter) -> None:
    reward = await counter.reward(kind="digital")
    (code,) = counter.new_codes(1)
    await counter.codes(reward, [code])
    assert await counter.code_of(await counter.customer(), reward) == code


async def test_a_number_reads_its_redemptions_and_no_others(counter: Counter) -> None:
    customer, other, reward = await counter.customer(), await counter.customer(), await counter.reward()
    first = (await counter.redeem(customer, reward)).redemption
    counter.stage.clock.advance(timedelta(seconds=1))
    second = (await counter.redeem(customer, reward)).redemption
    async with counter.stage.pool.acquire() as connection:
        assert await redemptions_of(connection, customer.id) == [second, first]
        assert await redemptions_of(connection, customer.id, before=(second.at, second.id)) == [first]
        assert await redemption_of(connection, first.id, subscription_id=customer.id) == first
        found = await redemption_of(connection, first.id, subscription_id=other.id)
    assert isinstance(found, Refusal)
    assert found.code == "REDEMPTION_NOT_FOUND"


@pytest.mark.requirement("P-13")
async def test_points_go_to_nobody_else(counter: Counter) -> None:
    """A redemption names one number, which pays and gets; no transfer of points has two owners."""
    assert {name for name in RedeemRequest.__struct_fields__ if "id" in name or "msisdn" in name} == {"subscription_id"}
    customer, reward = await counter.customer(), await counter.reward()
    await counter.redeem(customer, reward)
    assert not await counter.stage.pool.fetch(
        "SELECT t.id FROM transfer t JOIN account d ON d.id = t.debit_account AND d.cell = t.cell"
        " JOIN account c ON c.id = t.credit_account AND c.cell = t.cell"
        " WHERE t.asset = 'POINTS' AND d.owner_id <> c.owner_id"
    )


async def test_too_few_points(counter: Counter) -> None:
    customer, reward = await counter.customer(19), await counter.reward()
    refusal = (await counter.redeem(customer, reward)).refusal
    assert (refusal.code, refusal.data) == ("INSUFFICIENT_POINTS", {"balance": 19, "points": 20, "missing": 1})
    assert (await counter.points(customer))[0] == 19


@pytest.mark.requirement("G-P19")
async def test_nothing_below_zero_after_a_reversal(counter: Counter) -> None:
    customer, reward = await counter.customer(20), await counter.reward()
    await counter.redeem(customer, reward)
    await counter.grant(customer, -5, 2026)
    refusal = (await counter.redeem(customer, reward)).refusal
    assert (refusal.code, refusal.data["balance"]) == ("POINTS_IN_DEBT", -5)


@pytest.mark.parametrize("reward", ["TIDAKADA", "x\x7f"])
async def test_a_reward_that_is_not_there(counter: Counter, reward: str) -> None:
    assert (await counter.redeem(await counter.customer(), reward)).code == "REWARD_NOT_FOUND"


async def test_a_reward_that_begins_later_or_is_over(counter: Counter) -> None:
    customer = await counter.customer()
    later = await counter.reward(valid_from="2026-12-01")
    over = await counter.reward(last_day="2026-11-20")
    last = await counter.reward(last_day="2026-11-21")
    codes = [(await counter.redeem(customer, reward)).code for reward in (later, over, last)]
    assert codes == ["REWARD_NOT_FOUND", "REWARD_CLOSED", "new"]


async def test_a_closed_reward_until_it_is_opened_again(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    codes = []
    for is_open in (False, True):
        async with counter.stage.pool.acquire() as connection:
            clock, ids = counter.stage.clock, counter.stage.ids
            assert await set_reward_open(connection, reward, is_open=is_open, clock=clock, actor=SYSTEM, ids=ids)
            assert not await set_reward_open(connection, reward, is_open=is_open, clock=clock, actor=SYSTEM, ids=ids)
        codes.append((await counter.redeem(customer, reward)).code)
    assert codes == ["REWARD_CLOSED", "new"]


async def test_another_price_than_was_shown(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    refusal = (await counter.redeem(customer, reward, points=15)).refusal
    assert (refusal.code, refusal.data) == ("REWARD_PRICE_CHANGED", {"asked": 15, "points": 20})


async def test_something_else_than_was_shown_at_the_same_price(counter: Counter) -> None:
    """Between the look and the confirmation another offer has begun; a retry of what was done before it stands."""
    customer, reward = await counter.customer(), await counter.reward()
    await counter.reward(code=reward, quantity="50 MB", valid_from="2026-12-01")
    async with counter.stage.pool.acquire() as connection:
        given = {"now": counter.stage.now, "rules": counter.stage.rules}
        shown = await quote_reward(connection, customer.id, reward, **given)
    asked = {"points": 20, "offer_from": shown.line.offer.valid_from}
    kept = {**asked, "client_ref": uuid.uuid4()}
    done = await counter.redeem(customer, reward, **kept)
    counter.stage.clock.at = datetime(2026, 11, 30, 17, tzinfo=UTC)
    refusal = (await counter.redeem(customer, reward, **asked)).refusal
    assert (refusal.code, refusal.data) == ("REWARD_CHANGED", {"reward": reward})
    assert (await counter.points(customer))[0] == 80
    again = await counter.redeem(customer, reward, **kept)
    assert (again.replay, again.redemption.id) == (True, done.redemption.id)
    other = {**kept, "offer_from": datetime(2026, 11, 30, 17, tzinfo=UTC)}
    assert (await counter.redeem(customer, reward, **other)).code == "REDEMPTION_REF_REUSED"


async def test_the_newest_offer_that_has_begun_is_in_force(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    await counter.reward(code=reward, points=30, valid_from="2026-12-01")
    assert (await counter.redeem(customer, reward)).redemption.points == 20
    counter.stage.clock.at = datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert (await counter.redeem(customer, reward)).redemption.points == 30


@pytest.mark.parametrize("only", [{"brands": "prima"}, {"kinds": "postpaid"}])
async def test_a_reward_of_another_segment(counter: Counter, only: dict) -> None:
    assert (await counter.redeem(await counter.customer(), await counter.reward(**only))).code == (
        "REWARD_NOT_FOR_SEGMENT"
    )


async def test_a_reward_from_a_tier_on(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward(tier="gold")
    assert (await counter.redeem(customer, reward)).refusal.data["tier"] == "gold"
    await counter.stage.pool.execute(
        "INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)"
        " VALUES ($1, $2, 'priority', '2026-11-01', '2027-05-01', '2026-05-01', 'upgrade', 1)",
        customer.id,
        customer.cell,
    )
    redemption = (await counter.redeem(customer, reward)).redemption
    assert redemption.why.tier == "priority"


@pytest.mark.parametrize(
    ("per", "opens"), [("day", "22/11/2026"), ("month", "01/12/2026"), ("year", "01/01/2027"), ("ever", None)]
)
async def test_a_quota_of_a_person(counter: Counter, per: str, opens: str | None) -> None:
    customer, reward = await counter.customer(), await counter.reward(quota=2, quota_per=per)
    outcomes = await counter.redeem_all(*[counter.request(customer, reward) for _ in range(3)])
    assert [each.code for each in outcomes][:2] == ["new", "new"]
    again = (await counter.redeem(customer, reward)).refusal
    assert again == outcomes[2].refusal
    assert again.code == ("REWARD_QUOTA_REACHED" if opens else "REWARD_QUOTA_USED")
    assert again.data.get("opens") == opens
    assert (await counter.redeem(await counter.customer(), reward)).code == "new"


async def test_a_quota_of_the_day_opens_at_midnight_in_jakarta(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward(quota=1, quota_per="day")
    await counter.redeem(customer, reward)
    counter.stage.clock.at = datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC)
    assert (await counter.redeem(customer, reward)).code == "REWARD_QUOTA_REACHED"
    counter.stage.clock.at = datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert (await counter.redeem(customer, reward)).code == "new"


async def test_a_stock_of_two(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward(stock=2)
    outcomes = [await counter.redeem(customer, reward) for _ in range(3)]
    assert [each.code for each in outcomes] == ["new", "new", "REWARD_OUT_OF_STOCK"]
    assert (await counter.points(customer))[0] == 60


async def test_a_number_that_has_ended_or_is_in_its_grace_period(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    counter.stage.clock.advance(31 * DAY)
    assert (await counter.redeem(customer, reward)).code == "NUMBER_NOT_ACTIVE"
    stranger = msgspec.structs.replace(customer, id=customer.id + 256 * 10**6)
    assert (await counter.redeem(stranger, reward)).code == "NUMBER_NOT_ACTIVE"


@pytest.mark.requirement("P-29", "P-30")
async def test_twice_with_the_same_ref_redeems_once(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    request = counter.request(customer, reward)
    (first,) = await counter.redeem_all(request)
    second, third = await counter.redeem_all(request, request)
    assert (second.replay, third.replay) == (True, True)
    assert second.redemption == first.redemption
    assert (await counter.points(customer))[0] == 80


async def test_the_same_ref_with_another_body_is_refused(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    ref = uuid.uuid4()
    first = (await counter.redeem(customer, reward, client_ref=ref)).redemption
    refusal = (await counter.redeem(customer, await counter.reward(), client_ref=ref)).refusal
    assert (refusal.code, refusal.data["code"]) == ("REDEMPTION_REF_REUSED", first.code)


async def test_the_same_ref_of_another_is_another(counter: Counter) -> None:
    reward, ref = await counter.reward(), uuid.uuid4()
    outcomes = [await counter.redeem(await counter.customer(), reward, client_ref=ref) for _ in range(2)]
    assert [each.code for each in outcomes] == ["new", "new"]


async def test_a_refusal_is_not_remembered_under_the_ref(counter: Counter) -> None:
    customer, reward, ref = await counter.customer(0), await counter.reward(), uuid.uuid4()
    assert (await counter.redeem(customer, reward, client_ref=ref)).code == "INSUFFICIENT_POINTS"
    await counter.grant(customer, 20, 2026)
    assert (await counter.redeem(customer, reward, client_ref=ref)).code == "new"


@pytest.mark.requirement("P-30")
@pytest.mark.parametrize("channel", ["web", "app", "ussd", "sms", "care", "api"])
async def test_every_channel_redeems_the_same(counter: Counter, channel: str) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    redemption = (await counter.redeem(customer, reward, channel=channel)).redemption
    assert (redemption.channel, redemption.points_after) == (channel, 80)
    assert (await counter.stage.audit(redemption.id)) == ["reward.redeemed"]


@pytest.mark.parametrize("size", [1, 100])
async def test_a_batch_is_eight_round_trips(counter: Counter, size: int) -> None:
    reward, customers = await counter.vouchers(100), [await counter.customer() for _ in range(3)]
    await counter.redeem(customers[0], await counter.reward())  # rules are read once per process
    requests = [counter.request(customers[n % 3], reward, points=12) for n in range(size)]
    given = {
        "clock": counter.stage.clock,
        "ids": counter.stage.ids,
        "keys": counter.stage.keys,
        "references": counter.references,
    }
    outcomes, said = await said_in(counter, lambda connection: redeem(connection, requests, **given))
    assert {each.code for each in outcomes} <= {"new", "INSUFFICIENT_POINTS"}
    assert len(said) <= ROUND_TRIPS_MAX, said


async def test_rules_that_changed_are_read_again(counter: Counter) -> None:
    customer, reward = await counter.customer(), await counter.reward()
    counter.references = References()
    assert (await counter.redeem(customer, reward)).code == "new"
    await counter.stage.pool.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'rules'")
    assert (await counter.redeem(customer, reward)).code == "new"


async def test_what_goes_before_a_limited_offer_begins_is_not_taken_from_it(own_counter: Counter) -> None:
    counter = own_counter
    customer, reward = await counter.customer(), await counter.reward()
    begins = (counter.stage.now + timedelta(days=2)).date()
    await counter.reward(code=reward, stock=1, valid_from=begins)
    assert [(await counter.redeem(customer, reward)).code for _ in range(2)] == ["new", "new"]
    counter.stage.clock.at += timedelta(days=3)
    assert [(await counter.redeem(customer, reward)).code for _ in range(2)] == ["new", "REWARD_OUT_OF_STOCK"]
