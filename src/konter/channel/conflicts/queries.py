"""All SQL of conflicts. Few rows, in the cell of the number; both outlets' owner rows are locked to settle one."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from konter.channel.conflicts.model import Conflict, ConflictState, NewConflict, Settled, Side
from konter.channel.queries import in_scope
from konter.channel.scope import Scope
from konter.platform.cursor import Cursor
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id, cell_of_msisdn

_COLUMNS = ", ".join(f"c.{name}" for name in Conflict.__struct_fields__)


def _of_scope(first: int) -> str:
    return f"""EXISTS (
        SELECT FROM outlet o WHERE o.id IN (c.older_outlet_id, c.newer_outlet_id)
          AND o.cell IN ((c.older_outlet_id & 255)::int, (c.newer_outlet_id & 255)::int) AND {in_scope(first)})"""


async def insert_conflicts(
    connection: Connection, rows: Sequence[tuple[int, NewConflict]], *, at: datetime, due_at: datetime
) -> int:
    """Conflicts as (id, conflict), open; how many were not known before."""
    columns = [
        (id_, cell_of_id(id_), c.msisdn, c.older_outlet_id, c.older_at, c.newer_outlet_id, c.newer_at, c.source)
        for id_, c in sorted(rows, key=lambda row: (row[1].msisdn, row[1].newer_outlet_id))
    ]
    found = await connection.fetch(
        """
        INSERT INTO number_conflict (id, cell, msisdn, older_outlet_id, older_at, newer_outlet_id, newer_at, source,
                                     found_at, due_at, state)
        SELECT given.*, $9::timestamptz, $10::timestamptz, 'open'
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[],
            $7::timestamptz[], $8::text[]) AS given
        ON CONFLICT ON CONSTRAINT number_conflict_once DO NOTHING RETURNING id
        """,
        *unnest(columns, 8),
        at,
        due_at,
    )
    return len(found)


async def read_conflicts(connection: Connection, ids: Sequence[int], *, scope: Scope) -> dict[int, Conflict]:
    """Those of the conflicts of which an outlet is in the scope."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM number_conflict c WHERE c.id = ANY($1) AND c.cell = ANY($2) AND {_of_scope(3)}",
        list(ids),
        sorted({cell_of_id(id_) for id_ in ids}),
        *scope.parameters(),
    )
    return {row["id"]: Conflict(**row) for row in rows}


async def read_conflicts_of_number(connection: Connection, msisdn: int, *, scope: Scope, limit: int) -> list[Conflict]:
    """A number's conflicts, newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM number_conflict c
        WHERE c.msisdn = $1 AND c.cell = $2 AND {_of_scope(4)} ORDER BY c.found_at DESC, c.id DESC LIMIT $3
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        limit,
        *scope.parameters(),
    )
    return [Conflict(**row) for row in rows]


async def read_known(connection: Connection, rows: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of (msisdn, newer outlet) that are or were a conflict."""
    found = await connection.fetch(
        """
        SELECT c.msisdn, c.newer_outlet_id
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (msisdn, cell, outlet_id)
        JOIN number_conflict c ON c.msisdn = g.msisdn AND c.cell = g.cell AND c.newer_outlet_id = g.outlet_id
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), outlet_id) for msisdn, outlet_id in rows], 3),
    )
    return {(row["msisdn"], row["newer_outlet_id"]) for row in found}


_AFTER = {
    "open": "c.state = 'open' AND (c.due_at, c.id) > ($1, $2) AND {scope} ORDER BY c.due_at, c.id LIMIT $3",
    "settled": (
        "c.state = 'settled' AND (c.settled_at, c.id) < ($1, $2) AND {scope}"
        " ORDER BY c.settled_at DESC, c.id DESC LIMIT $3"
    ),
}


async def read_queue(
    connection: Connection, *, scope: Scope, state: ConflictState, after: Cursor, limit: int
) -> list[Conflict]:
    """Open conflicts soonest due first, or settled ones newest first, from behind (moment, id)."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM number_conflict c WHERE {_AFTER[state].format(scope=_of_scope(4))}",
        *after,
        limit,
        *scope.parameters(),
    )
    return [Conflict(**row) for row in rows]


async def read_due(connection: Connection, *, now: datetime, after: Cursor, limit: int) -> list[Conflict]:
    """Conflicts whose time is up, soonest first, from behind (due_at, id)."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM number_conflict c
        WHERE c.state = 'open' AND c.due_at <= $1 AND (c.due_at, c.id) > ($2, $3) ORDER BY c.due_at, c.id LIMIT $4
        """,
        now,
        *after,
        limit,
    )
    return [Conflict(**row) for row in rows]


async def count_open(connection: Connection, *, scope: Scope, now: datetime) -> tuple[int, int, datetime | None]:
    """How many are open, how many of them are overdue, and when the next is due."""
    row: asyncpg.Record | None = await connection.fetchrow(
        f"""
        SELECT count(*) AS open, count(*) FILTER (WHERE c.due_at <= $1) AS overdue, min(c.due_at) AS next_due
        FROM number_conflict c WHERE c.state = 'open' AND {_of_scope(2)}
        """,
        now,
        *scope.parameters(),
    )
    assert row is not None
    return row["open"], row["overdue"], row["next_due"]


async def read_sides(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, Side]:
    """The outlets of conflicts by id."""
    rows = await connection.fetch(
        "SELECT id, code, name, status FROM outlet WHERE id = ANY($1) AND cell = ANY($2)",
        sorted(set(outlet_ids)),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return {row["id"]: Side(**row) for row in rows}


async def write_settled(connection: Connection, rows: Sequence[tuple[Settled, str]], *, at: datetime, by: str) -> None:
    """Conflicts that are settled from now on, each with why."""
    await connection.execute(
        """
        UPDATE number_conflict c
        SET state = 'settled', kept_outlet_id = g.kept, settled_at = $5, settled_by = $6, settled_why = g.why
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[]) AS g (id, cell, kept, why)
        WHERE c.id = g.id AND c.cell = g.cell AND c.state = 'open'
        """,
        *unnest([(s.conflict.id, cell_of_id(s.conflict.id), s.kept, why) for s, why in rows], 4),
        at,
        by,
    )
