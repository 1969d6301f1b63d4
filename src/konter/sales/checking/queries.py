"""All SQL of the work list of sales whose outcome is not known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, Pool, rows_of, unnest
from konter.platform.ids import SaleId, TransferId, cell_of_id
from konter.sales.queries import SALE_COLUMNS_OF_S

Record = asyncpg.Record


async def take_due(
    pool: Pool, *, cells: Sequence[int], now: datetime, unmoved: datetime, until: datetime, limit: int
) -> list[Record]:
    """Take what is due and nobody holds, oldest first, until the lease ends; the sales come with it.

    What is due goes by the clock that people see, the lease by unmoved time.
    """
    return await pool.fetch(
        f"""
        WITH due AS (
            SELECT sale_id, cell FROM sale_check
            WHERE cell = ANY($1::int[]) AND due_at <= $2 AND (taken_until IS NULL OR taken_until <= $3)
            ORDER BY due_at, sale_id LIMIT $5 FOR UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE sale_check c SET taken_until = $4 FROM due
            WHERE c.cell = ANY($1::int[]) AND c.sale_id = due.sale_id AND c.cell = due.cell
            RETURNING c.sale_id, c.cell, c.checks, c.due_at, c.taken_until
        )
        SELECT {SALE_COLUMNS_OF_S}, t.checks, t.due_at, t.taken_until
        FROM taken t JOIN sale s ON s.id = t.sale_id AND s.cell = t.cell
        ORDER BY t.due_at, t.sale_id
        """,
        list(cells),
        now,
        unmoved,
        until,
        limit,
    )


_PUT_OFF_TYPES = ("bigint", "int", "timestamptz", "timestamptz", "int")
_PUT_OFF_AUDITS = len(_PUT_OFF_TYPES) + 1
_PUT_OFF = f"""
WITH put_off AS (
    UPDATE sale_check c SET due_at = u.due_at, checks = u.checks, taken_until = NULL
    FROM {rows_of(1, _PUT_OFF_TYPES)} u (sale_id, cell, taken_until, due_at, checks)
    WHERE c.cell = ANY($2::int[]) AND c.sale_id = u.sale_id AND c.cell = u.cell AND c.taken_until = u.taken_until
    RETURNING c.sale_id
), audits AS (
    {audit_insert(_PUT_OFF_AUDITS)} a ({", ".join(AuditRow.COLUMNS)})
    WHERE a.subject_id IN (SELECT sale_id FROM put_off)
)
SELECT count(*) FROM put_off
"""


async def put_off(
    connection: Connection,
    *,
    rows: Sequence[tuple[int, int, datetime, datetime, int]],
    audits: Sequence[tuple[Any, ...]],
) -> None:
    """Write (sale_id, cell, taken_until, due_at, checks) and the looks in the audit, of those still held as taken.

    What another worker has taken since, or what has ended, is left as it is.
    """
    await connection.execute(
        _PUT_OFF, *unnest(list(rows), len(_PUT_OFF_TYPES)), *unnest(list(audits), len(AuditRow.COLUMNS))
    )


async def take_off(connection: Connection, *, rows: Sequence[tuple[int, int, datetime]]) -> None:
    """Remove (sale_id, cell, taken_until) that are still held as taken; settlement has removed most by itself."""
    await connection.execute(
        f"""
        DELETE FROM sale_check c USING {rows_of(1, _PUT_OFF_TYPES[:3])} u (sale_id, cell, taken_until)
        WHERE c.cell = ANY($2::int[]) AND c.sale_id = u.sale_id AND c.cell = u.cell AND c.taken_until = u.taken_until
        """,
        *unnest(list(rows), 3),
    )


async def make_due(connection: Connection, *, sale_id: SaleId, at: datetime) -> None:
    """Have a sale looked at by then at the latest, put on the list if it is not there.

    A look that is under way may have asked too early, and would put the sale off: it holds it no more.
    """
    await connection.execute(
        """
        INSERT INTO sale_check (sale_id, cell, due_at) VALUES ($1, $2, $3)
        ON CONFLICT (sale_id, cell) DO UPDATE SET due_at = excluded.due_at, taken_until = NULL
        WHERE sale_check.due_at > excluded.due_at OR sale_check.taken_until IS NOT NULL
        """,
        sale_id,
        cell_of_id(sale_id),
        at,
    )


async def read_sale_of_transfer(connection: Connection, *, transfer_id: TransferId) -> Record | None:
    """The sale that a transfer paid."""
    return await connection.fetchrow(
        f"""
        SELECT {SALE_COLUMNS_OF_S} FROM transfer t
        JOIN sale s ON s.id = t.reference_id AND s.cell = t.cell AND s.transfer_id = t.id
        WHERE t.id = $1 AND t.cell = $2
        """,
        transfer_id,
        cell_of_id(transfer_id),
    )


async def measure(pool: Pool) -> Record:
    """How many sales are on the list, and since when the first of them; ids grow with time, so the least is the oldest.

    What is there twice over, refunded and claimed, counts too.
    """
    row = await pool.fetchrow(
        """
        SELECT (SELECT count(*) FROM sale_check) AS open,
            (SELECT s.at FROM (SELECT sale_id, cell FROM sale_check ORDER BY sale_id LIMIT 1) c
             JOIN sale s ON s.id = c.sale_id AND s.cell = c.cell) AS since
        """
    )
    assert row is not None
    return row


async def take_for_look(
    connection: Connection,
    *,
    sale_id: SaleId,
    held_until: datetime | None,
    unmoved: datetime,
    taken_until: datetime,
    audit: tuple[Any, ...],
) -> int | None:
    """Have one open sale until `taken_until`, with the audit row of who asked; how often it was looked at.

    None: it has ended, or somebody has it, or it still waits to be sent when its hold ends (`held_until`). `due_at` and
    the count stay as they are.
    """
    checks: int | None = await connection.fetchval(
        f"""
        WITH taken AS (
            UPDATE sale_check SET taken_until = $4
            WHERE sale_id = $1 AND cell = $5 AND due_at IS DISTINCT FROM $2
                AND (taken_until IS NULL OR taken_until <= $3)
            RETURNING checks
        ), audits AS (
            {audit_insert(6)} WHERE EXISTS (SELECT FROM taken)
        )
        SELECT checks FROM taken
        """,
        sale_id,
        held_until,
        unmoved,
        taken_until,
        cell_of_id(sale_id),
        *unnest([audit], len(AuditRow.COLUMNS)),
    )
    return checks
