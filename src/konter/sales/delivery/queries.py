"""All SQL of the second and third step. Each is six round trips a batch: begin, lock, read, read, write, commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.ledger import write as ledger
from konter.ledger.model import Receipt
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import cell_of_id
from konter.platform.outbox import outbox_insert
from konter.sales.queries import SALE_COLUMNS_OF_S
from konter.subscriber.write import lengthened_update

Record = asyncpg.Record


async def lock_owners(connection: Connection, *, owners: Sequence[int], wait: bool) -> set[int]:
    """Lock owner rows in id order, first and alone; without `wait` those that somebody else holds are left out."""
    rows = await connection.fetch(
        "SELECT id FROM owner WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[]) ORDER BY id FOR UPDATE"
        f"{'' if wait else ' SKIP LOCKED'}",
        list({cell_of_id(owner) for owner in owners}),
        list(owners),
    )
    return {row["id"] for row in rows}


async def read_orders(
    connection: Connection, *, transfers: Sequence[int], subscriptions: Sequence[int]
) -> list[Record]:
    """Per order, in order: the subscription as it is, what became of the transfer here before, and the versions."""
    return await connection.fetch(
        """
        SELECT o.transfer_id, b.id, b.cell, b.msisdn, b.brand, b.kind, b.locale, b.main_id, b.active_until,
            b.ended_at IS NOT NULL AS ended, r.outcome, r.data,
            (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
            (SELECT version FROM reference_version WHERE name = 'catalogue') AS catalogue_version
        FROM unnest($1::bigint[], $2::bigint[], $3::int[]) WITH ORDINALITY o (transfer_id, subscription_id, cell, no)
        LEFT JOIN subscription b ON b.id = o.subscription_id AND b.cell = o.cell
        LEFT JOIN receipt r ON r.transfer_id = o.transfer_id AND r.cell = o.cell
        ORDER BY o.no
        """,
        list(transfers),
        list(subscriptions),
        [cell_of_id(id_) for id_ in subscriptions],
    )


_LENGTHENED = ledger.CHANGES_LAST_PARAMETER + 1
_RECEIPTS = _LENGTHENED + 3
_RECEIVED_EFFECTS = _RECEIPTS + len(Receipt.TYPES)
_WRITE_DELIVERIES = f"""
WITH {ledger.CHANGES}, lengthened AS (
    {lengthened_update(_LENGTHENED)}
), receipts AS (
    {ledger.receipts_insert(_RECEIPTS)}
), effects AS (
    {outbox_insert(_RECEIVED_EFFECTS)}
)
SELECT {ledger.CHANGES_COUNTS}, (SELECT count(*) FROM lengthened) AS lengthened
"""


async def write_deliveries(
    connection: Connection,
    changes: ledger.Changes,
    *,
    lengthened: Sequence[tuple[int, int, datetime]],
    receipts: Sequence[Receipt],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """Everything that a batch of deliveries decided, in one statement. A receipt is written once or not at all."""
    counts = await connection.fetchrow(
        _WRITE_DELIVERIES,
        *ledger.change_parameters(changes),
        *unnest(list(lengthened), 3),
        *_receipt_parameters(receipts, changes.at),
        *unnest(list(effects), 6),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
    if counts["lengthened"] != len(lengthened):
        raise AssertionError(f"deliveries wrote {counts['lengthened']} of {len(lengthened)} active periods")


async def write_receipt(connection: Connection, receipt: Receipt, *, at: datetime) -> None:
    """What was credited outside a delivery, so that none comes after it."""
    await connection.execute(ledger.receipts_insert(1), *_receipt_parameters([receipt], at))


def _receipt_parameters(receipts: Sequence[Receipt], at: datetime) -> list[list[Any]]:
    return unnest([(r.transfer_id, r.cell, r.owner_id, r.outcome, r.data, at) for r in receipts], len(Receipt.TYPES))


async def read_payers(connection: Connection, *, sales: Sequence[int]) -> list[Record]:
    """How sales stand and where their texts go, and the versions of rules and catalogue."""
    return await connection.fetch(
        """
        SELECT s.id, s.status, u.nn_msisdn, u.locale, o.zone,
            (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
            (SELECT version FROM reference_version WHERE name = 'catalogue') AS catalogue_version
        FROM sale s
        JOIN outlet_user u ON u.id = s.user_id AND u.cell = s.cell
        JOIN outlet o ON o.id = s.outlet_id AND o.cell = s.cell
        WHERE s.cell = ANY($1::int[]) AND s.id = ANY($2::bigint[])
        """,
        list({cell_of_id(sale) for sale in sales}),
        list(sales),
    )


async def read_ended(connection: Connection, *, sales: Sequence[int]) -> list[Record]:
    """Sales that have ended, whole."""
    return await connection.fetch(
        f"SELECT {SALE_COLUMNS_OF_S} FROM sale s WHERE s.cell = ANY($1::int[]) AND s.id = ANY($2::bigint[])",
        list({cell_of_id(sale) for sale in sales}),
        list(sales),
    )


_ENDED_TYPES = ["bigint", "int", "text", "jsonb", "timestamptz", "text", "bigint", "bigint"]
_ENDED = ledger.CHANGES_LAST_PARAMETER + 1
_FOLLOWED = _ENDED + len(_ENDED_TYPES)
_AUDITS = _FOLLOWED + 3
_ENDED_EFFECTS = _AUDITS + len(AuditRow.COLUMNS)
_WRITE_SETTLEMENTS = f"""
WITH {ledger.CHANGES}, ended AS (
    UPDATE sale s SET status = e.status, delivery = e.delivery, resolved_at = e.resolved_at, reason = e.reason,
        refund_before_rp = e.refund_before_rp, refund_after_rp = e.refund_after_rp
    FROM {rows_of(_ENDED, _ENDED_TYPES)}
        e (id, cell, status, delivery, resolved_at, reason, refund_before_rp, refund_after_rp)
    WHERE s.id = e.id AND s.cell = e.cell AND s.status = 'checking'
    RETURNING 1
), checked AS (
    DELETE FROM sale_check c USING {rows_of(_ENDED, _ENDED_TYPES[:2])} e (id, cell)
    WHERE c.sale_id = e.id AND c.cell = e.cell AND c.sale_id <> ALL(${_FOLLOWED}::bigint[])
), followed AS (
    UPDATE sale_check c SET due_at = f.due_at, taken_until = NULL
    FROM {rows_of(_FOLLOWED, ["bigint", "int", "timestamptz"])} f (id, cell, due_at)
    WHERE c.sale_id = f.id AND c.cell = f.cell
), audits AS (
    {audit_insert(_AUDITS)}
), effects AS (
    {outbox_insert(_ENDED_EFFECTS)}
)
SELECT {ledger.CHANGES_COUNTS}, (SELECT count(*) FROM ended) AS ended
"""


async def write_settlements(
    connection: Connection,
    changes: ledger.Changes,
    *,
    ended: Sequence[tuple[Any, ...]],
    followed: Sequence[tuple[int, int, datetime]],
    audits: Sequence[tuple[Any, ...]],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """Everything that a batch of settlements decided, in one statement; only a sale still open is ended.

    `followed` are those of the ended that stay on the work list, and when they are due.
    """
    counts = await connection.fetchrow(
        _WRITE_SETTLEMENTS,
        *ledger.change_parameters(changes),
        *unnest(list(ended), len(_ENDED_TYPES)),
        *unnest(list(followed), 3),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
        *unnest(list(effects), 6),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
    if counts["ended"] != len(ended):
        raise AssertionError(f"settlements ended {counts['ended']} of {len(ended)} sales")
