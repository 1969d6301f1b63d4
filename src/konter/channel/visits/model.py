"""Visit plans and rounds, and the pure decisions on them. [D-57, D-60, D-66]"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from konter.channel.model import Zone
from konter.channel.partner_users.model import PartnerUser
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.territory.places import Position
from konter.channel.visits.refusals import FIELD_SALES_NOT_FOUND
from konter.platform.ids import OutletId, UserId
from konter.platform.refusal import INVALID_INPUT, Refusal

ZONES: tuple[Zone, ...] = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
SUNDAY = 7


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes to an outlet on which days: 1 is Monday, 7 Sunday."""

    outlet_id: OutletId
    field_sales_id: UserId
    weekdays: tuple[int, ...]


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet on somebody's round."""

    outlet_id: OutletId
    code: str
    name: str
    address: str
    district: str | None
    status: str
    zone: Zone
    position: Position | None
    weekdays: tuple[int, ...]


class OutletOfPartner(msgspec.Struct, frozen=True):
    """Whose an outlet is, and whether it still is one."""

    partner_id: int
    status: str


def visits_refusal(
    wanted: Visits, outlets: Mapping[int, OutletOfPartner], people: Mapping[int, PartnerUser]
) -> Refusal | None:
    """Why this plan may not be made, or None. Who is of another partner is simply not found. [D-57, D-60]"""
    if not wanted.weekdays or any(not 1 <= day <= SUNDAY for day in wanted.weekdays):
        return INVALID_INPUT(field="weekdays", reason="1-7")
    outlet = outlets.get(wanted.outlet_id)
    if outlet is None:
        return OUTLET_NOT_FOUND()
    if outlet.status == "terminated":
        return OUTLET_TERMINATED()
    return person_refusal(people.get(wanted.field_sales_id), outlet.partner_id)


def person_refusal(person: PartnerUser | None, partner_id: int) -> Refusal | None:
    """Whether somebody does field sales for a partner now."""
    fits = (
        person is not None
        and person.partner_id == partner_id
        and person.role == "SBP_FIELD_SALES"
        and person.status == "active"
    )
    return None if fits else FIELD_SALES_NOT_FOUND()


def bits(weekdays: Iterable[int]) -> int:
    """Days of the week as the table keeps them."""
    return sum({1 << (day - 1) for day in weekdays})


def days(kept: int) -> tuple[int, ...]:
    """The days that a row means, Monday first."""
    return tuple(day for day in range(1, SUNDAY + 1) if kept & 1 << (day - 1))


def today_by_zone(now: datetime) -> list[tuple[Zone, int]]:
    """For each zone the bit of the day that it is there."""
    return [(zone, bits([now.astimezone(ZoneInfo(zone)).isoweekday()])) for zone in ZONES]
