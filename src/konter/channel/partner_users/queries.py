"""All SQL of partners' users. Their rows change only under their own lock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.channel.partner_users.model import PartnerUser
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, cell_of_id, cell_of_msisdn


async def lock_partners(connection: Connection, partner_ids: Sequence[int]) -> dict[int, str]:
    """The active ones with the area that each works in; none of them can end before this transaction does."""
    rows = await connection.fetch(
        "SELECT id, area FROM partner WHERE id = ANY($1) AND status = 'active' ORDER BY id FOR SHARE",
        sorted(set(partner_ids)),
    )
    return {row["id"]: row["area"] for row in rows}


async def read_areas_above(connection: Connection, codes: Sequence[str]) -> dict[str, set[str]]:
    """For each known area itself and all that it lies in."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE up AS (
            SELECT code AS leaf, code, parent FROM area WHERE code = ANY($1)
            UNION ALL
            SELECT up.leaf, area.code, area.parent FROM up JOIN area ON area.code = up.parent)
        SELECT leaf, array_agg(code) AS codes FROM up GROUP BY leaf
        """,
        [code for code in codes if code.isprintable()],
    )
    return {row["leaf"]: set(row["codes"]) for row in rows}


async def read_taken_numbers(connection: Connection, msisdns: Sequence[int]) -> set[Msisdn]:
    rows = await connection.fetch(
        "SELECT msisdn FROM partner_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )
    return {Msisdn(row["msisdn"]) for row in rows}


async def insert_numbers(connection: Connection, rows: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Numbers as (msisdn, user id), in order of number against deadlocks."""
    await connection.execute(
        """
        INSERT INTO partner_number (msisdn, cell, user_id, linked_at)
        SELECT given.*, $4::timestamptz FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS given
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), user_id) for msisdn, user_id in sorted(rows)], 3),
        at,
    )


async def insert_partner_users(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Users as (id, cell, partner_id, username, name, role, areas as one text with commas, msisdn, locale,
    password_hash, password_initial, password_expires_at), active.
    """
    await connection.execute(
        """
        INSERT INTO partner_user (id, cell, partner_id, username, name, role, areas, msisdn, locale, password_hash,
                                  password_initial, password_expires_at, status, opened_at)
        SELECT id, cell, partner_id, username, name, role, string_to_array(areas, ','), msisdn, locale, password_hash,
               password_initial, password_expires_at, 'active', $13::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::bigint[], $9::text[], $10::text[], $11::boolean[], $12::timestamptz[])
            AS given (id, cell, partner_id, username, name, role, areas, msisdn, locale, password_hash,
                      password_initial, password_expires_at)
        """,
        *unnest(list(rows), 12),
        at,
    )


async def lock_partner_users(connection: Connection, user_ids: Sequence[int]) -> None:
    """Hold users until the end of the transaction, in order of id against deadlocks."""
    await connection.execute(
        "SELECT FROM partner_user WHERE id = ANY($1) AND cell = ANY($2) ORDER BY id FOR UPDATE",
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
    )


_USER = """
    SELECT u.id, u.partner_id, p.name AS partner_name, u.username, u.name, u.role, u.areas, u.msisdn, u.locale,
           u.status, u.opened_at
    FROM partner_user u JOIN partner p ON p.id = u.partner_id
"""


def _user(row: asyncpg.Record) -> PartnerUser:
    return PartnerUser(**{**row, "areas": tuple(row["areas"])})


async def read_partner_users(connection: Connection, user_ids: Sequence[int]) -> dict[int, PartnerUser]:
    rows = await connection.fetch(
        f"{_USER} WHERE u.id = ANY($1) AND u.cell = ANY($2)",
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
    )
    return {row["id"]: _user(row) for row in rows}


async def read_users_of_partner(
    connection: Connection, partner_id: int, *, after: int, limit: int
) -> list[PartnerUser]:
    """A partner's users that have not ended, by id."""
    rows = await connection.fetch(
        f"{_USER} WHERE u.partner_id = $1 AND u.id > $2 AND u.status <> 'ended' ORDER BY u.id LIMIT $3",
        partner_id,
        after,
        limit,
    )
    return [_user(row) for row in rows]


async def write_partner_user_status(connection: Connection, user_ids: Sequence[int], status: str) -> None:
    await connection.execute(
        "UPDATE partner_user SET status = $3 WHERE id = ANY($1) AND cell = ANY($2)",
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        status,
    )


async def delete_numbers(connection: Connection, msisdns: Sequence[int]) -> None:
    """The numbers may be another user's from now on."""
    await connection.execute(
        "DELETE FROM partner_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        sorted(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )


async def lock_partner(connection: Connection, partner_id: int) -> str | None:
    """Hold a partner until the end of the transaction; its status, None where there is none."""
    status: str | None = await connection.fetchval("SELECT status FROM partner WHERE id = $1 FOR UPDATE", partner_id)
    return status


async def has_outlets(connection: Connection, partner_id: int) -> bool:
    """Whether a partner still answers for an outlet."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM outlet WHERE partner_id = $1 AND status <> 'terminated')", partner_id
    )
    return found


async def read_live_users(connection: Connection, partner_id: int) -> list[int]:
    rows = await connection.fetch(
        "SELECT id FROM partner_user WHERE partner_id = $1 AND status <> 'ended' ORDER BY id", partner_id
    )
    return [row["id"] for row in rows]


async def write_partner_ended(connection: Connection, partner_id: int) -> None:
    await connection.execute("UPDATE partner SET status = 'ended' WHERE id = $1", partner_id)
