"""All SQL of reversals."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from konter.platform.db import Connection, Pool
from konter.platform.ids import cell_of_id
from konter.sales.queries import SALE_COLUMNS_OF_S

Record = asyncpg.Record


async def read_reversal(connection: Connection, *, reversal_id: int) -> Record | None:
    """One reversal with the ids that its decision must lock."""
    return await connection.fetchrow(
        """
        SELECT v.id, v.cell, v.sale_id, v.reason, v.state, v.asked_by, v.asked_at, v.decided_by, v.decided_at,
            s.outlet_id, s.subscription_id, s.route
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
    """Settle an asked reversal in one step."""
    await connection.execute(
        "UPDATE reversal SET state = $3, decided_by = $4, decided_at = $5, refund_rp = $6, balance_before_rp = $7,"
        " balance_after_rp = $8, done_at = CASE WHEN $3 = 'done' THEN $5::timestamptz END"
        " WHERE id = $1 AND cell = $2 AND state = 'asked'",
        id_,
        cell_of_id(id_),
        state,
        decided_by,
        at,
        refund_rp,
        before_rp,
        after_rp,
    )


async def approve_reversal(
    connection: Connection,
    *,
    id_: int,
    decided_by: int,
    at: datetime,
    hold_id: int,
    deadline: datetime,
    due_at: datetime,
) -> None:
    """Agree to an asked reversal that takes further steps, and put it on the work list."""
    await connection.execute(
        """
        WITH approved AS (
            UPDATE reversal SET state = 'approved', decided_by = $3, decided_at = $4, hold_id = $5, deadline = $6
            WHERE id = $1 AND cell = $2 AND state = 'asked' RETURNING id, cell
        )
        INSERT INTO reversal_check (reversal_id, cell, due_at) SELECT id, cell, $7 FROM approved
        """,
        id_,
        cell_of_id(id_),
        decided_by,
        at,
        hold_id,
        deadline,
        due_at,
    )


_UNDER_WAY = f"""{SALE_COLUMNS_OF_S}, v.id AS reversal_id, v.state AS reversal_state, v.decided_by AS approved_by,
    v.decided_at AS approved_at, v.hold_id, v.deadline AS reversal_deadline,
    v.declined_why"""


async def read_under_way(connection: Connection, *, reversal_id: int) -> Record | None:
    """A reversal that was approved in steps, ended or not, with its sale."""
    return await connection.fetchrow(
        f"SELECT {_UNDER_WAY} FROM reversal v JOIN sale s ON s.id = v.sale_id AND s.cell = v.cell"
        " WHERE v.id = $1 AND v.cell = $2 AND v.hold_id IS NOT NULL",
        reversal_id,
        cell_of_id(reversal_id),
    )


async def end_reversal(
    connection: Connection,
    *,
    id_: int,
    state: str,
    why: str | None,
    done_at: datetime | None,
    refund_rp: int | None,
    before_rp: int | None,
    after_rp: int | None,
) -> None:
    """End an approved reversal at the outlet: done, or declined and why."""
    await connection.execute(
        "UPDATE reversal SET state = $3, declined_why = $4, done_at = $5, refund_rp = $6, balance_before_rp = $7,"
        " balance_after_rp = $8 WHERE id = $1 AND cell = $2 AND state = 'approved'",
        id_,
        cell_of_id(id_),
        state,
        why,
        done_at,
        refund_rp,
        before_rp,
        after_rp,
    )


async def ask_again(connection: Connection, *, id_: int) -> None:
    """Have an approved reversal wait for a decision again, and nobody work on it."""
    await connection.execute(
        """
        WITH off AS (DELETE FROM reversal_check WHERE reversal_id = $1 AND cell = $2)
        UPDATE reversal SET state = 'asked', decided_by = NULL, decided_at = NULL, hold_id = NULL, deadline = NULL
        WHERE id = $1 AND cell = $2 AND state = 'approved'
        """,
        id_,
        cell_of_id(id_),
    )


async def take_due(
    pool: Pool, *, cells: Sequence[int], now: datetime, unmoved: datetime, until: datetime, limit: int
) -> list[Record]:
    """Take reversals that are due and nobody holds until the lease ends. What is due goes by the clock that people see,
    the lease by unmoved time.
    """
    return await pool.fetch(
        f"""
        WITH due AS (
            SELECT reversal_id, cell FROM reversal_check
            WHERE cell = ANY($1::int[]) AND due_at <= $2 AND (taken_until IS NULL OR taken_until <= $3)
            ORDER BY due_at, reversal_id LIMIT $5 FOR UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE reversal_check c SET taken_until = $4 FROM due
            WHERE c.cell = ANY($1::int[]) AND c.reversal_id = due.reversal_id AND c.cell = due.cell
            RETURNING c.reversal_id, c.cell, c.checks, c.taken_until
        )
        SELECT {_UNDER_WAY}, t.checks, t.taken_until
        FROM taken t JOIN reversal v ON v.id = t.reversal_id AND v.cell = t.cell
        JOIN sale s ON s.id = v.sale_id AND s.cell = v.cell ORDER BY t.reversal_id
        """,
        list(cells),
        now,
        unmoved,
        until,
        limit,
    )


async def put_off(
    connection: Connection, *, reversal_id: int, taken_until: datetime, due_at: datetime, checks: int
) -> bool:
    """Have a reversal looked at later, if it is still held as it was taken."""
    row = await connection.fetchrow(
        "UPDATE reversal_check SET due_at = $4, checks = $5, taken_until = NULL"
        " WHERE reversal_id = $1 AND cell = $2 AND taken_until = $3 RETURNING 1",
        reversal_id,
        cell_of_id(reversal_id),
        taken_until,
        due_at,
        checks,
    )
    return row is not None


async def take_off(connection: Connection, *, reversal_id: int) -> None:
    """Both sides are booked: nobody has to work on it any more."""
    await connection.execute(
        "DELETE FROM reversal_check WHERE reversal_id = $1 AND cell = $2", reversal_id, cell_of_id(reversal_id)
    )


async def read_deliveries(connection: Connection, *, subscription_id: int, but: int) -> list[Record]:
    """What a subscription got by sales in its life, oldest first; `gone` are those taken back and the sale `but`.

    A sale whose outlet does not know yet that its customer has got it, or that was refunded all the same, counts by the
    customer's receipt.

    Visits all cells of outlets.
    """
    return await connection.fetch(
        """
        SELECT coalesce(r.at, s.at) AS at, s.id, s.delivery, (v.id IS NOT NULL OR s.id = $2) AS gone
        FROM sale s LEFT JOIN reversal v ON v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done'
        LEFT JOIN receipt r ON r.transfer_id = s.transfer_id AND r.cell = $3 AND r.outcome = 'received'
        WHERE s.subscription_id = $1 AND s.status = 'done'
        UNION ALL
        SELECT r.at, s.id, r.data, false
        FROM sale s JOIN receipt r ON r.transfer_id = s.transfer_id AND r.cell = $3 AND r.outcome = 'received'
        WHERE s.subscription_id = $1 AND s.status <> 'done'
        ORDER BY at, id
        """,
        subscription_id,
        but,
        cell_of_id(subscription_id),
    )
