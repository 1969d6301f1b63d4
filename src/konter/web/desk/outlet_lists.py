"""Outlets in a list, by name: filters, paging, CSV. The same for staff and, narrowed to its own, for a partner."""

from collections.abc import Mapping
from functools import partial

from litestar import Response

from konter.channel.directory.find import search_outlets
from konter.channel.directory.model import BY_NAME, PREFIX_MIN, Order, OrderBy, OutletFound, OutletStatus, Start
from konter.channel.scope import Scope
from konter.platform.db import Connection
from konter.web.desk.frame import Member
from konter.web.desk.orders import asked_for, order_of, ordered_column, start_of, start_text
from konter.web.desk.tables import CSV_PAGE, address, csv_file, way_on
from konter.web.desk.views import BadgeTone, Cell, Choice, Column, Filter, Table

PAGE = 50
STATUSES: tuple[OutletStatus, ...] = ("active", "suspended", "terminated")
TONES: Mapping[str, BadgeTone] = {"active": "ok", "suspended": "warn", "terminated": "error"}


async def outlets_table(
    connection: Connection,
    found: Member,
    href: str,
    query: Mapping[str, str],
    *,
    scope: Scope,
    exports: bool,
) -> Table | Response[bytes]:
    """The table, or the file where that is asked for. `query`: cari, status, urut, arah, dari, bentuk as they were
    typed. What a name's beginning finds stands by name.
    """
    words, typed = found.words, query["cari"].strip()
    status = next((each for each in STATUSES if each == query["status"]), None)
    order = BY_NAME if typed else order_of(query)
    kept = {"cari": typed, "status": status or ""}
    columns = _columns(found, href, kept, order, with_partner=scope.partner_id is None)
    if query["bentuk"] == "csv" and exports:
        read = partial(_batch, found, typed, status, order, scope)
        return await csv_file(connection, found, "outlet", "outlets", columns, read)
    after = start_of(order, query["dari"])
    page = await search_outlets(connection, typed, scope=scope, status=status, order=order, after=after, limit=PAGE)
    short = bool(typed) and not page.outlets and len(typed) < PREFIX_MIN
    kept |= asked_for(order)
    return Table(
        id="outlets",
        title=words.t("desk.outlet.list"),
        columns=columns,
        rows=tuple(_row(found, each, href, with_partner=scope.partner_id is None) for each in page.outlets),
        empty=words.t("desk.outlet.too_short" if short else "desk.outlet.none"),
        way_on=way_on(
            words,
            href,
            "lists.type_more" if typed else "lists.outlets.begin",
            narrowed=bool(status) or (bool(typed) and not short),
            paged=after is not None,
        ),
        action=href,
        filters=_filters(found, typed, status or ""),
        hidden=tuple((name, value) for name, value in asked_for(order).items() if value),
        next_href=address(href, **kept, dari=start_text(page.after)) if page.after else "",
        first_href=address(href, **kept) if after else "",
        csv_href=address(href, **kept, bentuk="csv") if exports else "",
    )


async def _batch(
    found: Member,
    typed: str,
    status: OutletStatus | None,
    order: Order,
    scope: Scope,
    connection: Connection,
    after: Start | None,
) -> tuple[list[tuple[Cell, ...]], Start | None]:
    page = await search_outlets(connection, typed, scope=scope, status=status, order=order, after=after, limit=CSV_PAGE)
    return [_row(found, each, "", with_partner=scope.partner_id is None) for each in page.outlets], page.after


def _columns(
    found: Member, href: str, kept: Mapping[str, str], order: Order, *, with_partner: bool
) -> tuple[Column, ...]:
    words = found.words

    def sorts(key: str, by: OrderBy) -> Column:
        if kept["cari"]:  # what a name's beginning finds stands by name
            return Column(name=words.t(key), sorted="ascending" if by == "name" else "")
        return ordered_column(words, key, href, kept, order, by)

    partner = (Column(name=words.t("desk.partner.title")),) if with_partner else ()
    return (
        sorts("desk.outlet.name", "name"),
        sorts("desk.outlet.code", "code"),
        *partner,
        Column(name=words.t("desk.outlet.kind")),
        Column(name=words.t("desk.column.state")),
        sorts("desk.outlet.opened", "since"),
    )


def _row(found: Member, each: OutletFound, href: str, *, with_partner: bool) -> tuple[Cell, ...]:
    words = found.words
    partner = (Cell(text=each.partner_name, href=f"/office/mitra/{each.partner_id}"),) if with_partner else ()
    return (
        Cell(text=each.name, href=f"{href}/{each.id}"),
        Cell(text=each.code),
        *partner,
        Cell(text=words.known(f"desk.outlet_kind.{each.kind}", each.kind), sub=words.segment(each.segment)),
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
