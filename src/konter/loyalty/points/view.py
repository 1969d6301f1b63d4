"""What a customer has: points by vintage, tier, what ends soon, what is missing to more. The same for every channel.
[P-28, P-30, P-41]
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.points import queries
from konter.loyalty.points.model import POINTS
from konter.loyalty.tiers.model import month_of
from konter.loyalty.tiers.read import tier_of
from konter.loyalty.vintages import last_day
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.keys_loyalty import Poin
from konter.rules.model import Rules


class Vintage(msgspec.Struct, frozen=True, kw_only=True):
    """Points collected in a year; `expires_at` is the first moment at which they are gone, `last_day` their last."""

    year: int
    points: int
    expires_at: datetime
    last_day: date


class PointsView(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is what people are told, below zero after a reversal of what was spent; `vintages` may be redeemed, the
    soonest to end first. `tier_last_day` is None for the lowest. `month_rp` has been recharged in the running
    month and counts; `minimum_rp` is what it takes to earn, 0 for who earns by bills or not at all; `earns`: whether
    the brand collects points.
    """

    points: int
    debt: int
    vintages: tuple[Vintage, ...]
    tier: str
    tier_since: date | None
    tier_last_day: date | None
    month_rp: int
    minimum_rp: int
    earns: bool


async def points_of(
    connection: Connection, subscription_id: SubscriptionId, *, kind: str, brand: str, now: datetime, rules: Rules
) -> PointsView:
    """Three queries. `kind`: the subscription is prepaid or postpaid. Where its `brand` earns nothing there is no
    minimum to reach, in no channel. [P-28, P-30, P-41, P-43, G-P21]
    """
    earns = brand in rules.brand.earns_points
    zone = ZoneInfo(rules.poin.time_zone)
    rows = await queries.read_points(connection, subscription_id, at=now)
    standing = await tier_of(connection, subscription_id, rules=rules)
    month = month_of(business_day(now, zone))
    months = await queries.read_months(connection, subscription_id, months=[month])
    vintages = tuple(_vintage(row["balance"], row["expires_at"], rules.poin) for row in rows if row["kind"] == POINTS)
    debt = -sum(row["balance"] for row in rows if row["kind"] != POINTS)
    return PointsView(
        points=sum(each.points for each in vintages) - debt,
        debt=debt,
        vintages=vintages,
        tier=standing.tier,
        tier_since=standing.since if standing.until is not None else None,
        tier_last_day=standing.until - timedelta(days=1) if standing.until is not None else None,
        month_rp=months[0]["counted_rp"] if months else 0,
        minimum_rp=rules.poin.prepaid.min_idr if earns and kind == "prepaid" else 0,
        earns=earns,
    )


def _vintage(points: int, expires_at: datetime, poin: Poin) -> Vintage:
    day = last_day(expires_at, poin)
    return Vintage(year=day.year - 1, points=points, expires_at=expires_at, last_day=day)
