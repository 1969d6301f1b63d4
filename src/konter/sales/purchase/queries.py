"""All SQL of purchases of selling balance."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from konter.ledger import write as ledger
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import cell_of_id

Record = asyncpg.Record
_FIRST = ledger.CHANGES_LAST_PARAMETER


async def read_purchases(connection: Connection, *, keys: Sequence[tuple[int, UUID]]) -> list[Record]:
    """Purchases of selling balance that are known under (outlet, client_ref)."""
    return await connection.fetch(
        """
        SELECT p.id, p.outlet_id, p.client_ref, p.amount_rp FROM wallet_purchase p
        JOIN unnest($1::bigint[], $2::uuid[], $3::int[]) k (outlet_id, client_ref, cell)
            ON k.outlet_id = p.outlet_id AND k.client_ref = p.client_ref AND k.cell = p.cell
        """,
        [outlet for outlet, _ in keys],
        [ref for _, ref in keys],
        [cell_of_id(outlet) for outlet, _ in keys],
    )


_PURCHASE_TYPES = ("bigint", "int", "bigint", "uuid", "bigint", "text")


async def write_purchases(
    connection: Connection,
    changes: ledger.Changes,
    *,
    purchases: Sequence[tuple[Any, ...]],
    audits: Sequence[tuple[Any, ...]],
) -> None:
    """Purchases (id, cell, outlet, client_ref, amount, actor) with their entries and audit, in one statement."""
    counts = await connection.fetchrow(
        f"""
        WITH {ledger.CHANGES}, purchases AS (
            INSERT INTO wallet_purchase (id, cell, outlet_id, client_ref, amount_rp, actor, at)
            SELECT *, $1::timestamptz FROM {rows_of(_FIRST + 1, _PURCHASE_TYPES)}
        ), audits AS ({audit_insert(_FIRST + 7)})
        SELECT {ledger.CHANGES_COUNTS}
        """,
        *ledger.change_parameters(changes),
        *unnest(list(purchases), 6),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
