"""The area tree and what stands in it, for pages: at most three queries each, however many outlets there are."""

from collections.abc import Sequence

from konter.channel.model import NewArea
from konter.channel.territory import queries
from konter.channel.territory.model import AreaCount, OutletLine
from konter.platform.db import Connection
from konter.platform.ids import PartnerId
from konter.rules.model import Rules

PAGE_MAX = 500


async def areas_under(connection: Connection, parent: str | None = None) -> list[NewArea]:
    """The areas right under one, by code; without one those at the top."""
    if parent is None:
        return await queries.read_top(connection)
    return await queries.read_children(connection, parent) if parent.isprintable() else []


async def path_of_area(connection: Connection, code: str) -> list[NewArea]:
    """An area with all that it stands under, from the top; empty for an unknown code."""
    return await queries.read_path(connection, code) if code.isprintable() else []


async def clusters_of(connection: Connection, partner_id: PartnerId) -> list[NewArea]:
    """The clusters in which a partner has a depot: its operational area. [D-57]"""
    return await queries.read_partner_clusters(connection, partner_id)


async def districts_under(connection: Connection, areas: Sequence[str]) -> list[tuple[str, str]]:
    """(area, district) for each district that belongs to any of these areas."""
    return await queries.read_districts_under(connection, areas)


async def outlets_by_area(connection: Connection, parent: str | None = None) -> list[AreaCount]:
    """How many outlets stand under each area right under one, by status. Three queries."""
    areas = await areas_under(connection, parent)
    pairs = await queries.read_districts_under(connection, [area.code for area in areas])
    counted: dict[str, dict[str, int]] = {}
    for district, status, outlets in await queries.count_outlets(connection, [district for _, district in pairs]):
        counted.setdefault(district, {})[status] = outlets
    totals = {area.code: {"active": 0, "suspended": 0, "terminated": 0} for area in areas}
    for area, district in pairs:
        for status, outlets in counted.get(district, {}).items():
            totals[area][status] += outlets
    return [AreaCount(area=area, **totals[area.code]) for area in areas]


async def outlets_of_area(
    connection: Connection, area: str, *, partner_id: PartnerId | None = None, after: int = 0, limit: int = 50
) -> list[OutletLine]:
    """Outlets that stand anywhere under an area, of one partner if said; by id, the next page from behind `after`."""
    districts = [district for _, district in await queries.read_districts_under(connection, [area])]
    return await queries.read_outlets_of_districts(
        connection, districts, partner_id=partner_id, after=after, limit=min(limit, PAGE_MAX)
    )


async def default_partners(connection: Connection, districts: Sequence[str], *, rules: Rules) -> dict[str, PartnerId]:
    """Who answers for a seller in each district if nobody was chosen; absent where nobody serves it. [D-59, G-D08]

    By kecamatan it is the partner of the district's depot; by cluster, where the district has none, that of the
    cluster's first depot.
    """
    by_cluster = rules.seller.default_sbp_by == "cluster"
    return await queries.read_default_partners(connection, districts, whole_cluster=by_cluster)
