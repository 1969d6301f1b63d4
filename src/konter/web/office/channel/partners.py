"""Partners for staff: the list, and one partner with its clusters, people, outlets and story. [D-57, D-60]"""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from konter.channel.directory.find import partner_card, partners_by_name, search_outlets
from konter.channel.directory.model import TEXT_CHARS_MAX, Order, OrderBy, OutletFound, PartnerCard, PartnerFound, Start
from konter.channel.model import NewArea
from konter.channel.partner_users.add import partner_users
from konter.channel.scope import scope_of
from konter.channel.territory.read import clusters_of
from konter.platform.audit import audit_of
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.orders import asked_for, order_of, ordered_column, start_of, start_text
from konter.web.desk.outlet_lists import TONES
from konter.web.desk.partner_users import people_table
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.tables import CSV_PAGE, address, behind_last, csv_file, way_on
from konter.web.desk.views import (
    Action,
    Badge,
    BadgeTone,
    Cell,
    Choice,
    Column,
    Fact,
    Facts,
    Filter,
    ListView,
    StoryLine,
    Table,
    ThingView,
)
from konter.web.desk.words import DeskWords
from konter.web.office.places import OFFICE, OUTLETS, PARTNERS
from konter.web.pages import AnyPage

PAGE = 50
OUTLETS_SHOWN = 10
STATUSES = ("active", "ended")


@get("/office/mitra", include_in_schema=False)
async def partners_page(
    request: AnyRequest,
    cari: FromQuery[str] = "",
    status: FromQuery[str] = "",
    urut: FromQuery[str] = "",
    arah: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
) -> Response[bytes]:
    """The partners of one's part of the operator, by name, code or since when."""
    query = {"cari": cari.strip()[:TEXT_CHARS_MAX], "status": status if status in STATUSES else ""}
    order = order_of({"urut": urut, "arah": arah})
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PARTNERS)
        if bentuk == "csv" and found.may("lists.export"):
            read = partial(_batch, found, query, order)
            return await csv_file(connection, found, "mitra", "partners", _columns(found.words, query, order), read)
        after = start_of(order, dari)
        rows = await partners_by_name(
            connection,
            scope=scope_of(found.who),
            text=query["cari"],
            status=query["status"],
            order=order,
            after=after,
            limit=PAGE,
        )
    table = _table(found, query, order, rows, paged=after is not None)
    words = found.words
    view = ListView(title=words.t("desk.partner.list"), note=words.t("desk.partner.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _batch(
    found: Member, query: Mapping[str, str], order: Order, connection: Connection, after: Start | None
) -> tuple[list[tuple[Cell, ...]], Start | None]:
    rows = await partners_by_name(
        connection,
        scope=scope_of(found.who),
        text=query["cari"],
        status=query["status"],
        order=order,
        after=after,
        limit=CSV_PAGE,
    )
    return [_row(found, each) for each in rows], behind_last(rows, order.place)


def _columns(words: DeskWords, query: Mapping[str, str], order: Order) -> tuple[Column, ...]:
    def sorts(key: str, by: OrderBy) -> Column:
        return ordered_column(words, key, PARTNERS.href, query, order, by)

    return (
        sorts("desk.partner.name", "name"),
        sorts("desk.partner.code", "code"),
        Column(name=words.t("desk.outlet.area")),
        Column(name=words.t("desk.column.state")),
        sorts("desk.outlet.opened", "since"),
    )


def _table(
    found: Member, query: Mapping[str, str], order: Order, rows: Sequence[PartnerFound], *, paged: bool
) -> Table:
    words = found.words
    kept = {**query, **asked_for(order)}
    last = rows[-1] if len(rows) == PAGE else None
    choices = [Choice(value=each, name=words.t(f"desk.partner_status.{each}")) for each in STATUSES]
    return Table(
        id="partners",
        title=words.t("desk.partner.list"),
        columns=_columns(words, query, order),
        rows=tuple(_row(found, each) for each in rows),
        empty=words.t("desk.partner.none"),
        way_on=way_on(words, PARTNERS.href, "lists.partners.begin", narrowed=any(query.values()), paged=paged),
        action=PARTNERS.href,
        filters=(
            Filter(name="cari", label=words.t("desk.partner.search"), kind="text", value=query["cari"]),
            Filter(
                name="status",
                label=words.t("desk.column.state"),
                value=query["status"],
                choices=(Choice(value="", name=words.t("desk.all")), *choices),
            ),
        ),
        hidden=tuple((name, value) for name, value in asked_for(order).items() if value),
        next_href=address(PARTNERS.href, **kept, dari=start_text(order.place(last))) if last else "",
        first_href=address(PARTNERS.href, **kept) if paged else "",
        csv_href=address(PARTNERS.href, **kept, bentuk="csv") if found.may("lists.export") else "",
    )


def _row(found: Member, each: PartnerFound) -> tuple[Cell, ...]:
    words = found.words
    return (
        Cell(text=each.name, href=f"{PARTNERS.href}/{each.id}"),
        Cell(text=each.code),
        Cell(text=each.area_name),
        Cell(text=words.t(f"desk.partner_status.{each.status}"), badge=_tone(each.status)),
        Cell(text=words.date(each.opened_at)),
    )


def _tone(status: str) -> BadgeTone:
    return "ok" if status == "active" else "plain"


@get("/office/mitra/{partner:str}", include_in_schema=False)
async def partner_page(request: AnyRequest, partner: FromPath[str]) -> AnyPage:
    """One partner."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PARTNERS)
        card = await partner_card(connection, partner[:60], scope=scope_of(found.who))
        if isinstance(card, Refusal):
            raise Refused(card)
        clusters = await clusters_of(connection, card.id)
        users = await partner_users(connection, card.id)
        of_partner = msgspec.structs.replace(scope_of(found.who), partner_id=card.id)
        outlets = (await search_outlets(connection, scope=of_partner, limit=OUTLETS_SHOWN)).outlets
        people: dict[int, str] = {each.id: each.name for each in users}
        lines = await audit_of(connection, [card.id, *people])
        names = {**await names_in(connection, lines), **people}
    story = audit_story(lines, found.words, names, subject_names=people)
    view = _thing(found, card, clusters, (people_table(found.words, users), _outlets(found, card, outlets)), story)
    return desk_page(request, OFFICE, "desk/thing.html", view)


def _thing(
    found: Member, card: PartnerCard, clusters: Sequence[NewArea], tables: tuple[Table, ...], story: list[StoryLine]
) -> ThingView:
    words = found.words
    served = ", ".join(each.name for each in clusters) or words.t("desk.none")
    counts = (("active", card.active), ("suspended", card.suspended), ("terminated", card.terminated))
    if not story:
        story = [StoryLine(at=card.opened_at, what=words.t("desk.partner.was_opened"), tone="ok")]
    return ThingView(
        title=card.name,
        kind=words.t("desk.partner.kind"),
        back_href=PARTNERS.href,
        back_name=words.t("desk.partner.list"),
        badges=(Badge(text=words.t(f"desk.partner_status.{card.status}"), tone=_tone(card.status)),),
        facts=(
            Facts(
                title=words.t("desk.outlet.about"),
                facts=(
                    Fact(label=words.t("desk.partner.code"), text=card.code),
                    Fact(label=words.t("desk.outlet.area"), text=card.area_name, note=card.area),
                    Fact(label=words.t("desk.partner.clusters"), text=served),
                    Fact(label=words.t("desk.outlet.opened"), text=words.long(card.opened_at)),
                ),
            ),
            Facts(
                title=words.t("desk.partner.outlets"),
                facts=tuple(
                    Fact(label=words.t(f"desk.outlet_status.{status}"), text=str(count)) for status, count in counts
                ),
            ),
        ),
        story=tuple(story),
        actions=(Action(title=words.t("office.sessions.title"), href=f"{PARTNERS.href}/{card.id}/sesi", tone="plain"),)
        if found.may("sessions.look")
        else (),
        tables=tables,
    )


def _outlets(found: Member, card: PartnerCard, outlets: Sequence[OutletFound]) -> Table:
    words = found.words
    count = card.active + card.suspended + card.terminated
    return Table(
        id="outlets",
        title=words.t("desk.partner.outlets_of", n=count),
        columns=tuple(
            Column(name=words.t(key)) for key in ("desk.outlet.name", "desk.outlet.code", "desk.column.state")
        ),
        rows=tuple(
            (
                Cell(text=each.name, href=f"{OUTLETS.href}/{each.id}"),
                Cell(text=each.code),
                Cell(text=words.t(f"desk.outlet_status.{each.status}"), badge=TONES.get(each.status, "plain")),
            )
            for each in outlets
        ),
        empty=words.t("desk.outlet.none"),
        note=words.t("desk.partner.first_outlets", n=OUTLETS_SHOWN) if count > OUTLETS_SHOWN else "",
    )


PARTNER_ROUTES = [partners_page, partner_page]
