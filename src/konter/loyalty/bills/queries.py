"""All SQL of bills."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from konter.loyalty.bills.model import Bills, KnownBill
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import BillId, SubscriptionId, cell_of_id

_NEW_TYPES = (
    "bigint", "int", "bigint", "text", "text", "text", "date", "date", "bigint", "bigint", "timestamptz"
)  # fmt: skip


async def read_bills(connection: Connection, keys: Sequence[tuple[SubscriptionId, str]]) -> Bills:
    """Bills by whose they are and their number."""
    rows = await connection.fetch(
        """
        SELECT b.id, b.subscription_id, b.number, b.period_begin, b.period_end, b.total_rp, b.tax_rp, b.issued_at,
            b.segment, b.paid_at, b.cancelled_at, b.points
        FROM unnest($1::bigint[], $2::int[], $3::text[]) k (subscription_id, cell, number)
        JOIN issued_bill b ON b.subscription_id = k.subscription_id AND b.cell = k.cell AND b.number = k.number
        """,
        [subscription for subscription, _ in keys],
        [cell_of_id(subscription) for subscription, _ in keys],
        [number for _, number in keys],
    )
    found = [KnownBill(**dict(row)) for row in rows]
    return {(each.subscription_id, each.number): each for each in found}


async def read_activations(
    connection: Connection, subscriptions: Sequence[SubscriptionId]
) -> dict[SubscriptionId, datetime]:
    """Since when subscriptions have had their numbers."""
    rows = await connection.fetch(
        "SELECT s.id, s.activated_at FROM unnest($1::bigint[], $2::int[]) u (id, cell)"
        " JOIN subscription s ON s.id = u.id AND s.cell = u.cell",
        list(subscriptions),
        [cell_of_id(each) for each in subscriptions],
    )
    return {SubscriptionId(row["id"]): row["activated_at"] for row in rows}


async def insert_bills(
    connection: Connection, rows: Sequence[tuple[Any, ...]], *, audits: Sequence[tuple[Any, ...]], by: str, at: datetime
) -> None:
    """New bills: (id, cell, subscription, number, brand, segment, period begin and end, total, tax, issued at) each."""
    await connection.execute(
        f"""
        WITH audits AS ({audit_insert(14)})
        INSERT INTO issued_bill (id, cell, subscription_id, number, brand, segment, period_begin, period_end, total_rp,
            tax_rp, issued_at, recorded_at, recorded_by)
        SELECT *, $1::timestamptz, $2::text FROM {rows_of(3, _NEW_TYPES)}
        """,
        at,
        by,
        *unnest(list(rows), len(_NEW_TYPES)),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
    )


async def write_payments(
    connection: Connection, rows: Sequence[tuple[BillId, datetime]], *, audits: Sequence[tuple[Any, ...]]
) -> None:
    """When bills were paid; they are counted anew."""
    await connection.execute(
        f"""
        WITH audits AS ({audit_insert(4)})
        UPDATE issued_bill b SET paid_at = u.paid_at, counted = false
        FROM unnest($1::bigint[], $2::int[], $3::timestamptz[]) u (id, cell, paid_at)
        WHERE b.id = u.id AND b.cell = u.cell
        """,
        [bill for bill, _ in rows],
        [cell_of_id(bill) for bill, _ in rows],
        [paid_at for _, paid_at in rows],
        *unnest(list(audits), len(AuditRow.COLUMNS)),
    )


async def write_cancellations(
    connection: Connection, bills: Sequence[BillId], *, audits: Sequence[tuple[Any, ...]], at: datetime
) -> None:
    """Bills that are none any more; they are counted anew."""
    await connection.execute(
        f"""
        WITH audits AS ({audit_insert(4)})
        UPDATE issued_bill b SET cancelled_at = $1, counted = false
        FROM unnest($2::bigint[], $3::int[]) u (id, cell) WHERE b.id = u.id AND b.cell = u.cell
        """,
        at,
        list(bills),
        [cell_of_id(bill) for bill in bills],
        *unnest(list(audits), len(AuditRow.COLUMNS)),
    )
