"""How customers move between tiers, month by month, and how many are in each: added up after each day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.tiers import queries
from konter.loyalty.tiers.model import Cause
from konter.platform.clock import day_start
from konter.platform.db import Connection, allow_long_work
from konter.rules.model import Rules

MONTHS_MAX = 24


class TierFlow(msgspec.Struct, frozen=True, kw_only=True):
    """So many customers of a tier came to another one, or to the same anew, from a day of the month that began on
    `month`.
    """

    month: date
    tier_before: str
    tier: str
    cause: Cause
    changes: int


class TierStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers each tier had on a day, low to high as the rules have them."""

    day: date
    customers: dict[str, int]


async def roll_up_tiers(connection: Connection, day: date, *, rules: Rules, standing: bool = True) -> None:
    """Add up a day that is over where the programme is at home, and the days before it from which on tiers hold that
    were written only then; again replaces them. `standing`: count the whole base too, by the tiers of that day.
    """
    zone = ZoneInfo(rules.poin.time_zone)
    async with connection.transaction():
        await allow_long_work(connection)
        begin, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        late = await queries.read_changed_days(connection, begin=begin, end=end)
        await queries.write_tier_days(connection, days=sorted({day, *late}))
        if standing:
            await queries.write_tier_standing(connection, day=day, lowest=rules.tier.names[0])


async def tier_flows(connection: Connection, *, first: date, last: date) -> list[TierFlow]:
    """Flows of the months between two days, the last included; at most 24 months."""
    first = max(first, last - timedelta(days=31 * MONTHS_MAX))
    rows = await queries.read_tier_flows(connection, first=first, last=last)
    return [TierFlow(**dict(row)) for row in rows]


async def tier_standing(connection: Connection, *, rules: Rules) -> TierStanding | None:
    """The newest count; None before the first night. A tier that the rules no longer name comes last."""
    rows = await queries.read_tier_standing(connection)
    if not rows:
        return None
    counted = {row["tier"]: row["customers"] for row in rows}
    names = [*rules.tier.names, *(each for each in sorted(counted) if each not in rules.tier.names)]
    return TierStanding(day=rows[0]["day"], customers={name: counted.get(name, 0) for name in names})
