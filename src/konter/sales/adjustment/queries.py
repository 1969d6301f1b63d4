"""All SQL of adjustments."""

from datetime import datetime

import asyncpg

from konter.channel.scope import Scope
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id
from konter.sales.adjustment.model import Booked
from konter.sales.queries import sale_in_scope

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


async def read_asked(
    connection: Connection, *, scope: Scope, after: tuple[datetime, int] | None, down: bool, limit: int
) -> list[Record]:
    """Those that wait for a second pair of eyes, by age from a place on, oldest first or newest first."""
    at, id_ = after or (None, None)
    order, past = ("DESC", "<") if down else ("ASC", ">")
    return await connection.fetch(
        f"SELECT id, sale_id, payer, reason, state, asked_by, asked_at FROM adjustment x WHERE state = 'asked'"
        f" AND {sale_in_scope(4, 'x')} AND ($1::timestamptz IS NULL OR (asked_at, id) {past} ($1, $2::bigint))"
        f" ORDER BY asked_at {order}, id {order} LIMIT $3",
        at,
        id_,
        limit,
        *scope.parameters(),
    )


async def count_asked(connection: Connection, *, scope: Scope, limit: int) -> Record:
    """How many wait for a second pair of eyes, as far as the oldest so many go, and since when the oldest does."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*) AS count, min(asked_at) AS oldest_at
        FROM (
            SELECT asked_at FROM adjustment x WHERE state = 'asked' AND {sale_in_scope(2, "x")}
            ORDER BY asked_at, id LIMIT $1
        ) waiting
        """,
        limit,
        *scope.parameters(),
    )
    assert row is not None
    return row
