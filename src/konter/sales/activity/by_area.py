"""What was sold where, day by day, for charts. [D-57]"""

from datetime import date, timedelta

import msgspec

from konter.channel.territory.read import areas_under, districts_under
from konter.platform.clock import day_start
from konter.platform.db import Connection
from konter.sales.activity import queries

DAYS_MAX = 92


class AreaDay(msgspec.Struct, frozen=True, kw_only=True):
    """An area's WIB day: successful sales, what they brought in, and how many outlets sold."""

    area: str
    day: date
    sales: int
    sold_rp: int
    outlets: int


async def roll_up_districts(connection: Connection, day: date) -> None:
    """Add up a WIB day that is over; again replaces what was, so that late outcomes come in. [D-57]"""
    async with connection.transaction():
        end = day_start(day + timedelta(days=1))
        await queries.roll_up_districts(connection, day, begin=day_start(day), end=end)


async def activity_by_area(
    connection: Connection, parent: str | None = None, *, first: date, last: date
) -> list[AreaDay]:
    """What was sold under each area right under one (without one: at the top), on each of at most 92 days.

    By area and day, days without a sale left out. Three queries, however large the area.
    """
    first = max(first, last - timedelta(days=DAYS_MAX - 1))
    areas = await areas_under(connection, parent)
    pairs = await districts_under(connection, [area.code for area in areas])
    area_of: dict[str, list[str]] = {}
    for area, district in pairs:
        area_of.setdefault(district, []).append(area)
    totals: dict[tuple[str, date], list[int]] = {}
    for row in await queries.read_district_days(connection, list(area_of), first=first, last=last):
        for area in area_of[row["district"]]:
            total = totals.setdefault((area, row["day"]), [0, 0, 0])
            for place, name in enumerate(("sales", "sold_rp", "outlets")):
                total[place] += row[name]
    return [
        AreaDay(area=area, day=day, sales=sales, sold_rp=sold_rp, outlets=outlets)
        for (area, day), (sales, sold_rp, outlets) in sorted(totals.items())
    ]
