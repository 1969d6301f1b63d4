"""How many applications wait where, for charts. [D-57]"""

import msgspec

from konter.channel.onboarding.queues import queries
from konter.channel.territory.read import areas_under, districts_under
from konter.platform.db import Connection


class AreaApplications(msgspec.Struct, frozen=True, kw_only=True):
    """Applications of places anywhere under an area: those before the partner, and those before the branch."""

    area: str
    submitted: int
    recommended: int


async def applications_by_area(connection: Connection, parent: str | None = None) -> list[AreaApplications]:
    """For each area right under one, or at the top; by area, also those without any. Three queries."""
    areas = [area.code for area in await areas_under(connection, parent)]
    pairs = await districts_under(connection, areas)
    totals = {area: {"submitted": 0, "recommended": 0} for area in areas}
    counted: dict[str, list[tuple[str, int]]] = {}
    for district, state, count in await queries.count_by_district(connection, sorted({each for _, each in pairs})):
        counted.setdefault(district, []).append((state, count))
    for area, district in pairs:
        for state, count in counted.get(district, []):
            totals[area][state] += count
    return [AreaApplications(area=area, **total) for area, total in sorted(totals.items())]
