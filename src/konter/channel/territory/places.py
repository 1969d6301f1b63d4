"""Where outlets stand, who may have one there, and how far from it somebody is. Pure. [D-29, D-57, G-D08, G-D28]"""

import math
from collections.abc import Mapping

import msgspec

from konter.channel.territory.refusals import OUT_OF_AREA, UNKNOWN_DISTRICT
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.rules.keys import Outlet as OutletRules

EARTH_M = 6_371_000
UDEG = 1_000_000
LATITUDE_MAX_UDEG, LONGITUDE_MAX_UDEG = 90 * UDEG, 180 * UDEG


class Position(msgspec.Struct, frozen=True):
    """A point on Earth in millionths of a degree: north and east are positive."""

    latitude_udeg: int
    longitude_udeg: int


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether a partner may have an outlet in a place, locked until the decision is written."""

    zones: Mapping[str, str]  # of every district asked about that there is
    clusters: Mapping[str, str]  # district -> cluster
    served: Mapping[int, frozenset[str]]  # partner -> the clusters in which it has a depot

    def refusal_for(self, partner_id: int, district: str | None) -> Refusal | None:
        """Why this partner may have no outlet there, or None; who names no district is not asked. [D-57, G-D08]"""
        if district is None:
            return None
        if district not in self.zones:
            return UNKNOWN_DISTRICT(district=district)
        if self.clusters.get(district) not in self.served.get(partner_id, frozenset()):
            return OUT_OF_AREA(district=district)
        return None


NO_GROUNDS = Grounds(zones={}, clusters={}, served={})


def position_refusal(position: Position | None) -> Refusal | None:
    """A position that is not on Earth."""
    if position is None:
        return None
    if abs(position.latitude_udeg) > LATITUDE_MAX_UDEG or abs(position.longitude_udeg) > LONGITUDE_MAX_UDEG:
        return INVALID_INPUT(field="position", reason="-90..90, -180..180")
    return None


def distance_m(one: Position, other: Position) -> int:
    """Metres between two points along the Earth's surface, by the haversine formula; good to half a percent."""
    north, north_other = (math.radians(each.latitude_udeg / UDEG) for each in (one, other))
    east = math.radians((other.longitude_udeg - one.longitude_udeg) / UDEG)
    half = math.sin((north_other - north) / 2) ** 2 + math.cos(north) * math.cos(north_other) * math.sin(east / 2) ** 2
    return round(2 * EARTH_M * math.asin(math.sqrt(min(1.0, half))))


def geofence_flag(outlet: Position | None, seen: Position | None, rules: OutletRules) -> int | None:
    """How many metres from its outlet somebody logs in, when that is more than the rule allows; else None.

    A flag for people to look at, never a refusal: positions are rough indoors and easily made up. [D-29, G-D28]
    """
    if outlet is None or seen is None or rules.geofence_action == "off":
        return None
    away_m = distance_m(outlet, seen)
    return away_m if away_m > rules.geofence_m else None
