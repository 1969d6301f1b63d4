"""Outlets for staff: the list, one outlet with its whole story, suspending it and letting it go on, ending it for good.
[D-57, D-58, D-71]
"""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.directory.find import outlet_card
from konter.channel.directory.model import CODE_CHARS_MAX, OutletCard
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.scope import outlet_within, scope_of
from konter.channel.suspensions import set_outlets
from konter.channel.terminate import terminate_outlets
from konter.platform.cursor import cursor_of
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.refusal import Refusal, Refused
from konter.sales.mercy.model import HOLD_MAX_S
from konter.sales.mercy.policy import set_hold
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.outlet_lists import outlets_table
from konter.web.desk.outlet_things import OutletThing, outlet_view, read_outlet
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.views import Action, Field, ListView
from konter.web.office.places import HOLDS, OFFICE, OUTLETS, SALES, STOPS
from konter.web.pages import AnyPage, go, id_of


@get("/office/outlet", include_in_schema=False)
async def outlets_page(
    request: AnyRequest,
    cari: FromQuery[str] = "",
    status: FromQuery[str] = "",
    urut: FromQuery[str] = "",
    arah: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
) -> Response[bytes]:
    """All outlets by name, or those that a code, a number or the beginning of a name finds."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, OUTLETS)
        query = {"cari": cari, "status": status, "urut": urut, "arah": arah, "dari": dari, "bentuk": bentuk}
        exports = found.may("lists.export")
        table = await outlets_table(connection, found, OUTLETS.href, query, scope=scope_of(found.who), exports=exports)
    if isinstance(table, Response):
        return table
    view = ListView(title=found.words.t("desk.outlet.list"), note=found.words.t("desk.outlet.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


@get("/office/outlet/{outlet:str}", include_in_schema=False)
async def outlet_page(
    request: AnyRequest, outlet: FromPath[str], dari: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """One outlet; who comes by its code is led to it."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, OUTLETS)
        read = await read_outlet(connection, found, outlet, scope=scope_of(found.who), before=cursor_of(dari))
    if not isinstance(read, OutletThing):
        return go(f"{OUTLETS.href}/{read}")
    sale_href = SALES.href if SALES.open_to(found.who.roles) else ""
    view = outlet_view(found, read, OUTLETS.href, actions=_actions(found, read.card), sale_href=sale_href)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan), zone=read.card.zone)


async def within_reach(connection: Connection, found: Member, outlet_id: OutletId) -> None:
    """Raise Refused(OUTLET_NOT_FOUND) for an outlet outside the area of this member of staff."""
    if not await outlet_within(connection, outlet_id, scope_of(found.who)):
        raise Refused(OUTLET_NOT_FOUND())


def outlet_id(text: str) -> OutletId:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(OUTLET_NOT_FOUND())
    return OutletId(id_)


def _actions(found: Member, card: OutletCard) -> tuple[Action, ...]:
    words, root = found.words, f"{OUTLETS.href}/{card.id}"
    reason = reason_field(words)
    title = words.t("desk.outlet.resume" if card.status == "suspended" else "desk.outlet.suspend")
    to = Field(name="to", label="", kind="hidden", value="active" if card.status == "suspended" else "suspended")
    if card.status == "terminated":
        stop = Action(title=title, why_not=words.sentence(OUTLET_TERMINATED()))
    elif not STOPS.open_to(found.who.roles):
        stop = Action(title=title, why_not=words.t("desk.outlet.stop_roles"))
    else:
        note = words.t("desk.outlet.resume_note" if card.status == "suspended" else "desk.outlet.suspend_note")
        tone = "primary" if card.status == "suspended" else "danger"
        stop = Action(title=title, note=note, post=f"{root}/status", fields=(reason, to), tone=tone)  # type: ignore[arg-type]
    end = _end_actions(found, card, root)
    sessions = (
        (Action(title=words.t("office.sessions.title"), href=f"{root}/sesi", tone="plain"),)
        if found.may("sessions.look")
        else ()
    )
    hold_title = words.t("desk.outlet.set_hold")
    if not HOLDS.open_to(found.who.roles):
        return (stop, *sessions, Action(title=hold_title, why_not=words.t("office.supervisor_only")), *end)
    seconds = Field(
        name="seconds",
        label=words.t("desk.outlet.seconds"),
        value=str(card.hold_s),
        length_max=3,
        hint=words.t("desk.outlet.seconds_hint", n=HOLD_MAX_S),
    )
    hold = Action(
        title=hold_title,
        note=words.t("desk.outlet.hold_note"),
        post=f"{root}/tahan",
        fields=(seconds, reason),
        tone="plain",
    )
    return (stop, *sessions, hold, *end)


def _end_actions(found: Member, card: OutletCard, root: str) -> tuple[Action, ...]:
    words = found.words
    if card.status == "terminated" or not STOPS.open_to(found.who.roles):
        return ()
    code = Field(
        name="code",
        label=words.t("desk.outlet.end_code"),
        length_max=CODE_CHARS_MAX,
        hint=words.t("desk.outlet.end_hint", code=card.code),
    )
    return (
        Action(
            title=words.t("desk.outlet.end"),
            note=words.t("desk.outlet.end_note"),
            post=f"{root}/akhiri",
            fields=(code, reason_field(words)),
            tone="danger",
        ),
    )


@post("/office/outlet/{outlet:str}/status", include_in_schema=False)
async def status_post(request: AnyRequest, outlet: FromPath[str]) -> AnyPage:
    """Suspend an outlet from this moment, or let it go on."""
    form, where = await desk_form(request, OFFICE), f"{OUTLETS.href}/{outlet}"
    reason, to = reason_of(form), form.text("to")
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STOPS)
        if reason is None:
            return go(f"{where}?pesan=alasan")
        here = found.here
        await within_reach(connection, found, outlet_id(outlet))
        (outcome,) = await set_outlets(
            connection,
            [outlet_id(outlet)],
            "active" if to == "active" else "suspended",
            reason=reason,
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
        )
    return asked_for(request, outcome, where, "jalan" if to == "active" else "henti")


@post("/office/outlet/{outlet:str}/akhiri", include_in_schema=False)
async def end_post(request: AnyRequest, outlet: FromPath[str]) -> AnyPage:
    """End an outlet for good; its code, typed once more, says that this one is meant."""
    form, where = await desk_form(request, OFFICE), f"{OUTLETS.href}/{outlet}"
    reason, code = reason_of(form), form.text("code")
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, STOPS)
        if reason is None:
            return go(f"{where}?pesan=alasan")
        here, meant = found.here, outlet_id(outlet)
        card = await outlet_card(connection, meant, scope=scope_of(found.who))
        if isinstance(card, Refusal):
            raise Refused(card)
        if code.strip().upper() != card.code.upper():
            return go(f"{where}?pesan=kode")
        (outcome,) = await terminate_outlets(
            connection, [meant], reason=reason, actor=found.actor, now=here.now, ids=here.app.ids, rules=here.rules
        )
    return asked_for(request, outcome, where, "tamat")


@post("/office/outlet/{outlet:str}/tahan", include_in_schema=False)
async def hold_post(request: AnyRequest, outlet: FromPath[str]) -> AnyPage:
    """Hold the outlet's sales back for so many seconds."""
    form, where = await desk_form(request, OFFICE), f"{OUTLETS.href}/{outlet}"
    reason, seconds = reason_of(form), form.text("seconds")
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, HOLDS)
        if reason is None:
            return go(f"{where}?pesan=alasan")
        if not (seconds.isascii() and seconds.isdigit() and int(seconds[:4]) <= HOLD_MAX_S):
            return go(f"{where}?pesan=detik")
        here = found.here
        await within_reach(connection, found, outlet_id(outlet))
        outcome = await set_hold(
            connection,
            outlet_id(outlet),
            int(seconds[:4]),
            reason=reason,
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
        )
    return asked_for(request, outcome, where, "tahan")


OUTLET_ROUTES = [outlets_page, outlet_page, status_post, end_post, hold_post]
