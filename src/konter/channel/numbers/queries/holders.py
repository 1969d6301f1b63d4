"""All SQL of who has a number now, in which role. Who loses a race for one meets its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.channel.numbers.model import Link, Number, NumberType
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, OutletId, cell_of_msisdn


def cells_of(msisdns: Sequence[int]) -> list[int]:
    """The cells that rows of these numbers stand in."""
    return sorted({cell_of_msisdn(msisdn) for msisdn in msisdns})


NUMBER = """g.msisdn, h.outlet_id AS held_by, r.outlet_id AS reseller_at,
    n.outlet_id AS linked_at, n.user_id, n.free_from, s.name AS seller, s.outlet_id AS seller_at,
    l.id IS NOT NULL AS lost"""


ROLES = """
    LEFT JOIN outlet_number h ON h.msisdn = g.msisdn AND h.cell = g.cell
    LEFT JOIN reseller_number r ON r.msisdn = g.msisdn AND r.cell = g.cell
    LEFT JOIN notification_number n ON n.msisdn = g.msisdn AND n.cell = g.cell
    LEFT JOIN seller_number s ON s.msisdn = g.msisdn AND s.cell = g.cell
    LEFT JOIN lost_phone l ON l.msisdn = g.msisdn AND l.cell = g.cell AND l.lifted_at IS NULL"""


async def read_numbers(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, Number]:
    """All that outlets have to do with these numbers, in one statement."""
    rows = await connection.fetch(
        f"""
        SELECT {NUMBER} FROM unnest($1::bigint[], $2::int[]) AS g (msisdn, cell) {ROLES}
        WHERE num_nonnulls(h.msisdn, r.msisdn, n.msisdn, s.msisdn, l.msisdn) > 0
        """,
        *unnest([(msisdn, cell_of_msisdn(msisdn)) for msisdn in sorted(set(msisdns))], 2),
    )
    return {Msisdn(row["msisdn"]): number_of(row) for row in rows}


def number_of(row: asyncpg.Record) -> Number:
    """What a number is to outlets, from the columns of NUMBER."""
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
        cells_of(msisdns),
    )
    return {Msisdn(row["msisdn"]): (OutletId(row["outlet_id"]), row["linked_at"]) for row in rows}


async def delete_freed(connection: Connection, msisdns: Sequence[int], *, at: datetime) -> None:
    """Forget releases whose cool-down is over, and with them numbers that nobody has any more; two who link one at once
    meet at its key.
    """
    await connection.execute(
        "DELETE FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2) AND free_from <= $3",
        sorted(msisdns),
        cells_of(msisdns),
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
        cells_of(msisdns),
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
        cells_of(msisdns),
    )
    await connection.execute(
        "DELETE FROM reseller_number WHERE msisdn = ANY($1) AND cell = ANY($2)", sorted(msisdns), cells_of(msisdns)
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
        "DELETE FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2)", sorted(msisdns), cells_of(msisdns)
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


async def read_link_facts(connection: Connection, msisdns: Sequence[int]) -> dict[int, tuple[NumberType, datetime]]:
    """Type of the notification numbers, and since when each is linked."""
    rows = await connection.fetch(
        "SELECT msisdn, type, linked_at FROM notification_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        cells_of(msisdns),
    )
    return {row["msisdn"]: (row["type"], row["linked_at"]) for row in rows}
