"""Open owners and accounts, and read an account page by page."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.ledger import queries
from konter.ledger.model import Account, Books
from konter.platform.db import Connection
from konter.platform.ids import AccountId, IdBlocks, OwnerId

STATEMENT_PAGE_MAX = 200


class NewAccount(msgspec.Struct, frozen=True):
    """An account to open at once with its owner."""

    owner_id: OwnerId
    cell: int
    kind: str
    asset: str
    source: str = ""
    expires_at: datetime | None = None
    floor: int = 0


class StatementLine(msgspec.Struct, frozen=True):
    """One entry as its owner reads it; `amount` is signed, `rule` says what priced it."""

    seq: int
    at: datetime
    kind: str
    state: str
    amount: int
    balance_before: int
    balance_after: int
    transfer_id: int
    reference_id: int
    rule: str


async def open_owners(
    connection: Connection,
    owners: Sequence[tuple[int, int]],
    *,
    kind: str,
    accounts: Sequence[NewAccount],
    now: datetime,
    ids: IdBlocks,
) -> list[Account]:
    """New owners, given as (id, cell), and their first accounts at zero. In the caller's transaction; `ids` ensured."""
    await queries.insert_owners(connection, owners=owners, kind=kind, at=now)
    return await open_accounts(connection, accounts, now=now, ids=ids)


async def open_accounts(
    connection: Connection, accounts: Sequence[NewAccount], *, now: datetime, ids: IdBlocks
) -> list[Account]:
    """Accounts at zero for owners that have none like them, in one statement. In the caller's transaction."""
    books = Books([], seqs=ids.take(len(accounts)), at=now)
    opened = [
        books.open(
            OwnerId(new.owner_id),
            new.cell,
            new.kind,
            new.asset,
            source=new.source,
            expires_at=new.expires_at,
            floor=new.floor,
        )
        for new in accounts
    ]
    await queries.write_changes(connection, books.changes())
    return opened


async def live_accounts(connection: Connection, owner_id: int, *, at: datetime) -> list[Account]:
    """An owner's open accounts that have not expired at a moment."""
    return await queries.read_accounts(connection, owners=[owner_id], at=at)


async def statement(
    connection: Connection, account_id: AccountId, *, before_seq: int | None = None, limit: int = 50
) -> list[StatementLine]:
    """Entries newest first; the next page starts before the last line's `seq`. At most 200 a page. [D-44]"""
    rows = await queries.read_statement(
        connection, account_id=account_id, before_seq=before_seq, limit=min(limit, STATEMENT_PAGE_MAX)
    )
    return [
        StatementLine(
            seq=row["seq"],
            at=row["at"],
            kind=row["kind"],
            state=row["state"],
            amount=row["amount"],
            balance_before=row["balance_after"] - row["amount"],
            balance_after=row["balance_after"],
            transfer_id=row["transfer_id"],
            reference_id=row["reference_id"],
            rule=row["rule"],
        )
        for row in rows
    ]
