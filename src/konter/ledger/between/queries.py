"""All SQL of transfers between owners. Each step is six round trips a batch: begin, lock, read, read, write, commit."""

from collections.abc import Sequence

import asyncpg

from konter.ledger.model import Account, Changes, Pending, Receipt
from konter.ledger.queries import (
    CHANGES,
    CHANGES_COUNTS,
    CHANGES_LAST_PARAMETER,
    assert_written,
    change_parameters,
    house_kind,
    receipts_insert,
)
from konter.platform.db import Connection, unnest
from konter.platform.ids import TransferId, cell_of_id

Record = asyncpg.Record


async def read_known(connection: Connection, *, transfers: Sequence[int], owners: Sequence[int]) -> list[Record]:
    """What the owners' cells know under ids: how the sending stands that was sent there, and the receipt made there."""
    return await connection.fetch(
        """
        SELECT w.id, t.state, r.outcome, r.data
        FROM unnest($1::bigint[], $2::int[]) w (id, cell)
        LEFT JOIN transfer t ON t.id = w.id AND t.cell = w.cell
        LEFT JOIN receipt r ON r.transfer_id = w.id AND r.cell = w.cell
        """,
        list(transfers),
        [cell_of_id(owner) for owner in owners],
    )


async def read_linked(
    connection: Connection, *, transfers: Sequence[int], references: Sequence[int]
) -> list[tuple[TransferId, Pending]]:
    """The pending transfers that were sent together under each id."""
    rows = await connection.fetch(
        """
        SELECT t.link_id, t.id, t.cell, t.kind, t.debit_account, t.credit_account, d.kind AS debit_kind, t.asset,
            t.amount
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) w (id, cell, reference_id)
        JOIN transfer t ON t.reference_id = w.reference_id AND t.cell = w.cell AND t.link_id = w.id
        JOIN account d ON d.id = t.debit_account AND d.cell = t.cell
        WHERE t.state = 'pending' ORDER BY t.id
        """,
        list(transfers),
        [cell_of_id(transfer) for transfer in transfers],
        list(references),
    )
    return [
        (
            TransferId(row["link_id"]),
            Pending(
                row["id"],
                row["cell"],
                row["kind"],
                row["debit_account"],
                row["credit_account"],
                row["debit_kind"],
                house_kind(row["credit_account"]),
                row["asset"],
                row["amount"],
            ),
        )
        for row in rows
    ]


async def read_accounts_by_id(connection: Connection, *, accounts: Sequence[int]) -> list[Account]:
    """Accounts by id, also those that have expired or were closed: what comes back opens them again."""
    rows = await connection.fetch(
        """
        SELECT a.id, a.cell, a.owner_id, a.kind, a.source, a.asset, a.expires_at, a.balance, a.floor, a.entry_seq
        FROM unnest($1::bigint[], $2::int[]) w (id, cell) JOIN account a ON a.id = w.id AND a.cell = w.cell
        """,
        list(accounts),
        [cell_of_id(account) for account in accounts],
    )
    return [Account(*row) for row in rows]


_WRITE = f"""
WITH {CHANGES}, receipts AS (
    {receipts_insert(CHANGES_LAST_PARAMETER + 1)}
)
SELECT {CHANGES_COUNTS}
"""


async def write_step(connection: Connection, changes: Changes, receipts: Sequence[Receipt]) -> None:
    """What one step of a batch decided, in one statement. A receipt is written once or not at all."""
    rows = [(r.transfer_id, r.cell, r.owner_id, r.outcome, r.data, changes.at) for r in receipts]
    counts = await connection.fetchrow(_WRITE, *change_parameters(changes), *unnest(rows, len(Receipt.TYPES)))
    assert counts is not None
    assert_written(changes, counts)
