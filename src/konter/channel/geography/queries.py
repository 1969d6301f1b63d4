"""All SQL of the regions. A table of a few thousand rows, the same for everybody."""

from collections.abc import Sequence

from konter.channel.geography.model import District, Region, RegionLevel
from konter.platform.db import Connection, unnest

LAST_CHARACTER = "\U0010ffff"


async def read_all(connection: Connection) -> dict[str, Region]:
    """Every region by code."""
    rows = await connection.fetch("SELECT code, parent, level, name, zone FROM region")
    return {row["code"]: Region(**row) for row in rows}


async def has_regions(connection: Connection) -> bool:
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM region)")
    return found


async def upsert_regions(connection: Connection, regions: Sequence[Region]) -> None:
    """Regions in the order of their codes, parents before children."""
    rows = [(each.code, each.parent, each.level, each.name, each.zone) for each in regions]
    await connection.execute(
        """
        INSERT INTO region (code, parent, level, name, zone)
        SELECT code, parent, level, name, zone
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS given (code, parent, level, name, zone)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, zone = excluded.zone
        """,
        *unnest(sorted(rows), 5),
    )


async def read_children(connection: Connection, parent: str | None) -> list[Region]:
    """The regions right under one, or the provinces, by code; nowhere more than 60."""
    rows = await connection.fetch(
        """
        SELECT code, parent, level, name, zone FROM region
        WHERE parent IS NOT DISTINCT FROM $1 ORDER BY code LIMIT 200
        """,
        parent,
    )
    return [Region(**row) for row in rows]


async def read_regions(connection: Connection, codes: Sequence[str], level: RegionLevel | None = None) -> list[Region]:
    """Those of the codes that are regions, of one level if said; in the order of the codes, provinces first."""
    rows = await connection.fetch(
        """
        SELECT code, parent, level, name, zone FROM region
        WHERE code = ANY($1) AND level = coalesce($2, level) ORDER BY code
        """,
        [code for code in codes if code.isprintable()],
        level,
    )
    return [Region(**row) for row in rows]


async def find_districts(connection: Connection, *, prefix: str, after: tuple[str, str], limit: int) -> list[District]:
    """Districts whose name begins with `prefix`, lower case; by name and code, from behind `after`: the same two."""
    rows = await connection.fetch(
        """
        SELECT d.code, d.name, r.name AS regency, p.name AS province, d.zone
        FROM region d
        JOIN region r ON r.code = d.parent
        JOIN region p ON p.code = r.parent
        WHERE d.level = 'district'
          AND lower(d.name) COLLATE "C" >= $1 AND lower(d.name) COLLATE "C" < $2
          AND (lower(d.name) COLLATE "C", d.code) > ($3, $4)
        ORDER BY lower(d.name) COLLATE "C", d.code LIMIT $5
        """,
        prefix,
        prefix + LAST_CHARACTER,
        *after,
        limit,
    )
    return [District(**row) for row in rows]
