"""The channel by area: the tree with its outlets counted, and the provinces on a map. [D-57]"""

from collections.abc import Sequence

from litestar import Response, get
from litestar.params import FromQuery

from konter.access.staff.people import note_export
from konter.channel.directory.find import outlets_by_province
from konter.channel.model import NewArea
from konter.channel.scope import scope_of
from konter.channel.territory.model import AreaCount, OutletLine
from konter.channel.territory.read import outlets_by_area, outlets_of_area, path_of_area
from konter.platform.money import thousands
from konter.platform.refusal import NOT_FOUND, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.outlet_lists import TONES
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.tiles import outlet_map
from konter.web.desk.views import AreaView, Bar, Cell, Chart, Column, Crumb, Table
from konter.web.office.channel.activity import area_charts
from konter.web.office.places import AREAS, OFFICE, OUTLETS
from konter.web.pages import id_of

PAGE = 50
CODE_CHARS_MAX = 40


@get("/office/wilayah", include_in_schema=False)
async def areas_page(
    request: AnyRequest, kode: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """What lies right under an area, or the whole operator; where nothing does, its outlets."""
    code = kode[:CODE_CHARS_MAX] or None
    after = id_of(dari)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, AREAS)
        code = code or found.who.area or None  # who acts in a part of the tree begins there
        path = await path_of_area(connection, code) if code else []
        if found.who.area and found.who.area not in {each.code for each in path}:
            raise Refused(NOT_FOUND())
        counted = await outlets_by_area(connection, code)
        outlets = await outlets_of_area(connection, code, after=after, limit=PAGE) if code else []
        provinces = await outlets_by_province(connection, scope=scope_of(found.who)) if code is None else []
        activity = await area_charts(connection, found, code)
        if bentuk == "csv" and found.may("lists.export"):
            here = found.here
            await note_export(connection, "areas", len(counted), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer("wilayah", _columns(found), [_row(found, each) for each in counted])
    words = found.words
    view = AreaView(
        title=path[-1].name if path else words.t("office.areas.title"),
        note=words.t("office.areas.note", at=words.clocks(found.here.now)),
        path=_crumbs(found, path),
        charts=(_chart(found, counted), *activity) if counted else (),
        table=_table(found, counted, code),
        outlets=_outlets(found, outlets, code, after) if code else None,
        map=outlet_map(words, provinces) if provinces else None,
    )
    return desk_page(request, OFFICE, "desk/areas.html", view)


def _crumbs(found: Member, path: Sequence[NewArea]) -> tuple[Crumb, ...]:
    if not path:
        return ()
    top = Crumb(name=found.words.t("office.areas.title"), href=AREAS.href)
    return (top, *(Crumb(name=each.name, href=address(AREAS.href, kode=each.code)) for each in path[:-1]))


def _columns(found: Member) -> tuple[Column, ...]:
    words = found.words
    statuses = ("active", "suspended", "terminated")
    return (
        Column(name=words.t("desk.outlet.area")),
        Column(name=words.t("office.areas.level")),
        *(Column(name=words.t(f"desk.outlet_status.{each}"), num=True) for each in statuses),
    )


def _row(found: Member, each: AreaCount) -> tuple[Cell, ...]:
    area = each.area
    return (
        Cell(text=area.name, href=address(AREAS.href, kode=area.code), sub=area.code),
        Cell(text=found.words.t(f"office.area_level.{area.level}")),
        Cell(text=thousands(each.active)),
        Cell(text=thousands(each.suspended)),
        Cell(text=thousands(each.terminated)),
    )


def _table(found: Member, counted: Sequence[AreaCount], code: str | None) -> Table:
    words = found.words
    return Table(
        id="areas",
        title=words.t("office.areas.under"),
        columns=_columns(found),
        rows=tuple(_row(found, each) for each in counted),
        empty=words.t("office.areas.none"),
        csv_href=address(AREAS.href, kode=code or "", bentuk="csv") if found.may("lists.export") else "",
    )


def _chart(found: Member, counted: Sequence[AreaCount]) -> Chart:
    most = max(each.active for each in counted) or 1
    ordered = sorted(counted, key=lambda each: -each.active)
    return Chart(
        id="by-area",
        title=found.words.t("office.areas.chart"),
        bars=tuple(
            Bar(
                label=each.area.name,
                value=each.active,
                text=thousands(each.active),
                share=1000 * each.active // most,
                href=address(AREAS.href, kode=each.area.code),
            )
            for each in ordered
        ),
        table=_table(found, ordered, None),
    )


def _outlets(found: Member, outlets: Sequence[OutletLine], code: str | None, after: int) -> Table:
    words = found.words
    last = outlets[-1].id if len(outlets) == PAGE else None
    return Table(
        id="outlets",
        title=words.t("desk.outlet.list"),
        columns=tuple(
            Column(name=words.t(key))
            for key in ("desk.outlet.name", "desk.outlet.code", "desk.outlet.kind", "desk.column.state")
        ),
        rows=tuple(
            (
                Cell(text=each.name, href=f"{OUTLETS.href}/{each.id}"),
                Cell(text=each.code),
                Cell(text=words.known(f"desk.outlet_kind.{each.kind}", each.kind), sub=words.segment(each.segment)),
                Cell(text=words.t(f"desk.outlet_status.{each.status}"), badge=TONES.get(each.status, "plain")),
            )
            for each in outlets
        ),
        empty=words.t("office.areas.no_outlets"),
        next_href=address(AREAS.href, kode=code, dari=last) if last else "",
        first_href=address(AREAS.href, kode=code) if after else "",
    )


AREA_ROUTES = [areas_page]
