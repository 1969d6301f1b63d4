"""Outlets in a list, by name: filters, paging, CSV. The same for staff and, narrowed to its own, for a partner."""

from collections.abc import Mapping

from litestar import Response

from konter.access.staff.people import note_export
from konter.channel.directory.find import search_outlets
from konter.channel.directory.model import PREFIX_MIN, OutletFound, OutletStatus
from konter.channel.scope import Scope
from konter.platform.db import Connection
from konter.web.desk.frame import Member
from konter.web.desk.tables import CSV_ROWS_MAX, address, csv_answer
from konter.web.desk.views import BadgeTone, Cell, Choice, Column, Filter, Table

PAGE = 50
CSV_PAGE = 200
PLACE_CHARS_MAX = 120
ID_DIGITS_MAX = 18
STATUSES: tuple[OutletStatus, ...] = ("active", "suspended", "terminated")
TONES: Mapping[str, BadgeTone] = {"active": "ok", "suspended": "warn", "terminated": "error"}


def place_of(text: str) -> tuple[str, int] | None:
    """Where a page begins, as the link to it says: id and name."""
    id_, _, name = text[:PLACE_CHARS_MAX].partition("-")
    known = id_.isascii() and id_.isdigit() and len(id_) <= ID_DIGITS_MAX and name.isprintable()
    return (name, int(id_)) if known else None


async def outlets_table(
    connection: Connection,
    found: Member,
    href: str,
    query: Mapping[str, str],
    *,
    scope: Scope,
    exports: bool,
) -> Table | Response[bytes]:
    """The table, or the file where that is asked for. `query`: cari, status, dari, bentuk as they were typed."""
    words, typed = found.words, query["cari"].strip()
    status = next((each for each in STATUSES if each == query["status"]), None)
    if query["bentuk"] == "csv" and exports:
        return await _csv(connection, found, typed, status, scope)
    after = place_of(query["dari"])
    page = await search_outlets(connection, typed, scope=scope, status=status, after=after, limit=PAGE)
    kept = {"cari": typed, "status": status or ""}
    short = bool(typed) and not page.outlets and len(typed) < PREFIX_MIN
    return Table(
        id="outlets",
        title=words.t("desk.outlet.list"),
        columns=_columns(found, with_partner=scope.partner_id is None),
        rows=tuple(_row(found, each, href, with_partner=scope.partner_id is None) for each in page.outlets),
        empty=words.t("desk.outlet.too_short" if short else "desk.outlet.none"),
        action=href,
        filters=_filters(found, typed, status or ""),
        next_href=address(href, **kept, dari=f"{page.after[1]}-{page.after[0]}") if page.after else "",
        first_href=address(href, **kept) if after else "",
        csv_href=address(href, **kept, bentuk="csv") if exports else "",
    )


async def _csv(
    connection: Connection, found: Member, typed: str, status: OutletStatus | None, scope: Scope
) -> Response[bytes]:
    rows, after = list[OutletFound](), None
    while len(rows) < CSV_ROWS_MAX:
        page = await search_outlets(connection, typed, scope=scope, status=status, after=after, limit=CSV_PAGE)
        rows += page.outlets
        if (after := page.after) is None:
            break
    here, with_partner = found.here, scope.partner_id is None
    await note_export(connection, "outlets", len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
    cells = [_row(found, each, "", with_partner=with_partner) for each in rows]
    return csv_answer("outlet", _columns(found, with_partner=with_partner), cells)


def _columns(found: Member, *, with_partner: bool) -> tuple[Column, ...]:
    words = found.words
    partner = (Column(name=words.t("desk.partner.title")),) if with_partner else ()
    return (
        Column(name=words.t("desk.outlet.name"), sorted="ascending"),
        Column(name=words.t("desk.outlet.code")),
        *partner,
        Column(name=words.t("desk.outlet.kind")),
        Column(name=words.t("desk.column.state")),
        Column(name=words.t("desk.outlet.opened")),
    )


def _row(found: Member, each: OutletFound, href: str, *, with_partner: bool) -> tuple[Cell, ...]:
    words = found.words
    partner = (Cell(text=each.partner_name, href=f"/office/mitra/{each.partner_id}"),) if with_partner else ()
    return (
        Cell(text=each.name, href=f"{href}/{each.id}"),
        Cell(text=each.code),
        *partner,
        Cell(text=words.known(f"desk.outlet_kind.{each.kind}", each.kind), sub=each.segment),
        Cell(text=words.t(f"desk.outlet_status.{each.status}"), badge=TONES.get(each.status, "plain")),
        Cell(text=words.date(each.opened_at)),
    )


def _filters(found: Member, typed: str, status: str) -> tuple[Filter, ...]:
    words = found.words
    choices = [Choice(value=each, name=words.t(f"desk.outlet_status.{each}")) for each in STATUSES]
    return (
        Filter(name="cari", label=words.t("desk.outlet.search"), kind="text", value=typed),
        Filter(
            name="status",
            label=words.t("desk.column.state"),
            value=status,
            choices=(Choice(value="", name=words.t("desk.all")), *choices),
        ),
    )
