"""A partner's outlets, people, visit days, reviews and lost phones. All of it is narrowed to the partner by the verbs:
another partner's outlet is as unknown as one that does not exist. [D-57, D-59, D-60]
"""

from collections.abc import Sequence

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.directory.find import partner_card, search_outlets
from konter.channel.directory.model import PartnerCard
from konter.channel.inactivity.read import review_counts
from konter.channel.onboarding.queues.read import counts as application_counts
from konter.channel.partner_users.add import partner_users
from konter.channel.scope import Scope, scope_of
from konter.channel.visits.model import Stop
from konter.channel.visits.rounds import round_of
from konter.platform.cursor import cursor_of
from konter.platform.db import Connection
from konter.platform.ids import PartnerId
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import list_notice
from konter.web.desk.door import Place
from konter.web.desk.frame import Q_CHARS_MAX, Member, desk_page, member
from konter.web.desk.lost_phones import report_action, report_by_form
from konter.web.desk.outlet_lists import outlets_table
from konter.web.desk.outlet_things import OutletThing, days_text, outlet_view, read_outlet
from konter.web.desk.partner_users import people_table
from konter.web.desk.review_lists import reviews_table
from konter.web.desk.tables import address, way_on
from konter.web.desk.views import Cell, Column, FoundView, HomeView, ListView, Queue, Table
from konter.web.modules import off_for
from konter.web.pages import AnyPage, go, id_of
from konter.web.partner.places import APPLICATIONS, CONSOLE, NUMBERS, OUTLETS, PEOPLE, PHONES, REVIEWS, ROUND

SHOWN = 8
PAGE = 50


async def of_partner(
    request: AnyRequest, connection: Connection, place: Place | None = None
) -> tuple[Member, PartnerId]:
    """Who is asking, and of which partner."""
    found = await member(request, connection, CONSOLE, place)
    assert found.who.partner_id is not None, "a partner's user has a partner"
    return found, found.who.partner_id


@get("/partner", include_in_schema=False)
async def home_page(request: AnyRequest) -> AnyPage:
    """What needs this partner now."""
    async with app_of(request).connection() as connection:
        found, partner_id = await of_partner(request, connection)
        card = await partner_card(connection, partner_id, scope=Scope(partner_id=partner_id))
        counted = await application_counts(connection, scope_of(found.who), now=found.here.now)
        waiting, overdue = await review_counts(connection, scope=scope_of(found.who), now=found.here.now)
        today = await round_of(connection, found.who.user_id, now=found.here.now)
    assert isinstance(card, PartnerCard), "a partner is never deleted"
    words = found.words
    late = counted.submitted_overdue
    queues = (
        Queue(
            name=words.t("desk.applications.title"),
            icon=APPLICATIONS.icon,
            href=APPLICATIONS.href,
            count=counted.submitted,
            more=False,
            state=words.t("desk.queue.late", n=late)
            if late
            else words.t("desk.queue.on_time" if counted.submitted else "desk.queue.empty"),
            tone="error" if late else "info" if counted.submitted else "ok",
        ),
        Queue(
            name=words.t(ROUND.text_key),
            icon=ROUND.icon,
            href=ROUND.href,
            count=len(today),
            more=False,
            state=words.t("partner.round.today"),
            tone="info" if today else "ok",
        ),
        Queue(
            name=words.t(REVIEWS.text_key),
            icon=REVIEWS.icon,
            href=REVIEWS.href,
            count=waiting,
            more=False,
            state=words.t("partner.reviews.state" if waiting else "desk.queue.empty"),
            tone="error" if overdue else "warn" if waiting else "ok",
        ),
        Queue(
            name=words.t("desk.outlet.list"),
            icon=OUTLETS.icon,
            href=OUTLETS.href,
            count=card.active,
            more=False,
            state=words.t("partner.outlets.suspended", n=card.suspended),
            tone="warn" if card.suspended else "ok",
        ),
    )
    view = HomeView(
        greeting=words.t("desk.greeting", name=found.who.name),
        queues=tuple(
            each
            for each, place in zip(queues, (APPLICATIONS, ROUND, REVIEWS, OUTLETS), strict=True)
            if place.open_to(found.who.roles) and (place.module is None or place.module not in off_for(request))
        ),
        urgent=_stops_table(found, today, title=words.t("partner.round.today_title"), days=False),
    )
    return desk_page(request, CONSOLE, "desk/home.html", view)


@get("/partner/outlet", include_in_schema=False)
async def outlets_page(
    request: AnyRequest,
    cari: FromQuery[str] = "",
    status: FromQuery[str] = "",
    urut: FromQuery[str] = "",
    arah: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
) -> Response[bytes]:
    """The partner's outlets by name."""
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, OUTLETS)
        query = {"cari": cari, "status": status, "urut": urut, "arah": arah, "dari": dari, "bentuk": bentuk}
        exports = "SBP_ADMIN" in found.who.roles
        scope = scope_of(found.who)
        table = await outlets_table(connection, found, OUTLETS.href, query, scope=scope, exports=exports)
    if isinstance(table, Response):
        return table
    view = ListView(title=found.words.t("desk.outlet.list"), note=found.words.t("desk.outlet.note"), tables=(table,))
    return desk_page(request, CONSOLE, "desk/list.html", view)


@get("/partner/outlet/{outlet:str}", include_in_schema=False)
async def outlet_page(request: AnyRequest, outlet: FromPath[str], dari: FromQuery[str] = "") -> AnyPage:
    """One outlet of the partner; field sales see those of their clusters. Who comes by its code is led to it."""
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, OUTLETS)
        scope = scope_of(found.who)
        read = await read_outlet(connection, found, outlet, scope=scope, before=cursor_of(dari))
    if not isinstance(read, OutletThing):
        return go(f"{OUTLETS.href}/{read}")
    view = outlet_view(found, read, OUTLETS.href)
    return desk_page(request, CONSOLE, "desk/thing.html", view, zone=read.card.zone)


@get("/partner/pengguna", include_in_schema=False)
async def people_page(request: AnyRequest, dari: FromQuery[str] = "") -> AnyPage:
    """Who works for the partner; staff add and end them."""
    after = id_of(dari)
    async with app_of(request).connection() as connection:
        found, partner_id = await of_partner(request, connection, PEOPLE)
        users = await partner_users(connection, partner_id, after=after, limit=PAGE)
    words = found.words
    table = msgspec.structs.replace(
        people_table(words, users),
        way_on=way_on(words, PEOPLE.href, "lists.people.begin", paged=bool(after)),
        next_href=address(PEOPLE.href, dari=users[-1].id) if len(users) == PAGE else "",
        first_href=PEOPLE.href if after else "",
    )
    view = ListView(title=words.t("desk.partner.people"), note=words.t("partner.people.note"), tables=(table,))
    return desk_page(request, CONSOLE, "desk/list.html", view)


def _stops_table(found: Member, stops: Sequence[Stop], *, title: str, days: bool) -> Table:
    words = found.words
    more = (Column(name=words.t("partner.round.days")),) if days else ()
    return Table(
        id="every" if days else "urgent",
        title=title,
        columns=(
            Column(name=words.t("desk.outlet.name")),
            Column(name=words.t("desk.outlet.address")),
            *more,
            Column(name=words.t("desk.column.state")),
        ),
        rows=tuple(
            (
                Cell(text=stop.name, href=f"{OUTLETS.href}/{stop.outlet_id}", sub=stop.code),
                Cell(text=stop.address),
                *((Cell(text=days_text(words, stop.weekdays)),) if days else ()),
                Cell(
                    text=words.t(f"desk.outlet_status.{stop.status}"), badge="ok" if stop.status == "active" else "warn"
                ),
            )
            for stop in stops
        ),
        empty=words.t("partner.round.none"),
    )


@get("/partner/tinjauan", include_in_schema=False)
async def reviews_page(request: AnyRequest, dari: FromQuery[str] = "", bentuk: FromQuery[str] = "") -> Response[bytes]:
    """The partner's sellers who are about to lose their access; the branch decides."""
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, REVIEWS)
        table = await reviews_table(
            connection,
            found,
            REVIEWS.href,
            {"dari": dari, "bentuk": bentuk},
            href_of=lambda each: f"{OUTLETS.href}/{each.countdown.outlet_id}",
            exports="SBP_ADMIN" in found.who.roles,
        )
    if isinstance(table, Response):
        return table
    view = ListView(title=found.words.t(REVIEWS.text_key), note=found.words.t("partner.reviews.note"), tables=(table,))
    return desk_page(request, CONSOLE, "desk/list.html", view)


@get("/partner/hp-hilang", include_in_schema=False)
async def phones_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Report a phone of the partner's people or outlets lost."""
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, PHONES)
        view = await _phones(connection, found)
    return desk_page(request, CONSOLE, "desk/list.html", list_notice(found, view, pesan))


async def _phones(_: Connection, found: Member) -> ListView:
    words = found.words
    return ListView(
        title=words.t(PHONES.text_key),
        note=words.t("desk.phones.about"),
        tables=(),
        actions=(report_action(found, PHONES.href),),
    )


@post("/partner/hp-hilang", include_in_schema=False)
async def report_post(request: AnyRequest) -> AnyPage:
    """Everything that the number can do is dead from this moment."""
    return await report_by_form(request, CONSOLE, PHONES, _phones)


@get("/partner/cari", include_in_schema=False)
async def search_page(request: AnyRequest, q: FromQuery[str] = "") -> AnyPage:
    """The partner's own outlets and numbers, by whatever somebody reads out."""
    typed = "".join(sign for sign in q if sign.isprintable())[:Q_CHARS_MAX].strip()
    msisdn = parse_msisdn(typed)
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection)
        scope = scope_of(found.who)
        outlets = (await search_outlets(connection, typed, scope=scope, limit=SHOWN)).outlets if typed else ()
    words = found.words
    outlet, number = words.t("desk.outlet.title"), words.t("office.number.title")
    lines = [(Cell(text=each.name, href=f"{OUTLETS.href}/{each.id}"), outlet, each.code) for each in outlets]
    if msisdn is not None:  # whether it is theirs is said on its page, and to nobody else
        story = words.t("partner.number.story")
        lines.insert(0, (Cell(text=pretty(msisdn), href=f"{NUMBERS.href}/{msisdn}"), number, story))
    table = Table(
        id="found",
        title=words.t("desk.search.found", q=typed),
        columns=(),
        rows=tuple((name, Cell(text=kind), Cell(text=more)) for name, kind, more in lines),
        empty=words.t("desk.search.nothing", q=typed),
        note=words.t("lists.first_only", n=SHOWN) if len(outlets) == SHOWN else "",
    )
    return desk_page(request, CONSOLE, "desk/found.html", FoundView(q=typed, table=table))


CHANNEL_ROUTES = [
    home_page,
    outlets_page,
    outlet_page,
    people_page,
    reviews_page,
    phones_page,
    report_post,
    search_page,
]
