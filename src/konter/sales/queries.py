"""All SQL of sales. A batch of sales is six round trips: begin, lock, read, read, write, commit."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.channel.scope import condition
from konter.ledger import write as ledger
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import SaleId, cell_of_id, cell_of_msisdn
from konter.platform.outbox import outbox_insert
from konter.sales.fulfilment import Delivery
from konter.sales.model import Sale, SellRequest
from konter.subscriber.write import lengthened_update

Record = asyncpg.Record

SALE_FIELDS = Sale.__struct_fields__
SALE_COLUMNS = ", ".join(SALE_FIELDS)
SALE_COLUMNS_OF_S = ", ".join(f"s.{name}" for name in SALE_FIELDS)
# Beside other tables' columns a sale's carry a prefix of their own.
SALE_COLUMNS_OF_S_NAMED = ", ".join(f"s.{name} AS sale_{name}" for name in SALE_FIELDS)


def _newest_alike(outlet: str, cells: str, msisdn: str, product: str, since: str) -> str:
    """The newest sale of a product to a number by an outlet since a moment that still stands.

    Written so that the planner finds it by number. OFFSET 0 keeps order and moment out of the search: for their sake it
    would walk all that the outlet sold since, which it believes to be little as it has not seen the newest. And an
    outlet has one cell, which it cannot know: with both told to be equal it expects one sale where there are thousands.
    """
    return f"""
        SELECT id, at FROM (
            SELECT id, at FROM sale WHERE outlet_id = {outlet} AND cell = ANY({cells}) AND msisdn = {msisdn}
                AND product = {product} AND status <> 'refunded'
                AND NOT EXISTS (SELECT FROM reversal v
                    WHERE v.sale_id = sale.id AND v.cell = sale.cell AND v.state = 'done')
            OFFSET 0) alike
        WHERE at > {since} ORDER BY at DESC LIMIT 1"""


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


# What a seller has sold since a SIM that is still fresh, at cost; looked up for nobody else.
_COOLING_SOLD = """
    CASE WHEN u.cooling_from > $14 THEN (
        SELECT coalesce(sum(c.cost_rp), 0)::bigint FROM sale c
        WHERE c.outlet_id = u.outlet_id AND c.cell = u.cell AND c.at >= u.cooling_from AND c.user_id = u.id
            AND c.status <> 'refunded')
    ELSE 0 END
"""


async def read_requests(
    connection: Connection,
    requests: Sequence[SellRequest],
    *,
    documents: Sequence[str],
    deemable: Sequence[str],
    guard_from: datetime,
    cooling_after: datetime,
    cells: Container[int],
    now: datetime,
) -> list[Record]:
    """What is known about each request, a row each, in order: session, user, outlet, same ref, last like it, receiver.

    What a seller on cooling-off has sold since the fresh SIM is added up where that is later than `cooling_after`.
    Receivers are looked for in `cells` only; a number of another cell is that cell's to tell.

    `documents` are the codes of the texts that a seller must have accepted: the version in force, or, of those where
    going on counts as acceptance (`deemable`), any version. The versions of rules and catalogue come with every row.
    """
    return await connection.fetch(
        f"""
        WITH in_force AS MATERIALIZED (
            SELECT DISTINCT ON (code) code, version FROM document
            WHERE code = ANY($8::text[]) AND valid_from <= $13 ORDER BY code, valid_from DESC)
        SELECT r.no, e.token_hash, e.expires_at AS session_expires_at, e.revoked_at,
            u.id AS user_id, u.cell AS user_cell, u.username, u.nn_msisdn, u.locale, u.password_initial,
            CASE WHEN u.lost_at IS NULL THEN u.status ELSE 'lost' END AS user_status,
            u.pin_salt, u.pin_hash, u.pin_failures, u.pin_locked_at,
            u.cooling_from, {_COOLING_SOLD} AS cooling_sold_rp,
            o.status AS outlet_status, o.area, o.segment, o.zone, o.hold_s,
            (SELECT count(DISTINCT a.code) FROM acceptance a JOIN in_force d ON d.code = a.code
             WHERE a.user_id = r.user_id AND a.cell = r.outlet_cell
                AND (a.code = ANY($9::text[]) OR a.version = d.version)
            ) = (SELECT count(*) FROM in_force) AS terms_accepted,
            l.id AS last_id, l.at AS last_at,
            b.id AS subscription_id, b.cell AS subscription_cell, b.brand, b.kind, b.locale AS subscription_locale,
            b.main_id, b.active_until, (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
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
        LEFT JOIN LATERAL ({_newest_alike("r.outlet_id", "$10::int[]", "r.msisdn", "r.product", "$12")}) l ON true
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
        [cell if (cell := cell_of_msisdn(request.msisdn)) in cells else None for request in requests],
        guard_from,
        now,
        cooling_after,
    )


_SALE_TYPES = {
    **dict.fromkeys(("product", "status", "rule", "route", "reason"), "text"),
    **dict.fromkeys(("delivery", "why"), "jsonb"),
    **dict.fromkeys(("at", "resolved_at", "deadline", "hold_until"), "timestamptz"),
    "cell": "int",
    "client_ref": "uuid",
    "request_hash": "bytea",
}
_SALES = ledger.CHANGES_LAST_PARAMETER + 1
_LENGTHENED = _SALES + len(SALE_FIELDS)
_PINS = _LENGTHENED + 3
_CHECKS = _PINS + 4
_AUDITS = _CHECKS + 3
_EFFECTS = _AUDITS + len(AuditRow.COLUMNS)
_WRITE = f"""
WITH {ledger.CHANGES}, sales AS (
    INSERT INTO sale ({SALE_COLUMNS})
    SELECT * FROM {rows_of(_SALES, [_SALE_TYPES.get(name, "bigint") for name in SALE_FIELDS])}
), lengthened AS (
    {lengthened_update(_LENGTHENED)}
), pins AS (
    UPDATE outlet_user o SET pin_failures = u.failures, pin_locked_at = u.locked_at
    FROM {rows_of(_PINS, ["bigint", "int", "int", "timestamptz"])} u (id, cell, failures, locked_at)
    WHERE o.id = u.id AND o.cell = u.cell
    RETURNING 1
), checks AS (
    INSERT INTO sale_check (sale_id, cell, due_at) SELECT * FROM {rows_of(_CHECKS, ["bigint", "int", "timestamptz"])}
), audits AS (
    {audit_insert(_AUDITS)}
), effects AS (
    {outbox_insert(_EFFECTS)}
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
    checks: Sequence[tuple[int, int, datetime]],
    audits: Sequence[tuple[Any, ...]],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """Everything that a batch decided, in one statement."""
    counts = await connection.fetchrow(
        _WRITE,
        *ledger.change_parameters(changes),
        *unnest([sale_row(sale) for sale in sales], len(SALE_FIELDS)),
        *unnest(list(lengthened), 3),
        *unnest(list(pins), 4),
        *unnest(list(checks), 3),
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
    return msgspec.structs.astuple(sale)


def sale_of(row: Record, prefix: str = "") -> Sale:
    """A sale from a row whose columns carry a prefix."""
    values = {name: row[f"{prefix}{name}"] for name in SALE_FIELDS}
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
            v.balance_before_rp AS reversal_before_rp, v.balance_after_rp AS reversal_after_rp, v.id AS reversal_id,
            v.asked_by AS reversal_asked_by,
            CASE WHEN v.state = 'done' THEN coalesce(v.done_at, v.decided_at) END AS reversed_at
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
        _newest_alike("$1", "$2::int[]", "$3", "$4", "$5"),
        outlet_id,
        [cell_of_id(outlet_id)],
        msisdn,
        product,
        guard_from,
    )


def sale_in_scope(first: int, row: str) -> str:
    """The condition that the sale of a row (`sale_id`, `cell`) was sold in a scope, whose three parameters are numbered
    from `first`. A scope that is everywhere looks at no sale.
    """
    outside = " AND ".join(f"${first + n}::{type_} IS NULL" for n, type_ in enumerate(("bigint", "bigint", "text[]")))
    return f"""(({outside}) OR EXISTS (
        SELECT FROM sale s JOIN outlet o ON o.id = s.outlet_id AND o.cell = s.cell
        WHERE s.id = {row}.sale_id AND s.cell = {row}.cell AND {condition(first)}))"""


_OUTLET_OF: Mapping[str, str] = {
    "sale": "SELECT outlet_id FROM sale WHERE id = $1 AND cell = $2",
    "reversal": "SELECT s.outlet_id FROM reversal x JOIN sale s ON s.id = x.sale_id AND s.cell = x.cell"
    " WHERE x.id = $1 AND x.cell = $2",
    "adjustment": "SELECT s.outlet_id FROM adjustment x JOIN sale s ON s.id = x.sale_id AND s.cell = x.cell"
    " WHERE x.id = $1 AND x.cell = $2",
    "work_item": "SELECT s.outlet_id FROM work_item x JOIN sale s ON s.id = x.sale_id AND s.cell = x.cell"
    " WHERE x.id = $1 AND x.cell = $2",
}


async def read_outlet_of(connection: Connection, what: str, id_: int) -> int | None:
    """The outlet that sold what a sale, reversal, adjustment or work item is about; None where there is none."""
    outlet_id: int | None = await connection.fetchval(_OUTLET_OF[what], id_, cell_of_id(id_))
    return outlet_id


_WITHIN: Mapping[str, str] = {
    "sale": "sale x JOIN sale s ON s.id = x.id AND s.cell = x.cell",
    "reversal": "reversal x JOIN sale s ON s.id = x.sale_id AND s.cell = x.cell",
}


async def read_within(connection: Connection, what: str, ids: Sequence[int], scope: tuple[Any, ...]) -> set[int]:
    """Those of the sales or reversals that were sold in a scope."""
    rows = await connection.fetch(
        f"""
        SELECT x.id FROM {_WITHIN[what]} JOIN outlet o ON o.id = s.outlet_id AND o.cell = s.cell
        WHERE x.id = ANY($1) AND x.cell = ANY($2) AND {condition(3)}
        """,
        list(ids),
        sorted({cell_of_id(id_) for id_ in ids}),
        *scope,
    )
    return {row["id"] for row in rows}
