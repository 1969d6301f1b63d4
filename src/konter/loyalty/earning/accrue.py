"""Grant what recharges and bills have earned: the difference to what was granted, however often it runs.

A run looks at whatever was posted since the last one, and a little before, reckons the months and bills concerned anew
and grants the difference: a second run changes nothing, late or reversed facts put right what stands.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from konter.ledger.read import lock_owners
from konter.loyalty.earning.model import Programme, Waited
from konter.loyalty.earning.queries import bills as bill_queries
from konter.loyalty.earning.queries import months as month_queries
from konter.loyalty.earning.queries import runs as run_queries
from konter.loyalty.earning.queries.grants import SEQS_A_GRANT
from konter.loyalty.earning.settle import settle
from konter.loyalty.tiers.model import entries, month_of
from konter.platform.clock import business_day, day_start
from konter.platform.db import Connection, Pool, allow_long_work, long_work, retried
from konter.platform.ids import BillId, IdBlocks, SubscriptionId
from konter.platform.spread import in_parts
from konter.rules.model import Rulebook

OVERLAP = timedelta(minutes=15)  # longer than any transaction, so that what commits late is seen by the next run
SUBSCRIPTIONS_A_BATCH = 5_000
T = TypeVar("T")


async def grant_all(
    pool: Pool, *, now: datetime, rulebook: Rulebook, ids: IdBlocks, since: datetime | None = None
) -> tuple[int, int]:
    """Grant for recharges, again from a moment on if given, and bills, up to now; how many grants of each."""
    recharges = await accrue_recharges(pool, now=now, rulebook=rulebook, ids=ids, since=since)
    async with pool.acquire() as connection:
        bills = await accrue_bills(connection, now=now, rulebook=rulebook, ids=ids)
    return recharges, bills


async def accrue_recharges(
    pool: Pool, *, now: datetime, rulebook: Rulebook, ids: IdBlocks, since: datetime | None = None
) -> int:
    """Grant for the recharges up to now; returns how many grants were written. `since`: look again from that moment on,
    where data came late. A month is reckoned by the rules with which it began; one whose vintage is over is closed.
    [P-03, P-05, P-07, P-09, P-15, P-43, G-P01..G-P04]
    """
    zone = ZoneInfo(rulebook.at(now).poin.time_zone)
    months = open_months(rulebook, now)
    first = day_start(months[0], zone)
    borders = [day_start(month, zone) for month in (*months, month_of(months[-1], 1))]
    async with pool.acquire() as connection:
        seen = await run_queries.read_up_to(connection, "recharges")
        unseen = seen - OVERLAP if seen is not None else first
        # Never later than that: the next run goes on from here, and what lies between would be seen by nobody.
        begin = unseen if since is None else min(since, unseen)
        async with long_work(connection):
            touched = await month_queries.find_touched(
                connection, since=begin, until=now, borders=borders, months=months
            )
    waited = Waited()
    # Month by month: of those that move a tier the earlier one comes first.
    for month, subscriptions in sorted(touched.items()):

        async def grant(connection: Connection, batch: Sequence[SubscriptionId], month: date = month) -> Waited:
            run = partial(_grant_month, now=now, seen=seen or first, rulebook=rulebook, ids=ids)
            return await retried(partial(run, connection, batch, month))

        waited = sum(await in_parts(pool, _batches(sorted(subscriptions), SUBSCRIPTIONS_A_BATCH), grant), waited)
    async with pool.acquire() as connection:
        await run_queries.insert_run(connection, "recharges", up_to=now, waited=waited, at=now)
    return waited.grants


def open_months(rulebook: Rulebook, now: datetime) -> list[date]:
    """The first days of the months whose points are still valid, with the running one, ascending."""
    rules = rulebook.at(now)
    zone = ZoneInfo(rules.poin.time_zone)
    running = month_of(business_day(now, zone))
    months = [month_of(running, -back) for back in range(running.month + 11, -1, -1)]
    return [
        month
        for month in months
        if month >= month_of(rules.poin.start_date)
        and Programme(rulebook.at(day_start(month, zone))).expires_at(month.year) > now
    ] or [running]


async def _grant_month(
    connection: Connection,
    subscriptions: Sequence[SubscriptionId],
    month: date,
    *,
    now: datetime,
    seen: datetime,
    rulebook: Rulebook,
    ids: IdBlocks,
) -> Waited:
    """One batch of a month in a transaction of its own: lock, reckon and write."""
    rules = rulebook.at(now)
    zone = ZoneInfo(rules.poin.time_zone)
    begin = day_start(month, zone)
    programme = Programme(rulebook.at(begin))
    today = business_day(now, zone)
    own = await ids.reserve(connection, SEQS_A_GRANT * len(subscriptions))
    async with connection.transaction():
        await allow_long_work(connection)
        await lock_owners(connection, owners=subscriptions)
        granted = await month_queries.grant_month(
            connection,
            subscriptions,
            month=month,
            begin=max(begin, day_start(programme.rules.poin.start_date, zone)),
            end=day_start(month_of(month, 1), zone),
            programme=programme,
            new_since=seen,
            # Older months than the running one and the one before move no tier any more. [P-37, G-P25]
            entries=entries(rules, today, since=month_of(today, -1)),
            seqs=list(own.take(SEQS_A_GRANT * len(subscriptions))),
            at=now,
        )
        await settle(connection, granted.unbooked, rule=programme.rules.label, now=now, ids=ids)
    return granted.waited


async def accrue_bills(connection: Connection, *, now: datetime, rulebook: Rulebook, ids: IdBlocks) -> int:
    """Grant for the bills that were issued, paid or cancelled since they were last counted; returns how many grants.
    A bill is reckoned by the rules of its issue. [P-02, P-04, P-06, P-08, P-11, P-14, G-P05..G-P07]
    """
    waited, looked, after = Waited(), True, 0
    while looked:
        async with long_work(connection):
            found = await bill_queries.find_uncounted(connection, after=after, limit=SUBSCRIPTIONS_A_BATCH)
        looked, after = bool(found), found[-1]["subscription_id"] if found else 0
        by_rules: dict[str, list[tuple[BillId, SubscriptionId]]] = defaultdict(list)
        programmes: dict[str, Programme] = {}
        for row in found:
            rules = rulebook.at(row["issued_at"])
            programmes.setdefault(rules.label, Programme(rules))
            by_rules[rules.label].append((BillId(row["id"]), SubscriptionId(row["subscription_id"])))
        for label, bills in by_rules.items():
            run = partial(_grant_bills, connection, bills, programmes[label], now=now, rulebook=rulebook, ids=ids)
            waited += await retried(run)
        if not looked and await bill_queries.has_uncounted(connection):
            looked, after = True, 0  # further bills of the same subscriptions
    await run_queries.insert_run(connection, "bills", up_to=now, waited=waited, at=now)
    return waited.grants


async def _grant_bills(
    connection: Connection,
    bills: Sequence[tuple[BillId, SubscriptionId]],
    programme: Programme,
    *,
    now: datetime,
    rulebook: Rulebook,
    ids: IdBlocks,
) -> Waited:
    rules = rulebook.at(now)
    own = await ids.reserve(connection, SEQS_A_GRANT * len(bills))
    async with connection.transaction():
        await allow_long_work(connection)
        await lock_owners(connection, owners=[subscription for _, subscription in bills])
        granted = await bill_queries.grant_bills(
            connection,
            bills,
            programme=programme,
            entries=entries(rules, business_day(now, ZoneInfo(rules.poin.time_zone))),
            seqs=list(own.take(SEQS_A_GRANT * len(bills))),
            at=now,
        )
        await settle(connection, granted.unbooked, rule=programme.rules.label, now=now, ids=ids)
    return granted.waited


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
