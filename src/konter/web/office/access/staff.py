"""Accounts of staff: the list, one account, and what is proposed for it; taking power away takes one pair of eyes."""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.refusals import STAFF_NOT_FOUND
from konter.access.staff.accounts import account_line, check_account, end_staff, find_staff, staff_lines
from konter.access.staff.model import StaffLine
from konter.access.staff.roles import ROLES
from konter.channel.model import name_refusal, username_refusal
from konter.platform.audit import audit_of
from konter.platform.ids import StaffId, make_id, spread_cell
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member, roles_text
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.tables import address
from konter.web.desk.views import (
    Action,
    Badge,
    Cell,
    Choice,
    Column,
    Fact,
    Facts,
    Field,
    ListView,
    Table,
    ThingView,
)
from konter.web.office.access.proposing import propose_page
from konter.web.office.places import OFFICE, STAFF, STAFF_PROPOSE
from konter.web.pages import AnyPage, Form, go, id_of

PAGE = 50
AREA_CHARS_MAX = 40
NAME_CHARS_MAX = 80
RESETS = {"totp": "staff.totp_reset", "sandi": "staff.password_reset"}


@get("/office/petugas", include_in_schema=False)
async def staff_page(request: AnyRequest, dari: FromQuery[str] = "", pesan: FromQuery[str] = "") -> Response[bytes]:
    """All accounts, those that ended too."""
    after = id_of(dari)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF)
        rows = await staff_lines(connection, after=after, limit=PAGE)
    words = found.words
    last = rows[-1].id if len(rows) == PAGE else None
    table = Table(
        id="staff",
        title=words.t("office.staff.title"),
        columns=tuple(
            Column(name=words.t(key))
            for key in (
                "desk.account.name",
                "desk.account.roles",
                "desk.outlet.area",
                "office.staff.app",
                "desk.column.state",
            )
        ),
        rows=tuple(_row(found, each) for each in rows),
        empty=words.t("desk.none"),
        next_href=address(STAFF.href, dari=last) if last else "",
        first_href=STAFF.href if after else "",
    )
    view = ListView(
        title=words.t("office.staff.title"),
        note=words.t("office.staff.note"),
        tables=(table,),
        actions=(_add_action(found),),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def _row(found: Member, each: StaffLine) -> tuple[Cell, ...]:
    words = found.words
    active = each.status == "active"
    return (
        Cell(text=each.name, href=f"{STAFF.href}/{each.id}", sub=each.username),
        Cell(text=roles_text(words, each.roles) or words.t("desk.none")),
        Cell(text=each.area or words.t("office.staff.everywhere")),
        Cell(text=words.date(each.enrolled_at) if each.enrolled_at else words.t("office.staff.no_app")),
        Cell(text=words.t(f"desk.user_status.{each.status}"), badge="ok" if active else "plain"),
    )


def _account_fields(found: Member, roles: tuple[str, ...] = (), area: str | None = None) -> tuple[Field, ...]:
    words = found.words
    choices = tuple(Choice(value=role, name=words.t(f"desk.role.{role}")) for role in sorted(ROLES))
    return (
        Field(name="roles", label=words.t("desk.account.roles"), kind="checks", value=",".join(roles), choices=choices),
        Field(
            name="area",
            label=words.t("office.staff.area"),
            hint=words.t("office.staff.area_hint"),
            value=area or "",
            length_max=AREA_CHARS_MAX,
            required=False,
        ),
    )


def _add_action(found: Member) -> Action:
    words, title = found.words, found.words.t("office.staff.add")
    if not STAFF_PROPOSE.open_to(found.who.roles):
        return Action(title=title, why_not=words.t("office.staff.admin_only"))
    return Action(
        title=title,
        note=words.t("office.staff.add_note"),
        post=STAFF.href,
        button=words.t("office.proposals.propose"),
        fields=(
            Field(name="login", label=words.t("outlet.login.username"), length_min=3, length_max=32),
            Field(name="name", label=words.t("desk.account.name"), length_max=NAME_CHARS_MAX),
            *_account_fields(found),
            reason_field(found.words),
        ),
    )


@post("/office/petugas", include_in_schema=False)
async def add_post(request: AnyRequest) -> AnyPage:
    """Propose a new account; whoever approves it is shown its first password."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF_PROPOSE)
        if (reason := reason_of(form)) is None:
            return go(f"{STAFF.href}?pesan=alasan")
        username, name = form.text("login"), form.text("name")
        roles, area = _account_of(form)
        refusal = username_refusal(username) or name_refusal("name", name)
        refusal = refusal or await check_account(connection, roles=roles, area=area, username=username)
        if refusal is not None:
            return asked_for(request, refusal, STAFF.href, "")
        seq = next((await found.here.app.ids.reserve(connection, 1)).take(1))
        data = {"username": username, "name": name, "roles": roles, "area": area}
        subject = make_id(seq, spread_cell(seq))
        return await propose_page(
            request, connection, found, "staff.add", subject, data, reason=reason, back=STAFF.href
        )


def _account_of(form: Form) -> tuple[list[str], str | None]:
    """Roles and area as they were chosen; what is no role is said to be none when the account is looked at."""
    roles = sorted({role[:AREA_CHARS_MAX] for role in form.every("roles")})
    return roles, form.text("area")[:AREA_CHARS_MAX] or None


@get("/office/petugas/{staff:str}", include_in_schema=False)
async def account_page(request: AnyRequest, staff: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One account with its story."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF)
        each = await account_line(connection, staff_id(staff))
        if isinstance(each, Refusal):
            raise Refused(each)
        lines = await audit_of(connection, [each.id])
        names = await names_in(connection, lines)
    words, none = found.words, found.words.t("desk.none")
    facts = (
        Fact(label=words.t("outlet.login.username"), text=each.username),
        Fact(label=words.t("desk.account.roles"), text=roles_text(words, each.roles) or none),
        Fact(label=words.t("desk.outlet.area"), text=each.area or words.t("office.staff.everywhere")),
        Fact(
            label=words.t("office.staff.app"),
            text=words.long(each.enrolled_at) if each.enrolled_at else words.t("office.staff.no_app"),
        ),
        Fact(label=words.t("desk.outlet.opened"), text=words.long(each.opened_at)),
    )
    view = ThingView(
        title=each.name,
        kind=words.t("office.staff.one"),
        back_href=STAFF.href,
        back_name=words.t("office.staff.title"),
        badges=(
            Badge(text=words.t(f"desk.user_status.{each.status}"), tone="ok" if each.status == "active" else "plain"),
        ),
        facts=(Facts(title=words.t("office.items.about"), facts=facts),),
        story=tuple(audit_story(lines, words, names)),
        actions=_actions(found, each),
    )
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def staff_id(text: str) -> StaffId:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(STAFF_NOT_FOUND())
    return StaffId(id_)


def _actions(found: Member, each: StaffLine) -> tuple[Action, ...]:
    words, where = found.words, f"{STAFF.href}/{each.id}"
    if each.status != "active":
        return (Action(title=words.t("office.staff.account"), why_not=words.t("office.staff.left")),)
    sessions = Action(title=words.t("office.sessions.title"), href=f"{where}/sesi", tone="plain")
    if not STAFF_PROPOSE.open_to(found.who.roles):
        return (sessions, Action(title=words.t("office.staff.account"), why_not=words.t("office.staff.admin_only")))
    two, propose = words.t("office.proposals.two"), words.t("office.proposals.propose")
    reason = reason_field(found.words)
    return (
        sessions,
        Action(
            title=words.t("office.staff.account"),
            note=two,
            post=f"{where}/akun",
            button=propose,
            fields=(*_account_fields(found, each.roles, each.area), reason),
        ),
        Action(title=words.t("office.staff.totp"), note=two, post=f"{where}/totp", button=propose, fields=(reason,)),
        Action(
            title=words.t("office.staff.password"), note=two, post=f"{where}/sandi", button=propose, fields=(reason,)
        ),
        Action(
            title=words.t("office.staff.end"),
            note=words.t("office.staff.end_note"),
            post=f"{where}/akhiri",
            tone="danger",
            fields=(reason,),
        ),
    )


@post("/office/petugas/{staff:str}/akun", include_in_schema=False)
async def account_post(request: AnyRequest, staff: FromPath[str]) -> AnyPage:
    """Propose other roles or another area."""
    form, where = await desk_form(request, OFFICE), f"{STAFF.href}/{staff}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF_PROPOSE)
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        known = await find_staff(connection, staff_id(staff))
        roles, area = _account_of(form)
        refusal = known if isinstance(known, Refusal) else await check_account(connection, roles=roles, area=area)
        if refusal is not None or isinstance(known, Refusal):
            return asked_for(request, refusal, where, "")
        data = {"roles": roles, "area": area}
        return await propose_page(
            request, connection, found, "staff.account", known.id, data, reason=reason, back=where
        )


@post(["/office/petugas/{staff:str}/totp", "/office/petugas/{staff:str}/sandi"], include_in_schema=False)
async def reset_post(request: AnyRequest, staff: FromPath[str]) -> AnyPage:
    """Propose another authenticator app or another first password."""
    form, where = await desk_form(request, OFFICE), f"{STAFF.href}/{staff}"
    kind = RESETS[request.url.path.rpartition("/")[2]]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF_PROPOSE)
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        known = await find_staff(connection, staff_id(staff))
        if isinstance(known, Refusal):
            return asked_for(request, known, where, "")
        return await propose_page(request, connection, found, kind, known.id, {}, reason=reason, back=where)


@post("/office/petugas/{staff:str}/akhiri", include_in_schema=False)
async def end_post(request: AnyRequest, staff: FromPath[str]) -> AnyPage:
    """Somebody leaves: sessions end at once."""
    form, where = await desk_form(request, OFFICE), f"{STAFF.href}/{staff}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STAFF_PROPOSE)
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        outcome = await end_staff(
            connection,
            staff_id(staff),
            reason=reason,
            principal=found.who,
            origin=found.here.origin,
            step=await found.here.whole_step(connection),
        )
    return asked_for(request, outcome, where, "keluarkan")


STAFF_PAGE_ROUTES = [staff_page, add_post, account_page, account_post, reset_post, end_post]
