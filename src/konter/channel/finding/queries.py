"""All SQL of finding outlets. Each statement has an index of its own, at any size (tests/plans)."""

import asyncpg

from konter.channel.finding.model import Found, Way
from konter.channel.queries import in_scope
from konter.channel.scope import Scope
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, cell_of_id, cell_of_msisdn, cell_of_text

LAST_CHARACTER = "\U0010ffff"
_FOUND = """
    SELECT o.id, o.code, o.name, o.kind, o.status, o.partner_id, p.name AS partner_name, o.area, o.district,
        o.rs_msisdn, lower(o.name) COLLATE "C" AS sort_name
    FROM outlet o JOIN partner p ON p.id = o.partner_id
"""


def found(row: asyncpg.Record, way: Way) -> Found:
    """A row as a result."""
    return Found(**row, way=way)


async def read_keys(connection: Connection, *, code: str | None, msisdn: Msisdn | None) -> list[tuple[int, Way]]:
    """The outlets that a code or a number is of, from the rows keyed by them."""
    rows = await connection.fetch(
        """
        SELECT outlet_id, 'code' AS way FROM outlet_code WHERE code = $1 AND cell = $2
        UNION ALL
        SELECT outlet_id, 'number' FROM outlet_number WHERE msisdn = $3 AND cell = $4
        """,
        code,
        cell_of_text(code) if code is not None else None,
        msisdn,
        cell_of_msisdn(msisdn) if msisdn is not None else None,
    )
    return [(row["outlet_id"], row["way"]) for row in rows]


async def read_by_id(connection: Connection, keys: list[tuple[int, Way]], *, scope: Scope) -> list[Found]:
    """Those of the outlets that are in the scope."""
    rows = await connection.fetch(
        f"{_FOUND} WHERE o.id = ANY($1) AND o.cell = ANY($2) AND {in_scope(3)}",
        [outlet_id for outlet_id, _ in keys],
        sorted({cell_of_id(outlet_id) for outlet_id, _ in keys}),
        *scope.parameters(),
    )
    by_id = {row["id"]: row for row in rows}
    ways = dict(reversed(keys))
    return [found(by_id[outlet_id], way) for outlet_id, way in ways.items() if outlet_id in by_id]


async def read_by_name(
    connection: Connection, *, prefix: str, after: tuple[str, int], scope: Scope, limit: int
) -> list[Found]:
    """Outlets whose name begins so, whatever the case, by name and id, from behind `after`: the same two."""
    rows = await connection.fetch(by_name(), prefix, LAST_CHARACTER, *after, limit, *scope.parameters())
    return [found(row, "name") for row in rows]


def by_name() -> str:
    """The statement of `read_by_name`. Names compare by code point, as the index has them, whatever the database's own
    order is.
    """
    return f"""{_FOUND}
        WHERE lower(o.name) COLLATE "C" >= lower($1) AND lower(o.name) COLLATE "C" < lower($1) || $2
          AND (lower(o.name) COLLATE "C", o.id) > ($3, $4) AND {in_scope(6)}
        ORDER BY lower(o.name) COLLATE "C", o.id LIMIT $5"""
