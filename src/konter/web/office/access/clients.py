"""Machines that may call: the list, one with its keys, letting one in and shutting it out."""

from collections.abc import Sequence

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.clients.manage import (
    KeyMade,
    client_line,
    client_lines,
    make_client,
    make_key,
    revoke_client,
    revoke_key,
)
from konter.access.clients.model import KEY_DAYS_MAX, PER_MINUTE_MAX, SCOPES, ClientLine, KeyLine, NewClient
from konter.access.clients.refusals import CLIENT_NOT_FOUND
from konter.channel.model import name_refusal
from konter.platform.audit import audit_of
from konter.platform.ids import ApiKeyId, ClientId
from konter.platform.money import thousands
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in, who_text
from konter.web.desk.tables import address
from konter.web.desk.views import (
    Action,
    Badge,
    BadgeTone,
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
from konter.web.office.places import CLIENTS, CLIENTS_MANAGE, OFFICE
from konter.web.pages import AnyPage, Form, go, id_of
from konter.web.views import Alert

PAGE = 50
NAME_CHARS_MAX = 80
NUMBER_DIGITS_MAX = 5
DAYS, PER_MINUTE = "365", "600"


@get("/office/mesin", include_in_schema=False)
async def clients_page(request: AnyRequest, dari: FromQuery[str] = "", pesan: FromQuery[str] = "") -> Response[bytes]:
    """All machines, those that were shut out too."""
    after = id_of(dari)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS)
        rows = await client_lines(connection, after=after, limit=PAGE)
    words = found.words
    last = rows[-1].id if len(rows) == PAGE else None
    keys = ("office.clients.name", "office.clients.scopes", "office.clients.keys", "office.clients.used")
    table = Table(
        id="clients",
        title=words.t("office.clients.title"),
        columns=tuple(Column(name=words.t(key)) for key in (*keys, "desk.column.state")),
        rows=tuple(_row(found, each) for each in rows),
        empty=words.t("office.clients.none"),
        next_href=address(CLIENTS.href, dari=last) if last else "",
        first_href=CLIENTS.href if after else "",
    )
    view = ListView(
        title=words.t("office.clients.title"),
        note=words.t("office.clients.note"),
        tables=(table,),
        actions=(_add_action(found),),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def _row(found: Member, each: ClientLine) -> tuple[Cell, ...]:
    words = found.words
    live = sum(_state(found, key) == "live" for key in each.keys)
    state, tone = _client_state(each)
    return (
        Cell(text=each.name, href=f"{CLIENTS.href}/{each.id}"),
        Cell(text=", ".join(each.scopes) or words.t("desk.none")),
        Cell(text=str(live)),
        Cell(text=words.date(each.last_used_on) if each.last_used_on else words.t("office.clients.never")),
        Cell(text=words.t(f"office.clients.{state}"), badge=tone),
    )


def _client_state(each: ClientLine) -> tuple[str, BadgeTone]:
    return ("shut", "plain") if each.revoked_at is not None else ("open", "ok")


def _state(found: Member, key: KeyLine) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.expires_at > found.here.now else "expired"


def _add_action(found: Member) -> Action:
    words, title = found.words, found.words.t("office.clients.add")
    if not CLIENTS_MANAGE.open_to(found.who.roles):
        return Action(title=title, why_not=words.t("office.staff.admin_only"))
    return Action(
        title=title,
        note=words.t("office.clients.add_note"),
        post=CLIENTS.href,
        fields=(
            Field(name="name", label=words.t("office.clients.name"), length_max=NAME_CHARS_MAX),
            Field(
                name="scopes",
                label=words.t("office.clients.scopes"),
                kind="checks",
                choices=tuple(Choice(value=scope, name=scope) for scope in sorted(SCOPES)),
            ),
            Field(
                name="per_minute",
                label=words.t("office.clients.per_minute"),
                value=PER_MINUTE,
                length_max=NUMBER_DIGITS_MAX,
            ),
            _days_field(found),
        ),
    )


def _days_field(found: Member) -> Field:
    words = found.words
    hint = words.t("office.clients.days_hint", n=KEY_DAYS_MAX)
    return Field(name="days", label=words.t("office.clients.days"), hint=hint, value=DAYS, length_max=3)


def _number(form: Form, name: str, most: int) -> int | None:
    text = form.text(name)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX else 0
    return number if 1 <= number <= most else None


@post("/office/mesin", include_in_schema=False)
async def add_post(request: AnyRequest) -> AnyPage:
    """Let a machine in; its key stands on the answer, this once."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS_MANAGE)
        days, per_minute = _number(form, "days", KEY_DAYS_MAX), _number(form, "per_minute", PER_MINUTE_MAX)
        if days is None or per_minute is None:
            return go(f"{CLIENTS.href}?pesan=isian")
        if (refusal := name_refusal("name", form.text("name"))) is not None:
            return asked_for(request, refusal, CLIENTS.href, "")
        new = NewClient(name=form.text("name"), scopes=tuple(sorted(set(form.every("scopes")))), per_minute=per_minute)
        step = await found.here.whole_step(connection)
        made = await make_client(connection, new, days=days, actor=found.actor, step=step)
    return _shown(request, found, made, CLIENTS.href)


def _shown(request: AnyRequest, found: Member, made: Refusal | KeyMade, back: str) -> AnyPage:
    """The key: it stands on this page alone, which is kept nowhere."""
    if isinstance(made, Refusal):
        return asked_for(request, made, back, "")
    words, where = found.words, f"{CLIENTS.href}/{made.client_id}"
    view = ThingView(
        title=words.t("office.clients.key"),
        kind=words.t("office.clients.one"),
        back_href=where,
        back_name=words.t("office.clients.one"),
        badges=(),
        facts=(
            Facts(
                title=words.t("office.clients.key"),
                facts=(
                    Fact(label=words.t("office.clients.send_as"), text=f"Authorization: Bearer {made.key}"),
                    Fact(label=words.t("office.clients.key_id"), text=str(made.key_id)),
                ),
            ),
        ),
        story=None,
        actions=(Action(title=words.t("office.clients.kept"), href=where),),
        alert=Alert(tone="warn", sentence=words.t("office.clients.shown_once")),
    )
    return desk_page(request, OFFICE, "desk/thing.html", view)


@get("/office/mesin/{client:str}", include_in_schema=False)
async def client_page(request: AnyRequest, client: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One machine, its keys and its story."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS)
        each = await client_line(connection, client_id(client))
        if isinstance(each, Refusal):
            raise Refused(each)
        lines = await audit_of(connection, [each.id])
        names = await names_in(connection, lines)
    words = found.words
    state, tone = _client_state(each)
    facts = (
        Fact(label=words.t("office.clients.scopes"), text=", ".join(each.scopes) or words.t("desk.none")),
        Fact(label=words.t("office.clients.per_minute"), text=thousands(each.per_minute)),
        Fact(
            label=words.t("office.clients.used"),
            text=words.date(each.last_used_on) if each.last_used_on else words.t("office.clients.never"),
        ),
        Fact(
            label=words.t("desk.column.since"),
            text=words.long(each.created_at),
            note=who_text(each.created_by, words, names),
        ),
    )
    view = ThingView(
        title=each.name,
        kind=words.t("office.clients.one"),
        back_href=CLIENTS.href,
        back_name=words.t("office.clients.title"),
        badges=(Badge(text=words.t(f"office.clients.{state}"), tone=tone),),
        facts=(Facts(title=words.t("office.items.about"), facts=facts),),
        story=tuple(audit_story(lines, words, names)),
        actions=_actions(found, each),
        tables=(_keys(found, each, each.keys),),
    )
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def client_id(text: str) -> ClientId:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(CLIENT_NOT_FOUND())
    return ClientId(id_)


def _keys(found: Member, each: ClientLine, keys: Sequence[KeyLine]) -> Table:
    words, manages = found.words, CLIENTS_MANAGE.open_to(found.who.roles)
    tones: dict[str, BadgeTone] = {"live": "ok", "expired": "warn", "revoked": "plain"}
    rows = []
    for key in keys:
        state = _state(found, key)
        end = (
            Cell(text=words.t("office.clients.revoke"), post=f"{CLIENTS.href}/{each.id}/kunci/{key.id}/cabut")
            if manages and state == "live"
            else Cell(text="")
        )
        rows.append(
            (
                Cell(text=str(key.id)),
                Cell(text=words.long(key.created_at)),
                Cell(text=words.long(key.expires_at)),
                Cell(text=words.t(f"office.key_state.{state}"), badge=tones[state]),
                end,
            )
        )
    columns = ("office.clients.key_id", "desk.column.since", "office.clients.until", "desk.column.state")
    return Table(
        id="keys",
        title=words.t("office.clients.keys"),
        columns=(*(Column(name=words.t(key)) for key in columns), Column(name=words.t("office.clients.revoke"))),
        rows=tuple(rows),
        empty=words.t("desk.none"),
    )


def _actions(found: Member, each: ClientLine) -> tuple[Action, ...]:
    words, where = found.words, f"{CLIENTS.href}/{each.id}"
    if each.revoked_at is not None:
        return (Action(title=words.t("office.clients.new_key"), why_not=words.t("office.clients.is_shut")),)
    if not CLIENTS_MANAGE.open_to(found.who.roles):
        return (Action(title=words.t("office.clients.new_key"), why_not=words.t("office.staff.admin_only")),)
    return (
        Action(
            title=words.t("office.clients.new_key"),
            note=words.t("office.clients.new_key_note"),
            post=f"{where}/kunci",
            fields=(_days_field(found),),
        ),
        Action(
            title=words.t("office.clients.end"),
            note=words.t("office.clients.end_note"),
            post=f"{where}/tutup",
            tone="danger",
            fields=(reason_field(found.words),),
        ),
    )


@post("/office/mesin/{client:str}/kunci", include_in_schema=False)
async def key_post(request: AnyRequest, client: FromPath[str]) -> AnyPage:
    """Another key, to take over from the one before."""
    form, where = await desk_form(request, OFFICE), f"{CLIENTS.href}/{client}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS_MANAGE)
        if (days := _number(form, "days", KEY_DAYS_MAX)) is None:
            return go(f"{where}?pesan=isian")
        step = await found.here.whole_step(connection)
        made = await make_key(connection, client_id(client), days=days, actor=found.actor, step=step)
    return _shown(request, found, made, where)


@post("/office/mesin/{client:str}/kunci/{key:str}/cabut", include_in_schema=False)
async def revoke_key_post(request: AnyRequest, client: FromPath[str], key: FromPath[str]) -> AnyPage:
    """A key opens nothing from now on."""
    await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS_MANAGE)
        step = await found.here.whole_step(connection)
        id_, key_id = client_id(client), ApiKeyId(client_id(key))
        outcome = await revoke_key(connection, id_, key_id, actor=found.actor, step=step)
    return asked_for(request, outcome, f"{CLIENTS.href}/{client}", "kunci")


@post("/office/mesin/{client:str}/tutup", include_in_schema=False)
async def end_post(request: AnyRequest, client: FromPath[str]) -> AnyPage:
    """The machine is out, with all its keys."""
    form, where = await desk_form(request, OFFICE), f"{CLIENTS.href}/{client}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLIENTS_MANAGE)
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        step = await found.here.whole_step(connection)
        outcome = await revoke_client(connection, client_id(client), reason=reason, actor=found.actor, step=step)
    return asked_for(request, outcome, where, "mesin")


CLIENT_PAGE_ROUTES = [clients_page, add_post, client_page, key_post, revoke_key_post, end_post]
