"""What is due soonest in the queues that a member of staff may enter, whatever kind of work it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from konter.access.four_eyes.model import Proposal
from konter.access.four_eyes.propose import waiting_proposals
from konter.access.staff.people import staff_names
from konter.channel.conflicts.queue import ConflictLine, conflict_queue
from konter.channel.inactivity.read import Review, reviews
from konter.channel.onboarding.queues.model import QueueLine
from konter.channel.onboarding.queues.read import queue
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.sales.adjustment.adjust import asked_adjustments
from konter.sales.adjustment.model import Asked as AskedAdjustment
from konter.sales.codes import sale_code
from konter.sales.reconciliation.items import list_items
from konter.sales.reconciliation.model import WorkItem
from konter.sales.reversal.model import Asked as AskedReversal
from konter.sales.reversal.reverse import asked_reversals
from konter.subscriber.msisdn import pretty
from konter.web.desk.door import Place
from konter.web.desk.frame import Member
from konter.web.desk.views import Cell, Column, Table
from konter.web.office import places
from konter.web.office.access.proposals import kind_text, subject_text

SHOWN = 8  # of each queue are read, and of all are shown
Due = tuple[datetime, tuple[Cell, ...]]


def item_due(found: Member) -> timedelta:
    """How long an item of work may stay open."""
    return timedelta(hours=found.here.rules.work.item_due_h)


def second_due(found: Member) -> timedelta:
    """How long what was asked for may wait for the second pair of eyes."""
    return timedelta(hours=found.here.rules.work.second_eyes_due_h)


async def urgent_table(connection: Connection, found: Member, *, done: bool) -> Table:
    """The first of all queues together. `done`: no queue counts anything, so that an empty table may say so."""
    words = found.words
    lines = [*await _of_sales(connection, found), *await _of_channel(connection, found)]
    lines += await _of_proposals(connection, found)
    return Table(
        id="urgent",
        title=words.t("desk.urgent"),
        columns=tuple(Column(name=words.t(f"desk.column.{name}")) for name in ("what", "kind", "due", "taken")),
        rows=tuple(cells for _, cells in sorted(lines, key=lambda each: each[0])[:SHOWN]),
        empty=words.t("desk.all_done" if done else "desk.nothing_due"),
    )


async def _of_sales(connection: Connection, found: Member) -> list[Due]:
    """Items of work, and what two of them must agree on: four queries."""
    scope = scope_of(found.who)
    if not places.ITEMS.open_to(found.who.roles):
        return []
    items = await list_items(connection, scope=scope, limit=SHOWN)
    adjustments = await asked_adjustments(connection, scope=scope, limit=SHOWN)
    reversals = await asked_reversals(connection, scope=scope, limit=SHOWN)
    names = await staff_names(connection, [item.taken_by for item in items if item.taken_by])
    lines = [_item_line(found, item, names) for item in items]
    lines += [_asked_line(found, each) for each in adjustments]
    return [*lines, *(_asked_line(found, each) for each in reversals)]


async def _of_channel(connection: Connection, found: Member) -> list[Due]:
    """Applications that the branch decides, number conflicts and reviews: two queries each at most."""
    scope, now, lines = scope_of(found.who), found.here.now, list[Due]()
    if places.APPLICATIONS.open_to(found.who.roles):
        waiting = await queue(connection, scope, "recommended", now=now, limit=SHOWN)
        lines += [_application_line(found, each) for each in waiting]
    if places.CONFLICTS.open_to(found.who.roles):
        conflicts = await conflict_queue(connection, scope=scope, limit=SHOWN)
        lines += [_conflict_line(found, each) for each in conflicts]
    if places.REVIEWS.open_to(found.who.roles):
        lines += [_review_line(found, each) for each in await reviews(connection, scope=scope, limit=SHOWN)]
    return lines


async def _of_proposals(connection: Connection, found: Member) -> list[Due]:
    """What one proposed and another is to decide, with the names of the staff that it is about."""
    if not places.PROPOSALS.open_to(found.who.roles):
        return []
    kinds, now = found.here.app.kinds, found.here.now
    waiting = await waiting_proposals(connection, kinds, found.who, now=now, limit=SHOWN)
    names = await staff_names(connection, [each.subject_id for each in waiting if each.kind.startswith("staff.")])
    return [_proposal_line(found, each, names) for each in waiting]


def _line(found: Member, place: Place, at: datetime, what: Cell, kind: str, taken: str = "") -> Due:
    """`kind`: what stands above the name of the queue; `taken`: by whom, nobody yet where it is empty."""
    words, due = found.words, found.words.due(at, found.here.now)
    return at, (
        what,
        Cell(text=kind, sub=words.t(place.text_key)),
        Cell(text=due.text, badge=due.tone),
        Cell(text=taken or words.t("desk.nobody")),
    )


def _item_line(found: Member, item: WorkItem, names: Mapping[int, str]) -> Due:
    words, at = found.words, item.opened_at + item_due(found)
    name = sale_code(item.sale_id) if item.sale_id else words.date(item.day)
    what = Cell(text=name, href=f"{places.ITEMS.href}/{item.id}")
    kind, taken = words.t(f"reconciliation.kind.{item.kind.value}"), names.get(item.taken_by or 0, "")
    return _line(found, places.ITEMS, at, what, kind, taken)


def _asked_line(found: Member, asked: AskedAdjustment | AskedReversal) -> Due:
    place = places.ADJUSTMENTS if isinstance(asked, AskedAdjustment) else places.REVERSALS
    code = sale_code(asked.sale_id)
    what = Cell(text=code, href=f"{places.SALES.href}/{code}")
    at = asked.asked_at + second_due(found)
    return _line(found, place, at, what, asked.reason, found.words.t("office.second_eyes"))


def _application_line(found: Member, each: QueueLine) -> Due:
    what = Cell(text=each.outlet_name, href=f"{places.APPLICATIONS.href}/{each.id}", sub=each.district_name)
    kind = found.words.t(f"desk.application_state.{each.state}")
    return _line(found, places.APPLICATIONS, each.due_at, what, kind)


def _conflict_line(found: Member, each: ConflictLine) -> Due:
    what = Cell(text=pretty(each.conflict.msisdn), href=f"{places.CONFLICTS.href}/{each.conflict.id}")
    kind = f"{each.older.name} · {each.newer.name}"
    return _line(found, places.CONFLICTS, each.conflict.due_at, what, kind)


def _review_line(found: Member, each: Review) -> Due:
    words, countdown = found.words, each.countdown
    assert countdown.due_at is not None, "a review has a due time"
    what = Cell(text=each.outlet_name, href=f"{places.REVIEWS.href}/{countdown.id}", sub=each.outlet_code)
    kind = words.known(f"desk.outlet_kind.{each.kind}", each.kind)
    return _line(found, places.REVIEWS, countdown.due_at, what, kind)


def _proposal_line(found: Member, each: Proposal, names: Mapping[int, str]) -> Due:
    href = f"{places.PROPOSALS.href}/{each.id}"
    what = Cell(text=kind_text(found, each.kind), href=href, sub=subject_text(each, names))
    return _line(found, places.PROPOSALS, each.expires_at, what, each.reason, found.words.t("office.second_eyes"))
