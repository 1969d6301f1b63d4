"""The queue of reseller numbers found at two outlets, for staff. [D-32, G-D07]"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.moments import asked_cursor
from konter.api.v1.sales import ID_MAX
from konter.channel.conflicts.model import ConflictId, Settlement, Side
from konter.channel.conflicts.queue import ConflictLine, conflict_counts, conflict_queue
from konter.channel.conflicts.refusals import CONFLICT_ELSEWHERE, CONFLICT_NOT_FOUND, CONFLICT_SETTLED, OUTLET_HAS_RS
from konter.channel.conflicts.settle import settle_conflicts
from konter.channel.refusals import RS_ALREADY_REGISTERED, RS_NOT_OPERATOR
from konter.channel.scope import scope_of
from konter.platform.cursor import CURSOR_CHARS_MAX, cursor_text
from konter.platform.forms import whole
from konter.platform.ids import OutletId

PAGE = 50
ConflictPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


class SettlementBody(Body, frozen=True):
    """Which of the two outlets keeps the number, null for what the rule says; and why."""

    reason: Reason
    keeps: Annotated[str, msgspec.Meta(pattern=whole(r"[0-9]{1,18}"))] | None = None


class SideView(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet of a conflict."""

    id: str
    code: str
    name: str
    status: str

    @classmethod
    def of(cls, side: Side) -> "SideView":
        """As people know it."""
        return cls(id=str(side.id), code=side.code, name=side.name, status=side.status)


class ConflictView(msgspec.Struct, frozen=True, kw_only=True):
    """A reseller number at two outlets; `older` has it until somebody, or at `due_at` the rule, settles who shall."""

    id: str
    number: str
    older: SideView
    newer: SideView
    source: str
    found_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, line: ConflictLine) -> "ConflictView":
        """From a line of the queue."""
        conflict = line.conflict
        return cls(
            id=str(conflict.id),
            number=str(conflict.msisdn),
            older=SideView.of(line.older),
            newer=SideView.of(line.newer),
            source=conflict.source,
            found_at=conflict.found_at,
            due_at=conflict.due_at,
        )


class ConflictList(msgspec.Struct, frozen=True, kw_only=True):
    """Open conflicts, soonest due first; the next page is asked for with `next` as `cursor`, null on the last one."""

    items: list[ConflictView]
    open: int
    overdue: int
    next: str | None


class SettledView(msgspec.Struct, frozen=True, kw_only=True):
    """Who keeps the number, and whose registration is disabled."""

    kept: str
    disabled: str


@get("/number-conflicts", tags=["numbers"], opt=says("staff"))
async def list_conflicts(
    request: AnyRequest,
    cursor: Annotated[str, QueryParameter(max_length=CURSOR_CHARS_MAX)] = "",
) -> ConflictList:
    """What waits to be settled in the caller's area, 50 a page. [D-32]"""
    app = app_of(request)
    scope = scope_of(require_staff(await principal(request), "conflicts.settle"))
    after = asked_cursor("cursor", cursor)
    async with app.connection() as connection:
        counts = await conflict_counts(connection, scope=scope, now=app.clock.now())
        lines = await conflict_queue(connection, scope=scope, after=after, limit=PAGE + 1)
    last = lines[PAGE - 1].conflict if len(lines) > PAGE else None
    return ConflictList(
        items=[ConflictView.of(line) for line in lines[:PAGE]],
        open=counts.open,
        overdue=counts.overdue,
        next=cursor_text(last.due_at, last.id) if last else None,
    )


@post(
    "/number-conflicts/{conflict:int}/settlement",
    status_code=200,
    tags=["numbers"],
    opt=says(
        "staff",
        CONFLICT_NOT_FOUND,
        CONFLICT_SETTLED,
        CONFLICT_ELSEWHERE,
        OUTLET_HAS_RS,
        RS_ALREADY_REGISTERED,
        RS_NOT_OPERATOR,
    ),
)
async def settle_conflict(conflict: ConflictPath, data: JSONBody[SettlementBody], request: AnyRequest) -> SettledView:
    """Say who keeps the number; the other registration is disabled. Once for ever. [D-32, G-D07]"""
    app = app_of(request)
    staff = require_staff(await principal(request), "conflicts.settle")
    now = app.clock.now()
    wanted = Settlement(
        conflict_id=ConflictId(conflict),
        keeps=OutletId(int(data.keeps)) if data.keeps is not None else None,
        reason=data.reason,
    )
    async with app.connection() as connection:
        (outcome,) = await settle_conflicts(
            connection,
            [wanted],
            scope=scope_of(staff),
            actor=actor_of(staff, origin_of(request)),
            now=now,
            ids=app.ids,
            rules=await app.rules(connection, now),
        )
    settled = accepted(outcome)
    return SettledView(kept=str(settled.kept), disabled=str(settled.lost))


CONFLICT_ROUTES = [list_conflicts, settle_conflict]
