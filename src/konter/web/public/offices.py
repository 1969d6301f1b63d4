"""Find a service office: for anybody, and for an outlet from its own place. [D-53]"""

from collections.abc import Sequence
from datetime import datetime

from litestar import get, post
from litestar.params import FromQuery

from konter.channel.offices.find import (
    nearest,
    nearest_to_outlet,
    offices_by_province,
    offices_in,
    offices_named,
)
from konter.channel.offices.model import Hours, Place, hours_of, is_open, position_of
from konter.platform.db import Connection
from konter.web.app import AnyRequest, app_of
from konter.web.modules import MODULE, open_to_anybody
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, page, posted, words
from konter.web.public.views import OfficeLine, OfficesView, ProvinceLine
from konter.web.views import Alert
from konter.web.visit import visit
from konter.web.words import Words

PUBLIC, OWN = "/kantor-layanan", "/outlet/kantor-layanan"
PAGE = 20
NEAR = 5
CODE_CHARS_MAX = 13
TEXT_CHARS_MAX = 60
KM_M = 1_000
FAR_M = 10_000  # from here on nobody needs tenths of a kilometre


@get(PUBLIC, include_in_schema=False, opt={MODULE: "offices"}, guards=[open_to_anybody])
async def offices_page(
    request: AnyRequest, cari: FromQuery[str] = "", daerah: FromQuery[str] = "", dari: FromQuery[str] = ""
) -> AnyPage:
    """By name, by province and city, or all provinces to choose from."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        view = await _listed(connection, words(request), here.now, PUBLIC, (cari, daerah, dari))
    return page(request, "public/offices.html", view)


@get(OWN, include_in_schema=False, opt={MODULE: "offices"})
async def outlet_offices_page(
    request: AnyRequest, cari: FromQuery[str] = "", daerah: FromQuery[str] = "", dari: FromQuery[str] = ""
) -> AnyPage:
    """The same for a seller; before anything is asked, the nearest to the outlet."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        if cari.strip() or daerah:
            view = await _listed(connection, words(request), here.now, OWN, (cari, daerah, dari))
        else:
            near = await nearest_to_outlet(connection, found.outlet_id, limit=NEAR)
            view = await _start(connection, words(request), here.now, OWN, near, "offices.nearest_outlet")
    return page(request, "public/offices.html", view)


@post(PUBLIC, include_in_schema=False, opt={MODULE: "offices"}, guards=[open_to_anybody])
async def nearest_post(request: AnyRequest) -> AnyPage:
    """The nearest to where the phone says it is. Posted, so that no address and no log holds where somebody was."""
    return await _near(request, PUBLIC)


@post(OWN, include_in_schema=False, opt={MODULE: "offices"})
async def outlet_nearest_post(request: AnyRequest) -> AnyPage:
    """The same on the outlet's page."""
    return await _near(request, OWN)


async def _near(request: AnyRequest, root: str) -> AnyPage:
    form = await posted(request)
    position = position_of(form.text("lat")[:TEXT_CHARS_MAX], form.text("lon")[:TEXT_CHARS_MAX])
    speech = words(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        if root == OWN:
            await seller(request, connection, here)
        if position is None:
            alert = Alert(tone="warn", sentence=speech.t("offices.here_failed"))
            view = await _start(connection, speech, here.now, root, (), "", alert)
            return page(request, "public/offices.html", view, status=422)
        near = await nearest(connection, position, limit=NEAR)
        view = await _start(connection, speech, here.now, root, near, "offices.nearest")
    return page(request, "public/offices.html", view)


async def _start(
    connection: Connection,
    speech: Words,
    now: datetime,
    root: str,
    near: Sequence[Place],
    title_key: str,
    alert: Alert | None = None,
) -> OfficesView:
    """The nearest, and the provinces to choose from."""
    counted = await offices_by_province(connection)
    return OfficesView(
        root=root,
        q="",
        title=speech.t(title_key) if near else "",
        offices=tuple(office_line(speech, each, now) for each in near),
        provinces=tuple(
            ProvinceLine(
                href=f"{root}?daerah={code}",
                name=name,
                count=speech.t("offices.count_one") if count == 1 else speech.t("offices.count", n=count),
            )
            for code, name, count in counted
        ),
        alert=alert,
    )


async def _listed(
    connection: Connection, speech: Words, now: datetime, root: str, asked: tuple[str, str, str]
) -> OfficesView:
    """What was searched for, or what lies in a place; 20 at a time. `dari` is where the page before ended."""
    text, region, begin = " ".join(asked[0].split())[:TEXT_CHARS_MAX], asked[1][:CODE_CHARS_MAX], asked[2]
    if not text and not region:
        return await _start(connection, speech, now, root, (), "")
    after = _after(begin)
    if text:
        found = await offices_named(connection, text, after=after, limit=PAGE + 1)
    else:
        found = await offices_in(connection, region, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    last = f"{shown[-1].office.district}~{shown[-1].office.code}" if len(found) > PAGE else ""
    return OfficesView(
        root=root,
        q=text,
        region=region,
        title=speech.t("offices.found", q=text) if text else _place_name(region, shown),
        offices=tuple(office_line(speech, each, now) for each in shown),
        provinces=(),
        listed=True,
        next_from=last,
    )


def _after(begin: str) -> tuple[str, str]:
    district, _, code = begin[:40].partition("~")
    return (district, code) if begin.isprintable() else ("", "")


def _place_name(region: str, shown: Sequence[Place]) -> str:
    """What lies there says how the place is called; a whole province by its own name."""
    if not shown:
        return ""
    return shown[0].regency_name if region.count(".") else shown[0].province_name


def office_line(speech: Words, place: Place, now: datetime) -> OfficeLine:
    """An office as a list shows it."""
    office = place.office
    hours = hours_of(office.hours) or ()
    return OfficeLine(
        name=office.name,
        address=office.address,
        place=f"{place.district_name}, {place.regency_name}",
        hours=tuple(_hours(speech, each) for each in hours),
        zone_name=Words(speech.locale, place.zone).zone_name,
        services=", ".join(speech.t(f"offices.service.{each}") for each in office.services),
        away=_away(speech, place.away_m),
        open=is_open(hours, place.zone, now),
    )


def _hours(speech: Words, hours: Hours) -> tuple[str, str]:
    """Days and times."""
    days = speech.t("offices.days").split()
    first, last = days[hours.first], days[hours.last]
    clocks = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (hours.opens_min, hours.closes_min)]
    return (first if first == last else speech.t("offices.until", first=first, last=last), "-".join(clocks))


def _away(speech: Words, away_m: int | None) -> str:
    if away_m is None:
        return ""
    if away_m < KM_M:
        return speech.t("offices.away_m", m=max(10, away_m // 10 * 10))
    km = f"{away_m // KM_M}" if away_m >= FAR_M else f"{away_m / KM_M:.1f}"
    return speech.t("offices.away_km", km=km.replace(".", ",") if speech.locale == "id" else km)


OFFICE_PAGES = [offices_page, nearest_post]
OUTLET_OFFICE_PAGES = [outlet_offices_page, outlet_nearest_post]
