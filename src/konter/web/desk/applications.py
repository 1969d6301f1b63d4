"""Applications to become a seller, as those who judge them see them: masked until somebody opens whom it is about,
which is written down. The partner recommends, the branch decides. [D-05, D-55, G-D09]
"""

from collections.abc import Mapping, Sequence
from functools import partial

from litestar import Response

from konter.channel.onboarding.model import id_of_form
from konter.channel.onboarding.queues.model import (
    QUEUE_STATES,
    Dossier,
    Form,
    Identity,
    QueueLine,
    QueueState,
)
from konter.channel.onboarding.queues.read import dossier, identity, queue
from konter.channel.onboarding.refusals import APPLICATION_NOT_FOUND
from konter.channel.scope import scope_of
from konter.channel.territory.places import Position
from konter.platform.audit import audit_of
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.platform.ids import ApplicationId
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import pretty
from konter.web.desk.frame import Member
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
    StoryLine,
    Table,
    ThingView,
)
from konter.web.desk.words import DeskWords
from konter.web.pages import id_of

PAGE = 50
EVERY = "semua"  # what the filter says for whatever waits, as an address without it means this desk's own work
TONES: dict[str, BadgeTone] = {"approved": "ok", "rejected": "error", "submitted": "info", "recommended": "info"}


def application_id(text: str) -> ApplicationId:
    """An id or form number as it stands in an address."""
    found = id_of_form(text[:30])
    if found is None or not id_of(str(found)):
        raise Refused(APPLICATION_NOT_FOUND())
    return found


async def applications_table(
    connection: Connection,
    found: Member,
    href: str,
    query: Mapping[str, str],
    *,
    first: QueueState,
    exports: bool,
) -> Table | Response[bytes]:
    """What waits, the earliest due first, or the file. `query`: status, dari, bentuk as typed; `first` is the state
    that is shown when none is chosen. Where nothing is in a state, something may still wait in the other.
    """
    words, now = found.words, found.here.now
    named = next((each for each in QUEUE_STATES if each == query["status"]), first)
    state = None if query["status"] == EVERY else named
    columns = _columns(found, state)
    if query["bentuk"] == "csv" and exports:
        read = partial(_batch, found, href, state)
        return await csv_file(connection, found, "permohonan", "applications", columns, read)
    place = cursor_of(query["dari"])
    lines = await queue(connection, scope_of(found.who), state, now=now, after=place, limit=PAGE)
    last = lines[-1] if len(lines) == PAGE else None
    kept = {"status": state or EVERY}
    return Table(
        id="applications",
        title=words.t("desk.applications.waiting"),
        columns=columns,
        rows=tuple(_row(found, each, href, state) for each in lines),
        empty=words.t(f"desk.applications.none_{state}" if state else "desk.all_done"),
        way_on=way_on(
            words,
            address(href, **kept) if place else address(href, status=EVERY),
            "lists.queue.begin",
            narrowed=state is not None,
            paged=place is not None,
        ),
        action=href,
        filters=(_filter(words, state),),
        next_href=address(href, **kept, dari=cursor_text(*last.cursor)) if last else "",
        first_href=address(href, **kept) if place else "",
        csv_href=address(href, **kept, bentuk="csv") if exports else "",
        refresh_href=address(href, **kept, dari=query["dari"]),
    )


def _filter(words: DeskWords, state: QueueState | None) -> Filter:
    states = [Choice(value=each, name=words.t(f"desk.application_state.{each}")) for each in QUEUE_STATES]
    every = Choice(value=EVERY, name=words.t("desk.all"))
    return Filter(name="status", label=words.t("desk.column.state"), value=state or EVERY, choices=(*states, every))


async def _batch(
    found: Member, href: str, state: QueueState | None, connection: Connection, after: Cursor | None
) -> tuple[list[tuple[Cell, ...]], Cursor | None]:
    lines = await queue(connection, scope_of(found.who), state, now=found.here.now, after=after, limit=CSV_PAGE)
    return [_row(found, each, href, state) for each in lines], behind_last(lines, lambda line: line.cursor)


def _columns(found: Member, state: QueueState | None) -> tuple[Column, ...]:
    """Where all are listed, also what each waits for."""
    keys = (
        "desk.applications.form",
        "desk.outlet.name",
        *(() if state else ("desk.column.state",)),
        "desk.applications.place",
        "desk.partner.title",
        "desk.applications.sent",
        "desk.column.due",
        "desk.applications.partner_says",
    )
    return tuple(Column(name=found.words.t(key)) for key in keys)


def _row(found: Member, line: QueueLine, href: str, state: QueueState | None) -> tuple[Cell, ...]:
    words, now = found.words, found.here.now
    due = words.due(line.due_at, now)
    return (
        Cell(text=f"FP-{line.id}", href=f"{href}/{line.id}"),
        Cell(text=line.outlet_name, sub=words.known(f"desk.outlet_kind.{line.kind}", line.kind)),
        *(() if state else (Cell(text=words.t(f"desk.application_state.{line.state}")),)),
        Cell(text=line.district_name, sub=line.regency_name),
        Cell(text=line.partner_name),
        Cell(text=words.long(line.submitted_at), sub=words.ago(line.submitted_at, now)),
        Cell(text=due.text, badge=due.tone),
        _says(found, supports=line.supports),
    )


def _says(found: Member, *, supports: bool | None) -> Cell:
    if supports is None:
        return Cell(text=found.words.t("desk.applications.not_yet"))
    key, tone = ("supports", "ok") if supports else ("against", "warn")
    return Cell(text=found.words.t(f"desk.applications.{key}"), badge=tone)  # type: ignore[arg-type]


async def read_application(
    connection: Connection, found: Member, id_: ApplicationId, *, opened: bool
) -> tuple[Dossier, Identity | None, list[StoryLine]]:
    """One application, and whom it is about if that was asked for. Raises Refused(APPLICATION_NOT_FOUND)."""
    here, scope = found.here, scope_of(found.who)
    seen: Identity | None = None
    if opened:
        named = await identity(
            connection, scope, id_, actor=found.actor, now=here.now, ids=here.app.ids, keys=here.app.keys
        )
        if isinstance(named, Refusal):
            raise Refused(named)
        seen = named
    made = await dossier(connection, scope, id_, keys=here.app.keys)
    if isinstance(made, Refusal):
        raise Refused(made)
    lines = await audit_of(connection, [id_])
    names = await names_in(connection, lines) if found.who.kind == "staff" else {}
    return made, seen, audit_story(lines, found.words, names)


def application_view(
    found: Member,
    root: str,
    made: Dossier,
    seen: Identity | None,
    story: Sequence[StoryLine],
    actions: tuple[Action, ...],
) -> ThingView:
    """The page of an application."""
    words, form = found.words, made.form
    href = f"{root}/{form.id}"
    waits = form.state in ("submitted", "recommended")
    badges = [Badge(text=words.t(f"desk.application_state.{form.state}"), tone=TONES.get(form.state, "plain"))]
    if waits and form.due_at is not None:
        badges.append(words.due(form.due_at, found.here.now))
    look = Action(
        title=words.t("desk.applications.open"),
        note=words.t("desk.applications.open_note"),
        href=f"{href}?buka=ya",
        tone="plain",
    )
    return ThingView(
        title=form.outlet_name or form.form_number,
        kind=words.t("desk.applications.one", number=form.form_number),
        back_href=root,
        back_name=words.t("desk.applications.title"),
        badges=tuple(badges),
        facts=(
            Facts(title=words.t("desk.applications.who"), facts=_who(found, form, seen)),
            Facts(title=words.t("desk.applications.shop"), facts=_shop(found, form)),
            Facts(title=words.t("desk.applications.know_first"), facts=_warnings(found, made, root)),
        ),
        story=tuple(story),
        actions=(*actions, *(() if seen is not None else (look,))),
        picture=f"{href}/foto" if seen is not None and form.photo_at is not None else "",
        note=words.t("desk.applications.opened") if seen is not None else "",
    )


def _who(found: Member, form: Form, seen: Identity | None) -> tuple[Fact, ...]:
    words, none = found.words, found.words.t("desk.none")
    return (
        Fact(label=words.t("desk.applications.owner"), text=(seen.owner_name if seen else form.owner_name) or none),
        Fact(label=words.t("desk.applications.nik"), text=(seen.nik if seen else form.nik_masked) or none),
        Fact(label=words.t("desk.outlet.address"), text=(seen.address if seen else form.address) or none),
        Fact(
            label=words.t("desk.applications.signatory"),
            text=(seen.signatory if seen else form.signatory) or none,
            note=words.t(f"desk.capacity.{form.capacity}") if form.capacity else "",
        ),
        Fact(label=words.t("desk.applications.version"), text=form.form_version or none),
    )


def _shop(found: Member, form: Form) -> tuple[Fact, ...]:
    words, none = found.words, found.words.t("desk.none")
    place = f"{form.district.name}, {form.district.regency}, {form.district.province}" if form.district else none
    numbers = (("desk.outlet.reseller", form.rs), ("desk.outlet.nn", form.nn), ("desk.applications.ussd", form.ussd))
    return (
        Fact(label=words.t("desk.applications.place"), text=place, note=_position(form.position)),
        Fact(label=words.t("desk.partner.title"), text=form.partner_name or none),
        *(Fact(label=words.t(key), text=pretty(number) if number else none) for key, number in numbers),
        Fact(
            label=words.t("desk.applications.sent"),
            text=words.long(form.submitted_at) if form.submitted_at else none,
        ),
        Fact(
            label=words.t("desk.applications.partner_says"),
            text=_says(found, supports=form.supports).text,
            note=form.note or "",
        ),
        *((Fact(label=words.t("desk.column.reason"), text=form.reason),) if form.reason else ()),
        *(
            (
                Fact(
                    label=words.t("desk.outlet.title"),
                    text=str(form.outlet_id),
                    href=f"{found.desk.root}/outlet/{form.outlet_id}",
                ),
            )
            if form.outlet_id
            else ()
        ),
    )


def _position(position: Position | None) -> str:
    return f"{position.latitude_udeg / 1e6:.5f}, {position.longitude_udeg / 1e6:.5f}" if position else ""


def _warnings(found: Member, made: Dossier, root: str) -> tuple[Fact, ...]:
    words = found.words
    same = ", ".join(f"FP-{each}" for each in made.same_nik)
    listed = "; ".join(made.blacklisted)
    return (
        Fact(
            label=words.t("desk.applications.blacklist"),
            text=listed or words.t("desk.none"),
            badge=Badge(text=words.t("desk.applications.on_it"), tone="error") if listed else None,
        ),
        Fact(
            label=words.t("desk.applications.same_nik"),
            text=same or words.t("desk.none"),
            href=f"{root}/{made.same_nik[0]}" if made.same_nik else "",
        ),
        Fact(
            label=words.t("desk.applications.nik_region"), text=made.nik_region or words.t("desk.applications.unknown")
        ),
    )
