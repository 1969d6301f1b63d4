"""All SQL of the channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from konter.channel.model import Link
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_id, cell_of_msisdn, cell_of_text


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user as far as the channel needs it."""

    id: UserId
    outlet_id: OutletId
    outlet_name: str
    outlet_status: str
    username: str
    nn_msisdn: Msisdn
    locale: str
    status: str


def _sendable(codes: Sequence[str]) -> list[str]:
    # PostgreSQL takes no NUL and UTF-8 no lone surrogate; no code has either, so these are simply not found.
    return [code for code in codes if code.isprintable()]


# ------------------------------------------------------------------------------------------------- areas and partners


async def read_areas(connection: Connection, codes: Sequence[str]) -> set[str]:
    rows = await connection.fetch("SELECT code FROM area WHERE code = ANY($1)", _sendable(codes))
    return {row["code"] for row in rows}


async def read_partner_codes(connection: Connection, codes: Sequence[str]) -> set[str]:
    rows = await connection.fetch("SELECT code FROM partner WHERE code = ANY($1)", _sendable(codes))
    return {row["code"] for row in rows}


async def insert_partners(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Partners as (id, code, name, area), active."""
    await connection.execute(
        """
        INSERT INTO partner (id, code, name, area, status, opened_at)
        SELECT id, code, name, area, 'active', $5
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS given (id, code, name, area)
        """,
        *unnest(sorted(rows, key=lambda row: row[1]), 4),
        at,
    )


async def lock_active_partners(connection: Connection, partner_ids: Sequence[int]) -> set[int]:
    """Those that are active; none of them can end before this transaction does."""
    rows = await connection.fetch(
        "SELECT id FROM partner WHERE id = ANY($1) AND status = 'active' ORDER BY id FOR SHARE",
        sorted(set(partner_ids)),
    )
    return {row["id"] for row in rows}


# ------------------------------------------------------------------------------------------------------------ outlets


async def read_outlet_codes(connection: Connection, codes: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT code FROM outlet_code WHERE code = ANY($1) AND cell = ANY($2)",
        _sendable(codes),
        sorted({cell_of_text(code) for code in _sendable(codes)}),
    )
    return {row["code"] for row in rows}


async def read_reseller_numbers(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, OutletId]:
    """At which outlet a number is registered."""
    rows = await connection.fetch(
        "SELECT msisdn, outlet_id FROM reseller_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )
    return {Msisdn(row["msisdn"]): OutletId(row["outlet_id"]) for row in rows}


async def insert_outlet_keys(
    connection: Connection, *, codes: Sequence[tuple[str, int]], numbers: Sequence[tuple[int, int]], at: datetime
) -> None:
    """The rows that make code and reseller number unique everywhere, in order of key against deadlocks."""
    await connection.execute(
        "INSERT INTO outlet_code (code, cell, outlet_id) SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])",
        *unnest([(code, cell_of_text(code), outlet_id) for code, outlet_id in sorted(codes)], 3),
    )
    await connection.execute(
        """
        INSERT INTO reseller_number (msisdn, cell, outlet_id, linked_at)
        SELECT msisdn, cell, outlet_id, $4
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS given (msisdn, cell, outlet_id)
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), outlet_id) for msisdn, outlet_id in sorted(numbers)], 3),
        at,
    )


async def insert_outlets(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Outlets as (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, district,
    latitude_udeg, longitude_udeg), active.
    """
    await connection.execute(
        """
        INSERT INTO outlet (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, district,
                            latitude_udeg, longitude_udeg, status, opened_at)
        SELECT given.*, 'active', $15::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::bigint[], $12::text[], $13::int[], $14::int[]) AS given
        """,
        *unnest(list(rows), 14),
        at,
    )


async def read_outlet_status(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, str]:
    rows = await connection.fetch(
        "SELECT id, status FROM outlet WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return {row["id"]: row["status"] for row in rows}


async def write_outlet_status(connection: Connection, outlet_ids: Sequence[int], status: str) -> None:
    await connection.execute(
        "UPDATE outlet SET status = $3 WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        status,
    )


# -------------------------------------------------------------------------------------------------------------- users


async def read_links(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, Link]:
    """Whose these notification numbers are."""
    rows = await connection.fetch(
        """
        SELECT msisdn, outlet_id, user_id, free_from FROM notification_number
        WHERE msisdn = ANY($1) AND cell = ANY($2)
        """,
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )
    return {
        Msisdn(row["msisdn"]): Link(outlet_id=row["outlet_id"], user_id=row["user_id"], free_from=row["free_from"])
        for row in rows
    }


async def delete_freed_numbers(connection: Connection, msisdns: Sequence[int], *, at: datetime) -> None:
    """Forget releases whose cool-down is over, so that the number can be linked again; two who do so at once meet at
    the unique key.
    """
    await connection.execute(
        "DELETE FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2) AND free_from <= $3",
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
        at,
    )


async def insert_links(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Notification numbers as (msisdn, outlet_id, user_id, type), in order of number against deadlocks."""
    await connection.execute(
        """
        INSERT INTO notification_number (msisdn, cell, outlet_id, user_id, type, linked_at)
        SELECT given.*, $6::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::text[]) AS given
        """,
        *unnest([(number, cell_of_msisdn(number), *rest) for number, *rest in sorted(rows)], 5),
        at,
    )


async def insert_users(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Users as (id, cell, outlet_id, username, name, role, nn_msisdn, locale, password_hash, password_initial,
    password_expires_at, pin_salt, pin_hash), active.
    """
    await connection.execute(
        """
        INSERT INTO outlet_user (id, cell, outlet_id, username, name, role, nn_msisdn, locale, password_hash,
                                 password_initial, password_expires_at, pin_salt, pin_hash, status, opened_at)
        SELECT given.*, 'active', $14::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
            $9::text[], $10::boolean[], $11::timestamptz[], $12::bytea[], $13::bytea[]) AS given
        """,
        *unnest(list(rows), 13),
        at,
    )


async def read_users(connection: Connection, user_ids: Sequence[int]) -> dict[int, UserRow]:
    rows = await connection.fetch(
        """
        SELECT u.id, u.outlet_id, o.name AS outlet_name, o.status AS outlet_status, u.username, u.nn_msisdn, u.locale,
               u.status
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.id = ANY($1) AND u.cell = ANY($2)
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
    )
    return {row["id"]: UserRow(**row) for row in rows}


async def read_users_of_outlets(connection: Connection, outlet_ids: Sequence[int]) -> list[UserRow]:
    """The users of these outlets that have not ended."""
    rows = await connection.fetch(
        """
        SELECT u.id, u.outlet_id, o.name AS outlet_name, o.status AS outlet_status, u.username, u.nn_msisdn, u.locale,
               u.status
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.outlet_id = ANY($1) AND u.cell = ANY($2) AND u.status <> 'ended' ORDER BY u.id
        """,
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return [UserRow(**row) for row in rows]


async def release_reseller_numbers(connection: Connection, outlet_ids: Sequence[int]) -> None:
    """The outlets' reseller numbers may be registered anew. The table is keyed by number: every cell is asked."""
    await connection.execute("DELETE FROM reseller_number WHERE outlet_id = ANY($1)", list(outlet_ids))


async def write_user_status(connection: Connection, user_ids: Sequence[int], status: str) -> None:
    await connection.execute(
        "UPDATE outlet_user SET status = $3 WHERE id = ANY($1) AND cell = ANY($2)",
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        status,
    )


async def release_links(connection: Connection, users: Sequence[UserRow], *, free_from: datetime) -> None:
    """The users' numbers become free at that moment."""
    await connection.execute(
        """
        UPDATE notification_number n SET free_from = $4
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS given (msisdn, cell, user_id)
        WHERE n.msisdn = given.msisdn AND n.cell = given.cell AND n.user_id = given.user_id AND n.free_from IS NULL
        """,
        [user.nn_msisdn for user in users],
        [cell_of_msisdn(user.nn_msisdn) for user in users],
        [user.id for user in users],
        free_from,
    )


async def read_outlet_address(connection: Connection, outlet_id: int) -> str:
    """Where an outlet is."""
    address: str = await connection.fetchval(
        "SELECT address FROM outlet WHERE id = $1 AND cell = $2", outlet_id, cell_of_id(outlet_id)
    )
    return address


async def read_newest_reseller_number(connection: Connection, outlet_id: int) -> Msisdn | None:
    """The number that an outlet was linked with last. The table is keyed by number, so every cell is asked."""
    number: int | None = await connection.fetchval(
        "SELECT msisdn FROM reseller_number WHERE outlet_id = $1 ORDER BY linked_at DESC LIMIT 1", outlet_id
    )
    return Msisdn(number) if number is not None else None


async def read_names_of_users(connection: Connection, outlet_id: int) -> list[tuple[UserId, str]]:
    """All users that an outlet ever had, those who left included: their sales stay."""
    rows = await connection.fetch(
        "SELECT id, name FROM outlet_user WHERE outlet_id = $1 AND cell = $2 ORDER BY name, id LIMIT 200",
        outlet_id,
        cell_of_id(outlet_id),
    )
    return [(UserId(row["id"]), row["name"]) for row in rows]


# -------------------------------------------------------------------------------------------------------------- scope


_AREAS_ABOVE = """
    ARRAY(WITH RECURSIVE up AS (
              SELECT code, parent FROM area WHERE code = place.area
              UNION ALL
              SELECT area.code, area.parent FROM up JOIN area ON area.code = up.parent)
          SELECT code FROM up)
"""


async def read_outlet_scope(connection: Connection, outlet_id: int) -> tuple[int, list[str]] | None:
    """An outlet's partner, and its area with all that this lies in."""
    row = await connection.fetchrow(
        f"SELECT partner_id, {_AREAS_ABOVE} AS areas FROM outlet place WHERE id = $1 AND cell = $2",
        outlet_id,
        cell_of_id(outlet_id),
    )
    return (row["partner_id"], row["areas"]) if row else None


async def read_partner_scope(connection: Connection, partner_id: int) -> list[str] | None:
    """The area where a partner works with all that it lies in."""
    areas: list[str] | None = await connection.fetchval(
        f"SELECT {_AREAS_ABOVE} FROM partner place WHERE id = $1", partner_id
    )
    return areas
