"""All SQL of adjustments."""

from datetime import datetime

import asyncpg

from konter.platform.db import Connection
from konter.platform.ids import cell_of_id
from konter.sales.adjustment.model import Booked

Record = asyncpg.Record


async def insert_adjustment(
    connection: Connection, *, id_: int, sale_id: int, payer: str, reason: str, asked_by: int, at: datetime
) -> None:
    """Ask for an adjustment."""
    await connection.execute(
        "INSERT INTO adjustment (id, cell, sale_id, payer, reason, state, asked_by, asked_at)"
        " VALUES ($1, $2, $3, $4, $5, 'asked', $6, $7)",
        id_,
        cell_of_id(id_),
        sale_id,
        payer,
        reason,
        asked_by,
        at,
    )


async def read_adjustment(connection: Connection, *, adjustment_id: int) -> Record | None:
    """One adjustment with the ids that its decision must lock."""
    return await connection.fetchrow(
        """
        SELECT j.id, j.sale_id, j.payer, j.reason, j.state, j.asked_by, j.asked_at, s.outlet_id, s.subscription_id
        FROM adjustment j JOIN sale s ON s.id = j.sale_id AND s.cell = j.cell WHERE j.id = $1 AND j.cell = $2
        """,
        adjustment_id,
        cell_of_id(adjustment_id),
    )


async def decide_adjustment(
    connection: Connection, *, id_: int, decided_by: int, at: datetime, booked: Booked | None
) -> None:
    """Settle an asked adjustment: done with what it booked, or declined."""
    await connection.execute(
        """
        UPDATE adjustment SET state = $3, decided_by = $4, decided_at = $5, delivery = $6, charged_rp = $7,
            written_off_rp = $8, balance_before_rp = $9, balance_after_rp = $10
        WHERE id = $1 AND cell = $2 AND state = 'asked'
        """,
        id_,
        cell_of_id(id_),
        "done" if booked else "declined",
        decided_by,
        at,
        booked.delivery if booked else None,
        booked.charged_rp if booked else None,
        booked.written_off_rp if booked else None,
        booked.before_rp if booked else None,
        booked.after_rp if booked else None,
    )
