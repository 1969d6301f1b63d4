"""The catalogue of rewards: what a file brings and why it may not, and how every channel sees it."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from tests.loyalty.rewards.conftest import DEMO, WORDS, Counter
from tests.sales.test_round_trips import said_in

from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.importing import ImportedRewards
from konter.loyalty.rewards.catalogue.model import GivesBuckets, GivesCode, GivesProvided, RewardLine
from konter.loyalty.rewards.catalogue.queries import lock_rewards
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.platform.audit import SYSTEM
from konter.platform.ids import SubscriptionId
from konter.platform.refusal import Refusal
from konter.subscriber.model import Subscription

TELCO = {"row": "reward", "kind": "telco", "points": 20, "valid_from": "2014-03-01", **WORDS}
Outcome = TypeVar("Outcome")
BLOCKS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND $1::int = ANY (pg_blocking_pids(pid)))"
DATA = {"source": "data", "quantity": "100 MB", "days": 1}


async def shown(counter: Counter, customer: Subscription | None = None) -> dict[str, RewardLine]:
    who = SubscriptionId(customer.id) if customer is not None else None
    async with counter.stage.pool.acquire() as connection:
        lines = await rewards_for(connection, who, now=counter.stage.now, rules=counter.stage.rules)
    return {line.offer.reward: line for line in lines}


async def reasons(counter: Counter, *rows: dict) -> list[tuple[int, str, str]]:
    """Line, column and reason of each fault; nothing may have been written."""
    before = await counter.stage.pool.fetchval("SELECT count(*) FROM reward_offer")
    refusal = await counter.import_rows(*rows)
    assert isinstance(refusal, Refusal), refusal
    assert await counter.stage.pool.fetchval("SELECT count(*) FROM reward_offer") == before
    assert all(fault.sentence(locale) for fault in refusal.data["faults"] for locale in ("id", "en"))
    return [(fault.line, fault.column, fault.reason) for fault in refusal.data["faults"]]


@pytest.mark.requirement("P-21", "P-22", "P-23", "P-24", "G-P23")
async def test_the_demos_file_brings_every_kind(own_counter: Counter) -> None:
    report = await own_counter.import_file(DEMO)
    assert isinstance(report, ImportedRewards), report
    assert (report.merchants, report.offers, report.same) == (3, 14, 0)
    lines = await shown(own_counter)
    assert [line.offer.points for line in lines.values() if line.offer.reward in ("DATA100", "NSP30", "KOPI")] == [
        20,
        30,
        12,
    ]
    assert {type(line.offer.gives) for line in lines.values()} == {GivesBuckets, GivesCode, GivesProvided}
    assert [bucket.source for bucket in lines["COMBO"].offer.gives.buckets] == ["data", "voice", "sms"]


async def test_the_same_file_again_changes_nothing(own_counter: Counter) -> None:
    await own_counter.import_file(DEMO)
    report = await own_counter.import_file(DEMO)
    assert (report.merchants, report.offers, report.same) == (0, 0, 14)
    assert await own_counter.stage.pool.fetchval("SELECT version FROM reference_version WHERE name = 'rewards'") == 2


@pytest.mark.requirement("P-24", "P-25", "P-26", "P-27", "P-42")
async def test_what_a_customer_may_have_is_what_redeeming_says(own_counter: Counter) -> None:
    """One verb for all channels, and the redemption agrees with it, reward by reward."""
    await own_counter.import_file(DEMO)
    customer = await own_counter.customer(100)
    await own_counter.codes("KOPI", own_counter.new_codes(3))
    lines = await shown(own_counter, customer)
    assert lines.keys() == (await shown(own_counter)).keys()
    for reward, line in lines.items():
        outcome = await own_counter.redeem(customer, reward)
        assert outcome.refusal == line.refusal or outcome.refusal.code == "INSUFFICIENT_POINTS", reward
    assert {reward: line.refusal.code for reward, line in lines.items() if line.refusal is not None} == {
        "DATA1G": "INSUFFICIENT_POINTS",
        "DATA5G": "REWARD_NOT_FOR_TIER",
        "ROAMASEAN": "REWARD_NOT_FOR_SEGMENT",
        "MUSIC30": "INSUFFICIENT_POINTS",
        "EBOOK": "REWARD_OUT_OF_STOCK",
        "MAKAN50": "REWARD_NOT_FOR_TIER",
        "TUMBLER": "REWARD_NOT_FOR_TIER",
    }


@pytest.mark.requirement("P-42")
async def test_an_item_added_is_seen_by_all_at_once(counter: Counter) -> None:
    customer = await counter.customer()
    reward = await counter.reward()
    assert (await shown(counter))[reward].refusal is None
    assert (await shown(counter, customer))[reward].refusal is None


@pytest.mark.parametrize(("stock", "left"), [("", "plenty"), (11, "plenty"), (10, "few"), (1, "few"), (0, "out")])
async def test_what_is_left_is_told_in_words(counter: Counter, stock: object, left: str) -> None:
    reward = await counter.reward(stock=stock)
    line = (await shown(counter))[reward]
    assert line.left == left
    assert (line.refusal is not None) == (left == "out")


async def test_codes_are_stock(counter: Counter) -> None:
    reward = await counter.vouchers(11)
    assert (await shown(counter))[reward].left == "plenty"
    await counter.redeem(await counter.customer(), reward)
    assert (await shown(counter))[reward].left == "few"


async def test_what_is_closed_or_not_begun_is_not_shown(counter: Counter) -> None:
    later, over = await counter.reward(valid_from="2026-12-01"), await counter.reward(last_day="2026-11-20")
    assert not {later, over} & (await shown(counter)).keys()


async def test_the_catalogue_is_a_few_queries_however_long_it_is(counter: Counter) -> None:
    customer = await counter.customer()
    for _ in range(10):
        await counter.reward()
    now, rules = counter.stage.now, counter.stage.rules
    _, said = await said_in(counter, lambda c: rewards_for(c, SubscriptionId(customer.id), now=now, rules=rules))
    assert len(said) == 4


async def test_every_fault_of_a_file_with_its_line(counter: Counter) -> None:
    assert await reasons(
        counter,
        {"row": "hadiah", "code": "A"},
        {**TELCO, "code": "a b", **DATA},
        {**TELCO, "code": "A", **DATA, "kind": "coupon"},
        {**TELCO, "code": "A", **DATA, "points": 0},
        {**TELCO, "code": "A", **DATA, "quota": 1},
        {**TELCO, "code": "A", **DATA, "brands": "nusa mars", "tier": "gould"},
        {**TELCO, "code": "A", **DATA, "provider": "tones"},
        {**TELCO, "code": "A", **DATA, "last_day": "2014-02-01"},
        {**TELCO, "code": "A", **DATA, "terms_id": ""},
        {"row": "bucket", "code": "B", **DATA},
    ) == [
        (2, "row", "unknown_reward_row"),
        (3, "code", "not_a_code"),
        (4, "kind", "unknown_reward_kind"),
        (5, "points", "out_of_range"),
        (6, "quota", "quota_not_whole"),
        (7, "brands", "not_one_of"),
        (7, "tier", "not_one_of"),
        (8, "provider", "not_for_this_kind"),
        (9, "last_day", "ends_before_it_begins"),
        (10, "terms_id", "blank"),
        (11, "code", "bucket_without_reward"),
    ]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kind": "merchant", "merchant": "NOBODY"}, ("merchant", "unknown_merchant")),
        ({"kind": "merchant"}, ("merchant", "blank")),
        ({"kind": "digital", "provider": "tones", "days": 30}, ("item", "blank")),
        ({"kind": "digital", "source": "data"}, ("source", "not_for_this_kind")),
        ({"kind": "telco", **DATA, "source": "validity"}, ("quantity", "validity_is_days")),
        ({"kind": "telco", **DATA, "name": "Kopi"}, ("name", "not_for_this_row")),
    ],
)
async def test_what_a_kind_gives(counter: Counter, fields: dict, fault: tuple[str, str]) -> None:
    assert await reasons(counter, {**TELCO, "code": "GIVES", **fields}) == [(2, *fault)]


async def test_buckets_have_a_bound_and_no_twins(counter: Counter) -> None:
    bucket = {"row": "bucket", "code": "MANY", "quantity": "1 MB", "days": 1}
    many = [{**bucket, "source": f"data-{n}"} for n in range(8)]
    assert await reasons(counter, {**TELCO, "code": "MANY", **DATA}, {**bucket, "source": "data"}, *many) == [
        (3, "source", "bucket_twice"),
        (11, "source", "too_many_buckets"),
    ]


async def test_an_offer_twice_in_one_file(counter: Counter) -> None:
    row = {**TELCO, "code": "TWICE", **DATA}
    assert await reasons(counter, row, row) == [(3, "valid_from", "stated_twice")]


async def test_what_has_begun_does_not_change(counter: Counter) -> None:
    reward = await counter.reward()
    changed = {**TELCO, "code": reward, **DATA, "points": 21}
    assert await reasons(counter, changed) == [(2, "valid_from", "past_offer_is_fixed")]
    earlier = {**changed, "valid_from": "2026-11-20"}
    assert await reasons(counter, earlier) == [(2, "valid_from", "offer_would_begin_in_the_past")]
    other = {**TELCO, "code": reward, "kind": "digital", "valid_from": "2026-12-01"}
    assert await reasons(counter, other) == [(2, "kind", "fixed_for_ever")]


async def test_the_merchant_of_a_reward_is_fixed_as_its_codes_are(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    row = {**TELCO, "code": reward, "kind": "merchant", "merchant": await counter.merchant()}
    assert await reasons(counter, {**row, "valid_from": "2026-12-01"}) == [(2, "merchant", "fixed_for_ever")]


async def test_what_is_planned_may_change_until_it_begins(counter: Counter) -> None:
    reward = await counter.reward()
    for points in (30, 40):
        await counter.reward(code=reward, points=points, valid_from="2026-12-01")
    counter.stage.clock.at = datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert (await shown(counter))[reward].offer.points == 40


async def test_two_who_import_at_once_agree(counter: Counter) -> None:
    row = {**TELCO, "code": "ATONCE", **DATA}
    reports = await asyncio.gather(*[counter.import_rows(row) for _ in range(4)])
    assert sorted(report.offers for report in reports) == [0, 0, 0, 1]


async def a_minute_behind_the_lock(counter: Counter, work: Awaitable[Outcome]) -> Outcome:
    """What comes of work that has to wait for another import for a minute."""
    async with counter.stage.pool.acquire() as other, other.transaction():
        await lock_rewards(other)
        waiting = asyncio.ensure_future(work)
        async with asyncio.timeout(10):
            while not await counter.stage.pool.fetchval(BLOCKS, other.get_server_pid()):  # noqa: ASYNC110 - the database knows of no event
                await asyncio.sleep(0.01)
        counter.stage.clock.advance(timedelta(minutes=1))
    return await waiting


async def test_an_offer_that_begins_while_a_file_waits_is_changed_no_more(counter: Counter) -> None:
    begins = (counter.stage.now + timedelta(seconds=30)).isoformat()
    reward = await counter.reward(valid_from=begins)
    row = {**TELCO, "code": reward, "valid_from": begins, "points": 30, **DATA}
    refusal = await a_minute_behind_the_lock(counter, counter.import_rows(row))
    assert [fault.reason for fault in refusal.data["faults"]] == ["past_offer_is_fixed"]


async def test_a_reward_closes_when_its_turn_has_come(counter: Counter) -> None:
    """An opening that waited behind a closing would otherwise lie before it."""
    reward, asked, ids = await counter.reward(), counter.stage.now, counter.stage.ids
    async with counter.stage.pool.acquire() as connection:
        close = set_reward_open(connection, reward, is_open=False, clock=counter.stage.clock, actor=SYSTEM, ids=ids)
        assert await a_minute_behind_the_lock(counter, close) is True
        closed = await connection.fetchval("SELECT closed_at FROM reward_closure WHERE reward = $1", reward)
    assert closed == asked + timedelta(minutes=1)


async def test_a_file_that_is_not_there(counter: Counter) -> None:
    refusal = await counter.import_file(counter.folder / "none.csv")
    assert [fault.reason for fault in refusal.data["faults"]] == ["unreadable"]
