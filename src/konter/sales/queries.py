"""All SQL of sales. A batch of sales is six round trips: begin, lock, read, read, write, commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.ledger import write as ledger
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import SaleId, cell_of_id, cell_of_msisdn
from konter.platform.outbox import outbox_insert
from konter.sales.fulfilment import Delivery
from konter.sales.model import Sale, SellRequest

Record = asyncpg.Record

SALE_COLUMNS = (
    "id, cell, outlet_id, user_id, client_ref, request_hash, product, msisdn, subscription_id, nominal_rp, price_rp,"
    " cost_rp, tax_rp, balance_before_rp, balance_after_rp, status, delivery, why, rule, at, resolved_at, deadline"
)
SALE_COLUMNS_OF_S = ", ".join(f"s.{name.strip()}" for name in SALE_COLUMNS.split(","))
_TAKEN_BACK = "EXISTS (SELECT FROM reversal v WHERE v.sale_id = sale.id AND v.cell = sale.cell AND v.state = 'done')"
# Beside other tables' columns a sale's carry a prefix of their own.
SALE_COLUMNS_OF_S_NAMED = ", ".join(f"s.{name.strip()} AS sale_{name.strip()}" for name in SALE_COLUMNS.split(","))


async def lock_owners(
    connection: Connection, *, outlets: Sequence[int], msisdns: Sequence[int], wait: bool
) -> set[int]:
    """Lock the outlets and the subscriptions that now use the numbers, in id order, first and alone.

    Without `wait` those that somebody else holds are left out.

    A number may have changed hands before the lock was had; what is read later must be among what is returned here.
    """
    rows = await connection.fetch(
        f"""
        SELECT id FROM owner WHERE cell = ANY($1::int[]) AND id = ANY(
            $2::bigint[] || ARRAY(SELECT id FROM subscription
                WHERE cell = ANY($3::int[]) AND msisdn = ANY($4::bigint[]) AND ended_at IS NULL))
        ORDER BY id FOR UPDATE {"" if wait else "SKIP LOCKED"}
        """,
        list({cell_of_id(id_) for id_ in outlets} | {cell_of_msisdn(msisdn) for msisdn in msisdns}),
        list(outlets),
        list({cell_of_msisdn(msisdn) for msisdn in msisdns}),
        list(msisdns),
    )
    return {row["id"] for row in rows}


async def read_requests(
    connection: Connection,
    requests: Sequence[SellRequest],
    *,
    documents: Sequence[str],
    deemable: Sequence[str],
    guard_from: datetime,
    now: datetime,
) -> list[Record]:
    """What is known about each request, a row each, in order: session, user, outlet, same ref, last like it, receiver.

    `documents` are the codes of the texts that a seller must have accepted: the version in force, or, of those where
    going on counts as acceptance (`deemable`), any version. The versions of rules and catalogue come with every row.
    """
    return await connection.fetch(
        f"""
        WITH in_force AS MATERIALIZED (
            SELECT DISTINCT ON (code) code, version FROM document
            WHERE code = ANY($8::text[]) AND valid_from <= $13 ORDER BY code, valid_from DESC)
        SELECT r.no, e.token_hash, e.expires_at AS session_expires_at, e.revoked_at,
            u.id AS user_id, u.cell AS user_cell, u.username,
            u.nn_msisdn, u.locale, u.status AS user_status, u.password_initial,
            u.pin_salt, u.pin_hash, u.pin_failures, u.pin_locked_at,
            o.status AS outlet_status, o.area, o.segment, o.zone,
            (SELECT count(DISTINCT a.code) FROM acceptance a JOIN in_force d ON d.code = a.code
             WHERE a.user_id = r.user_id AND a.cell = r.outlet_cell
                AND (a.code = ANY($9::text[]) OR a.version = d.version)
            ) = (SELECT count(*) FROM in_force) AS terms_accepted,
            l.id AS last_id, l.at AS last_at,
            b.id AS subscription_id, b.cell AS subscription_cell, b.brand, b.kind, b.locale AS subscription_locale,
            b.main_id, b.active_until,
            (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
            (SELECT version FROM reference_version WHERE name = 'catalogue') AS catalogue_version,
            {SALE_COLUMNS_OF_S_NAMED}
        FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[], $7::text[],
                $10::int[], $11::int[])
            r (no, outlet_id, user_id, session_id, client_ref, msisdn, product, outlet_cell, number_cell)
        LEFT JOIN session e ON e.id = r.session_id AND e.cell = r.outlet_cell AND e.user_id = r.user_id
            AND e.outlet_id = r.outlet_id
        LEFT JOIN outlet_user u ON u.id = e.user_id AND u.cell = e.cell
        LEFT JOIN outlet o ON o.id = r.outlet_id AND o.cell = r.outlet_cell
        LEFT JOIN sale s ON s.outlet_id = r.outlet_id AND s.client_ref = r.client_ref AND s.cell = r.outlet_cell
        LEFT JOIN LATERAL (
            SELECT id, at FROM sale WHERE outlet_id = r.outlet_id AND cell = r.outlet_cell AND msisdn = r.msisdn
                AND product = r.product AND at > $12 AND status <> 'refunded' AND NOT {_TAKEN_BACK}
            ORDER BY at DESC LIMIT 1) l ON true
        LEFT JOIN subscription b ON b.msisdn = r.msisdn AND b.cell = r.number_cell AND b.ended_at IS NULL
        ORDER BY r.no
        """,
        list(range(len(requests))),
        [request.outlet_id for request in requests],
        [request.claims.user_id for request in requests],
        [request.claims.session_id for request in requests],
        [request.client_ref for request in requests],
        [request.msisdn for request in requests],
        [request.product for request in requests],
        list(documents),
        list(deemable),
        [cell_of_id(request.outlet_id) for request in requests],
        [cell_of_msisdn(request.msisdn) for request in requests],
        guard_from,
        now,
    )


_FIRST = ledger.CHANGES_LAST_PARAMETER
_SALE_TYPES = [
    "bigint",
    "int",
    "bigint",
    "bigint",
    "uuid",
    "bytea",
    "text",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "text",
    "jsonb",
    "jsonb",
    "text",
    "timestamptz",
    "timestamptz",
    "timestamptz",
]
_WRITE = f"""
WITH {ledger.CHANGES}, sales AS (
    INSERT INTO sale ({SALE_COLUMNS}) SELECT * FROM {rows_of(_FIRST + 1, _SALE_TYPES)}
), lengthened AS (
    UPDATE subscription b SET active_until = u.active_until
    FROM {rows_of(_FIRST + 23, ["bigint", "int", "timestamptz"])} u (id, cell, active_until)
    WHERE b.cell = ANY(${_FIRST + 24}::int[]) AND b.id = u.id AND b.cell = u.cell
    RETURNING 1
), pins AS (
    UPDATE outlet_user o SET pin_failures = u.failures, pin_locked_at = u.locked_at
    FROM {rows_of(_FIRST + 26, ["bigint", "int", "int", "timestamptz"])} u (id, cell, failures, locked_at)
    WHERE o.cell = ANY(${_FIRST + 27}::int[]) AND o.id = u.id AND o.cell = u.cell
    RETURNING 1
), audits AS (
    {audit_insert(_FIRST + 30)}
), effects AS (
    {outbox_insert(_FIRST + 37)}
)
SELECT {ledger.CHANGES_COUNTS}, (SELECT count(*) FROM lengthened) AS lengthened,
    (SELECT count(*) FROM pins) AS pins
"""


async def write_sales(
    connection: Connection,
    changes: ledger.Changes,
    *,
    sales: Sequence[Sale],
    lengthened: Sequence[tuple[int, int, datetime]],
    pins: Sequence[tuple[int, int, int, datetime | None]],
    audits: Sequence[tuple[Any, ...]],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """Everything that a batch decided, in one statement."""
    counts = await connection.fetchrow(
        _WRITE,
        *ledger.change_parameters(changes),
        *unnest([sale_row(sale) for sale in sales], 22),
        *unnest(list(lengthened), 3),
        *unnest(list(pins), 4),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
        *unnest(list(effects), 6),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
    if (counts["lengthened"], counts["pins"]) != (len(lengthened), len(pins)):
        raise AssertionError(
            f"sales wrote {counts['lengthened']} of {len(lengthened)} active periods and"
            f" {counts['pins']} of {len(pins)} PIN counters"
        )


def sale_row(sale: Sale) -> tuple[Any, ...]:
    """A sale in the order of SALE_COLUMNS."""
    return tuple(getattr(sale, name) for name in sale.__struct_fields__)


def sale_of(row: Record, prefix: str = "") -> Sale:
    """A sale from a row whose columns carry a prefix."""
    values = {name: row[f"{prefix}{name}"] for name in Sale.__struct_fields__}
    return msgspec.convert(values, Sale)


def delivery_of(row: Record) -> Delivery:
    """The delivery in a row that has one."""
    return msgspec.convert(row["delivery"], Delivery)


async def read_sale(connection: Connection, *, sale_id: SaleId, outlet_id: int | None) -> Record | None:
    """One sale with its reversal, of one outlet or, for staff and the public view, of any (`outlet_id` None)."""
    return await connection.fetchrow(
        f"""
        SELECT {SALE_COLUMNS_OF_S}, u.name AS user_name, o.name AS outlet_name, o.code AS outlet_code, o.zone,
            v.state AS reversal_state, v.asked_at, v.decided_at, v.refund_rp, v.reason AS reversal_reason,
            v.balance_before_rp AS reversal_before_rp, v.balance_after_rp AS reversal_after_rp, v.id AS reversal_id
        FROM sale s
        JOIN outlet_user u ON u.id = s.user_id AND u.cell = s.cell
        JOIN outlet o ON o.id = s.outlet_id AND o.cell = s.cell
        LEFT JOIN reversal v ON v.sale_id = s.id AND v.cell = s.cell AND v.state <> 'declined'
        WHERE s.id = $1 AND s.cell = $2 AND ($3::bigint IS NULL OR s.outlet_id = $3)
        """,
        sale_id,
        cell_of_id(sale_id),
        outlet_id,
    )


async def read_versions(connection: Connection) -> tuple[int, int]:
    """The newest versions of rules and catalogue."""
    row = await connection.fetchrow(
        "SELECT max(version) FILTER (WHERE name = 'rules') AS rules,"
        " max(version) FILTER (WHERE name = 'catalogue') AS catalogue FROM reference_version"
    )
    assert row is not None
    return row["rules"], row["catalogue"]


async def read_same(
    connection: Connection, *, outlet_id: int, msisdn: int, product: str, guard_from: datetime
) -> Record | None:
    """The newest sale of a product to a number by an outlet since a moment."""
    return await connection.fetchrow(
        f"SELECT id, at FROM sale WHERE outlet_id = $1 AND cell = $2 AND msisdn = $3 AND product = $4 AND at > $5"
        f" AND status <> 'refunded' AND NOT {_TAKEN_BACK} ORDER BY at DESC LIMIT 1",
        outlet_id,
        cell_of_id(outlet_id),
        msisdn,
        product,
        guard_from,
    )
