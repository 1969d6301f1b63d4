"""Points earned, spent and ending, day by day and by vintage, and what is owed to customers. [P-16, P-17, P-43]"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.points import queries
from konter.platform.clock import day_start
from konter.platform.db import Connection, allow_long_work
from konter.rules.model import Rules

DEBTS = 0  # in the place of a vintage
DAYS_MAX = 400


class PointDay(msgspec.Struct, frozen=True, kw_only=True):
    """What moved points of a vintage on a day; 0 for debts. `expired` holds what was forfeited too."""

    day: date
    vintage: int
    granted: int
    taken_back: int
    redeemed: int
    expired: int


async def roll_up_points(connection: Connection, day: date, *, rules: Rules) -> None:
    """Add up a day that is over where the programme is at home; again replaces it."""
    zone = ZoneInfo(rules.poin.time_zone)
    async with connection.transaction():
        await allow_long_work(connection)
        await queries.write_day(
            connection,
            day=day,
            begin=day_start(day, zone),
            end=day_start(day + timedelta(days=1), zone),
            zone=rules.poin.time_zone,
        )


async def point_days(connection: Connection, *, first: date, last: date) -> list[PointDay]:
    """What moved points on some days, the last included; at most the 400 before it too."""
    first = max(first, last - timedelta(days=DAYS_MAX))
    return [PointDay(**dict(row)) for row in await queries.read_days(connection, first=first, last=last)]


async def liability(connection: Connection, *, last: date) -> dict[int, int]:
    """Points that customers held at the end of a day by vintage, what is owed back under 0 and below zero."""
    return {row["vintage"]: row["points"] for row in await queries.read_liability(connection, last=last)}
