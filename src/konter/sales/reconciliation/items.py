"""Items of work: opened by whoever sees what does not fit, taken and solved by people."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from konter.channel.scope import Scope
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.backlog import COUNTED_MAX, Backlog
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SaleId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.reconciliation import queries
from konter.sales.reconciliation.model import FILE_KINDS, STORY_DATA, Kind, NewItem, WorkItem, WorkItemId, is_under_way
from konter.sales.reconciliation.refusals import (
    ITEM_MATTER_OPEN,
    ITEM_NEEDS_ADJUSTMENT,
    ITEM_NOT_FOUND,
    ITEM_SOLVED,
    ITEM_TAKEN,
)

PAGE_MAX = 200
ID_END = (1 << 63) - 1
DAYS_MAX = 31
ADJUSTED_KINDS = (Kind.LATE_DELIVERY, Kind.OTHER_AMOUNT)


class ItemStory(msgspec.Struct, frozen=True, kw_only=True):
    """An item with all that is known about it: `item.story` is what each side said when it was opened, or when a person
    solved it, `now` what they say today; the sale, where there is one.
    """

    item: WorkItem
    now: STORY_DATA
    sale: SaleStory | None


async def open_items(connection: Connection, items: Sequence[NewItem], *, now: datetime, ids: IdBlocks) -> int:
    """Open items of work, or open them again where their matter is back. Returns how many.

    What is open stays as it is, and so does what a person solved knowing all that is known now.

    Runs in the caller's transaction, or in one of its own. The item is its own record: no audit row. [D-46, G-D12]
    """
    if not items:
        return 0
    own = await ids.reserve(connection, len(items))
    seqs = own.take(len(items))
    return await queries.insert_items(connection, [(make_id(next(seqs), item.cell), item) for item in items], at=now)


async def open_backlog(connection: Connection, *, scope: Scope) -> dict[Kind, Backlog]:
    """How many items of each kind wait, and since when."""
    rows = await queries.count_open(connection, scope=scope, limit=COUNTED_MAX)
    return {Kind(row["kind"]): Backlog(count=row["count"], oldest_at=row["oldest_at"]) for row in rows}


async def newest_items(
    connection: Connection,
    *,
    scope: Scope,
    state: str = "open",
    kind: str | None = None,
    before: int = ID_END,
    limit: int = PAGE_MAX,
) -> list[WorkItem]:
    """Items in a state, newest first; the next page starts before the last one's id."""
    rows = await queries.read_items_newest(
        connection, scope=scope, state=state, kind=kind, before=before, limit=min(limit, PAGE_MAX)
    )
    return [item_of(row) for row in rows]


async def list_items(
    connection: Connection,
    *,
    scope: Scope,
    state: str = "open",
    kind: str | None = None,
    after: int = 0,
    limit: int = PAGE_MAX,
) -> list[WorkItem]:
    """Items in a state, oldest first; the next page starts after the last one's id."""
    rows = await queries.read_items(
        connection, scope=scope, state=state, kind=kind, after=after, limit=min(limit, PAGE_MAX)
    )
    return [item_of(row) for row in rows]


async def item_story(
    connection: Connection, item_id: WorkItemId, *, actor: Actor, now: datetime, ids: IdBlocks
) -> ItemStory | Refusal:
    """One item; the look is written to the audit, as it shows a customer's number. Refusal: ITEM_NOT_FOUND. [D-81]"""
    row = await queries.read_item(connection, item_id=item_id)
    if row is None:
        return ITEM_NOT_FOUND()
    item = item_of(row)
    own = await ids.reserve(connection, 1)
    await write_audit(connection, own, [_audit(item, "look_at_item", {"item": str(item_id)}, actor, now)])
    found = await sale_story(connection, SaleId(item.sale_id), outlet_id=None) if item.sale_id else None
    sides = await queries.read_sides(connection, transfer_id=item.transfer_id, sale_id=item.sale_id)
    return ItemStory(item=item, now=sides or {}, sale=found if isinstance(found, SaleStory) else None)


async def days_without_file(connection: Connection) -> list[date]:
    """Days whose file never came or was refused, oldest first; at most a month of them."""
    return await queries.read_days(connection, kinds=FILE_KINDS, limit=DAYS_MAX)


async def take_item(
    connection: Connection, item_id: WorkItemId, *, over: bool, actor: Actor, now: datetime, ids: IdBlocks
) -> WorkItem | Refusal:
    """Say that one works on it; twice changes nothing. `over`: also when a colleague does; the audit keeps who did.

    Refusals: ITEM_NOT_FOUND, ITEM_SOLVED, ITEM_TAKEN.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        item = await _locked(connection, item_id)
        if isinstance(item, Refusal) or item.taken_by == actor.id:
            return item
        if item.taken_by is not None and not over:
            return ITEM_TAKEN()
        row = await queries.take_item(connection, item_id=item_id, taken_by=actor.id, at=now)
        data = {"item": str(item_id), "before": str(item.taken_by or "")}
        await write_audit(connection, own, [_audit(item, "take_item", data, actor, now)])
    return item_of(row)


async def solve_item(
    connection: Connection, item_id: WorkItemId, *, why: str, actor: Actor, now: datetime, ids: IdBlocks
) -> WorkItem | Refusal:
    """End an item by hand, with the reason. A late delivery ends by its adjustment; by hand only when a colleague has
    declined one, and never when Konter's own books say that the customer has it. What says that money is under way
    ends with the money: solved by hand it would only be out of sight.

    Refusals: ITEM_NOT_FOUND, ITEM_SOLVED, ITEM_NEEDS_ADJUSTMENT, ITEM_MATTER_OPEN.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        item = await _locked(connection, item_id)
        if isinstance(item, Refusal):
            return item
        sides = await queries.read_sides(connection, transfer_id=item.transfer_id, sale_id=item.sale_id) or {}
        if item.kind is Kind.LATE_DELIVERY and not await _is_denied(connection, item, sides):
            return ITEM_NEEDS_ADJUSTMENT()
        if is_under_way(item.kind, sides):
            return ITEM_MATTER_OPEN()
        row = await queries.solve_item(connection, item_id=item_id, solved_by=actor.id, why=why, sides=sides, at=now)
        await write_audit(connection, own, [_audit(item, "solve_item", {"item": str(item_id), "why": why}, actor, now)])
    return item_of(row)


async def late_delivery(connection: Connection, sale_id: SaleId) -> WorkItem | None:
    """The open item that shows that a refunded sale was delivered."""
    row = await queries.find_open_item(connection, kind=Kind.LATE_DELIVERY, sale_id=sale_id)
    return item_of(row) if row is not None else None


async def has_open_item(connection: Connection, kind: Kind, sale_id: SaleId) -> bool:
    """Whether people are asked to look at this of a sale."""
    return await queries.find_open_item(connection, kind=kind, sale_id=sale_id) is not None


async def end_items(
    connection: Connection, sale_id: SaleId, *, rule: str, now: datetime, kinds: Sequence[Kind] = ADJUSTED_KINDS
) -> None:
    """End a sale's items, those that an adjustment puts right or of other kinds, in the caller's transaction."""
    await queries.solve_of_sale(connection, kinds=kinds, sale_id=sale_id, rule=rule, at=now)


async def _is_denied(connection: Connection, item: WorkItem, sides: STORY_DATA) -> bool:
    if sides.get("receipt") == "received":
        return False
    return await queries.is_adjustment_declined(connection, sale_id=item.sale_id)


async def _locked(connection: Connection, item_id: WorkItemId) -> WorkItem | Refusal:
    row = await queries.lock_item(connection, item_id=item_id)
    if row is None:
        return ITEM_NOT_FOUND()
    return ITEM_SOLVED() if row["state"] == "solved" else item_of(row)


def item_of(row: queries.Record) -> WorkItem:
    """An item from its row."""
    return msgspec.convert(dict(row), WorkItem)


def _audit(item: WorkItem, action: str, data: dict[str, str], actor: Actor, now: datetime) -> AuditRow:
    subject = item.sale_id or item.id
    return AuditRow(cell_of_id(subject), now, actor, action, subject, {**data, "kind": item.kind})
