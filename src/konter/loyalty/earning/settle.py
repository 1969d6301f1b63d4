"""What a reckoning leaves to be booked by hand of Python: points taken back, and debts repaid."""

from collections.abc import Sequence
from datetime import datetime

from konter.ledger.model import Books, Shortfall
from konter.ledger.read import read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.earning.model import Unbooked
from konter.loyalty.points.model import grant_drafts, take_back_drafts
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks

SEQS_A_BOOKING = 6  # a transfer for each vintage and for the debt, and an account


async def settle(
    connection: Connection, unbooked: Sequence[Unbooked], *, rule: str, now: datetime, ids: IdBlocks
) -> None:
    """Book the grants that the statement handed back, in its transaction; `rule` priced them. [G-P19]"""
    if not unbooked:
        return
    own = await ids.reserve(connection, SEQS_A_BOOKING * len(unbooked))
    accounts = await read_accounts(connection, owners=[each.subscription_id for each in unbooked], at=now)
    books = Books(accounts, seqs=own.take(SEQS_A_BOOKING * len(unbooked)), at=now)
    for each in unbooked:
        if each.points > 0:
            drafts = grant_drafts(books, each.subscription_id, each.points, expires_at=each.expires_at)
        else:
            drafts = take_back_drafts(books, each.subscription_id, -each.points, expires_at=each.expires_at, now=now)
        if drafts:
            made = books.move(drafts, reference_id=each.grant_id, rule=rule)
            assert not isinstance(made, Shortfall), "vintages give what they hold, and a debt has no floor in reach"
    await write_changes(connection, books.changes())
