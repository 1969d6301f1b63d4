"""All SQL of who had a number, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from konter.channel.numbers.model import Begun, Ended, Kind, Number, NumberType
from konter.channel.numbers.queries.holders import NUMBER, ROLES, cells_of, number_of
from konter.channel.queries import in_scope
from konter.channel.scope import Scope
from konter.platform.db import Connection, unnest
from konter.platform.ids import OutletId, UserId, cell_of_id, cell_of_msisdn


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a number's past: whose it was in which role, from when to when, and why."""

    kind: Kind
    outlet_id: OutletId
    user_id: UserId | None
    type: NumberType | None
    begun_at: datetime
    begun_by: str
    begun_why: Begun
    ended_at: datetime | None
    ended_by: str | None
    ended_why: Ended | None


async def insert_registrations(
    connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime, by: str, why: Begun
) -> None:
    """Registrations that begin, as (id, msisdn, kind, outlet_id, user_id, type), in order of number."""
    await connection.execute(
        """
        INSERT INTO number_registration
            (id, cell, msisdn, kind, outlet_id, user_id, type, begun_at, begun_by, begun_why)
        SELECT id, cell, msisdn, kind, outlet_id, user_id, type, $8, $9, $10
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
            AS given (id, cell, msisdn, kind, outlet_id, user_id, type)
        """,
        *unnest([(row[0], cell_of_id(row[0]), *row[1:]) for row in sorted(rows, key=lambda row: row[1:3])], 7),
        at,
        by,
        why,
    )


async def insert_disabled(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime, by: str) -> None:
    """Registrations that a conflict disabled before they held, as (id, msisdn, outlet_id, begun_at)."""
    await connection.execute(
        """
        INSERT INTO number_registration
            (id, cell, msisdn, kind, outlet_id, begun_at, begun_by, begun_why, ended_at, ended_by, ended_why)
        SELECT id, cell, msisdn, 'RS', outlet_id, begun_at, $6, 'imported', $7, $6, 'disabled'
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::timestamptz[])
            AS given (id, cell, msisdn, outlet_id, begun_at)
        """,
        *unnest([(row[0], cell_of_id(row[0]), *row[1:]) for row in rows], 5),
        by,
        at,
    )


async def end_registrations(
    connection: Connection, msisdns: Sequence[int], kind: Kind, *, at: datetime, by: str, why: Ended
) -> None:
    """The numbers' live registrations of this kind end."""
    await connection.execute(
        """
        UPDATE number_registration SET ended_at = $4, ended_by = $5, ended_why = $6
        WHERE msisdn = ANY($1) AND cell = ANY($2) AND kind = $3 AND ended_at IS NULL
        """,
        sorted(set(msisdns)),
        cells_of(msisdns),
        kind,
        at,
        by,
        why,
    )


async def read_story(connection: Connection, msisdn: int, *, limit: int) -> tuple[Number, list[Registration]]:
    """What a number is to outlets now, and its registrations, newest first, in one statement."""
    rows = await connection.fetch(
        f"""
        SELECT {NUMBER}, p.* FROM (SELECT $1::bigint AS msisdn, $2::int AS cell) g {ROLES}
        LEFT JOIN LATERAL (
            SELECT kind, outlet_id, user_id AS past_user_id, type, begun_at, begun_by, begun_why, ended_at, ended_by,
                   ended_why
            FROM number_registration p WHERE p.msisdn = $1 AND p.cell = $2 ORDER BY begun_at DESC, id DESC LIMIT $3
        ) p ON true
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        limit,
    )
    names = Registration.__struct_fields__
    past = [{name: row["past_user_id" if name == "user_id" else name] for name in names} for row in rows]
    return number_of(rows[0]), [Registration(**each) for each in past if each["kind"] is not None]


async def read_names(
    connection: Connection, outlet_ids: Sequence[int], user_ids: Sequence[int], *, scope: Scope
) -> tuple[dict[int, tuple[str, str]], dict[int, str]]:
    """Code and name of those of the outlets that are in the scope, and the names of users, in one statement."""
    rows = await connection.fetch(
        f"""
        SELECT o.id, o.code, o.name FROM outlet o WHERE o.id = ANY($1) AND o.cell = ANY($2) AND {in_scope(5)}
        UNION ALL
        SELECT u.id, NULL, u.name FROM outlet_user u WHERE u.id = ANY($3) AND u.cell = ANY($4)
        """,
        sorted(set(outlet_ids)),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        sorted(set(user_ids)),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        *scope.parameters(),
    )
    outlets = {row["id"]: (row["code"], row["name"]) for row in rows if row["code"] is not None}
    return outlets, {row["id"]: row["name"] for row in rows if row["code"] is None}
