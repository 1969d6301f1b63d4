"""Service offices, when they are open, and what a file says of them. Pure. [D-53]"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from konter.channel.importing.sheet import CELL_SHOWN_MAX, Fault, Line
from konter.channel.model import ADDRESS_CHARS_MAX, NAME_CHARS_MAX, Zone
from konter.channel.territory.places import LATITUDE_MAX_UDEG, LONGITUDE_MAX_UDEG, UDEG, Position

Service = Literal[
    "sim_replacement", "sim_migration", "registration", "complaint", "bill_payment", "postpaid", "seller_help"
]
SERVICES: tuple[Service, ...] = (
    "sim_replacement",
    "sim_migration",
    "registration",
    "complaint",
    "bill_payment",
    "postpaid",
    "seller_help",
)
Status = Literal["open", "closed"]
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
PARTS_MAX = 7
HOUR_MIN = 60
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
_PART = re.compile(
    r"(Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))? ([0-2][0-9]:[0-5][0-9])-([0-2][0-9]:[0-5][0-9])"
)
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_END_MIN = 24 * HOUR_MIN


class Hours(msgspec.Struct, frozen=True):
    """Open on days from `first` to `last` (0 is Monday), between two times of the day in minutes."""

    first: int
    last: int
    opens_min: int
    closes_min: int


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """An office as it stands. `hours` is kept as written; see `hours_of`."""

    code: str
    name: str
    address: str
    district: str
    position: Position | None
    hours: str
    services: tuple[str, ...]
    status: Status = "open"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An office with where it lies, as a list shows it. `away_m`: from whoever asks, where both positions are known."""

    office: Office
    district_name: str
    regency: str
    regency_name: str
    province_name: str
    zone: Zone
    away_m: int | None = None


def hours_of(text: str) -> tuple[Hours, ...] | None:
    """When it is open, from `Mo-Fr 08:00-16:00; Sa 09:00-13:00`; None for what says no such thing."""
    parts = [part.strip() for part in text.split(";")]
    found = [_PART.fullmatch(part) for part in parts]
    if not 1 <= len(found) <= PARTS_MAX:
        return None
    hours = []
    for part in found:
        if part is None:
            return None
        first = DAYS.index(part[1])
        last = DAYS.index(part[2]) if part[2] else first
        each = Hours(first, last, _minutes(part[3]), _minutes(part[4]))
        if each.last < each.first or not each.opens_min < each.closes_min <= _END_MIN:
            return None
        hours.append(each)
    return tuple(hours)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * HOUR_MIN + int(clock[3:])


def is_open(hours: Sequence[Hours], zone: Zone, now: datetime) -> bool:
    """Whether somebody is there at this moment, by the office's own clock. Holidays are not known."""
    there = now.astimezone(ZoneInfo(zone))
    minute = there.hour * HOUR_MIN + there.minute
    return any(
        each.first <= there.weekday() <= each.last and each.opens_min <= minute < each.closes_min for each in hours
    )


def office_of(line: Line, districts: Mapping[str, Zone]) -> Office | list[Fault]:
    """An office from a row, or all that is wrong with the row."""
    code, name, address = line.required("code"), line.required("name"), line.required("address")
    district, hours = line.required("district"), " ".join(line.required("hours").split())
    if code and not _CODE.fullmatch(code):
        line.fault("code", "not_a_code", value=code[:CELL_SHOWN_MAX])
    for column, text, most in (("name", name, NAME_CHARS_MAX), ("address", address, ADDRESS_CHARS_MAX)):
        if len(text) > most:
            line.fault(column, "too_long", max=most)
    if district and district not in districts:
        line.fault("district", "no_district", value=district[:CELL_SHOWN_MAX])
    if hours and hours_of(hours) is None:
        line.fault("hours", "not_hours", value=hours[:CELL_SHOWN_MAX])
    services = _services(line)
    position = _position(line)
    status: Status = "closed" if line.one_of("status", ("open", "closed"), "open") == "closed" else "open"
    return line.faults or Office(
        code=code,
        name=name,
        address=address,
        district=district,
        position=position,
        hours=hours,
        services=services,
        status=status,
    )


def _services(line: Line) -> tuple[Service, ...]:
    """In the order of all services, each once."""
    said = set(line.required("services").split())
    for word in sorted(said - set(SERVICES)):
        line.fault("services", "not_one_of", value=word[:CELL_SHOWN_MAX], allowed=", ".join(SERVICES))
    return tuple(each for each in SERVICES if each in said)


def _position(line: Line) -> Position | None:
    """Degrees to millionths; both or none."""
    north, east = line.text("latitude"), line.text("longitude")
    if not north and not east:
        return None
    latitude = _udeg(line, "latitude", north, LATITUDE_MAX_UDEG)
    longitude = _udeg(line, "longitude", east, LONGITUDE_MAX_UDEG)
    return Position(latitude, longitude) if latitude is not None and longitude is not None else None


def _udeg(line: Line, column: str, text: str, most: int) -> int | None:
    value = udeg_of(text, most)
    if value is None:
        line.fault(column, "not_degrees", value=text[:CELL_SHOWN_MAX])
    return value


def udeg_of(text: str, most: int) -> int | None:
    """`-6.914700` as millionths of a degree; None for what is no number or not on Earth."""
    if not _DEGREES.fullmatch(text):
        return None
    value = round(float(text) * UDEG)
    return value if abs(value) <= most else None


def position_of(latitude: str, longitude: str) -> Position | None:
    """A point from two texts in degrees, or None for anything else."""
    north, east = udeg_of(latitude, LATITUDE_MAX_UDEG), udeg_of(longitude, LONGITUDE_MAX_UDEG)
    return Position(north, east) if north is not None and east is not None else None
