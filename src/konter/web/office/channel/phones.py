"""Lost phones: what was reported and is not lifted, reporting one, and lifting a report. [D-48, D-52]"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from litestar import Response, get, post
from litestar.params import FromQuery

from konter.access.people import actor_names
from konter.channel.lost_phones.lift import lift_lost
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import lost_phone_of, lost_phones
from konter.channel.scope import scope_of
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.platform.ids import LostPhoneId
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import list_notice, status_again, typed_again
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.lost_phones import NUMBER_CHARS_MAX, report_action, report_by_form
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import who_text
from konter.web.desk.tables import address, way_on
from konter.web.desk.views import Action, Cell, Column, Field, ListView, Table
from konter.web.office.places import LIFT_PHONES, OFFICE, PHONES
from konter.web.pages import AnyPage, go

PAGE = 50


@get("/office/hp-hilang", include_in_schema=False)
async def phones_page(request: AnyRequest, dari: FromQuery[str] = "", pesan: FromQuery[str] = "") -> Response[bytes]:
    """Reports that are not lifted, oldest first."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PHONES)
        view = await _phones(connection, found, after=cursor_of(dari))
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


async def _phones(connection: Connection, found: Member, *, after: Cursor | None = None) -> ListView:
    rows = await lost_phones(connection, scope=scope_of(found.who), after=after, limit=PAGE)
    names = await actor_names(connection, [each.reported_by for each in rows])
    words = found.words
    last = rows[-1] if len(rows) == PAGE else None
    table = Table(
        id="phones",
        title=words.t("desk.phones.open"),
        columns=tuple(
            Column(name=words.t(key))
            for key in (
                "desk.partner.number",
                "desk.column.since",
                "desk.column.due",
                "desk.phones.by",
                "desk.phones.note",
            )
        ),
        rows=tuple(_row(found, each, names) for each in rows),
        empty=words.t("desk.phones.none"),
        way_on=way_on(words, PHONES.href, "lists.phones.begin", paged=after is not None),
        next_href=address(PHONES.href, dari=cursor_text(last.reported_at, last.id)) if last else "",
        first_href=PHONES.href if after else "",
    )
    actions = (report_action(found, PHONES.href), _lift(found, rows))
    return ListView(
        title=words.t("desk.phones.title"), note=words.t("desk.phones.about"), tables=(table,), actions=actions
    )


def _row(found: Member, each: LostPhone, names: Mapping[int, str]) -> tuple[Cell, ...]:
    words, now = found.words, found.here.now
    due = words.due(each.reported_at + timedelta(hours=found.here.rules.work.lost_phone_due_h), now)
    return (
        Cell(text=pretty(each.msisdn), href=f"/office/outlet?cari={each.msisdn}"),
        Cell(text=words.long(each.reported_at), sub=words.ago(each.reported_at, now)),
        Cell(text=due.text, badge=due.tone),
        Cell(text=who_text(each.reported_by, words, names)),
        Cell(text=each.note),
    )


def _lift(found: Member, rows: Sequence[LostPhone]) -> Action:
    words, title = found.words, found.words.t("desk.phones.lift")
    if not LIFT_PHONES.open_to(found.who.roles):
        return Action(title=title, why_not=words.t("desk.phones.lift_roles"))
    if not rows:
        return Action(title=title, why_not=words.t("desk.phones.none"))
    which = Field(name="nomor", label=words.t("desk.phones.number"), length_max=NUMBER_CHARS_MAX)
    why = reason_field(words, name="why")
    return Action(
        title=title,
        note=words.t("desk.phones.lift_note"),
        post=f"{PHONES.href}/cabut",
        fields=(which, why),
        tone="plain",
    )


@post("/office/hp-hilang", include_in_schema=False)
async def report_post(request: AnyRequest) -> AnyPage:
    """Everything that the number can do is dead from this moment."""
    return await report_by_form(request, OFFICE, PHONES, _phones)


@post("/office/hp-hilang/cabut", include_in_schema=False)
async def lift_post(request: AnyRequest) -> AnyPage:
    """Lift the report of a number: its user logs in again."""
    form = await desk_form(request, OFFICE)
    why, typed, where = reason_of(form, name="why"), form.text("nomor")[:NUMBER_CHARS_MAX], f"{PHONES.href}/cabut"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, LIFT_PHONES)
        if why is None:
            return go(f"{PHONES.href}?pesan=alasan")
        outcome = await _lifted(connection, found, typed, why)
        if outcome is None:
            return go(f"{PHONES.href}?pesan=cabut")
        view = typed_again(found, await _phones(connection, found), outcome, where, {"nomor": typed, "why": why})
    return desk_page(request, OFFICE, "desk/list.html", view, status=status_again(outcome))


async def _lifted(connection: Connection, found: Member, typed: str, why: str) -> Refusal | None:
    if (msisdn := parse_msisdn(typed)) is None:
        return BAD_MSISDN(msisdn=typed)
    report = await lost_phone_of(connection, msisdn)
    return await lift_lost(
        connection,
        report.id if report else LostPhoneId(0),
        why=why,
        actor=found.actor,
        step=await found.here.whole_step(connection),
        principal=found.who,
    )


PHONE_ROUTES = [phones_page, report_post, lift_post]
