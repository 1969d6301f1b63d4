"""What a reckoning leaves to be booked by hand of Python: points taken back, debts repaid, tiers entered."""

from datetime import datetime
from zoneinfo import ZoneInfo

from konter.ledger.model import Books, Shortfall
from konter.ledger.read import read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.earning.queries.grants import Granted
from konter.loyalty.points.model import grant_drafts, spendable, take_back_drafts
from konter.loyalty.tiers.enter import enter_tiers
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.rules.model import Rules

SEQS_A_BOOKING = 6  # a transfer for each vintage and for the debt, and an account


async def settle(
    connection: Connection, granted: Granted, *, rules: Rules, rule: str, now: datetime, ids: IdBlocks
) -> None:
    """Book what the statement handed back, in its transaction; `rule` priced the grants. [G-P19, P-37]"""
    if granted.hard:
        await _book(connection, granted, rules=rules, rule=rule, now=now, ids=ids)
    if granted.entering:
        zone = ZoneInfo(rules.poin.time_zone)
        spent = {subscription: (spent_rp, business_day(at, zone)) for subscription, spent_rp, at in granted.entering}
        await enter_tiers(connection, spent, rules=rules, now=now)


async def _book(
    connection: Connection, granted: Granted, *, rules: Rules, rule: str, now: datetime, ids: IdBlocks
) -> None:
    own = await ids.reserve(connection, SEQS_A_BOOKING * len(granted.hard))
    accounts = await read_accounts(connection, owners=[subscription for subscription, *_ in granted.hard], at=now)
    books = Books(accounts, seqs=own.take(SEQS_A_BOOKING * len(granted.hard)), at=now)
    for subscription, points, grant_id, expires_at in granted.hard:
        if points > 0:
            drafts = grant_drafts(books, subscription, points, expires_at=expires_at)
        else:
            there = max(spendable(books, subscription, now=now).points, 0)
            taken = -points if rules.poin.negative_allowed else min(-points, there)
            drafts = take_back_drafts(books, subscription, taken, expires_at=expires_at, now=now)
        if drafts:
            made = books.move(drafts, reference_id=grant_id, rule=rule)
            assert not isinstance(made, Shortfall), "vintages give what they hold, and a debt has no floor in reach"
    await write_changes(connection, books.changes())
