"""Who is logged in: of an outlet's users, of a partner's, of the staff; ending one session or all of them. [D-81]"""

from collections.abc import Mapping, Sequence

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.model import Kind
from konter.access.overview.model import OutletSession
from konter.access.staff.roles import may
from konter.channel.logged_in import ENDS, LOOKS, end_people_logged_in, people_logged_in
from konter.platform.ids import SessionId
from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action, Cell, Column, ListView, Table
from konter.web.devices import device_name
from konter.web.office.places import OFFICE, SESSIONS
from konter.web.pages import AnyPage, id_of

KINDS: Mapping[str, Kind] = {"outlet": "outlet", "mitra": "partner", "petugas": "staff"}
ALL = "semua"


@get("/office/outlet/{outlet:str}/sesi", include_in_schema=False)
async def outlet_page(request: AnyRequest, outlet: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """Who is logged in at an outlet."""
    return await _page(request, "outlet", outlet, pesan)


@get("/office/mitra/{partner:str}/sesi", include_in_schema=False)
async def partner_page(request: AnyRequest, partner: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """Who of a partner's users is logged in."""
    return await _page(request, "mitra", partner, pesan)


@get("/office/petugas/{staff:str}/sesi", include_in_schema=False)
async def staff_page(request: AnyRequest, staff: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """Where a member of staff is logged in."""
    return await _page(request, "petugas", staff, pesan)


async def _page(request: AnyRequest, whose: str, subject: str, pesan: str) -> AnyPage:
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SESSIONS)
        kind, id_ = _whose(found, whose, subject)
        lines = await people_logged_in(connection, kind, id_, principal=found.who, now=found.here.now)
    if isinstance(lines, Refusal):
        raise Refused(lines)
    words, root = found.words, f"/office/{whose}/{subject}"
    back = Action(title=words.t(f"office.sessions.back_{kind}"), href=root, tone="plain")
    view = ListView(
        title=words.t("office.sessions.title"),
        note=words.t(f"office.sessions.note_{kind}"),
        tables=(_table(found, kind, lines, root),),
        actions=(back, *_end_all(found, kind, lines, root)),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def _whose(found: Member, whose: str, subject: str) -> tuple[Kind, int]:
    """Whose sessions an address means. Raises Refused(NOT_FOUND) for what this member of staff may not see."""
    id_ = id_of(subject)
    if whose not in KINDS or not id_ or not may(found.who.roles, LOOKS[KINDS[whose]]):
        raise Refused(NOT_FOUND())
    return KINDS[whose], id_


def _table(found: Member, kind: Kind, lines: Sequence[OutletSession], root: str) -> Table:
    words, ends = found.words, may(found.who.roles, ENDS[kind])
    keys = ("desk.account.name", "desk.account.roles", "office.sessions.device", "desk.column.since")
    columns = [Column(name=words.t(key)) for key in keys]
    if ends:
        columns.append(Column(name=words.t("office.sessions.end")))
    return Table(
        id="sessions",
        title=words.t("office.sessions.live"),
        columns=tuple(columns),
        rows=tuple(_row(found, each, root, ends=ends) for each in lines),
        empty=words.t("office.sessions.none"),
    )


def _row(found: Member, each: OutletSession, root: str, *, ends: bool) -> tuple[Cell, ...]:
    words = found.words
    roles = ", ".join(
        words.known(f"desk.user_role.{role}", words.known(f"desk.role.{role}", role))
        for role in each.role.split(",")
        if role
    )
    cells = (
        Cell(text=each.name, sub=each.username),
        Cell(text=roles or words.t("desk.none")),
        Cell(text=device_name(each.agent) or words.t("outlet.account.unknown_agent"), sub=each.address),
        Cell(text=words.long(each.created_at), sub=words.ago(each.created_at, found.here.now)),
    )
    if not ends:
        return cells
    if each.id == found.who.session_id:
        return (*cells, Cell(text=words.t("office.sessions.mine"), badge="info"))
    return (*cells, Cell(text=words.t("office.sessions.end"), post=f"{root}/sesi/{each.id}/cabut"))


def _end_all(found: Member, kind: Kind, lines: Sequence[OutletSession], root: str) -> tuple[Action, ...]:
    words, title = found.words, found.words.t("office.sessions.end_all")
    if not may(found.who.roles, ENDS[kind]):
        return (Action(title=title, why_not=words.t("office.sessions.end_roles")),)
    if not lines:
        return (Action(title=title, why_not=words.t("office.sessions.none")),)
    note = words.t("office.sessions.end_all_note")
    return (Action(title=title, note=note, post=f"{root}/sesi/{ALL}/cabut", tone="danger"),)


@post("/office/outlet/{outlet:str}/sesi/{session:str}/cabut", include_in_schema=False)
async def outlet_post(request: AnyRequest, outlet: FromPath[str], session: FromPath[str]) -> AnyPage:
    """End one session at an outlet, or all."""
    return await _end(request, "outlet", outlet, session)


@post("/office/mitra/{partner:str}/sesi/{session:str}/cabut", include_in_schema=False)
async def partner_post(request: AnyRequest, partner: FromPath[str], session: FromPath[str]) -> AnyPage:
    """End one session of a partner's users, or all."""
    return await _end(request, "mitra", partner, session)


@post("/office/petugas/{staff:str}/sesi/{session:str}/cabut", include_in_schema=False)
async def staff_post(request: AnyRequest, staff: FromPath[str], session: FromPath[str]) -> AnyPage:
    """End one session of a member of staff, or all."""
    return await _end(request, "petugas", staff, session)


async def _end(request: AnyRequest, whose: str, subject: str, session: str) -> AnyPage:
    """Refused from this moment on, also by a sale."""
    await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SESSIONS)
        kind, id_ = _whose(found, whose, subject)
        one = id_of(session)
        if not may(found.who.roles, ENDS[kind]) or not (one or session == ALL):
            raise Refused(NOT_FOUND())
        outcome = await end_people_logged_in(
            connection,
            kind,
            id_,
            session_id=SessionId(one) if one else None,
            principal=found.who,
            actor=found.actor,
            step=await found.here.whole_step(connection),
        )
    return asked_for(request, outcome, f"/office/{whose}/{subject}/sesi", "sesi")


SESSION_PAGE_ROUTES = [outlet_page, partner_page, staff_page, outlet_post, partner_post, staff_post]
