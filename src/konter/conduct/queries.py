"""All SQL of conduct."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from konter.conduct.model import Entry
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id

_ENTRY = "SELECT id, kind, key, reason, evidence, since, added_by, lifted_at, lift_reason FROM blacklist"


async def read_live(connection: Connection, keys: Sequence[tuple[str, int]]) -> list[Entry]:
    """The live entries of these (key, cell), of whatever kind."""
    rows = await connection.fetch(
        f"{_ENTRY} WHERE key = ANY($1) AND cell = ANY($2) AND lifted_at IS NULL",
        sorted({key for key, _ in keys}),
        sorted({cell for _, cell in keys}),
    )
    return [Entry(**row) for row in rows]


async def lock_entries(connection: Connection, entry_ids: Sequence[int]) -> dict[int, Entry]:
    """Those of the entries that there are, in order of id; nobody else lifts them until this transaction is over."""
    rows = await connection.fetch(
        f"{_ENTRY} WHERE id = ANY($1) AND cell = ANY($2) ORDER BY id FOR UPDATE",
        sorted(set(entry_ids)),
        sorted({cell_of_id(entry_id) for entry_id in entry_ids}),
    )
    return {row["id"]: Entry(**row) for row in rows}


async def insert_entries(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Entries as (id, cell, kind, key, reason, evidence, added_by), in order of key against deadlocks."""
    await connection.execute(
        """
        INSERT INTO blacklist (id, cell, kind, key, reason, evidence, added_by, since)
        SELECT given.*, $8::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS given
        """,
        *unnest(sorted(rows, key=lambda row: (row[3], row[2])), 7),
        at,
    )


async def write_liftings(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """The end of entries, as (id, cell, asked_by, decided_by, reason)."""
    await connection.execute(
        """
        UPDATE blacklist b
        SET lifted_at = $6, lifting_asked_by = g.asked_by, lifted_by = g.decided_by, lift_reason = g.reason
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[])
            AS g (id, cell, asked_by, decided_by, reason)
        WHERE b.id = g.id AND b.cell = g.cell
        """,
        *unnest(list(rows), 5),
        at,
    )


async def read_entries(connection: Connection, *, after: int, live_only: bool, limit: int) -> list[Entry]:
    """Entries, the newest first, from behind the id `after` (0: from the start)."""
    rows = await connection.fetch(
        f"{_ENTRY} WHERE ($1::bigint = 0 OR id < $1) AND (NOT $2::boolean OR lifted_at IS NULL)"
        " ORDER BY id DESC LIMIT $3",
        after,
        live_only,
        limit,
    )
    return [Entry(**row) for row in rows]


async def read_by_key(connection: Connection, key: str, cell: int, *, limit: int) -> list[Entry]:
    """What was ever said against one NIK or number, the newest first."""
    rows = await connection.fetch(f"{_ENTRY} WHERE key = $1 AND cell = $2 ORDER BY id DESC LIMIT $3", key, cell, limit)
    return [Entry(**row) for row in rows]


async def read_entry(connection: Connection, entry_id: int) -> Entry | None:
    """One entry, lifted or not."""
    row = await connection.fetchrow(f"{_ENTRY} WHERE id = $1 AND cell = $2", entry_id, cell_of_id(entry_id))
    return Entry(**row) if row else None
