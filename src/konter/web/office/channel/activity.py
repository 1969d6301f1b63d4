"""Pictures of what happens where: sales of the last days and applications that wait, by area. [D-57]"""

from collections.abc import Mapping
from datetime import timedelta

from konter.channel.onboarding.queues.by_area import AreaApplications, applications_by_area
from konter.channel.territory.read import areas_under
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.money import rupiah, thousands
from konter.sales.activity.by_area import AreaDay, activity_by_area
from konter.web.desk.frame import Member
from konter.web.desk.tables import address
from konter.web.desk.views import Bar, Cell, Chart, Column, Table
from konter.web.office.places import AREAS

DAYS = 7


async def area_charts(connection: Connection, found: Member, parent: str | None) -> tuple[Chart, ...]:
    """Two charts of what lies right under an area, or at the top; none where nothing does.

    The sales are those of the last seven days that are over in WIB, as the night's job has added them up.
    """
    names = {area.code: area.name for area in await areas_under(connection, parent)}
    if not names:
        return ()
    last = business_day(found.here.now) - timedelta(days=1)
    days = await activity_by_area(connection, parent, first=last - timedelta(days=DAYS - 1), last=last)
    return (_sales(found, names, days), _applications(found, names, await applications_by_area(connection, parent)))


def _sales(found: Member, names: Mapping[str, str], days: list[AreaDay]) -> Chart:
    words = found.words
    sales, sold_rp, outlets = (dict.fromkeys(names, 0) for _ in range(3))
    for each in days:
        sales[each.area] += each.sales
        sold_rp[each.area] += each.sold_rp
        outlets[each.area] = max(outlets[each.area], each.outlets)
    ordered = sorted(names, key=lambda area: (-sales[area], area))
    most = max(sales.values()) or 1
    title = words.t("office.activity.sales", n=DAYS)
    keys = ("desk.outlet.area", "office.activity.count", "office.activity.sold", "office.activity.outlets")
    return Chart(
        id="activity",
        title=title,
        bars=tuple(
            Bar(
                label=names[area],
                value=sales[area],
                text=thousands(sales[area]),
                share=1000 * sales[area] // most,
                href=address(AREAS.href, kode=area),
                tone="ok",
            )
            for area in ordered
        ),
        table=Table(
            id="activity-table",
            title=title,
            columns=tuple(Column(name=words.t(key), num=key != keys[0]) for key in keys),
            rows=tuple(
                (
                    Cell(text=names[area], href=address(AREAS.href, kode=area)),
                    Cell(text=thousands(sales[area])),
                    Cell(text=rupiah(sold_rp[area])),
                    Cell(text=thousands(outlets[area])),
                )
                for area in ordered
            ),
            empty=words.t("office.areas.none"),
        ),
    )


def _applications(found: Member, names: Mapping[str, str], counted: list[AreaApplications]) -> Chart:
    words = found.words
    ordered = sorted(counted, key=lambda each: (-each.submitted - each.recommended, each.area))
    most = max((each.submitted + each.recommended for each in counted), default=0) or 1
    title = words.t("office.activity.applications")
    keys = ("desk.outlet.area", "desk.application_state.submitted", "desk.application_state.recommended")
    return Chart(
        id="applications-by-area",
        title=title,
        bars=tuple(
            Bar(
                label=names[each.area],
                value=each.submitted + each.recommended,
                text=thousands(each.submitted + each.recommended),
                share=1000 * (each.submitted + each.recommended) // most,
                href=address(AREAS.href, kode=each.area),
            )
            for each in ordered
        ),
        table=Table(
            id="applications-by-area-table",
            title=title,
            columns=tuple(Column(name=words.t(key), num=key != keys[0]) for key in keys),
            rows=tuple(
                (
                    Cell(text=names[each.area], href=address(AREAS.href, kode=each.area)),
                    Cell(text=thousands(each.submitted)),
                    Cell(text=thousands(each.recommended)),
                )
                for each in ordered
            ),
            empty=words.t("office.areas.none"),
        ),
    )
