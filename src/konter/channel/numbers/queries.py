"""All SQL of outlets' numbers. Rows keyed by a number stand in its cell; who loses a race for one meets its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.channel.numbers.model import Begun, Ended, Kind, Link, Number, NumberType, OutletRow
from konter.channel.queries import in_scope
from konter.channel.scope import Scope
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_id, cell_of_msisdn


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user with what goes along to another outlet, read under the outlet's lock."""

    id: UserId
    outlet_id: OutletId
    outlet_status: str
    username: str
    name: str
    role: str
    nn_msisdn: Msisdn
    nn_released_at: datetime | None
    locale: str
    status: str
    password_hash: str
    password_initial: bool
    password_expires_at: datetime | None
    pin_salt: bytes
    pin_hash: bytes | None

    @property
    def number(self) -> Msisdn | None:
        """The notification number that the user has."""
        return self.nn_msisdn if self.nn_released_at is None else None


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


def _cells(msisdns: Sequence[int]) -> list[int]:
    return sorted({cell_of_msisdn(msisdn) for msisdn in msisdns})


# ------------------------------------------------------------------------------------------------------------- read


_NUMBER = """g.msisdn, h.outlet_id AS held_by, r.outlet_id AS reseller_at,
    n.outlet_id AS linked_at, n.user_id, n.free_from, s.name AS seller, s.outlet_id AS seller_at,
    l.id IS NOT NULL AS lost"""
_ROLES = """
    LEFT JOIN outlet_number h ON h.msisdn = g.msisdn AND h.cell = g.cell
    LEFT JOIN reseller_number r ON r.msisdn = g.msisdn AND r.cell = g.cell
    LEFT JOIN notification_number n ON n.msisdn = g.msisdn AND n.cell = g.cell
    LEFT JOIN seller_number s ON s.msisdn = g.msisdn AND s.cell = g.cell
    LEFT JOIN lost_phone l ON l.msisdn = g.msisdn AND l.cell = g.cell AND l.lifted_at IS NULL"""


async def read_numbers(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, Number]:
    """All that outlets have to do with these numbers, in one statement."""
    rows = await connection.fetch(
        f"""
        SELECT {_NUMBER} FROM unnest($1::bigint[], $2::int[]) AS g (msisdn, cell) {_ROLES}
        WHERE num_nonnulls(h.msisdn, r.msisdn, n.msisdn, s.msisdn, l.msisdn) > 0
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn)) for msisdn in sorted(set(msisdns))], 2),
    )
    return {Msisdn(row["msisdn"]): _number(row) for row in rows}


def _number(row: asyncpg.Record) -> Number:
    link = None
    if row["linked_at"] is not None:
        link = Link(outlet_id=row["linked_at"], user_id=row["user_id"], free_from=row["free_from"])
    return Number(
        held_by=row["held_by"],
        reseller_at=row["reseller_at"],
        link=link,
        seller=row["seller"],
        seller_outlet_id=row["seller_at"],
        lost=row["lost"],
    )


async def read_resellers(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, tuple[OutletId, datetime]]:
    """At which outlets reseller numbers are registered, and since when."""
    rows = await connection.fetch(
        "SELECT msisdn, outlet_id, linked_at FROM reseller_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        _cells(msisdns),
    )
    return {Msisdn(row["msisdn"]): (OutletId(row["outlet_id"]), row["linked_at"]) for row in rows}


async def read_outlets(connection: Connection, outlet_ids: Sequence[int], *, scope: Scope) -> dict[int, OutletRow]:
    """Those of the outlets that are in the scope."""
    rows = await connection.fetch(
        f"""
        SELECT o.id, o.status, o.stopped_at IS NOT NULL AS stopped, o.rs_msisdn, o.proprietor_id FROM outlet o
        WHERE o.id = ANY($1) AND o.cell = ANY($2) AND {in_scope(3)}
        """,
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        *scope.parameters(),
    )
    return {row["id"]: OutletRow(**row) for row in rows}


async def read_users(connection: Connection, user_ids: Sequence[int], *, scope: Scope) -> dict[int, UserRow]:
    """Those of the users whose outlets are in the scope."""
    rows = await connection.fetch(
        f"""
        SELECT u.id, u.outlet_id, o.status AS outlet_status, u.username, u.name, u.role, u.nn_msisdn, u.nn_released_at,
               u.locale, u.status, u.password_hash, u.password_initial, u.password_expires_at, u.pin_salt, u.pin_hash
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.id = ANY($1) AND u.cell = ANY($2) AND {in_scope(3)}
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        *scope.parameters(),
    )
    return {row["id"]: UserRow(**row) for row in rows}


# ---------------------------------------------------------------------------------------------- who has a number, now


async def write_proprietors(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Whose outlets are, as (outlet_id, the first outlet of the same owner)."""
    await connection.execute(
        """
        UPDATE outlet o SET proprietor_id = g.first
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (id, cell, first)
        WHERE o.id = g.id AND o.cell = g.cell
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), first) for outlet_id, first in dict(rows).items()], 3),
    )


async def delete_freed(connection: Connection, msisdns: Sequence[int], *, at: datetime) -> None:
    """Forget releases whose cool-down is over, and with them numbers that nobody has any more; two who link one at once
    meet at its key.
    """
    await connection.execute(
        "DELETE FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2) AND free_from <= $3",
        sorted(msisdns),
        _cells(msisdns),
        at,
    )
    await delete_idle(connection, msisdns)


async def delete_idle(connection: Connection, msisdns: Sequence[int]) -> None:
    """Numbers that have no role left at their outlet are nobody's."""
    await connection.execute(
        """
        DELETE FROM outlet_number h
        WHERE h.msisdn = ANY($1) AND h.cell = ANY($2)
          AND NOT EXISTS (SELECT FROM reseller_number r WHERE r.msisdn = h.msisdn AND r.cell = h.cell)
          AND NOT EXISTS (SELECT FROM notification_number n WHERE n.msisdn = h.msisdn AND n.cell = h.cell)
          AND NOT EXISTS (SELECT FROM seller_number s
                          WHERE s.msisdn = h.msisdn AND s.cell = h.cell AND s.outlet_id IS NOT NULL)
        """,
        sorted(msisdns),
        _cells(msisdns),
    )


async def insert_holders(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Numbers that outlets have from now on, as (msisdn, outlet_id), in order of number against deadlocks."""
    await connection.execute(
        """
        INSERT INTO outlet_number (msisdn, cell, outlet_id)
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[])
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), outlet_id) for msisdn, outlet_id in sorted(set(rows))], 3),
    )


async def insert_resellers(connection: Connection, rows: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Reseller numbers as (msisdn, outlet_id), held already."""
    columns = unnest([(msisdn, cell_of_msisdn(msisdn), outlet_id) for msisdn, outlet_id in sorted(rows)], 3)
    await connection.execute(
        """
        INSERT INTO reseller_number (msisdn, cell, outlet_id, linked_at)
        SELECT msisdn, cell, outlet_id, $4
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS given (msisdn, cell, outlet_id)
        """,
        *columns,
        at,
    )


async def link_sellers(connection: Connection, rows: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Those of (msisdn, outlet_id) that are seller numbers of the older channel are linked, unless they are already."""
    await connection.execute(
        """
        UPDATE seller_number s SET outlet_id = g.outlet_id, linked_at = $4
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (msisdn, cell, outlet_id)
        WHERE s.msisdn = g.msisdn AND s.cell = g.cell AND s.outlet_id IS NULL
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), outlet_id) for msisdn, outlet_id in sorted(rows)], 3),
        at,
    )


async def upsert_sellers(connection: Connection, sellers: Mapping[Msisdn, str], *, at: datetime) -> int:
    """Seller numbers and names; how many rows changed."""
    rows = await connection.fetch(
        """
        INSERT INTO seller_number AS s (msisdn, cell, name, loaded_at)
        SELECT msisdn, cell, name, $4 FROM unnest($1::bigint[], $2::int[], $3::text[]) AS given (msisdn, cell, name)
        ON CONFLICT (msisdn, cell) DO UPDATE SET name = excluded.name, loaded_at = excluded.loaded_at
            WHERE s.name <> excluded.name
        RETURNING 1
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), name) for msisdn, name in sorted(sellers.items())], 3),
        at,
    )
    return len(rows)


async def delete_resellers(connection: Connection, msisdns: Sequence[int]) -> None:
    """Registrations that end; a seller number of the older channel is nobody's again."""
    await connection.execute(
        "UPDATE seller_number SET outlet_id = NULL, linked_at = NULL WHERE msisdn = ANY($1) AND cell = ANY($2)",
        sorted(msisdns),
        _cells(msisdns),
    )
    await connection.execute(
        "DELETE FROM reseller_number WHERE msisdn = ANY($1) AND cell = ANY($2)", sorted(msisdns), _cells(msisdns)
    )


async def write_outlet_resellers(connection: Connection, rows: Sequence[tuple[int, int | None]]) -> None:
    """The reseller numbers of outlets, as (outlet_id, msisdn), where the outlets can tell them without a look-up."""
    await connection.execute(
        """
        UPDATE outlet o SET rs_msisdn = g.msisdn
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (id, cell, msisdn)
        WHERE o.id = g.id AND o.cell = g.cell
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), msisdn) for outlet_id, msisdn in rows], 3),
    )


async def insert_links(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at: datetime) -> None:
    """Notification numbers as (msisdn, outlet_id, user_id, type), held already, in order of number."""
    await connection.execute(
        """
        INSERT INTO notification_number (msisdn, cell, outlet_id, user_id, type, linked_at)
        SELECT given.*, $6::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::text[]) AS given
        """,
        *unnest([(number, cell_of_msisdn(number), *rest) for number, *rest in sorted(rows)], 5),
        at,
    )


async def release_links(connection: Connection, rows: Sequence[tuple[int, int]], *, free_from: datetime) -> None:
    """The numbers of (msisdn, user_id) become free at that moment."""
    await connection.execute(
        """
        UPDATE notification_number n SET free_from = $4
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS given (msisdn, cell, user_id)
        WHERE n.msisdn = given.msisdn AND n.cell = given.cell AND n.user_id = given.user_id AND n.free_from IS NULL
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn), user_id) for msisdn, user_id in sorted(rows)], 3),
        free_from,
    )


async def delete_links(connection: Connection, msisdns: Sequence[int]) -> None:
    """Links that end without a cool-down, as the number stays with its user."""
    await connection.execute(
        "DELETE FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2)", sorted(msisdns), _cells(msisdns)
    )


async def write_types(connection: Connection, rows: Sequence[tuple[int, NumberType]]) -> None:
    """The type of notification numbers, as (msisdn, type), and of their live registrations."""
    columns = unnest([(msisdn, cell_of_msisdn(msisdn), type_) for msisdn, type_ in sorted(rows)], 3)
    await connection.execute(
        """
        UPDATE notification_number n SET type = g.type
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (msisdn, cell, type)
        WHERE n.msisdn = g.msisdn AND n.cell = g.cell
        """,
        *columns,
    )
    await connection.execute(
        """
        UPDATE number_registration r SET type = g.type
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (msisdn, cell, type)
        WHERE r.msisdn = g.msisdn AND r.cell = g.cell AND r.kind = 'NN' AND r.ended_at IS NULL
        """,
        *columns,
    )


async def write_user_numbers(connection: Connection, rows: Sequence[tuple[int, int, str]]) -> None:
    """The notification numbers that users have from now on, as (user_id, msisdn, status). A phone that is lost was
    that of the number before.
    """
    await connection.execute(
        """
        UPDATE outlet_user u SET nn_msisdn = g.msisdn, nn_released_at = NULL, status = g.status,
            lost_at = NULL
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[]) AS g (id, cell, msisdn, status)
        WHERE u.id = g.id AND u.cell = g.cell
        """,
        *unnest([(user_id, cell_of_id(user_id), msisdn, status) for user_id, msisdn, status in rows], 4),
    )


async def write_users_without_number(connection: Connection, rows: Sequence[tuple[int, str]], *, at: datetime) -> None:
    """Users that have no notification number from now on, as (user_id, status); the last one stays on record."""
    await connection.execute(
        """
        UPDATE outlet_user u SET nn_released_at = $4, status = g.status
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (id, cell, status)
        WHERE u.id = g.id AND u.cell = g.cell
        """,
        *unnest([(user_id, cell_of_id(user_id), status) for user_id, status in rows], 3),
        at,
    )


# ------------------------------------------------------------------------------------------------ who had it, and why


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
        _cells(msisdns),
        kind,
        at,
        by,
        why,
    )


async def read_story(connection: Connection, msisdn: int, *, limit: int) -> tuple[Number, list[Registration]]:
    """What a number is to outlets now, and its registrations, newest first, in one statement."""
    rows = await connection.fetch(
        f"""
        SELECT {_NUMBER}, p.* FROM (SELECT $1::bigint AS msisdn, $2::int AS cell) g {_ROLES}
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
    return _number(rows[0]), [Registration(**each) for each in past if each["kind"] is not None]


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


async def read_users_of_outlet(connection: Connection, outlet_id: int, *, limit: int) -> list[asyncpg.Record]:
    """An outlet's users who have not left, by name."""
    return await connection.fetch(
        """
        SELECT id, username, name, role, status, CASE WHEN nn_released_at IS NULL THEN nn_msisdn END AS msisdn,
               nn_msisdn AS last_msisdn, nn_released_at AS released_at, lost_at
        FROM outlet_user WHERE outlet_id = $1 AND cell = $2 AND status <> 'ended' ORDER BY name, id LIMIT $3
        """,
        outlet_id,
        cell_of_id(outlet_id),
        limit,
    )


async def read_link_facts(connection: Connection, msisdns: Sequence[int]) -> dict[int, tuple[NumberType, datetime]]:
    """Type of the notification numbers, and since when each is linked."""
    rows = await connection.fetch(
        "SELECT msisdn, type, linked_at FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        _cells(msisdns),
    )
    return {row["msisdn"]: (row["type"], row["linked_at"]) for row in rows}
