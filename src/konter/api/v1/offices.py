"""Service offices, for anybody: by place, by name, or the nearest. [D-53]"""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import PathParameter, QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of
from konter.channel.offices.find import (
    CODE_CHARS_MAX,
    PAGE_MAX,
    TEXT_CHARS_MAX,
    nearest,
    office,
    offices_in,
    offices_named,
)
from konter.channel.offices.model import Place, hours_of, is_open
from konter.channel.offices.refusals import OFFICE_NOT_FOUND
from konter.channel.territory.places import UDEG, Position
from konter.platform.forms import whole
from konter.platform.refusal import INVALID_INPUT, Refused

REGION_PATTERN = whole(r"[0-9]{2}(\.[0-9]{2}){0,2}")
AFTER_PATTERN = whole(r"[0-9.]{8}~[A-Z0-9-]{2,20}")
Latitude = Annotated[float | None, QueryParameter(ge=-90, le=90, description="degrees, north is positive")]
Longitude = Annotated[float | None, QueryParameter(ge=-180, le=180, description="degrees, east is positive")]


class OfficeView(msgspec.Struct, frozen=True, kw_only=True):
    """An office. `hours` as OpenStreetMap writes them, by the clock of `zone`; `away_m` from the position given."""

    code: str
    name: str
    address: str
    district: str
    district_name: str
    regency: str
    regency_name: str
    province_name: str
    zone: str
    latitude: float | None
    longitude: float | None
    hours: str
    open_now: bool
    services: list[str]
    away_m: int | None = None


class OfficesView(msgspec.Struct, frozen=True, kw_only=True):
    """Offices; `next` is given back as `after` for the page behind them."""

    items: list[OfficeView]
    next: str | None = None


@get("/service-offices", tags=["offices"], opt=says("anybody", module="offices"))
async def list_offices(
    request: AnyRequest,
    region: Annotated[
        str | None, QueryParameter(pattern=REGION_PATTERN, description="code of a province, regency or district")
    ] = None,
    q: Annotated[str | None, QueryParameter(min_length=1, max_length=TEXT_CHARS_MAX)] = None,
    latitude: Latitude = None,
    longitude: Longitude = None,
    after: Annotated[str | None, QueryParameter(pattern=AFTER_PATTERN)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
) -> OfficesView:
    """Exactly one of `region`, `q`, and `latitude` with `longitude`: those of a place, those that hold a text, or the
    nearest, nearest first. A position is used for the answer and kept nowhere.
    """
    position = latitude is not None and longitude is not None
    if (latitude is None) != (longitude is None) or sum((region is not None, q is not None, position)) != 1:
        raise Refused(INVALID_INPUT(field="region", reason="region | q | latitude + longitude"))
    app, now = app_of(request), app_of(request).clock.now()
    district, _, code = (after or "").partition("~")
    async with app.connection() as connection:
        if latitude is not None and longitude is not None:
            point = Position(round(latitude * UDEG), round(longitude * UDEG))
            found = await nearest(connection, point, limit=limit)
        elif q is not None:
            found = await offices_named(connection, q, after=(district, code), limit=limit)
        else:
            found = await offices_in(connection, region or "", after=(district, code), limit=limit)
    last = found[-1].office if len(found) == limit and not position else None
    return OfficesView(
        items=[
            office_view(each, open_now=is_open(hours_of(each.office.hours) or (), each.zone, now)) for each in found
        ],
        next=f"{last.district}~{last.code}" if last else None,
    )


@get("/service-offices/{code:str}", tags=["offices"], opt=says("anybody", OFFICE_NOT_FOUND, module="offices"))
async def get_office(code: Annotated[str, PathParameter(max_length=CODE_CHARS_MAX)], request: AnyRequest) -> OfficeView:
    """One office."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        found = accepted(await office(connection, code))
    return office_view(found, open_now=is_open(hours_of(found.office.hours) or (), found.zone, now))


def office_view(place: Place, *, open_now: bool) -> OfficeView:
    """An office as programs read it."""
    one = place.office
    return OfficeView(
        code=one.code,
        name=one.name,
        address=one.address,
        district=one.district,
        district_name=place.district_name,
        regency=place.regency,
        regency_name=place.regency_name,
        province_name=place.province_name,
        zone=place.zone,
        latitude=one.position.latitude_udeg / UDEG if one.position else None,
        longitude=one.position.longitude_udeg / UDEG if one.position else None,
        hours=one.hours,
        open_now=open_now,
        services=list(one.services),
        away_m=place.away_m,
    )


OFFICE_ROUTES = [list_offices, get_office]
