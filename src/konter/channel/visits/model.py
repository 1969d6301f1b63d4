"""Visit plans and rounds, and the pure decisions on them. [D-57, D-60, D-66]"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from konter.channel.model import Zone
from konter.channel.partner_users.model import PartnerUser
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.territory.places import Position
from konter.channel.visits.refusals import FIELD_SALES_NOT_FOUND
from konter.platform.ids import OutletId, UserId, VisitId
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


# Which planned outlets: all, those of today, or those where the last planned day passed without a visit.
Which = Literal["all", "today", "overdue"]
Display = Literal["good", "partly", "none"]
DISPLAYS: tuple[Display, ...] = ("good", "partly", "none")
COUNT_MAX = 100_000
NOTE_CHARS_MAX = 200


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as whoever made it files it: how our things are shown, and how many are in stock. `client_ref` is the
    form's. [D-66]
    """

    outlet_id: OutletId
    field_sales_id: UserId
    client_ref: UUID
    display: Display
    starter_packs: int
    vouchers: int
    note: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that was made; `day` by the outlet's own clock."""

    id: VisitId
    outlet_id: OutletId
    field_sales_id: UserId
    client_ref: UUID
    at: datetime
    day: date
    display: Display
    starter_packs: int
    vouchers: int
    note: str

    def same_as(self, filing: Filing) -> bool:
        """Whether the same was filed again under its ref."""
        return (self.field_sales_id, self.display, self.starter_packs, self.vouchers, self.note) == (
            filing.field_sales_id,
            filing.display,
            filing.starter_packs,
            filing.vouchers,
            filing.note,
        )


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet in a plan: who comes when, the first day on which a visit is due, and the day of the last one."""

    outlet_id: OutletId
    code: str
    name: str
    address: str
    district: str | None
    status: str
    zone: Zone
    person: UserId
    person_name: str
    weekdays: tuple[int, ...]
    due_on: date | None
    last_day: date | None

    def today(self, now: datetime) -> date:
        """The day that it is there."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def due_today(self, now: datetime) -> bool:
        """Whether today is a day of a visit."""
        return self.status == "active" and self.today(now).isoweekday() in self.weekdays

    def done_today(self, now: datetime) -> bool:
        """Whether somebody was there today."""
        return self.last_day == self.today(now)

    def overdue_since(self, now: datetime) -> date | None:
        """The first planned day that has passed without a visit on it or after; None where there is none. Only active
        outlets are waited for.
        """
        missed = self.status == "active" and self.due_on is not None and self.due_on < self.today(now)
        return self.due_on if missed else None


def filing_refusal(
    filing: Filing,
    outlets: Mapping[int, OutletOfPartner],
    people: Mapping[int, PartnerUser],
    planned: Mapping[int, int],
) -> Refusal | None:
    """Why a visit cannot be filed, or None. Only who the plan sends there files: other outlets are not found. [D-66]"""
    outlet = outlets.get(filing.outlet_id)
    if outlet is None or planned.get(filing.outlet_id) != filing.field_sales_id:
        return OUTLET_NOT_FOUND()
    if outlet.status == "terminated":
        return OUTLET_TERMINATED()
    counts = {"starter_packs": filing.starter_packs, "vouchers": filing.vouchers}
    for field, count in counts.items():
        if not 0 <= count <= COUNT_MAX:
            return INVALID_INPUT(field=field, reason=f"0-{COUNT_MAX}")
    if len(filing.note) > NOTE_CHARS_MAX or (filing.note and not filing.note.isprintable()):
        return INVALID_INPUT(field="note", reason=f"0-{NOTE_CHARS_MAX}")
    return person_refusal(people.get(filing.field_sales_id), outlet.partner_id)


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


def due_from(weekdays: Collection[int], first: date) -> date:
    """The first day of a plan from `first` on. A plan is due from the day on which it is made, and after a visit from
    the day behind it.
    """
    assert weekdays, "a plan has a day"
    return next(day for day in (first + timedelta(days=n) for n in range(SUNDAY)) if day.isoweekday() in weekdays)


def first_due(plan: Visits, zones: Mapping[int, Zone], last: Mapping[int, date], now: datetime) -> date:
    """When a plan that is made now asks for its first visit: today by the outlet's clock, if nobody was there yet."""
    today = now.astimezone(ZoneInfo(zones[plan.outlet_id])).date()
    visited = last.get(plan.outlet_id)
    return due_from(plan.weekdays, today if visited is None else max(today, visited + timedelta(days=1)))


def today_by_zone(now: datetime) -> list[tuple[Zone, int, date]]:
    """For each zone the day that it is there, as (zone, its bit in a plan, date)."""
    today = [(zone, now.astimezone(ZoneInfo(zone)).date()) for zone in ZONES]
    return [(zone, bits([day.isoweekday()]), day) for zone, day in today]
