"""PostgreSQL and the expression over files give the same answer on the same data."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.loyalty.people import People, shipped_rulebook

from konter.loyalty.tiers.evaluate import evaluate_tiers, evaluation_of
from konter.loyalty.tiers.migrate import migrate_members
from konter.loyalty.tiers.model import month_of
from konter.loyalty.whole_base import points, tiers
from konter.loyalty.whole_base.engine import Limits, engine, read_base, rows_of
from konter.loyalty.whole_base.export import export
from konter.loyalty.whole_base.tables import COLUMNS, Base
from konter.platform.clock import WIB
from konter.subscriber.plans import Plan

JULY = date(2026, 7, 1)
BEGIN = datetime(2026, 1, 3, tzinfo=WIB)
NOW = datetime(2026, 7, 1, 0, 5, tzinfo=WIB)
AMOUNTS = (5_000, 24_999, 49_999, 50_000, 75_000, 400_000, 1_900_000)
CUSTOMERS = 60


async def live(people: People, chance: random.Random) -> None:
    """Half a year of recharges, reversals, bills and migrations, month by month, granted and evaluated as time goes."""
    prepaid = await people.open(at=BEGIN, count=CUSTOMERS)
    postpaid = await people.open(at=BEGIN, brand="prima", kind="postpaid", count=CUSTOMERS // 3)
    bills = dict(zip(postpaid, people.msisdns, strict=True))
    for month in range(1, 7):
        begin = datetime(2026, month, 3, tzinfo=WIB)
        for customer in prepaid:
            for _ in range(chance.choice([0, 1, 1, 3])):
                at, amount = begin + timedelta(hours=chance.randrange(600)), chance.choice(AMOUNTS)
                sale = await people.recharge(
                    customer, amount, at=at, kind=chance.choice(["recharge", "voucher_recharge"])
                )
                if chance.random() < 0.15:
                    await people.reverse(customer, sale, amount, at=at + timedelta(hours=1))
        for customer, msisdn in bills.items():
            issued = begin + timedelta(days=2)
            said = {"period_begin": (begin - timedelta(days=28)).date(), "period_end": begin.date()}
            said |= {"segment": chance.choice(["", "", "corporate_business", "corporate_group"])}
            await people.bill(msisdn, f"B-{month}", chance.choice(AMOUNTS), issued_at=issued, now=issued, **said)
            del customer
        mover = prepaid[month]
        async with people.db.acquire() as connection, connection.transaction():
            now = begin + timedelta(days=12)
            rules = people.rulebook.at(now)
            await migrate_members(
                connection, [(mover, Plan("prima", "postpaid"))], now=now, ids=people.ids, rules=rules
            )
        first = month_of(begin.date(), 1)
        if first < JULY:
            now = datetime(first.year, first.month, 1, 0, 5, tzinfo=WIB)
            await people.accrue(now, since=BEGIN)
            await evaluate_tiers(people.db, first, now=now, rulebook=people.rulebook)
    await people.accrue(NOW, since=BEGIN)


@pytest.mark.parametrize("programme", ["id-2014", "id-2026"])
async def test_the_same_points_and_the_same_tiers(people: People, programme: str, tmp_path: Path) -> None:
    people.rulebook = shipped_rulebook(programme)
    await live(people, random.Random(programme))
    evaluation = evaluation_of(people.rulebook, JULY)
    async with people.db.acquire() as connection:
        written = await export(connection, tmp_path, rules=evaluation.rules)
    assert all(written.values()), written
    with engine(Limits(spill=tmp_path / "spill", memory_mb=512)) as backend:
        base = read_base(backend, {name: tmp_path / f"{name}.parquet" for name in COLUMNS})
        assert isinstance(base, Base)
        months = rows_of(backend, points.months(base, evaluation.rules))
        bills = rows_of(backend, points.bills(base, evaluation.rules))
        changes = rows_of(backend, tiers.changes(tiers.evaluated(base, evaluation)))

    kept = await people.fetch("SELECT subscription_id, month, counted_rp, points FROM point_month WHERE counted_rp > 0")
    assert sorted(tuple(row) for row in kept) == sorted((row[0], row[1], row[3], row[7]) for row in months if row[3])
    billed = await people.fetch("SELECT id, points FROM issued_bill")
    assert sorted(tuple(row) for row in billed) == sorted((row[0], row[7]) for row in bills)

    await evaluate_tiers(people.db, JULY, now=NOW, rulebook=people.rulebook)
    evaluated = await people.fetch(
        "SELECT subscription_id, tier_before, tier, since, until, counted_from, cause, spent_rp FROM tier_change"
        " WHERE at = $1 AND cause NOT IN ('entry', 'migration')",
        NOW,
    )
    assert sorted(str(tuple(row)) for row in evaluated) == sorted(str(row) for row in changes)
    assert changes
