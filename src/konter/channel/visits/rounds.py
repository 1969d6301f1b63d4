"""Where a field-sales person goes, for pages. One query each. [D-57, D-64, D-66]"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.channel.scope import Scope, reach_of
from konter.channel.visits import queries
from konter.channel.visits.model import Planned, Stop, Visit, Visits, Which, today_by_zone
from konter.platform.db import Connection
from konter.platform.ids import OutletId, UserId

ROUND_MAX = 500
PAGE_MAX = 200


async def round_of(connection: Connection, field_sales_id: UserId, *, now: datetime) -> list[Stop]:
    """The active outlets to be visited today, each by the day that it is there; by district and name, at most 500."""
    return await queries.read_round(connection, field_sales_id, today_by_zone(now), limit=ROUND_MAX)


async def stops_of(
    connection: Connection, field_sales_id: UserId, *, after: OutletId | None = None, limit: int = 50
) -> list[Stop]:
    """All outlets that a person visits, on whichever day; by id, the next page from behind `after`."""
    return await queries.read_stops(connection, field_sales_id, after=after or 0, limit=min(limit, PAGE_MAX))


async def visits_of(connection: Connection, outlet_ids: Sequence[OutletId]) -> dict[OutletId, Visits]:
    """Who comes to each of these outlets; absent where nobody does."""
    return {each.outlet_id: each for each in await queries.read_visits(connection, outlet_ids)}


async def planned_visits(
    connection: Connection,
    which: Which,
    *,
    scope: Scope,
    now: datetime,
    person: UserId | None = None,
    after: OutletId | None = None,
    limit: int = 50,
) -> list[Planned]:
    """Who comes where and when within a scope, of one person if said, and when somebody was there last; pages by outlet
    id, what is overdue the longest first. Two queries.
    """
    reach = await reach_of(connection, msgspec.structs.replace(scope, outlet_id=None))
    return await queries.read_planned(
        connection,
        which,
        reach=reach,
        outlet_id=scope.outlet_id,
        person=person,
        today=today_by_zone(now),
        after=after or 0,
        limit=min(limit, ROUND_MAX),
    )


async def last_visits(connection: Connection, outlet_id: OutletId, *, limit: int = 5) -> list[Visit]:
    """An outlet's visits with their surveys, the newest first. [D-66]"""
    return await queries.read_last_visits(connection, outlet_id, limit=min(limit, PAGE_MAX))
