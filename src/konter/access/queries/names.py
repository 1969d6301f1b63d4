"""User names, of whoever has one."""

from collections.abc import Sequence

import msgspec

from konter.access.model import (
    Kind,
    plausible_username,
)
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id, cell_of_text


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a user name belongs to."""

    kind: Kind
    user_id: int
    outlet_id: int | None


async def read_named(connection: Connection, name: str) -> Named | None:
    """Whom a normalised user name belongs to."""
    if not plausible_username(name):
        return None
    row = await connection.fetchrow(
        "SELECT kind, user_id, outlet_id FROM username WHERE name = $1 AND cell = $2", name, cell_of_text(name)
    )
    return Named(**row) if row else None


async def read_taken_names(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of the names that somebody has."""
    names = [name for name in names if plausible_username(name)]
    rows = await connection.fetch(
        "SELECT name FROM username WHERE name = ANY($1) AND cell = ANY($2)",
        list(names),
        sorted({cell_of_text(name) for name in names}),
    )
    return {row["name"] for row in rows}


async def insert_names(connection: Connection, rows: Sequence[tuple[str, Kind, int, int | None]]) -> None:
    """User names as (name, kind, user id, outlet id), in order of name, so that two batches never deadlock."""
    await connection.execute(
        """
        INSERT INTO username (name, cell, kind, user_id, outlet_id)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[])
        """,
        *unnest([(name, cell_of_text(name), kind, user, outlet) for name, kind, user, outlet in sorted(rows)], 5),
    )


async def write_names(connection: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Whom user names belong to from now on, as (name, user id, outlet id)."""
    await connection.execute(
        """
        UPDATE username n SET user_id = g.user_id, outlet_id = g.outlet_id
        FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS g (name, cell, user_id, outlet_id)
        WHERE n.name = g.name AND n.cell = g.cell
        """,
        *unnest([(name, cell_of_text(name), user_id, outlet_id) for name, user_id, outlet_id in sorted(rows)], 4),
    )


async def read_actor_names(
    connection: Connection,
    *,
    staff: Sequence[int],
    outlet_user: Sequence[int],
    partner: Sequence[int],
    client: Sequence[int],
) -> dict[int, str]:
    """Names by id, of each kind in its own table."""
    rows = await connection.fetch(
        """
        SELECT id, name FROM staff_user WHERE id = ANY($1::bigint[])
        UNION ALL SELECT id, name FROM api_client WHERE id = ANY($2::bigint[])
        UNION ALL SELECT id, name FROM outlet_user WHERE id = ANY($3::bigint[]) AND cell = ANY($4::int[])
        UNION ALL SELECT id, name FROM partner_user WHERE id = ANY($5::bigint[]) AND cell = ANY($6::int[])
        """,
        list(staff),
        list(client),
        list(outlet_user),
        sorted({cell_of_id(id_) for id_ in outlet_user}),
        list(partner),
        sorted({cell_of_id(id_) for id_ in partner}),
    )
    return {row["id"]: row["name"] for row in rows}
