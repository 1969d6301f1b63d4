"""The queue of conflicts, for staff and partners: how many, and page by page. [D-32]"""

from datetime import UTC, datetime

import msgspec

from konter.channel.conflicts import queries
from konter.channel.conflicts.model import Conflict, ConflictId, ConflictState, Side
from konter.channel.conflicts.refusals import CONFLICT_NOT_FOUND
from konter.channel.scope import Scope
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.refusal import Refusal

PAGE_MAX = 200
FIRST: dict[ConflictState, datetime] = {
    "open": datetime(1970, 1, 1, tzinfo=UTC),
    "settled": datetime(9999, 1, 1, tzinfo=UTC),
}
ID_MAX = 2**63 - 1


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Open conflicts, those whose time is up, and when the next is due."""

    open: int
    overdue: int
    next_due_at: datetime | None


class ConflictLine(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict with its two outlets."""

    conflict: Conflict
    older: Side
    newer: Side


async def conflict_counts(connection: Connection, *, scope: Scope, now: datetime) -> Counts:
    """What waits. One query."""
    open_, overdue, next_due_at = await queries.count_open(connection, scope=scope, now=now)
    return Counts(open=open_, overdue=overdue, next_due_at=next_due_at)


async def conflict_queue(
    connection: Connection,
    *,
    scope: Scope,
    state: ConflictState = "open",
    after: Cursor | None = None,
    limit: int = 50,
) -> list[ConflictLine]:
    """Open conflicts soonest due first, or settled ones newest first. Two queries; at most 200 a page.

    The next page comes from behind the last line's (`due_at`, `id`), of settled ones (`settled_at`, `id`).
    """
    behind = after or (FIRST[state], 0 if state == "open" else ID_MAX)
    found = await queries.read_queue(connection, scope=scope, state=state, after=behind, limit=min(limit, PAGE_MAX))
    sides = await queries.read_sides(
        connection, [id_ for each in found for id_ in (each.older_outlet_id, each.newer_outlet_id)]
    )
    return [
        ConflictLine(conflict=each, older=sides[each.older_outlet_id], newer=sides[each.newer_outlet_id])
        for each in found
    ]


async def conflict(connection: Connection, conflict_id: ConflictId, *, scope: Scope) -> Refusal | ConflictLine:
    """One conflict of which an outlet is in the scope, with both. Two queries. CONFLICT_NOT_FOUND."""
    found = (await queries.read_conflicts(connection, [conflict_id], scope=scope)).get(conflict_id)
    if found is None:
        return CONFLICT_NOT_FOUND()
    sides = await queries.read_sides(connection, [found.older_outlet_id, found.newer_outlet_id])
    return ConflictLine(conflict=found, older=sides[found.older_outlet_id], newer=sides[found.newer_outlet_id])
