"""All SQL of service offices. A table of some hundreds of rows, the same for everybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from konter.channel.model import Zone
from konter.channel.offices.model import Office, Place
from konter.channel.territory.places import Position
from konter.platform.db import Connection, unnest


async def lock_offices(connection: Connection) -> None:
    """One import at a time; whoever looks waits for nobody."""
    await connection.execute("LOCK TABLE service_office IN SHARE ROW EXCLUSIVE MODE")


async def read_offices(connection: Connection, codes: Sequence[str]) -> dict[str, Office]:
    """Those of the codes that are offices, closed ones too."""
    rows = await connection.fetch(
        """
        SELECT code, name, address, district, latitude_udeg, longitude_udeg, hours, services, status
        FROM service_office WHERE code = ANY($1)
        """,
        list(codes),
    )
    return {row["code"]: _office(row) for row in rows}


async def read_district_zones(connection: Connection, codes: Sequence[str]) -> Mapping[str, Zone]:
    """Those of the codes that are districts, with their clocks."""
    rows = await connection.fetch(
        "SELECT code, zone FROM region WHERE code = ANY($1) AND level = 'district'", list(codes)
    )
    return {row["code"]: row["zone"] for row in rows}


async def upsert_offices(connection: Connection, offices: Sequence[Office], *, at: datetime) -> None:
    """Offices that are new or say something else, by code. Services come as one text, as arrays of arrays are boxes."""
    rows = [
        (
            each.code,
            each.name,
            each.address,
            each.district,
            each.position.latitude_udeg if each.position else None,
            each.position.longitude_udeg if each.position else None,
            each.hours,
            " ".join(each.services),
            each.status,
        )
        for each in sorted(offices, key=lambda office: office.code)
    ]
    await connection.execute(
        """
        INSERT INTO service_office
            (code, name, address, district, latitude_udeg, longitude_udeg, hours, services, status, changed_at)
        SELECT code, name, address, district, latitude_udeg, longitude_udeg, hours, string_to_array(services, ' '),
            status, $10
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[],
                    $9::text[])
            AS given (code, name, address, district, latitude_udeg, longitude_udeg, hours, services, status)
        ON CONFLICT (code) DO UPDATE SET
            name = excluded.name, address = excluded.address, district = excluded.district,
            latitude_udeg = excluded.latitude_udeg, longitude_udeg = excluded.longitude_udeg, hours = excluded.hours,
            services = excluded.services, status = excluded.status, changed_at = excluded.changed_at
        """,
        *unnest(rows, 9),
        at,
    )


async def count_by_province(connection: Connection) -> list[tuple[str, str, int]]:
    """(code, name, open offices) of each province that has any, by code."""
    rows = await connection.fetch(
        """
        SELECT p.code, p.name, count(*) AS offices
        FROM service_office o JOIN region p ON p.code = left(o.district, 2)
        WHERE o.status = 'open' GROUP BY p.code, p.name ORDER BY p.code
        """
    )
    return [(row["code"], row["name"], row["offices"]) for row in rows]


_PLACE = """
    SELECT o.code, o.name, o.address, o.district, o.latitude_udeg, o.longitude_udeg, o.hours, o.services, o.status,
        d.name AS district_name, r.code AS regency, r.name AS regency_name, p.name AS province_name, d.zone
    FROM service_office o
    JOIN region d ON d.code = o.district
    JOIN region r ON r.code = d.parent
    JOIN region p ON p.code = r.parent
"""


async def read_place(connection: Connection, code: str) -> Place | None:
    """An open office."""
    row = await connection.fetchrow(f"{_PLACE} WHERE o.code = $1 AND o.status = 'open'", code)
    return _place(row) if row else None


async def read_places_in(connection: Connection, region: str, *, after: tuple[str, str], limit: int) -> list[Place]:
    """Open offices anywhere in a province, regency or district, by district and code, from behind `after`: the same
    two.
    """
    rows = await connection.fetch(
        f"""
        {_PLACE} WHERE o.status = 'open' AND (o.district = $1 OR starts_with(o.district, $1 || '.'))
            AND (o.district COLLATE "C", o.code COLLATE "C") > ($2, $3)
        ORDER BY o.district COLLATE "C", o.code COLLATE "C" LIMIT $4
        """,
        region,
        *after,
        limit,
    )
    return [_place(row) for row in rows]


async def find_places(connection: Connection, text: str, *, after: tuple[str, str], limit: int) -> list[Place]:
    """Open offices that hold a text, in lower case, in their name, address or what they lie in; ordered as above."""
    rows = await connection.fetch(
        f"""
        {_PLACE} WHERE o.status = 'open'
            AND strpos(lower(concat_ws(' ', o.code, o.name, o.address, d.name, r.name, p.name)), $1) > 0
            AND (o.district COLLATE "C", o.code COLLATE "C") > ($2, $3)
        ORDER BY o.district COLLATE "C", o.code COLLATE "C" LIMIT $4
        """,
        text,
        *after,
        limit,
    )
    return [_place(row) for row in rows]


async def read_nearest(connection: Connection, position: Position, *, limit: int) -> list[Place]:
    """Open offices whose position is known, nearest first. Sorted by the haversine, which grows with the distance."""
    rows = await connection.fetch(
        f"""
        {_PLACE} WHERE o.status = 'open' AND o.latitude_udeg IS NOT NULL
        ORDER BY power(sin(radians((o.latitude_udeg - $1::int) / 2e6)), 2)
            + cos(radians($1::int / 1e6)) * cos(radians(o.latitude_udeg / 1e6))
              * power(sin(radians((o.longitude_udeg - $2::int) / 2e6)), 2), o.code
        LIMIT $3
        """,
        position.latitude_udeg,
        position.longitude_udeg,
        limit,
    )
    return [_place(row) for row in rows]


async def read_near_district(connection: Connection, district: str, *, limit: int) -> list[Place]:
    """Open offices of a district, then of its regency, then of its province; none from further away."""
    rows = await connection.fetch(
        f"""
        {_PLACE} WHERE o.status = 'open' AND left(o.district, 2) = left($1, 2)
        ORDER BY o.district <> $1, left(o.district, 5) <> left($1, 5), o.district COLLATE "C", o.code COLLATE "C"
        LIMIT $2
        """,
        district,
        limit,
    )
    return [_place(row) for row in rows]


async def read_outlet_place(connection: Connection, outlet_id: int, cell: int) -> tuple[str | None, Position | None]:
    """District and position of an outlet, each where it is known."""
    row = await connection.fetchrow(
        "SELECT district, latitude_udeg, longitude_udeg FROM outlet WHERE id = $1 AND cell = $2", outlet_id, cell
    )
    return (row["district"], _position(row)) if row else (None, None)


def _position(row: asyncpg.Record) -> Position | None:
    latitude, longitude = row["latitude_udeg"], row["longitude_udeg"]
    return Position(latitude, longitude) if latitude is not None else None


def _office(row: asyncpg.Record) -> Office:
    return Office(
        code=row["code"],
        name=row["name"],
        address=row["address"],
        district=row["district"],
        position=_position(row),
        hours=row["hours"],
        services=tuple(row["services"]),
        status=row["status"],
    )


def _place(row: asyncpg.Record) -> Place:
    return Place(
        office=_office(row),
        district_name=row["district_name"],
        regency=row["regency"],
        regency_name=row["regency_name"],
        province_name=row["province_name"],
        zone=row["zone"],
    )
