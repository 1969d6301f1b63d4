"""All SQL of the area tree and of places."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from konter.channel.model import NewArea
from konter.channel.queries import areas_below, districts_of
from konter.channel.territory.model import OutletLine, OutletMove, Territory
from konter.channel.territory.places import Position
from konter.platform.db import Connection, unnest
from konter.platform.ids import OutletId, PartnerId, cell_of_id


class OutletPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where an outlet stands now."""

    partner_id: PartnerId
    district: str | None
    status: str


def _area(row: asyncpg.Record) -> NewArea:
    return NewArea(
        code=row["code"], name=row["name"], level=row["level"], parent=row["parent"], partner_id=row["partner_id"]
    )


def _sendable(codes: Sequence[str]) -> list[str]:
    return sorted({code for code in codes if code.isprintable()})


# --------------------------------------------------------------------------------------------------------------- tree


async def lock_areas(connection: Connection, codes: Sequence[str]) -> dict[str, NewArea]:
    """Those of the codes that are areas; nobody else changes them until this transaction is over."""
    rows = await connection.fetch(
        "SELECT code, parent, level, name, partner_id FROM area WHERE code = ANY($1) ORDER BY code FOR UPDATE",
        _sendable(codes),
    )
    return {row["code"]: _area(row) for row in rows}


async def upsert_areas(connection: Connection, areas: Sequence[NewArea]) -> None:
    """Areas as given, checked; a name, a parent and a depot's partner may change, a level never does."""
    await connection.execute(
        """
        INSERT INTO area (code, parent, level, name, partner_id)
        SELECT code, parent, level, name, partner_id
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
            AS given (code, parent, level, name, partner_id)
        ON CONFLICT (code) DO UPDATE
            SET parent = excluded.parent, name = excluded.name, partner_id = excluded.partner_id
        """,
        *unnest([(each.code, each.parent, each.level, each.name, each.partner_id) for each in areas], 5),
    )


async def read_children(connection: Connection, parent: str) -> list[NewArea]:
    """The areas right under one, by code."""
    rows = await connection.fetch(
        "SELECT code, parent, level, name, partner_id FROM area WHERE parent = $1 ORDER BY code LIMIT 500", parent
    )
    return [_area(row) for row in rows]


async def read_top(connection: Connection) -> list[NewArea]:
    """The areas that nothing stands above, by code."""
    rows = await connection.fetch(
        "SELECT code, parent, level, name, partner_id FROM area WHERE parent IS NULL ORDER BY code LIMIT 500"
    )
    return [_area(row) for row in rows]


async def read_path(connection: Connection, code: str) -> list[NewArea]:
    """An area and all above it, the top first."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE above (code, parent, level, name, partner_id, steps) AS (
            SELECT code, parent, level, name, partner_id, 0 FROM area WHERE code = $1
            UNION ALL
            SELECT a.code, a.parent, a.level, a.name, a.partner_id, steps + 1
            FROM above JOIN area a ON a.code = above.parent
        )
        SELECT code, parent, level, name, partner_id FROM above ORDER BY steps DESC
        """,
        code,
    )
    return [_area(row) for row in rows]


async def read_partner_clusters(connection: Connection, partner_id: int) -> list[NewArea]:
    """The clusters in which a partner has a depot, by code."""
    rows = await connection.fetch(
        """
        SELECT code, parent, level, name, partner_id FROM area
        WHERE code IN (SELECT parent FROM area WHERE partner_id = $1) ORDER BY code LIMIT 500
        """,
        partner_id,
    )
    return [_area(row) for row in rows]


async def read_districts_under(connection: Connection, areas: Sequence[str]) -> list[tuple[str, str]]:
    """(area, district) for every district of a territory under each of the areas."""
    rows = await connection.fetch(
        f"""
        SELECT top, unnest({districts_of("below")}) AS district
        FROM (SELECT top, {areas_below("ARRAY[top]")} AS below FROM unnest($1::text[]) AS top OFFSET 0) tops
        """,
        _sendable(areas),
    )
    return [(row["top"], row["district"]) for row in rows]


# ---------------------------------------------------------------------------------------------------------- territory


async def upsert_territories(connection: Connection, territories: Sequence[Territory], *, at: datetime) -> None:
    """Whose each district is from now on."""
    await connection.execute(
        """
        INSERT INTO territory (district, cluster, depot, set_at)
        SELECT district, cluster, depot, $4
        FROM unnest($1::text[], $2::text[], $3::text[]) AS given (district, cluster, depot)
        ON CONFLICT (district) DO UPDATE
            SET cluster = excluded.cluster, depot = excluded.depot, set_at = excluded.set_at
        """,
        *unnest([(each.district, each.cluster, each.depot) for each in territories], 3),
        at,
    )


async def lock_territories(connection: Connection, districts: Sequence[str]) -> dict[str, Territory]:
    """Whose each district is; nobody else changes that until this transaction is over."""
    rows = await connection.fetch(
        "SELECT district, cluster, depot FROM territory WHERE district = ANY($1) ORDER BY district FOR UPDATE",
        _sendable(districts),
    )
    return {row["district"]: Territory(**row) for row in rows}


async def hold_clusters(connection: Connection, districts: Sequence[str]) -> dict[str, str]:
    """The cluster of each district; it stays until this transaction is over, for everybody who reads it so."""
    rows = await connection.fetch(
        "SELECT district, cluster FROM territory WHERE district = ANY($1) ORDER BY district FOR SHARE",
        _sendable(districts),
    )
    return {row["district"]: row["cluster"] for row in rows}


async def hold_depots(connection: Connection, partner_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(partner, cluster) for each depot of these partners; they stay until this transaction is over."""
    rows = await connection.fetch(
        "SELECT partner_id, parent FROM area WHERE partner_id = ANY($1) ORDER BY code FOR SHARE",
        sorted(set(partner_ids)),
    )
    return [(row["partner_id"], row["parent"]) for row in rows]


async def read_default_partners(
    connection: Connection, districts: Sequence[str], *, whole_cluster: bool
) -> dict[str, PartnerId]:
    """The active partner of each district's depot; `whole_cluster`: else of the cluster's first depot."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (t.district) t.district, d.partner_id
        FROM territory t
        JOIN area d ON d.parent = t.cluster AND (d.code = t.depot OR $2)
        JOIN partner p ON p.id = d.partner_id AND p.status = 'active'
        WHERE t.district = ANY($1)
        ORDER BY t.district, d.code = t.depot DESC NULLS LAST, d.code
        """,
        _sendable(districts),
        whole_cluster,
    )
    return {row["district"]: PartnerId(row["partner_id"]) for row in rows}


# ------------------------------------------------------------------------------------------------------------- places


async def read_places(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, OutletPlace]:
    rows = await connection.fetch(
        "SELECT id, partner_id, district, status FROM outlet WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
    )
    return {
        row["id"]: OutletPlace(partner_id=PartnerId(row["partner_id"]), district=row["district"], status=row["status"])
        for row in rows
    }


async def write_moves(connection: Connection, moves: Sequence[tuple[OutletMove, str]]) -> None:
    """Where outlets stand from now on, each with the zone of its district; what a move leaves open stays as it is."""
    rows = [
        (
            move.outlet_id,
            cell_of_id(move.outlet_id),
            move.partner_id,
            move.district,
            zone,
            move.address.strip() if move.address is not None else None,
            move.position.latitude_udeg if move.position else None,
            move.position.longitude_udeg if move.position else None,
        )
        for move, zone in moves
    ]
    await connection.execute(
        """
        UPDATE outlet o
        SET partner_id = g.partner_id, zone = g.zone, address = coalesce(g.address, o.address), district = g.district,
            latitude_udeg = CASE WHEN g.latitude IS NULL AND o.district = g.district THEN o.latitude_udeg
                                 ELSE g.latitude END,
            longitude_udeg = CASE WHEN g.longitude IS NULL AND o.district = g.district THEN o.longitude_udeg
                                  ELSE g.longitude END
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[])
            AS g (id, cell, partner_id, district, zone, address, latitude, longitude)
        WHERE o.id = g.id AND o.cell = g.cell
        """,
        *unnest(rows, 8),
    )


async def count_outlets(connection: Connection, districts: Sequence[str]) -> list[tuple[str, str, int]]:
    """(district, status, outlets) of each of the districts; out of the index alone."""
    rows = await connection.fetch(
        """
        SELECT district, status, count(*) AS outlets FROM outlet
        WHERE district = ANY($1) GROUP BY district, status
        """,
        list(districts),
    )
    return [(row["district"], row["status"], row["outlets"]) for row in rows]


async def read_outlets_of_districts(
    connection: Connection, districts: Sequence[str], *, partner_id: int | None, after: int, limit: int
) -> list[OutletLine]:
    """Outlets that stand in these districts, of one partner if said, by id from behind `after`."""
    rows = await connection.fetch(
        """
        SELECT id, code, name, kind, segment, status, partner_id, district, latitude_udeg, longitude_udeg FROM outlet
        WHERE district = ANY($1) AND id > $2 AND ($3::bigint IS NULL OR partner_id = $3) ORDER BY id LIMIT $4
        """,
        list(districts),
        after,
        partner_id,
        limit,
    )
    return [_line(row) for row in rows]


def _line(row: asyncpg.Record) -> OutletLine:
    latitude, longitude = row["latitude_udeg"], row["longitude_udeg"]
    return OutletLine(
        id=OutletId(row["id"]),
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        segment=row["segment"],
        status=row["status"],
        partner_id=PartnerId(row["partner_id"]),
        district=row["district"],
        position=Position(latitude, longitude) if latitude is not None else None,
    )
