"""All SQL of the channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_id, cell_of_text


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user as far as the channel needs it."""

    id: UserId
    outlet_id: OutletId
    outlet_name: str
    outlet_status: str
    username: str
    nn_msisdn: Msisdn
    has_nn: bool
    locale: str
    status: str


class OutletStatus(msgspec.Struct, frozen=True):
    """Whether an outlet may sell, and whether it has the reseller number that an active one needs. [D-19, D-33]"""

    status: str
    has_rs: bool


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


async def insert_outlet_codes(connection: Connection, codes: Sequence[tuple[str, int]]) -> None:
    """The rows that make codes unique everywhere, as (code, outlet_id), in order of key against deadlocks."""
    await connection.execute(
        "INSERT INTO outlet_code (code, cell, outlet_id) SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])",
        *unnest([(code, cell_of_text(code), outlet_id) for code, outlet_id in sorted(codes)], 3),
    )


async def insert_outlets(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Outlets as (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, district,
    latitude_udeg, longitude_udeg, rs_msisdn, status).
    """
    await connection.execute(
        """
        INSERT INTO outlet (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, district,
                            latitude_udeg, longitude_udeg, rs_msisdn, status, opened_at)
        SELECT given.*, $17::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::bigint[], $12::text[], $13::int[], $14::int[], $15::bigint[], $16::text[])
            AS given
        """,
        *unnest(list(rows), 16),
        at,
    )


async def read_outlet_status(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, OutletStatus]:
    rows = await connection.fetch(
        "SELECT id, status, rs_msisdn IS NOT NULL AS has_rs FROM outlet WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return {row["id"]: OutletStatus(row["status"], row["has_rs"]) for row in rows}


async def write_outlet_status(connection: Connection, outlet_ids: Sequence[int], status: str) -> None:
    await connection.execute(
        "UPDATE outlet SET status = $3 WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        status,
    )


async def write_outlet_stops(
    connection: Connection, outlet_ids: Sequence[int], status: str, *, stopped_at: datetime | None
) -> None:
    """Outlets that staff stopped at a moment, or let go on (None)."""
    await connection.execute(
        "UPDATE outlet SET status = $3, stopped_at = $4 WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        status,
        stopped_at,
    )


# -------------------------------------------------------------------------------------------------------------- users


async def carry_locks(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """What stands against users who guessed wrong or whose phone was lost stands against other rows of theirs too, as
    (user, other row).
    """
    await connection.execute(
        """
        UPDATE outlet_user u SET password_failures = was.password_failures, locked_until = was.locked_until,
            pin_failures = was.pin_failures, pin_locked_at = was.pin_locked_at, lost_at = was.lost_at,
            cooling_from = was.cooling_from
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[]) AS given (was_id, was_cell, id, cell)
        JOIN outlet_user was ON was.id = given.was_id AND was.cell = given.was_cell
        WHERE u.id = given.id AND u.cell = given.cell
        """,
        *unnest([(was, cell_of_id(was), user_id, cell_of_id(user_id)) for was, user_id in pairs], 4),
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
               u.nn_released_at IS NULL AS has_nn, u.status
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
               u.nn_released_at IS NULL AS has_nn, u.status
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.outlet_id = ANY($1) AND u.cell = ANY($2) AND u.status <> 'ended' ORDER BY u.id
        """,
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return [UserRow(**row) for row in rows]


async def read_resellers_of(connection: Connection, outlet_ids: Sequence[int]) -> dict[OutletId, Msisdn]:
    """The reseller numbers of those of the outlets that have one."""
    rows = await connection.fetch(
        "SELECT id, rs_msisdn FROM outlet WHERE id = ANY($1) AND cell = ANY($2) AND rs_msisdn IS NOT NULL",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return {OutletId(row["id"]): Msisdn(row["rs_msisdn"]) for row in rows}


async def write_user_status(connection: Connection, user_ids: Sequence[int], status: str) -> None:
    await connection.execute(
        "UPDATE outlet_user SET status = $3 WHERE id = ANY($1) AND cell = ANY($2)",
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        status,
    )


async def read_outlet_place(connection: Connection, outlet_id: int) -> tuple[str, Msisdn | None]:
    """Where an outlet is, and its reseller number."""
    row = await connection.fetchrow(
        "SELECT address, rs_msisdn FROM outlet WHERE id = $1 AND cell = $2", outlet_id, cell_of_id(outlet_id)
    )
    assert row is not None, "an outlet that is known is gone"
    return row["address"], row["rs_msisdn"]


async def read_outlet_position(connection: Connection, outlet_id: int) -> tuple[int | None, int | None]:
    """Latitude and longitude of an outlet in millionths of a degree; both None where they are not known."""
    row = await connection.fetchrow(
        "SELECT latitude_udeg, longitude_udeg FROM outlet WHERE id = $1 AND cell = $2",
        outlet_id,
        cell_of_id(outlet_id),
    )
    return (row["latitude_udeg"], row["longitude_udeg"]) if row else (None, None)


async def read_names_of_users(connection: Connection, outlet_id: int) -> list[tuple[UserId, str]]:
    """All users that an outlet ever had, those who left included: their sales stay."""
    rows = await connection.fetch(
        "SELECT id, name FROM outlet_user WHERE outlet_id = $1 AND cell = $2 ORDER BY name, id LIMIT 200",
        outlet_id,
        cell_of_id(outlet_id),
    )
    return [(UserId(row["id"]), row["name"]) for row in rows]


# -------------------------------------------------------------------------------------------------------------- scope


def areas_below(areas: str) -> str:
    """An array of the areas named by an expression, and all below them in the tree."""
    return f"""ARRAY(
        WITH RECURSIVE below (code) AS (
            SELECT code FROM area WHERE code = ANY({areas})
            UNION ALL
            SELECT a.code FROM below b JOIN area a ON a.parent = b.code)
        SELECT code FROM below)"""


def districts_of(below: str) -> str:
    """An array of the districts whose territory is one of the areas in an array, as cluster or as depot."""
    return f"ARRAY(SELECT t.district FROM territory t WHERE t.cluster = ANY({below}) OR t.depot = ANY({below}))"


def _stands_in(areas: str, below: str, districts: str) -> str:
    return f"({areas} IS NULL OR o.area = ANY({below}) OR o.district = ANY({districts}))"


def in_scope(first: int) -> str:
    """The condition that an outlet `o` is in a scope, whose three parameters are numbered from `first`. The areas are
    those named and all below them, by the outlet's own area and by the district that it stands in. [D-57]
    """
    partner, outlet, areas = f"${first}::bigint", f"${first + 1}::bigint", f"${first + 2}::text[]"
    below = areas_below(areas)
    return f"""({partner} IS NULL OR o.partner_id = {partner}) AND ({outlet} IS NULL OR o.id = {outlet})
        AND {_stands_in(areas, below, districts_of(below))}"""


def in_reach(first: int) -> str:
    """The same of a reach: its places are values, so that the planner knows how few outlets a branch has."""
    areas, districts = f"${first + 1}::text[]", f"${first + 2}::text[]"
    return f"(${first}::bigint IS NULL OR o.partner_id = ${first}) AND {_stands_in(areas, areas, districts)}"


async def read_reach(connection: Connection, areas: Sequence[str]) -> tuple[list[str], list[str]]:
    """The areas with all below them, and the districts of their territories."""
    row = await connection.fetchrow(
        f"""
        SELECT areas, {districts_of("areas")} AS districts
        FROM (SELECT {areas_below("$1::text[]")} AS areas OFFSET 0) below
        """,
        _sendable(areas),
    )
    assert row is not None, "what is made of arrays is a row"
    return row["areas"], row["districts"]


async def is_outlet_in(connection: Connection, outlet_id: int, scope: tuple[Any, ...]) -> bool:
    """Whether there is such an outlet in a scope."""
    found: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM outlet o WHERE o.id = $1 AND o.cell = $2 AND {in_scope(3)})",
        outlet_id,
        cell_of_id(outlet_id),
        *scope,
    )
    return found


def partner_in_scope(first: int) -> str:
    """The condition that a partner `p` is in a scope, whose three parameters are numbered from `first`: by the area
    where it works, and by its depots; never in an outlet's scope.
    """
    partner, outlet, areas = f"${first}::bigint", f"${first + 1}::bigint", f"${first + 2}::text[]"
    below = areas_below(areas)
    has_depot = f"EXISTS (SELECT FROM area depot WHERE depot.partner_id = p.id AND depot.code = ANY({below}))"
    return f"""({partner} IS NULL OR p.id = {partner}) AND {outlet} IS NULL
        AND ({areas} IS NULL OR p.area = ANY({below}) OR {has_depot})"""


async def is_partner_in(connection: Connection, partner_id: int, scope: tuple[Any, ...]) -> bool:
    """Whether there is such a partner in a scope."""
    found: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM partner p WHERE p.id = $1 AND {partner_in_scope(2)})", partner_id, *scope
    )
    return found
