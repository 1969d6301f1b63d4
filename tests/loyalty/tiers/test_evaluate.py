"""The evaluation of everybody in PostgreSQL does what the pure rule says."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from tests.loyalty.people import People, shipped_rulebook, subscription_of

from konter.ledger.read import lock_owners
from konter.loyalty.tiers import queries
from konter.loyalty.tiers.evaluate import Flow, evaluate_tiers, what_if
from konter.loyalty.tiers.migrate import migrate_members
from konter.loyalty.tiers.model import EVER, Standing, evaluate, full_months, lowest, month_of
from konter.platform.clock import WIB, business_day
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rulebook, RuleRow
from konter.subscriber.plans import Plan

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
JULY = date(2026, 7, 1)


async def spend(people: People, subscription: int, amount_rp: int, *, month: date) -> None:
    """What a month came to, as the reckoning leaves it."""
    await people.fetch(
        "INSERT INTO point_month (subscription_id, cell, month, counted_rp, points) VALUES ($1::bigint, $1::bigint & 255, $2, $3, 0)",
        subscription,
        month,
        amount_rp,
    )


async def hold(people: People, subscription: int, standing: Standing) -> None:
    await people.fetch(
        "INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)"
        " VALUES ($1::bigint, $1::bigint & 255, $2, $3, $4, $5, $6, 1)",
        subscription,
        *(getattr(standing, field) for field in standing.__struct_fields__),
    )


async def run(people: People, on: date = JULY) -> dict[str, int]:
    now = datetime(on.year, on.month, on.day, 0, 30, tzinfo=WIB)
    return dict(await evaluate_tiers(people.db, on, now=now, rulebook=people.rulebook))


async def held(people: People, subscription: int) -> tuple:
    rows = await people.fetch(
        "SELECT tier, since, until, cause FROM tier_member WHERE subscription_id = $1", subscription
    )
    return tuple(rows[0]) if rows else ()


@pytest.mark.requirement("P-32", "P-33", "P-34", "G-P12", "G-P26")
async def test_the_average_of_six_months_makes_a_tier(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    for back in range(1, 7):
        await spend(people, customer, 100_000, month=month_of(JULY, -back))
    assert await run(people) == {"upgrade": 1}
    assert await held(people, customer) == ("red", JULY, date(2027, 1, 1), "upgrade")
    assert await run(people) == {}


@pytest.mark.requirement("P-35", "G-P13")
async def test_up_before_the_end_as_soon_as_the_sum_is_enough(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await hold(
        people,
        customer,
        Standing(tier="red", since=date(2026, 5, 3), until=date(2026, 12, 1), counted_from=EVER, cause="entry"),
    )
    for back in (1, 2):
        await spend(people, customer, 900_000, month=month_of(JULY, -back))
    await run(people)
    assert await held(people, customer) == ("gold", JULY, date(2027, 1, 1), "upgrade")


@pytest.mark.requirement("P-36", "G-P14")
async def test_down_only_at_the_end_and_then_to_what_was_earned(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await hold(
        people, customer, Standing(tier="gold", since=date(2026, 1, 1), until=JULY, counted_from=EVER, cause="upgrade")
    )
    await spend(people, customer, 300_000, month=date(2026, 2, 1))
    assert await run(people, date(2026, 6, 1)) == {}
    assert await run(people) == {"downgrade": 1}
    assert await held(people, customer) == ("red", JULY, date(2027, 1, 1), "downgrade")


@pytest.mark.requirement("P-39", "P-40", "G-P16")
async def test_a_migration_takes_the_tier_along_and_begins_counting_anew(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await hold(
        people, customer, Standing(tier="gold", since=date(2026, 1, 1), until=JULY, counted_from=EVER, cause="upgrade")
    )
    for month in (1, 2, 3, 4):
        await spend(people, customer, 6_000_000, month=date(2026, month, 1))
    async with people.db.acquire() as connection, connection.transaction():
        now = datetime(2026, 4, 10, 12, tzinfo=WIB)
        await migrate_members(
            connection, [(customer, Plan("prima", "postpaid"))], now=now, ids=people.ids, rules=people.rulebook.at(now)
        )
    assert await held(people, customer) == ("gold", date(2026, 4, 10), date(2026, 11, 1), "migration")
    for period, issued in ((5, 6), (6, 7), (7, 8), (8, 9), (9, 10)):
        issued_at = datetime(2026, issued, 5, 2, tzinfo=WIB)
        ends = {"period_begin": date(2026, period, 5), "period_end": date(2026, issued, 4)}
        await people.bill(people.msisdns[0], f"B-{issued}", 60_000, issued_at=issued_at, now=issued_at, **ends)
    assert await run(people) == {}
    await run(people, date(2026, 11, 1))
    assert await held(people, customer) == ("red", date(2026, 11, 1), date(2027, 5, 1), "downgrade")


async def billed(people: People, month: date, total_rp: int) -> None:
    """A bill of a calendar month, issued on the first of the next."""
    issued = datetime.combine(month_of(month, 1), time(0), WIB)
    days = {"period_begin": month, "period_end": month_of(month, 1) - timedelta(days=1)}
    await people.bill(people.msisdns[0], f"B-{month}", total_rp, issued_at=issued, now=issued, **days)


@pytest.mark.requirement("P-33", "G-P26")
async def test_the_six_newest_bills_issued_before_the_day_count(people: People) -> None:
    customer = subscription_of(await people.open(at=datetime(2025, 1, 5, tzinfo=WIB), brand="prima", kind="postpaid"))
    for back in range(2, 8):
        await billed(people, month_of(JULY, -back), 50_000)
    for month in (month_of(JULY, -8), month_of(JULY, -1)):  # the seventh, and one of the day itself
        await billed(people, month, 9_000_000)
    assert await run(people) == {"upgrade": 1}
    assert (await held(people, customer))[0] == "red"


@pytest.mark.requirement("P-10", "P-33")
async def test_bills_of_before_the_programme_count_for_no_tier(people: People) -> None:
    await people.open(at=datetime(2014, 1, 1, tzinfo=WIB), brand="prima", kind="postpaid")
    await billed(people, date(2014, 2, 1), 9_000_000)
    assert await run(people, date(2014, 4, 1)) == {}
    await billed(people, date(2014, 3, 1), 9_000_000)
    assert await run(people, date(2014, 5, 1)) == {"upgrade": 1}


@pytest.mark.requirement("P-34", "P-36", "G-P14")
async def test_on_its_last_day_a_tier_holds_and_on_the_next_it_is_over(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    gold = Standing(tier="gold", since=date(2026, 1, 1), until=JULY, counted_from=EVER, cause="upgrade")
    await hold(people, customer, gold)
    assert await run(people, JULY - timedelta(days=1)) == {}
    assert await run(people) == {"downgrade": 1}


def altered(book: Rulebook, **values: object) -> Rulebook:
    """The same rules with other values of some keys."""
    rows = [msgspec.structs.replace(row, value=values.get(row.key.replace(".", "_"), row.value)) for row in book.rows]
    assert rows != list(book.rows)
    return Rulebook([row for row in rows if isinstance(row, RuleRow)], 2)


BOOKS = {
    "2014": shipped_rulebook("id-2014"),
    "2026": shipped_rulebook("id-2026"),
    "one below": altered(
        shipped_rulebook("id-2014"), tier_downgrade_to="one_below", tier_upgrade_restarts_validity=False
    ),
    "both": altered(shipped_rulebook("id-2026"), tier_migration_basis="both", tier_min_tenure_months=[0, 3, 0, 9]),
}


@pytest.mark.parametrize("name", BOOKS)
async def test_everybody_gets_what_the_pure_rule_says(people: People, name: str) -> None:
    people.rulebook = BOOKS[name]
    rules, chance = people.rulebook.at(datetime(2026, 7, 1, tzinfo=WIB)), random.Random(name)
    tier, expected = rules.tier, {}
    for _ in range(6):
        at = OPENED - timedelta(days=chance.randint(0, 700))
        for customer in await people.open(at=at, count=20):
            months = [chance.choice([0, 0, 50_000, 149_999, 600_000, 1_800_000, 7_000_000]) for _ in range(8)]
            for back, amount in enumerate(reversed(months), start=1):
                if amount:
                    await spend(people, customer, amount, month=month_of(JULY, -back))
            standing = lowest(tier)
            if chance.random() < 0.8:
                since = date(2026, chance.randint(1, 6), chance.choice([1, 10]))
                known = chance.choice([*tier.names, "mass", "older"])
                until = None if known == tier.names[0] else chance.choice([date(2026, 7, 1), date(2026, 9, 1)])
                counted = chance.choice([EVER, date(2026, 5, 1)])
                standing = Standing(tier=known, since=since, until=until, counted_from=counted, cause="upgrade")
                await hold(people, customer, standing)
            counting = [
                amount if month_of(JULY, place - 8) >= month_of(standing.counted_from) else 0
                for place, amount in enumerate(months)
            ]
            tenure = full_months(business_day(at), JULY)
            expected[customer] = evaluate(standing, counting, on=JULY, tenure_months=tenure, tier=tier)
    await run(people)
    found = {row["subscription_id"]: row for row in await people.fetch("SELECT * FROM tier_change")}
    assert {customer for customer, standing in expected.items() if standing} == set(found)
    for customer, row in found.items():
        said = {field: row[field] for field in Standing.__struct_fields__}
        assert Standing(**said) == expected[customer]


async def test_what_if_counts_everybody_and_writes_nothing(people: People) -> None:
    rich, poor = await people.open(at=OPENED, count=2)
    await spend(people, rich, 1_200_000, month=date(2026, 6, 1))
    tier = people.rulebook.at(OPENED).tier
    now = await what_if(people.db, JULY, rulebook=people.rulebook)
    dearer = msgspec.structs.replace(tier, threshold={"red_idr": 50_000, "gold_idr": 200_000, "priority_idr": 900_000})
    then = await what_if(people.db, JULY, rulebook=people.rulebook, tier=dearer)
    assert now == [
        Flow(tier="mass", earned="mass", target="mass", customers=1),
        Flow(tier="mass", earned="red", target="red", customers=1),
    ]
    assert Flow(tier="mass", earned="gold", target="gold", customers=1) in then
    assert await people.fetch("SELECT FROM tier_member") == []
    assert poor


@pytest.mark.requirement("P-40", "G-P16")
async def test_on_the_first_of_a_month_too_recharges_before_the_migration_do_not_count(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    april, may = datetime(2026, 4, 1, 8, tzinfo=WIB), date(2026, 5, 1)
    await spend(people, customer, 1_800_000, month=april.date())
    async with people.db.acquire() as connection, connection.transaction():
        given = {"now": april, "ids": people.ids, "rules": people.rulebook.at(april)}
        await migrate_members(connection, [(customer, Plan("prima", "postpaid"))], **given)
    assert await run(people, may) == {}


@pytest.mark.requirement("P-38", "P-39", "P-40", "G-P16")
@pytest.mark.parametrize("spent_rp", [0, 40_000_000], ids=["would fall", "would rise"])
async def test_who_migrates_in_the_minute_of_the_evaluation_is_evaluated_as_what_is_by_then(
    people: People, monkeypatch: pytest.MonkeyPatch, spent_rp: int
) -> None:
    """Between the look at all and the write under the locks the number becomes postpaid: the tier goes along."""
    customer = subscription_of(await people.open(at=OPENED))
    gold = Standing(tier="gold", since=date(2026, 1, 1), until=JULY, counted_from=EVER, cause="upgrade")
    await hold(people, customer, gold)
    await spend(people, customer, spent_rp, month=date(2026, 6, 1))
    now, look = datetime(2026, 7, 1, 0, 30, tzinfo=WIB), queries.find_changing

    async def look_and_migrate(connection: Connection, *given: Any, **others: Any) -> list[SubscriptionId]:
        changing = await look(connection, *given, **others)
        assert changing in ([], [customer])
        if changing:
            async with connection.transaction():
                await lock_owners(connection, owners=changing)
                await migrate_members(
                    connection,
                    [(customer, Plan("prima", "postpaid"))],
                    now=now,
                    ids=people.ids,
                    rules=people.rulebook.at(now),
                )
        return changing

    monkeypatch.setattr(queries, "find_changing", look_and_migrate)
    assert await run(people) == {}
    assert await held(people, customer) == ("gold", JULY, date(2027, 1, 1), "migration")
    assert len(await people.fetch("SELECT FROM tier_change")) == 1


@pytest.mark.requirement("P-37", "G-P25")
async def test_a_bill_of_the_first_minutes_makes_red_anew_whom_the_evaluation_brought_down(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    (msisdn,) = people.msisdns
    red = Standing(tier="red", since=date(2025, 12, 10), until=JULY, counted_from=EVER, cause="entry")
    await hold(people, customer, red)
    first = datetime(2026, 7, 1, tzinfo=WIB)
    june = {"period_begin": date(2026, 6, 1), "period_end": date(2026, 6, 30)}
    issued = first + timedelta(minutes=1)
    await people.bill(msisdn, "B-1", 60_000, issued_at=issued, now=issued, **june)
    await people.accrue(first + timedelta(minutes=5))  # while Red still holds
    assert await run(people) == {"downgrade": 1}
    assert await people.accrue(first + timedelta(minutes=10)) == 0
    (held,) = await people.fetch("SELECT tier, since, until, cause FROM tier_member")
    assert tuple(held) == ("red", JULY, date(2027, 1, 1), "entry")
