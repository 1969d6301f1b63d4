"""Value whose time is over leaves its owner: a transfer to `expired`, and the account closes."""

from datetime import datetime

from konter.ledger import queries
from konter.ledger.model import EXPIRED, Books, Draft, House
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks

OWNERS_A_BATCH = 500


async def anything_expired(connection: Connection, *, now: datetime) -> bool:
    """Whether `expire` would find anything."""
    return bool(await queries.find_owners_with_expired(connection, at=now, limit=1))


async def expire(connection: Connection, *, now: datetime, ids: IdBlocks, owners_max: int = OWNERS_A_BATCH) -> int:
    """Expire what is due for up to `owners_max` owners; returns how many accounts were closed. Run until it says 0.

    `expires_at` is the first moment at which the value is no longer valid. An account below zero stays open.
    """
    due = await queries.find_owners_with_expired(connection, at=now, limit=owners_max)
    if not due:
        return 0
    async with connection.transaction():
        await queries.lock_owners(connection, owners=due)
        accounts = await queries.read_expired(connection, owners=due, at=now)
        own = await ids.reserve(connection, len(accounts))
        books = Books(accounts, seqs=own.take(len(accounts)), at=now)
        closed = 0
        for account in accounts:
            if account.balance > 0:
                draft = Draft("expiry", account, House(EXPIRED), account.balance, account.asset)
                books.move([draft], reference_id=account.id, rule="expires_at")
            if account.balance == 0:
                books.close(account)
                closed += 1
        await queries.write_changes(connection, books.changes())
    return closed
