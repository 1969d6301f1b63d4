"""What the statement for a month makes of any history is what the pure rules make of it: points, grants and entries."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.loyalty.people import People
from tests.loyalty.whole_base.people import PROGRAMMES, altered

from konter.loyalty.earning.accrue import accrue_recharges
from konter.loyalty.earning.model import (
    Recharge,
    counting_brands,
    earning_brands,
    multiplier_of,
    worth_of_month,
)
from konter.loyalty.tiers import queries as tier_queries
from konter.loyalty.tiers.model import EVER, Change, Standing, enter, lowest, month_of
from konter.platform.clock import business_day, day_start
from konter.platform.db import open_pool
from konter.platform.ids import IdBlocks, SubscriptionId
from konter.rules.model import Rules
from konter.subscriber.plans import Plan, change_plans

OPENED = datetime(2026, 3, 20, tzinfo=UTC)
RUNS = (datetime(2026, 6, 10, 5, tzinfo=UTC), datetime(2026, 7, 20, 5, tzinfo=UTC))
COUNTED = {"recharge": "electronic", "adjustment": "electronic", "voucher_recharge": "voucher", "bonus": "bonus"}
TICK = timedelta(microseconds=1)
BORDERS = [datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=hours) for month in (5, 6, 7) for hours in (7, 8, 9)]
BORDERS.append(datetime(2026, 5, 14, 15, tzinfo=UTC))  # a programme's first moment
# Few, so that plans end at the very moment of a recharge, and a tick beside it.
MOMENTS = sorted(
    {border + tick for border in BORDERS for tick in (-TICK, TICK * 0, TICK)}
    | {datetime(2026, month, day, 3, tzinfo=UTC) for month in (4, 5, 6, 7) for day in (9, 19)}
)
AMOUNTS = (1, 4_999, 5_000, 20_000, 30_000, 49_999, 50_000, 123_456, 900_000)
PLANS = [Plan("nusa", "prepaid"), Plan("kita", "prepaid"), Plan("prima", "postpaid"), Plan("prima-flex", "postpaid")]
PLANS.append(Plan("other", "postpaid"))
CAUSES = ("entry", "upgrade", "downgrade", "migration")


class One:
    """A pool with one connection, in a transaction that is rolled back."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.fetch = connection.fetch

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        yield self.connection


class Always:
    """The same rules at any moment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def at(self, moment: datetime) -> Rules:
        del moment
        return self.rules


@dataclass
class History:
    """A customer as the pure rules see one: what was, and what two runs have made of it."""

    plans: list[tuple[datetime, Plan]] = field(default_factory=list)  # another one from then on
    tiers: list[tuple[date, str, str]] = field(default_factory=list)  # since, tier, cause
    standing: Standing | None = None
    recharges: dict[int, tuple[datetime, int, str]] = field(default_factory=dict)
    reversed_: set[int] = field(default_factory=set)
    known: dict[date, int] = field(default_factory=dict)
    counted: dict[date, int] = field(default_factory=dict)
    balance: int = 0
    grants: list[tuple] = field(default_factory=list)
    seen: datetime = OPENED  # what was made before, an earlier run has seen

    def brand(self, at: datetime) -> str:
        return next((plan.brand for since, plan in reversed(self.plans) if since <= at), "nusa")

    def tier(self, day: date) -> str:
        held = [tier for since, tier, cause in self.tiers if since < day or (since == day and cause != "entry")]
        return held[-1] if held else ""

    def run(self, now: datetime, rules: Rules) -> None:
        zone = ZoneInfo(rules.poin.time_zone)
        start = day_start(rules.poin.start_date, zone)
        months = defaultdict(list)
        for number, (at, amount_rp, kind) in self.recharges.items():
            if kind != "bonus":
                months[month_of(business_day(at, zone))].append((number, at, amount_rp, kind))
        for month in sorted(months):
            if month >= month_of(rules.poin.start_date):
                stand = [
                    Recharge(id=number, at=at, face_rp=amount_rp, brand=self.brand(at), kind=COUNTED[kind])
                    for number, at, amount_rp, kind in months[month]
                    if number not in self.reversed_
                ]
                self._month(month, stand, max(day_start(month, zone), start), now, rules)
        self.seen = now

    def _month(self, month: date, stand: list[Recharge], begin: datetime, now: datetime, rules: Rules) -> None:
        poin, names, brand = rules.poin, rules.tier.names, self.brand(begin)
        tier = self.tier(month)
        times = multiplier_of(tier, brand, names=names, poin=poin)
        worth = worth_of_month(stand, month=month, multiplier=times, poin=poin, brands=rules.brand)
        known = self.known.get(month, 0)
        points = max(known, worth.points) if poin.on_reversal == "keep" else worth.points
        moved = points - known
        if not poin.negative_allowed:
            moved = max(moved, -max(self.balance, 0))
        if moved:
            said = (worth.basis_rp, worth.steps, times, tier or names[0], brand)
            reached = worth.due_at - timedelta(hours=poin.prepaid.grant_h) if worth.due_at and not known else None
            said += (reached or self._caused_at(stand, begin, now, rules),)
            self.grants.append((month, moved, points, *said))
        self.known[month], self.counted[month] = points, worth.counted_rp
        self.balance += moved
        self._enter(month, stand, begin, worth.counted_rp, now, rules)

    def _caused_at(self, stand: list[Recharge], begin: datetime, now: datetime, rules: Rules) -> datetime:
        """What somebody who has points of the month waits for since: the first further recharge."""
        brands, kinds = earning_brands(rules.poin, rules.brand), rules.poin.prepaid.counts
        made = [each.at for each in stand if each.brand in brands and each.kind in kinds and each.at >= begin]
        new = [at for at in made if at >= self.seen]
        return min(new) if new else max(made, default=now)

    def _enter(
        self, month: date, stand: list[Recharge], begin: datetime, spent_rp: int, now: datetime, rules: Rules
    ) -> None:
        zone = ZoneInfo(rules.poin.time_zone)
        today = business_day(now, zone)
        kinds, counting = rules.poin.prepaid.counts, counting_brands(rules.poin, rules.brand)
        spent = [each.at for each in stand if each.brand in counting and each.kind in kinds and each.at >= begin]
        if not spent or month < month_of(today, -1):
            return
        held, on = self.standing or lowest(rules.tier), business_day(max(spent), zone)
        made = enter(held, spent_rp, on=on, tier=rules.tier)
        if made is not None and made.until is not None and made.until > today and held.since <= on:
            self.standing = made
            self.tiers.append((on, made.tier, "entry"))


def ascending(of: Any, count: int) -> Any:
    return st.lists(of, unique=True, max_size=count).map(sorted)


@st.composite
def pasts(draw: Any, names: tuple[str, ...]) -> History:
    """Who somebody is before anything is granted."""
    moments = draw(ascending(st.sampled_from(MOMENTS), 3))
    made = History(plans=[(at, draw(st.sampled_from(PLANS))) for at in moments])
    days = draw(ascending(st.dates(date(2026, 4, 1), date(2026, 7, 15)), 3))
    for day in days:
        since = draw(st.sampled_from([day, day.replace(day=1)]))
        if made.tiers and since < made.tiers[-1][0]:
            since = made.tiers[-1][0]
        made.tiers.append((since, draw(st.sampled_from([names[0], *names, "older"])), draw(st.sampled_from(CAUSES))))
    if made.tiers:
        since, tier, cause = made.tiers[-1]
        until = None if tier == names[0] else date(2026, 12, 1)
        begin = draw(st.sampled_from([EVER, since]))
        made.standing = Standing(tier=tier, since=since, until=until, counted_from=begin, cause=cause)
    return made


deeds = st.lists(
    st.tuples(
        st.integers(0, 1),  # who
        st.sampled_from(MOMENTS),
        st.sampled_from(AMOUNTS),
        st.sampled_from(["recharge", "recharge", *COUNTED]),
        st.sampled_from([False, False, True]),  # taken back
    ),
    max_size=9,
)


class Both:
    """The same history for the system and for the model."""

    def __init__(self, pool: One, rules: Rules, customers: list[History]) -> None:
        self.people = People(pool, IdBlocks(), Always(rules))  # type: ignore[arg-type]
        self.rules, self.customers = rules, customers

    async def begin(self) -> None:
        self.ids = await self.people.open(at=OPENED, count=len(self.customers))
        connection = self.people.db.connection  # type: ignore[attr-defined]
        for id_, customer in zip(self.ids, self.customers, strict=True):
            for at, plan in customer.plans:
                await change_plans(connection, [(SubscriptionId(id_), plan)], now=at)
            before = self.rules.tier.names[0]
            for seq, (since, tier, cause) in enumerate(customer.tiers, start=1):
                until = None if tier == self.rules.tier.names[0] else date(2026, 12, 1)
                last = customer.standing
                assert last is not None
                standing = Standing(tier=tier, since=since, until=until, counted_from=last.counted_from, cause=cause)
                change = Change(
                    subscription_id=SubscriptionId(id_), seq=seq, tier_before=before, standing=standing, spent_rp=0
                )
                await tier_queries.write_changes(connection, [change], rule="test", at=OPENED)

    async def do(self, made: list[tuple], before: datetime) -> None:
        for who, at, amount_rp, kind, taken_back in made:
            if at < before:
                number = await self.people.recharge(self.ids[who], amount_rp, at=at, kind=kind)
                self.customers[who].recharges[number] = (at, amount_rp, kind)
                if taken_back and kind != "bonus":
                    await self.reverse(who, number)

    async def reverse(self, who: int, number: int) -> None:
        at, amount_rp, _ = self.customers[who].recharges[number]
        await self.people.reverse(self.ids[who], number, amount_rp, at=at + timedelta(hours=1))
        self.customers[who].reversed_.add(number)

    async def reverse_some(self, places: list[int]) -> None:
        for place in places:
            for who, customer in enumerate(self.customers):
                stand = [n for n, (_, _, kind) in customer.recharges.items() if kind != "bonus"]
                stand = [n for n in stand if n not in customer.reversed_]
                if place < len(stand):
                    await self.reverse(who, stand[place])

    async def spend(self, part: int, now: datetime) -> None:
        for id_, customer in zip(self.ids, self.customers, strict=True):
            if (points := customer.balance * part // 4) > 0:
                assert await self.people.spend(id_, points, at=now)
                customer.balance -= points

    async def run(self, now: datetime) -> None:
        for customer in self.customers:
            customer.run(now, self.rules)
        given = {"rulebook": self.people.rulebook, "ids": self.people.ids, "since": OPENED}
        await accrue_recharges(self.people.db, now=now, **given)
        await self.compare(now)
        assert await accrue_recharges(self.people.db, now=now, **given) == 0

    async def compare(self, now: datetime) -> None:
        fetch = self.people.fetch
        for id_, customer in zip(self.ids, self.customers, strict=True):
            grants = await fetch(
                "SELECT month, points, worth, basis_rp, steps, multiplier, tier, brand, caused_at FROM point_grant"
                " WHERE subscription_id = $1 ORDER BY id >> 8",
                id_,
            )
            assert [tuple(row) for row in grants] == customer.grants
            months = await fetch("SELECT month, counted_rp, points FROM point_month WHERE subscription_id = $1", id_)
            assert {row["month"]: row["points"] for row in months} == customer.known
            assert {row["month"]: row["counted_rp"] for row in months} == customer.counted
            assert await self.people.points(id_, at=now) == customer.balance
            held = await fetch(
                "SELECT tier, since, until, counted_from, cause FROM tier_member WHERE subscription_id = $1", id_
            )
            assert [Standing(**dict(row)) for row in held] == ([customer.standing] if customer.standing else [])
            told = await fetch(
                "SELECT since, tier, cause FROM tier_change WHERE subscription_id = $1 ORDER BY seq", id_
            )
            assert [tuple(row) for row in told] == customer.tiers


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.mark.requirement("P-05", "P-07", "P-09", "P-37", "G-P02", "G-P04", "G-P19", "G-P25", "G-P28")
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_any_history_is_worth_what_the_model_says(programme: str, own_dsn: str, runner: asyncio.Runner) -> None:
    pool = runner.run(open_pool(own_dsn, size=1))
    names = PROGRAMMES[programme].tier.names

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        customers=st.tuples(pasts(names), pasts(names)),
        first=deeds,
        second=deeds,
        back=st.lists(st.integers(0, 4), max_size=3),
        part=st.integers(0, 4),
        kept=st.booleans(),
        debts=st.booleans(),
    )
    def holds(customers, first, second, back, part, kept, debts) -> None:
        said = {"on_reversal": "keep" if kept else "take_back", "negative_allowed": debts}
        rules = altered(PROGRAMMES[programme], poin=said)

        async def both() -> None:
            async with pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    pair = Both(One(connection), rules, list(customers))
                    await pair.begin()
                    await pair.do(first, RUNS[0])
                    await pair.run(RUNS[0])
                    await pair.spend(part, RUNS[0])
                    await pair.reverse_some(back)
                    await pair.do(second, RUNS[1])
                    await pair.run(RUNS[1])
                finally:
                    await transaction.rollback()

        runner.run(both())

    try:
        holds()
    finally:
        runner.run(pool.close())
