"""Visits on both desks: what is overdue, what is due today, who comes where and when, and the forms. [D-57, D-66]"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.channel.directory.find import search_outlets
from konter.channel.directory.model import OutletFound
from konter.channel.partner_users.add import partner_users
from konter.channel.partner_users.model import PartnerUser
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import Scope
from konter.channel.visits.model import Planned, Visits, Which
from konter.channel.visits.plan import assign_visits, stop_visits
from konter.channel.visits.rounds import planned_visits
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId, UserId
from konter.platform.refusal import Refusal
from konter.web.desk.frame import Member
from konter.web.desk.outlet_things import days_text
from konter.web.desk.tables import address
from konter.web.desk.views import Action, Cell, Choice, Column, Field, Filter, ListView, Table
from konter.web.desk.words import DeskWords
from konter.web.pages import Form, id_of
from konter.web.views import Alert

PAGE = 50
CODE_CHARS_MAX = 40
WEEK = range(1, 8)
RUN = 3  # so many days in a row are said by the first and the last
DONE = {"atur": "visits.planned", "henti": "visits.stopped", "catat": "visits.filed"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of visits is asked for: one outlet by its code, where the plan's page begins, what was just done."""

    href: str
    outlet_href: str
    scope: Scope
    person: UserId | None = None
    outlet: str = ""
    begin: str = ""
    message: str = ""
    files: bool = False  # whether whoever looks files visits, so that an outlet leads to its form


async def visits_view(connection: Connection, found: Member, asked: Asked, actions: tuple[Action, ...]) -> ListView:
    """Overdue and today's first, then the plan."""
    words, now = found.words, found.here.now

    async def read(which: Which, scope: Scope, after: int = 0) -> list[Planned]:
        return await planned_visits(
            connection, which, scope=scope, now=now, person=asked.person, after=OutletId(after), limit=PAGE
        )

    scope = asked.scope
    if asked.outlet:
        one = await named(connection, asked.outlet, scope)
        scope = msgspec.structs.replace(scope, outlet_id=one.id if one else OutletId(0))
    overdue, today = await read("overdue", asked.scope), await read("today", asked.scope)
    if asked.person is not None:  # on a phone each outlet stands once: today's list says what is overdue
        overdue = [each for each in overdue if not each.due_today(now)]
    every = await read("all", scope, id_of(asked.begin))
    last = every[-1].outlet_id if len(every) == PAGE else None
    alert = Alert(tone="ok", sentence=words.t(DONE[asked.message])) if asked.message in DONE else None
    return ListView(
        title=words.t("partner.round.title"),
        note=words.t("visits.note"),
        tables=(
            _table(found, asked, "today", today),
            _table(found, asked, "overdue", overdue),
            msgspec.structs.replace(
                _table(found, asked, "plan", every),
                action=asked.href,
                filters=(Filter(name="outlet", label=words.t("visits.outlet"), kind="text", value=asked.outlet),)
                if asked.person is None
                else (),
                next_href=address(asked.href, outlet=asked.outlet, dari=last) if last else "",
                first_href=asked.href if asked.begin else "",
            ),
        ),
        actions=actions,
        alert=alert,
    )


async def named(connection: Connection, code: str, scope: Scope) -> OutletFound | None:
    """The outlet with this code within the scope."""
    found = await search_outlets(connection, code[:CODE_CHARS_MAX], scope=scope, limit=1) if code.strip() else None
    return next((each for each in found.outlets if each.way == "code"), None) if found is not None else None


# What each table shows; whose visit it is only where it may be somebody else's.
_SHOWN = {
    "today": ("outlet", "state", "address", "person"),
    "overdue": ("outlet", "state", "last", "person"),
    "plan": ("outlet", "days", "last", "person"),
}
_NAMES = {
    "outlet": "desk.outlet.name",
    "state": "visits.state",
    "address": "desk.outlet.address",
    "days": "visits.days",
    "last": "visits.last",
    "person": "visits.person",
}
_EMPTY = {"today": "visits.none_today", "overdue": "visits.none_overdue", "plan": "visits.none_planned"}


def _table(found: Member, asked: Asked, kind: str, rows: Sequence[Planned]) -> Table:
    words = found.words
    shown = [each for each in _SHOWN[kind] if each != "person" or asked.person is None]
    cells = [_cells(found, asked, each) for each in rows]
    return Table(
        id=f"visits-{kind}",
        title=words.t(f"visits.{kind}"),
        columns=tuple(Column(name=words.t(_NAMES[each])) for each in shown),
        rows=tuple(tuple(row[each] for each in shown) for row in cells),
        empty=words.t(_EMPTY[kind]),
        note=words.t("visits.overdue_note") if kind == "overdue" and rows else "",
    )


def _cells(found: Member, asked: Asked, each: Planned) -> dict[str, Cell]:
    words = found.words
    where = asked.href if asked.files else asked.outlet_href
    return {
        "outlet": Cell(text=each.name, href=f"{where}/{each.outlet_id}", sub=each.code),
        "state": _state(found, each, found.here.now),
        "address": Cell(text=each.address or words.t("desk.none")),
        "days": Cell(text=days_in_short(words, each.weekdays)),
        "last": Cell(text=words.date(each.last_day) if each.last_day else words.t("visits.never")),
        "person": Cell(text=each.person_name, href=address(asked.href, outlet=each.code)),
    }


def days_in_short(words: DeskWords, weekdays: Sequence[int]) -> str:
    """`Setiap hari`, `Senin-Jumat`, `Senin, Kamis`."""
    if len(weekdays) == len(WEEK):
        return words.t("visits.every_day")
    if len(weekdays) >= RUN and weekdays[-1] - weekdays[0] == len(weekdays) - 1:
        return f"{days_text(words, weekdays[:1])}-{days_text(words, weekdays[-1:])}"
    return days_text(words, weekdays)


def _state(found: Member, each: Planned, now: datetime) -> Cell:
    words = found.words
    if each.done_today(now):
        return Cell(text=words.t("visits.done"), badge="ok")
    if (since := each.overdue_since(now)) is not None:
        return Cell(text=words.t("visits.overdue_since", day=words.date(since)), badge="error")
    if each.due_today(now):
        return Cell(text=words.t("visits.waiting"), badge="warn")
    if each.status != "active":
        return Cell(text=words.t(f"desk.outlet_status.{each.status}"), badge="plain")
    return Cell(text=words.t("visits.on_time"), badge="plain")


async def plan_actions(
    connection: Connection, found: Member, href: str, partner_id: PartnerId, code: str
) -> tuple[Action, ...]:
    """Forms to plan the visits of an outlet and to stop them; without a code the form asks for one."""
    words = found.words
    people = [each for each in await partner_users(connection, partner_id, limit=200) if _comes(each)]
    if not people:
        return (Action(title=words.t("visits.assign"), why_not=words.t("visits.nobody")),)
    names = words.t("desk.weekdays").split()
    outlet = Field(name="outlet", label=words.t("visits.outlet"), value=code, length_max=CODE_CHARS_MAX)
    fields = (
        outlet,
        Field(
            name="petugas",
            label=words.t("visits.person"),
            kind="choice",
            choices=tuple(Choice(value=str(each.id), name=each.name) for each in people),
        ),
        Field(
            name="hari",
            label=words.t("visits.days"),
            kind="checks",
            choices=tuple(Choice(value=str(day), name=names[day - 1]) for day in WEEK),
        ),
        Field(name="aksi", label="", kind="hidden", value="atur"),
    )
    return (
        Action(title=words.t("visits.assign"), note=words.t("visits.assign_note"), post=href, fields=fields),
        Action(
            title=words.t("visits.stop"),
            note=words.t("visits.stop_note"),
            post=href,
            fields=(outlet, Field(name="aksi", label="", kind="hidden", value="henti")),
            tone="plain",
        ),
    )


def _comes(person: PartnerUser) -> bool:
    return person.role == "SBP_FIELD_SALES" and person.status == "active"


async def plan_by_form(
    connection: Connection, found: Member, form: Form, scope: Scope
) -> tuple[str, Refusal | OutletId]:
    """Do what a posted form asks for: the message, and the outlet or why not; outside the scope there is no outlet."""
    here = found.here
    outlet = await named(connection, form.text("outlet"), scope)
    if outlet is None:
        return "", OUTLET_NOT_FOUND()
    if form.text("aksi") == "henti":
        (stopped,) = await stop_visits(connection, [outlet.id], actor=found.actor, now=here.now, ids=here.app.ids)
        return "henti", stopped
    wanted = Visits(
        outlet_id=outlet.id,
        field_sales_id=UserId(id_of(form.text("petugas"))),
        weekdays=tuple(sorted({id_of(day) for day in form.every("hari")})),
    )
    (planned,) = await assign_visits(connection, [wanted], actor=found.actor, now=here.now, ids=here.app.ids)
    return "atur", planned
