"""What an account holds, and what moved it in a stretch of time: for pages and closes of a day."""

from datetime import datetime

import msgspec

from konter.ledger import queries
from konter.platform.db import Connection
from konter.platform.ids import AccountId

PAGE_MAX = 101  # a caller asks for one line more than it shows, to know whether there is another page


class HeldBalance(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money; what pending transfers hold has already left `balance`."""

    account_id: AccountId
    balance: int
    held: int


class KindMoves(msgspec.Struct, frozen=True, kw_only=True):
    """How many transfers of a kind moved an account, and their signed sum; what came back of voided ones apart."""

    kind: str
    came_back: bool
    moves: int
    amount: int


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer's effect on an account; `reference_id` is what caused it."""

    seq: int
    at: datetime
    amount: int
    balance_after: int
    reference_id: int


async def balance_of(connection: Connection, owner_id: int, *, kind: str, asset: str) -> HeldBalance:
    """The balance of an account that the owner was opened with and that never expires."""
    row = await queries.read_balance(connection, owner_id=owner_id, kind=kind, asset=asset)
    assert row is not None, "an owner has the accounts that it was opened with"
    return HeldBalance(account_id=row["id"], balance=row["balance"], held=row["held"])


async def moves_by_kind(
    connection: Connection, account_id: AccountId, *, begin: datetime, end: datetime
) -> list[KindMoves]:
    """What moved an account from a moment to just before another, by kind; kinds that did not are missing."""
    rows = await queries.read_moves_by_kind(connection, account_id=account_id, begin=begin, end=end)
    return [KindMoves(**dict(row)) for row in rows]


async def moves_of_kind(
    connection: Connection,
    account_id: AccountId,
    kind: str,
    *,
    came_back: bool = False,
    begin: datetime,
    end: datetime,
    before_seq: int | None = None,
    limit: int = 50,
) -> list[Move]:
    """The single moves of one kind, newest first; the next page starts before the last one's `seq`.

    `came_back`: of voided transfers the moves back, and nothing else.
    """
    rows = await queries.read_moves_of_kind(
        connection,
        account_id=account_id,
        kind=kind,
        came_back=came_back,
        begin=begin,
        end=end,
        before_seq=before_seq or 1 << 62,
        limit=min(limit, PAGE_MAX),
    )
    return [
        Move(
            seq=row["seq"],
            at=row["at"],
            amount=row["amount"],
            balance_after=row["balance_after"],
            reference_id=row["reference_id"],
        )
        for row in rows
    ]
