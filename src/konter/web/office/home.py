"""The office's first page: the queues with counts and due times, and what is most urgent in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from litestar import get

from konter.access.four_eyes.propose import proposal_backlog
from konter.catalogue.availability import last_closures
from konter.channel.conflicts.queue import conflict_counts
from konter.channel.inactivity.read import review_counts
from konter.channel.onboarding.queues.read import counts as application_counts
from konter.channel.scope import scope_of
from konter.platform.backlog import Backlog
from konter.platform.db import Connection
from konter.sales.adjustment.adjust import adjustment_backlog
from konter.sales.health.look import product_health
from konter.sales.reconciliation.items import open_backlog
from konter.sales.reconciliation.model import Kind
from konter.sales.reversal.reverse import reversal_backlog
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Place
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.views import BadgeTone, Bar, Cell, Chart, Column, HomeView, Queue, Table
from konter.web.desk.words import DeskWords
from konter.web.office import places
from konter.web.office.places import OFFICE
from konter.web.office.urgent import item_due, second_due, urgent_table
from konter.web.pages import AnyPage


@get("/office", include_in_schema=False)
async def home_page(request: AnyRequest) -> AnyPage:
    """What needs me now?"""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE)
        view = await home_view(connection, found)
    return desk_page(request, OFFICE, "desk/home.html", view)


async def home_view(connection: Connection, found: Member) -> HomeView:
    """Queues that this member of staff may enter."""
    words, who, scope = found.words, found.who, scope_of(found.who)
    queues: list[Queue] = []
    charts: tuple[Chart, ...] = ()
    if places.ITEMS.open_to(who.roles):
        by_kind = await open_backlog(connection, scope=scope)
        queues.append(_queue(found, places.ITEMS, _sum(by_kind.values()), item_due(found)))
        queues.append(
            _queue(found, places.ADJUSTMENTS, await adjustment_backlog(connection, scope=scope), second_due(found))
        )
        queues.append(
            _queue(found, places.REVERSALS, await reversal_backlog(connection, scope=scope), second_due(found))
        )
        queues.append(await _products(connection, found))
        charts = (_kinds(words, by_kind),) if len(by_kind) > 1 else ()
    if places.CONFLICTS.open_to(who.roles):
        queues.insert(0, await _conflicts(connection, found))
    if places.APPLICATIONS.open_to(who.roles):
        queue, chart = await _applications(connection, found)
        queues.insert(0, queue)
        charts = (chart, *charts)
    if places.REVIEWS.open_to(who.roles):
        queues.append(await _reviews(connection, found))
    if places.PROPOSALS.open_to(who.roles):
        backlog = await proposal_backlog(connection, found.here.app.kinds, who, now=found.here.now)
        due_after = timedelta(hours=found.here.rules.auth.proposal_ttl_h)
        queues.append(_queue(found, places.PROPOSALS, backlog, due_after))
    return HomeView(
        greeting=words.t("desk.greeting", name=who.name),
        queues=tuple(queues),
        urgent=await urgent_table(connection, found, done=not any(queue.count for queue in queues)),
        charts=charts,
    )


def queue_state(words: DeskWords, backlog: Backlog, due_after: timedelta, now: datetime) -> tuple[str, BadgeTone]:
    """What a queue's line says of its oldest."""
    if backlog.oldest_at is None:
        return words.t("desk.queue.empty"), "ok"
    due = words.due(backlog.oldest_at + due_after, now)
    tone: BadgeTone = "info" if due.tone == "plain" else due.tone
    return words.t("desk.queue.oldest", due=due.text), tone


def _queue(found: Member, place: Place, backlog: Backlog, due_after: timedelta) -> Queue:
    words = found.words
    state, tone = queue_state(words, backlog, due_after, found.here.now)
    return Queue(
        name=words.t(place.text_key),
        icon=place.icon,
        href=place.href,
        count=backlog.count,
        more=backlog.more,
        state=state,
        tone=tone,
    )


def _sum(backlogs: object) -> Backlog:
    each: Sequence[Backlog] = list(backlogs)  # type: ignore[call-overload]
    oldest = [one.oldest_at for one in each if one.oldest_at is not None]
    return Backlog(count=sum(one.count for one in each), oldest_at=min(oldest) if oldest else None)


async def _applications(connection: Connection, found: Member) -> tuple[Queue, Chart]:
    words = found.words
    counted = await application_counts(connection, scope_of(found.who), now=found.here.now)
    queue = _counted(found, places.APPLICATIONS, counted.recommended, counted.recommended_overdue)
    rows = (
        ("submitted", counted.submitted, counted.submitted_overdue),
        ("recommended", counted.recommended, counted.recommended_overdue),
    )
    most = max(count for _, count, _ in rows) or 1
    hrefs = {state: f"{places.APPLICATIONS.href}?status={state}" for state, _, _ in rows}
    names = {state: words.t(f"desk.application_state.{state}") for state, _, _ in rows}
    title = words.t("office.applications.by_state")
    keys = ("desk.column.state", "desk.column.count", "office.applications.late")
    chart = Chart(
        id="applications",
        title=title,
        bars=tuple(
            Bar(
                label=names[state],
                value=count,
                text=str(count),
                share=1000 * count // most,
                href=hrefs[state],
                tone="error" if late else "info",
            )
            for state, count, late in rows
        ),
        table=Table(
            id="applications-table",
            title=title,
            columns=tuple(Column(name=words.t(key), num=key != keys[0]) for key in keys),
            rows=tuple(
                (Cell(text=names[state], href=hrefs[state]), Cell(text=str(count)), Cell(text=str(late)))
                for state, count, late in rows
            ),
            empty="",
        ),
    )
    return queue, chart


async def _conflicts(connection: Connection, found: Member) -> Queue:
    counted = await conflict_counts(connection, scope=scope_of(found.who), now=found.here.now)
    return _counted(found, places.CONFLICTS, counted.open, counted.overdue)


async def _reviews(connection: Connection, found: Member) -> Queue:
    return _counted(
        found, places.REVIEWS, *await review_counts(connection, scope=scope_of(found.who), now=found.here.now)
    )


def _counted(found: Member, place: Place, count: int, late: int) -> Queue:
    """A queue whose lines each have a due time of their own."""
    words = found.words
    tone: BadgeTone = "error" if late else "info" if count else "ok"
    state = "desk.queue.empty" if not count else "desk.queue.on_time"
    return Queue(
        name=words.t(place.text_key),
        icon=place.icon,
        href=place.href,
        count=count,
        more=False,
        state=words.t("desk.queue.late", n=late) if late else words.t(state),
        tone=tone,
    )


async def _products(connection: Connection, found: Member) -> Queue:
    """Products that staff closed or that sell badly just now."""
    words = found.words
    health = await product_health(connection, now=found.here.now)
    closed = {code for code, each in (await last_closures(connection)).items() if each.opened_at is None}
    failing = {code for code, each in health.troubled.items() if each.state == "closed"}
    slow = set(health.troubled) - failing
    state = words.t("office.products.state", closed=len(closed), failing=len(failing), slow=len(slow))
    tone: BadgeTone = "error" if failing else "warn" if closed or slow else "ok"
    return Queue(
        name=words.t("office.products.title"),
        icon=places.PRODUCTS.icon,
        href=places.PRODUCTS.href,
        count=len(closed | failing | slow),
        more=False,
        state=state if tone != "ok" else words.t("office.products.fine"),
        tone=tone,
    )


def _kinds(words: DeskWords, by_kind: Mapping[Kind, Backlog]) -> Chart:
    """What the open items are about."""
    rows = sorted(((str(kind), each.count) for kind, each in by_kind.items()), key=lambda row: -row[1])
    most = rows[0][1]
    hrefs = {kind: f"/office/perkara?jenis={kind}" for kind, _ in rows}
    title = words.t("office.items.by_kind")
    return Chart(
        id="kinds",
        title=title,
        bars=tuple(
            Bar(
                label=words.t(f"reconciliation.kind.{kind}"),
                value=count,
                text=f"{count}",
                share=1000 * count // most,
                href=hrefs[kind],
                tone="plain",
            )
            for kind, count in rows
        ),
        table=Table(
            id="kinds-table",
            title=title,
            columns=(Column(name=words.t("reconciliation.what")), Column(name=words.t("desk.column.count"), num=True)),
            rows=tuple(
                (Cell(text=words.t(f"reconciliation.kind.{kind}"), href=hrefs[kind]), Cell(text=str(count)))
                for kind, count in rows
            ),
            empty=words.t("desk.all_done"),
        ),
    )
