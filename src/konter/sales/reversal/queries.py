"""All SQL of reversals."""

from datetime import datetime

import asyncpg

from konter.platform.db import Connection
from konter.platform.ids import cell_of_id

Record = asyncpg.Record


async def read_reversal(connection: Connection, *, reversal_id: int) -> Record | None:
    """One reversal with the ids that its decision must lock."""
    return await connection.fetchrow(
        """
        SELECT v.id, v.cell, v.sale_id, v.reason, v.state, v.asked_by, v.asked_at, v.decided_by, v.decided_at,
            s.outlet_id, s.subscription_id
        FROM reversal v JOIN sale s ON s.id = v.sale_id AND s.cell = v.cell WHERE v.id = $1 AND v.cell = $2
        """,
        reversal_id,
        cell_of_id(reversal_id),
    )


async def insert_reversal(
    connection: Connection, *, id_: int, sale_id: int, reason: str, asked_by: int, at: datetime
) -> None:
    """Ask for a reversal."""
    await connection.execute(
        "INSERT INTO reversal (id, cell, sale_id, reason, state, asked_by, asked_at)"
        " VALUES ($1, $2, $3, $4, 'asked', $5, $6)",
        id_,
        cell_of_id(id_),
        sale_id,
        reason,
        asked_by,
        at,
    )


async def decide_reversal(
    connection: Connection,
    *,
    id_: int,
    state: str,
    decided_by: int,
    at: datetime,
    refund_rp: int | None,
    before_rp: int | None,
    after_rp: int | None,
) -> None:
    """Settle an asked reversal."""
    await connection.execute(
        "UPDATE reversal SET state = $3, decided_by = $4, decided_at = $5, refund_rp = $6, balance_before_rp = $7,"
        " balance_after_rp = $8 WHERE id = $1 AND cell = $2 AND state = 'asked'",
        id_,
        cell_of_id(id_),
        state,
        decided_by,
        at,
        refund_rp,
        before_rp,
        after_rp,
    )


async def read_reversals(connection: Connection, *, state: str, limit: int) -> list[Record]:
    """Reversals in a state, oldest first: the queue of the second pair of eyes."""
    return await connection.fetch(
        "SELECT id, sale_id, reason, state, asked_by, asked_at FROM reversal WHERE state = $1"
        " ORDER BY asked_at, id LIMIT $2",
        state,
        limit,
    )


async def read_deliveries(connection: Connection, *, subscription_id: int, but: int) -> list[Record]:
    """What a subscription got by sales in its life, oldest first; `gone` are those taken back and the sale `but`.

    Visits all cells of outlets.
    """
    return await connection.fetch(
        """
        SELECT s.at, s.delivery, (v.id IS NOT NULL OR s.id = $2) AS gone
        FROM sale s LEFT JOIN reversal v ON v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done'
        WHERE s.subscription_id = $1 AND s.status = 'done' ORDER BY s.at, s.id
        """,
        subscription_id,
        but,
    )
