"""Items of the reconciliation: the queue, one item with its story, taking and solving it. [D-46, G-D12]"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.staff.people import staff_names
from konter.channel.scope import scope_of
from konter.platform.audit import audit_of
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.sales.codes import sale_code
from konter.sales.reach import out_of_reach
from konter.sales.reconciliation.items import (
    ID_END,
    ItemStory,
    item_story,
    list_items,
    newest_items,
    solve_item,
    take_item,
)
from konter.sales.reconciliation.model import Kind, WorkItem, WorkItemId
from konter.sales.reconciliation.refusals import ITEM_NOT_FOUND, ITEM_SOLVED
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.tables import CSV_PAGE, address, behind_last, csv_file, sortable, way_on
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
from konter.web.office.places import ITEMS, OFFICE
from konter.web.office.sales.sides import side_facts
from konter.web.pages import AnyPage, go, id_of

PAGE = 50
State = Literal["open", "solved"]


@get("/office/perkara", include_in_schema=False)
async def items_page(
    request: AnyRequest,
    jenis: FromQuery[str] = "",
    status: FromQuery[str] = "",
    arah: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
) -> Response[bytes]:
    """What does not fit, oldest first or newest first."""
    kind = jenis if jenis in Kind.__members__ else ""
    state: State = "solved" if status == "solved" else "open"
    down = arah == "turun"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, ITEMS)
        if bentuk == "csv" and found.may("lists.export"):
            read = partial(_batch, found, state, kind, down=down)
            return await csv_file(connection, found, "perkara", "work_items", _columns(found, {}, down=down), read)
        items = await _page(connection, found, state, kind, down=down, place=_digits(dari), limit=PAGE)
        names = await _names(connection, items)
    words = found.words
    query = {"jenis": kind, "status": status, "arah": arah}
    place = str(items[-1].id) if len(items) == PAGE else ""
    table = Table(
        id="items",
        title=words.t(f"office.items.{state}"),
        columns=_columns(found, {"jenis": kind, "status": status}, down=down),
        rows=tuple(_row(found, item, names) for item in items),
        empty=words.t("office.items.none"),
        way_on=way_on(words, ITEMS.href, "lists.queue.begin", narrowed=bool(kind), paged=bool(dari)),
        action=ITEMS.href,
        filters=_filters(found, kind, state),
        hidden=(("arah", arah),) if arah else (),
        next_href=address(ITEMS.href, **query, dari=place) if place else "",
        first_href=address(ITEMS.href, **query) if dari else "",
        csv_href=address(ITEMS.href, **query, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(ITEMS.href, **query, dari=dari),
    )
    view = ListView(title=words.t("office.items.title"), note=words.t("office.items.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _page(
    connection: Connection, found: Member, state: State, kind: str, *, down: bool, place: int, limit: int
) -> list[WorkItem]:
    scope = scope_of(found.who)
    if down:
        return await newest_items(
            connection, scope=scope, state=state, kind=kind or None, before=place or ID_END, limit=limit
        )
    return await list_items(connection, scope=scope, state=state, kind=kind or None, after=place, limit=limit)


async def _names(connection: Connection, items: Sequence[WorkItem]) -> Mapping[int, str]:
    return await staff_names(connection, [each for item in items for each in (item.taken_by, item.solved_by) if each])


async def _batch(
    found: Member, state: State, kind: str, connection: Connection, place: int | None, *, down: bool
) -> tuple[list[tuple[Cell, ...]], int | None]:
    items = await _page(connection, found, state, kind, down=down, place=place or 0, limit=CSV_PAGE)
    names = await _names(connection, items)
    return [_row(found, item, names) for item in items], behind_last(items, lambda item: item.id)


def _columns(found: Member, query: Mapping[str, object], *, down: bool) -> tuple[Column, ...]:
    words = found.words
    return (
        Column(name=words.t("desk.column.what")),
        Column(name=words.t("reconciliation.what")),
        sortable(words.t("desk.column.since"), ITEMS.href, query, by="umur", key="umur", down=down),
        Column(name=words.t("desk.column.due")),
        Column(name=words.t("desk.column.taken")),
    )


def _row(found: Member, item: WorkItem, names: Mapping[int, str]) -> tuple[Cell, ...]:
    words, now = found.words, found.here.now
    if item.state == "solved" and item.solved_at is not None:
        end = Cell(text=words.t("office.items.solved_one"), badge="ok", sub=words.long(item.solved_at))
        who = names.get(item.solved_by or 0) or words.t("office.items.by_rule")
    else:
        due = words.due(item.opened_at + timedelta(hours=found.here.rules.work.item_due_h), now)
        end = Cell(text=due.text, badge=due.tone)
        who = names.get(item.taken_by or 0, words.t("desk.nobody"))
    return (
        Cell(
            text=sale_code(item.sale_id) if item.sale_id else words.date(item.day),
            href=f"{ITEMS.href}/{item.id}",
            sub=words.t("office.items.day", day=words.date(item.day)),
        ),
        Cell(text=words.t(f"reconciliation.kind.{item.kind.value}")),
        Cell(text=words.long(item.opened_at), sub=words.ago(item.opened_at, now)),
        end,
        Cell(text=who),
    )


def _filters(found: Member, kind: str, state: State) -> tuple[Filter, ...]:
    words = found.words
    kinds = [Choice(value=each.value, name=words.t(f"reconciliation.kind.{each.value}")) for each in Kind]
    states = [Choice(value=each, name=words.t(f"office.items.{each}")) for each in ("open", "solved")]
    return (
        Filter(
            name="jenis",
            label=words.t("reconciliation.what"),
            value=kind,
            choices=(Choice(value="", name=words.t("desk.all")), *kinds),
        ),
        Filter(name="status", label=words.t("desk.column.state"), value=state, choices=tuple(states)),
    )


@get("/office/perkara/{item:str}", include_in_schema=False)
async def item_page(request: AnyRequest, item: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One item: what each side said then and says now, what happened, and what may be done."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, ITEMS)
        here = found.here
        await _within(connection, found, _digits(item))
        story = await item_story(
            connection, WorkItemId(_digits(item)), actor=found.actor, now=here.now, ids=here.app.ids
        )
        if isinstance(story, Refusal):
            raise Refused(story)
        subject = story.item.sale_id or story.item.id
        lines = await audit_of(connection, [subject])
        hands = [f"staff:{each}" for each in (story.item.taken_by, story.item.solved_by) if each]
        names = await names_in(connection, lines, *hands)
    told = audit_story(lines, found.words, names, hrefs={subject: _sale_href(story.item)})
    view = _thing(found, story, names, told)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def _thing(found: Member, story: ItemStory, names: Mapping[int, str], told: list[StoryLine]) -> ThingView:
    words, item = found.words, story.item
    opened = StoryLine(
        at=item.opened_at, what=words.t("office.items.opened"), who=words.t("desk.actor.system"), tone="info"
    )
    if item.solved_at is not None and item.solved_rule:
        rule = words.known(f"office.rule.{item.solved_rule}", item.solved_rule)
        told = [StoryLine(at=item.solved_at, what=words.t("office.items.solved_one"), why=rule, tone="ok"), *told]
    facts = [Facts(title=words.t("office.items.about"), facts=_facts(found, item, names))]
    if item.story:
        facts.append(Facts(title=words.t("office.items.then"), facts=side_facts(words, item.story)))
    if story.now:
        facts.append(Facts(title=words.t("office.items.now"), facts=side_facts(words, story.now, before=item.story)))
    done = item.state == "solved"
    due = words.due(item.opened_at + timedelta(hours=found.here.rules.work.item_due_h), found.here.now)
    badge = Badge(text=words.t("office.items.solved_one"), tone="ok") if done else due
    return ThingView(
        title=words.t(f"reconciliation.kind.{item.kind.value}").capitalize(),
        kind=words.t("office.items.title"),
        back_href=ITEMS.href,
        back_name=words.t("office.items.title"),
        badges=(badge,),
        facts=tuple(facts),
        story=tuple(sorted([*told, opened], key=lambda line: line.at, reverse=True)),
        actions=_actions(found, story, names),
        note=words.t(f"office.kind_help.{item.kind.value}"),
    )


def _facts(found: Member, item: WorkItem, names: Mapping[int, str]) -> tuple[Fact, ...]:
    words = found.words
    facts = [
        Fact(label=words.t("office.items.number"), text=str(item.id)),
        Fact(label=words.t("office.items.of_day"), text=words.date(item.day)),
        Fact(label=words.t("desk.column.since"), text=words.stamped(item.opened_at)),
    ]
    if item.sale_id:
        code = sale_code(item.sale_id)
        facts.insert(0, Fact(label=words.t("office.sale.title"), text=code, href=_sale_href(item)))
    if item.transfer_id:
        facts.append(Fact(label=words.t("office.items.transfer"), text=str(item.transfer_id)))
    if item.taken_by and item.taken_at:
        who = names.get(item.taken_by, str(item.taken_by))
        facts.append(Fact(label=words.t("desk.column.taken"), text=who, note=words.long(item.taken_at)))
    if item.solved_why:
        facts.append(Fact(label=words.t("office.items.why"), text=item.solved_why))
    return tuple(facts)


def _actions(found: Member, story: ItemStory, names: Mapping[int, str]) -> tuple[Action, ...]:
    words, item = found.words, story.item
    if item.state == "solved":
        return (Action(title=words.t("office.items.solve"), why_not=words.sentence(ITEM_SOLVED())),)
    actions: list[Action] = []
    root = f"{ITEMS.href}/{item.id}"
    if item.taken_by is None:
        actions.append(Action(title=words.t("office.items.take"), post=f"{root}/ambil"))
    elif item.taken_by != found.who.user_id:
        note = words.t("office.items.taken_by", name=names.get(item.taken_by, str(item.taken_by)))
        over = (Field(name="over", label="", kind="hidden", value="ya"),)
        actions.append(
            Action(title=words.t("office.items.take_over"), note=note, post=f"{root}/ambil", fields=over, tone="plain")
        )
    if story.sale is not None and item.kind in (Kind.LATE_DELIVERY, Kind.OTHER_AMOUNT):
        title = words.t("office.adjustments.go")
        actions.append(Action(title=title, href=_sale_href(item), note=words.t("office.adjustments.go_note")))
    elif story.sale is not None:
        actions.append(Action(title=words.t("office.sale.open"), href=_sale_href(item), tone="plain"))
    why = reason_field(words, name="why", label="office.items.why")
    actions.append(Action(title=words.t("office.items.solve"), post=f"{root}/selesai", fields=(why,), tone="plain"))
    return tuple(actions)


def _sale_href(item: WorkItem) -> str:
    return f"/office/transaksi/{sale_code(item.sale_id)}" if item.sale_id else ""


@post("/office/perkara/{item:str}/ambil", include_in_schema=False)
async def take_post(request: AnyRequest, item: FromPath[str]) -> AnyPage:
    """Say that one works on it."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, ITEMS)
        here, item_id = found.here, WorkItemId(_digits(item))
        await _within(connection, found, item_id)
        taken = await take_item(
            connection,
            item_id,
            over=form.text("over") == "ya",
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
        )
    return asked_for(request, taken, f"{ITEMS.href}/{item_id}", "ambil")


@post("/office/perkara/{item:str}/selesai", include_in_schema=False)
async def solve_post(request: AnyRequest, item: FromPath[str]) -> AnyPage:
    """End an item by hand."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, ITEMS)
        here, item_id, why = found.here, WorkItemId(_digits(item)), reason_of(form, name="why")
        await _within(connection, found, item_id)
        if why is None:
            return go(f"{ITEMS.href}/{item_id}?pesan=alasan")
        solved = await solve_item(connection, item_id, why=why, actor=found.actor, now=here.now, ids=here.app.ids)
    return asked_for(request, solved, f"{ITEMS.href}/{item_id}", "selesai")


async def _within(connection: Connection, found: Member, item_id: int) -> None:
    """Raise Refused(ITEM_NOT_FOUND) for what is about an outlet outside the area of this member of staff."""
    if (refusal := await out_of_reach(connection, "work_item", item_id, scope=scope_of(found.who))) is not None:
        raise Refused(refusal)


def _digits(text: str) -> int:
    """An id as it stands in an address; nothing else finds anything."""
    if not text:
        return 0
    if not (id_ := id_of(text)):
        raise Refused(ITEM_NOT_FOUND())
    return id_


ITEM_ROUTES = [items_page, item_page, take_post, solve_post]
