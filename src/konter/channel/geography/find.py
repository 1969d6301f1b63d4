"""Look regions up, for pages that let people choose a place. One query each. [D-57, D-59, D-64]"""

from konter.channel.geography import queries
from konter.channel.geography.model import District, Region
from konter.platform.db import Connection

PAGE_MAX = 50
PREFIX_CHARS_MAX = 80


async def children_of(connection: Connection, parent: str | None = None) -> list[Region]:
    """What lies right under a region, by code; without one the 38 provinces. Empty for an unknown code."""
    if parent is not None and not parent.isprintable():
        return []
    return await queries.read_children(connection, parent)


async def find_districts(
    connection: Connection, prefix: str, *, after: District | None = None, limit: int = 20
) -> list[District]:
    """Districts whose name begins so, capitals or not, by name; at most 50, the next page from behind `after`."""
    wanted = " ".join(prefix.split())[:PREFIX_CHARS_MAX].lower()
    if not wanted or not wanted.isprintable():
        return []
    behind = (after.name.lower(), after.code) if after is not None else ("", "")
    return await queries.find_districts(connection, prefix=wanted, after=behind, limit=min(limit, PAGE_MAX))


async def path_of(connection: Connection, code: str) -> list[Region]:
    """A region with all it lies in, from the province down; empty for an unknown code."""
    parts = code.split(".")[:3]
    path = await queries.read_regions(connection, [".".join(parts[: n + 1]) for n in range(len(parts))])
    return path if path and path[-1].code == code else []


async def districts_by_code(connection: Connection, codes: list[str]) -> dict[str, Region]:
    """Those of the codes that are districts."""
    return {each.code: each for each in await queries.read_regions(connection, codes, "district")}
