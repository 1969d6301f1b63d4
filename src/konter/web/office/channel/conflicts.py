"""Number conflicts: one number said to be at two outlets, and who keeps it. [D-32, G-D07]"""

from collections.abc import Mapping
from functools import partial

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.conflicts.model import Conflict, ConflictId, ConflictState, Settlement
from konter.channel.conflicts.queue import ConflictLine, conflict, conflict_queue
from konter.channel.conflicts.refusals import CONFLICT_NOT_FOUND, CONFLICT_SETTLED
from konter.channel.conflicts.settle import settle_conflicts
from konter.channel.scope import scope_of
from konter.platform.audit import audit_of
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import pretty
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.outlet_lists import TONES
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in, who_text, why_text
from konter.web.desk.tables import CSV_PAGE, address, behind_last, csv_file, way_on
from konter.web.desk.views import (
    Action,
    Badge,
    Cell,
    Choice,
    Column,
    Fact,
    Facts,
    Field,
    Filter,
    ListView,
    StoryLine,
    Table,
    ThingView,
)
from konter.web.office.places import CONFLICTS, NUMBERS, OFFICE, OUTLETS, SETTLE
from konter.web.pages import AnyPage, go, id_of

PAGE = 50


@get("/office/konflik", include_in_schema=False)
async def conflicts_page(
    request: AnyRequest, status: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """Open conflicts soonest due first, or settled ones newest first."""
    state: ConflictState = "settled" if status == "settled" else "open"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CONFLICTS)
        if bentuk == "csv" and found.may("lists.export"):
            read = partial(_batch, found, state)
            return await csv_file(connection, found, "konflik", "conflicts", _columns(found), read)
        after = cursor_of(dari)
        lines = await conflict_queue(connection, scope=scope_of(found.who), state=state, after=after, limit=PAGE)
    words = found.words
    following = _behind(lines[-1]) if len(lines) == PAGE else None
    choices = tuple(Choice(value=each, name=words.t(f"office.conflict_state.{each}")) for each in ("open", "settled"))
    table = Table(
        id="conflicts",
        title=words.t(f"office.conflict_state.{state}"),
        columns=_columns(found),
        rows=tuple(_row(found, each) for each in lines),
        empty=words.t("desk.all_done"),
        way_on=way_on(words, CONFLICTS.href, "lists.queue.begin", paged=after is not None),
        action=CONFLICTS.href,
        filters=(Filter(name="status", label=words.t("desk.column.state"), value=state, choices=choices),),
        next_href=address(CONFLICTS.href, status=state, dari=cursor_text(*following)) if following else "",
        first_href=address(CONFLICTS.href, status=state) if after else "",
        csv_href=address(CONFLICTS.href, status=state, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(CONFLICTS.href, status=state, dari=dari),
    )
    view = ListView(title=words.t("office.conflicts.title"), note=words.t("office.conflicts.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _batch(
    found: Member, state: ConflictState, connection: Connection, after: Cursor | None
) -> tuple[list[tuple[Cell, ...]], Cursor | None]:
    lines = await conflict_queue(connection, scope=scope_of(found.who), state=state, after=after, limit=CSV_PAGE)
    return [_row(found, each) for each in lines], behind_last(lines, _behind)


def _behind(line: ConflictLine) -> Cursor:
    return line.conflict.settled_at or line.conflict.due_at, line.conflict.id


def _columns(found: Member) -> tuple[Column, ...]:
    keys = (
        "office.number.title",
        "office.conflicts.older",
        "office.conflicts.newer",
        "desk.column.since",
        "desk.column.due",
    )
    return tuple(Column(name=found.words.t(key)) for key in keys)


def _row(found: Member, line: ConflictLine) -> tuple[Cell, ...]:
    words, each = found.words, line.conflict
    due = words.due(each.due_at, found.here.now)
    end = (
        Cell(text=words.t("office.conflict_state.settled"), badge="ok", sub=words.long(each.settled_at))
        if each.settled_at
        else Cell(text=due.text, badge=due.tone)
    )
    return (
        Cell(text=pretty(each.msisdn), href=f"{CONFLICTS.href}/{each.id}"),
        Cell(text=line.older.name, href=f"{OUTLETS.href}/{line.older.id}", sub=line.older.code),
        Cell(text=line.newer.name, href=f"{OUTLETS.href}/{line.newer.id}", sub=line.newer.code),
        Cell(text=words.long(each.found_at), sub=words.ago(each.found_at, found.here.now)),
        end,
    )


@get("/office/konflik/{id_:str}", include_in_schema=False)
async def conflict_page(request: AnyRequest, id_: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One conflict: both outlets, what the rule would do, and the decision."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CONFLICTS)
        line = await conflict(connection, conflict_id(id_), scope=scope_of(found.who))
        if isinstance(line, Refusal):
            raise Refused(line)
        lines = await audit_of(connection, [line.conflict.id])
        names = await names_in(connection, lines, line.conflict.settled_by or "")
    view = _thing(found, line, audit_story(lines, found.words, names), names)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def conflict_id(text: str) -> ConflictId:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(CONFLICT_NOT_FOUND())
    return ConflictId(id_)


def _by_rule(found: Member, line: ConflictLine) -> OutletId:
    ended = [side.id for side in (line.older, line.newer) if side.status == "terminated"]
    return line.conflict.by_rule(found.here.rules, ended=ended)


def _thing(found: Member, line: ConflictLine, story: list[StoryLine], names: Mapping[int, str]) -> ThingView:
    words, each = found.words, line.conflict
    by_rule = line.older if _by_rule(found, line) == line.older.id else line.newer
    opened = StoryLine(at=each.found_at, what=words.t("office.conflicts.found"), why=each.source, tone="info")
    badge = (
        Badge(text=words.t("office.conflict_state.settled"), tone="ok")
        if each.settled_at
        else words.due(each.due_at, found.here.now)
    )
    sides = tuple(
        Facts(
            title=words.t(f"office.conflicts.{which}"),
            facts=(
                Fact(
                    label=words.t("desk.outlet.title"), text=side.name, href=f"{OUTLETS.href}/{side.id}", note=side.code
                ),
                Fact(label=words.t("office.conflicts.registered"), text=words.long(at)),
                Fact(
                    label=words.t("desk.column.state"),
                    text="",
                    badge=Badge(
                        text=words.t(f"desk.outlet_status.{side.status}"), tone=TONES.get(side.status, "plain")
                    ),
                ),
            ),
        )
        for which, side, at in (("older", line.older, each.older_at), ("newer", line.newer, each.newer_at))
    )
    facts = [
        Fact(label=words.t("office.number.title"), text=pretty(each.msisdn), href=f"{NUMBERS.href}/{each.msisdn}"),
        Fact(label=words.t("office.conflicts.by_rule"), text=words.t("office.conflicts.keeps", name=by_rule.name)),
        Fact(label=words.t("office.conflicts.source"), text=each.source),
    ]
    told = [*story, opened]
    if each.settled_at and each.settled_by:
        kept = line.older if each.kept_outlet_id == line.older.id else line.newer
        who, why = who_text(each.settled_by, words, names), why_text({"reason": each.settled_why}, words)
        what = words.t("office.conflicts.keeps", name=kept.name)
        told.append(StoryLine(at=each.settled_at, what=what, who=who, why=why, tone="ok"))
        facts.append(Fact(label=words.t("office.conflicts.kept"), text=kept.name, note=f"{who}: {why}"))
    return ThingView(
        title=pretty(each.msisdn),
        kind=words.t("office.conflicts.one"),
        back_href=CONFLICTS.href,
        back_name=words.t("office.conflicts.title"),
        badges=(badge,),
        facts=(Facts(title=words.t("desk.outlet.about"), facts=tuple(facts)), *sides),
        story=tuple(sorted(told, key=lambda one: one.at, reverse=True)),
        actions=_actions(found, line, each),
    )


def _actions(found: Member, line: ConflictLine, each: Conflict) -> tuple[Action, ...]:
    words = found.words
    if each.settled_at is not None:
        return (Action(title=words.t("office.conflicts.settle"), why_not=words.sentence(CONFLICT_SETTLED())),)
    if not SETTLE.open_to(found.who.roles):
        return (Action(title=words.t("office.conflicts.settle"), why_not=words.t("office.applications.branch_only")),)
    reason = reason_field(words)
    return tuple(
        Action(
            title=words.t("office.conflicts.keeps", name=side.name),
            post=f"{CONFLICTS.href}/{each.id}",
            fields=(reason, Field(name="simpan", label="", kind="hidden", value=str(side.id))),
            tone="primary" if _by_rule(found, line) == side.id else "plain",
        )
        for side in (line.older, line.newer)
    )


@post("/office/konflik/{id_:str}", include_in_schema=False)
async def settle_post(request: AnyRequest, id_: FromPath[str]) -> AnyPage:
    """One outlet keeps the number; the other one's registration is disabled."""
    form, where = await desk_form(request, OFFICE), f"{CONFLICTS.href}/{id_}"
    keeps, reason = id_of(form.text("simpan")), reason_of(form)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SETTLE)
        if reason is None or not keeps:
            return go(f"{where}?pesan=alasan")
        here = found.here
        wanted = Settlement(conflict_id=conflict_id(id_), keeps=OutletId(keeps), reason=reason)
        (outcome,) = await settle_conflicts(
            connection,
            [wanted],
            scope=scope_of(found.who),
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
            rules=here.rules,
        )
    return asked_for(request, outcome, where, "putus")


CONFLICT_ROUTES = [conflicts_page, conflict_page, settle_post]
