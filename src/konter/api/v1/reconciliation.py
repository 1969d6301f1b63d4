"""What does not fit between sales, ledger and network: items of work, and adjustments with four eyes."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from konter.access.model import Principal
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body
from konter.api.v1.sales import ID_MAX, sale_id_of
from konter.api.v1.views import SaleView
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.i18n import locale_of
from konter.platform.ids import AdjustmentId, SaleId
from konter.platform.refusal import Refused
from konter.sales.adjustment.adjust import ask_adjustment, asked_adjustments, decide_adjustment
from konter.sales.adjustment.model import Asked, Payer
from konter.sales.adjustment.refusals import (
    ADJUSTMENT_ASKED,
    ADJUSTMENT_DECIDED,
    ADJUSTMENT_NOT_FOUND,
    ADJUSTMENT_SAME_EYES,
    ALREADY_ADJUSTED,
    NOTHING_TO_ADJUST,
    WALLET_TOO_LOW,
)
from konter.sales.codes import sale_code
from konter.sales.reach import What, out_of_reach
from konter.sales.reconciliation.items import PAGE_MAX, item_story, list_items, solve_item, take_item
from konter.sales.reconciliation.model import Kind, WorkItem, WorkItemId
from konter.sales.reconciliation.refusals import (
    ITEM_MATTER_OPEN,
    ITEM_NEEDS_ADJUSTMENT,
    ITEM_NOT_FOUND,
    ITEM_SOLVED,
    ITEM_TAKEN,
)
from konter.sales.refusals import SALE_NOT_FOUND

ItemPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
AdjustmentPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500, examples=["berkas jaringan sudah dibetulkan"])]


class TakeBody(Body, frozen=True):
    """`over`: also when a colleague works on it."""

    over: bool = False


class SolutionBody(Body, frozen=True):
    """Why the item is done with."""

    why: Reason


class AdjustmentBody(Body, frozen=True):
    """`sale`: id or transaction code. `payer`: who bears the cost; `if_held`: the outlet if its wallet holds it, else
    the house.
    """

    sale: Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["8S7K-3Q2M"])]
    payer: Annotated[Payer, msgspec.Meta(examples=["outlet"])]
    reason: Reason


class AdjustmentDecisionBody(Body, frozen=True):
    """The second pair of eyes says yes or no."""

    approve: bool


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """An item of work. Transfer 0: it is about the whole day's file."""

    id: str
    kind: str
    day: date
    transfer: str
    sale: str | None
    code: str | None
    state: Literal["open", "solved"]
    opened_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    solved_at: datetime | None
    solved_rule: str | None
    solved_by: str | None
    solved_why: str | None

    @classmethod
    def of(cls, item: WorkItem) -> "ItemView":
        """From an item."""
        return cls(
            id=str(item.id),
            kind=item.kind.value,
            day=item.day,
            transfer=str(item.transfer_id),
            sale=str(item.sale_id) if item.sale_id else None,
            code=sale_code(SaleId(item.sale_id)) if item.sale_id else None,
            state=item.state,
            opened_at=item.opened_at,
            taken_by=str(item.taken_by) if item.taken_by else None,
            taken_at=item.taken_at,
            solved_at=item.solved_at,
            solved_rule=item.solved_rule,
            solved_by=str(item.solved_by) if item.solved_by else None,
            solved_why=item.solved_why,
        )


class ItemList(msgspec.Struct, frozen=True):
    """Oldest first; `next` is the `after` of the next page."""

    items: list[ItemView]
    next: str | None


class ItemStoryView(msgspec.Struct, frozen=True, kw_only=True):
    """What each side said when the item was opened, what they say now, and the sale."""

    item: ItemView
    then: dict[str, Any]
    now: dict[str, Any]
    sale: SaleView | None


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """An adjustment that waits for a second pair of eyes."""

    id: str
    sale: str
    code: str
    payer: Payer
    reason: str
    asked_by: str
    asked_at: datetime

    @classmethod
    def of(cls, asked: Asked) -> "WaitingView":
        """From what was asked."""
        return cls(
            id=str(asked.id),
            sale=str(asked.sale_id),
            code=sale_code(asked.sale_id),
            payer=asked.payer,
            reason=asked.reason,
            asked_by=str(asked.asked_by),
            asked_at=asked.asked_at,
        )


class WaitingList(msgspec.Struct, frozen=True):
    """The queue, oldest first."""

    items: list[WaitingView]


class AdjustmentIdView(msgspec.Struct, frozen=True):
    """The id of what was asked."""

    id: str


async def _within(connection: Connection, what: What, id_: int, staff: Principal) -> None:
    """Raise Refused for what belongs to an outlet outside the area of this member of staff."""
    if (refusal := await out_of_reach(connection, what, id_, scope=scope_of(staff))) is not None:
        raise Refused(refusal)


@get("/work-items", tags=["reconciliation"], opt=says("staff"))
async def list_work_items(
    request: AnyRequest,
    *,
    solved: FromQuery[bool] = False,
    kind: FromQuery[Kind | None] = None,
    after: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0,
) -> ItemList:
    """What does not fit, oldest first, 200 a page."""
    app = app_of(request)
    staff = require_staff(await principal(request), "work.do")
    async with app.connection() as connection:
        items = await list_items(
            connection, scope=scope_of(staff), state="solved" if solved else "open", kind=kind, after=after
        )
    return ItemList([ItemView.of(item) for item in items], str(items[-1].id) if len(items) == PAGE_MAX else None)


@get("/work-items/{item:int}", tags=["reconciliation"], opt=says("staff", ITEM_NOT_FOUND))
async def get_work_item(item: ItemPath, request: AnyRequest) -> ItemStoryView:
    """One item with its story; the look is written to the audit."""
    app = app_of(request)
    staff = require_staff(await principal(request), "work.do")
    async with app.connection() as connection:
        await _within(connection, "work_item", item, staff)
        _, catalogue = await app.references.current(connection)
        found = accepted(
            await item_story(
                connection,
                WorkItemId(item),
                actor=actor_of(staff, origin_of(request)),
                now=app.clock.now(),
                ids=app.ids,
            )
        )
    sale = None
    if found.sale is not None:
        sale = SaleView.of(
            found.sale.sale,
            catalogue=catalogue,
            locale=locale_of(request.headers.get("accept-language")),
            keys=app.keys,
            reversal=found.sale.reversal,
            adjustment=found.sale.adjustment,
            user=found.sale.user_name,
        )
    return ItemStoryView(item=ItemView.of(found.item), then=found.item.story, now=found.now, sale=sale)


@post(
    "/work-items/{item:int}/take",
    status_code=200,
    tags=["reconciliation"],
    opt=says("staff", ITEM_NOT_FOUND, ITEM_SOLVED, ITEM_TAKEN),
)
async def take_work_item(item: ItemPath, data: JSONBody[TakeBody], request: AnyRequest) -> ItemView:
    """Say that one works on it."""
    app = app_of(request)
    staff = require_staff(await principal(request), "work.do")
    async with app.connection() as connection:
        await _within(connection, "work_item", item, staff)
        taken = await take_item(
            connection,
            WorkItemId(item),
            over=data.over,
            actor=actor_of(staff, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    return ItemView.of(accepted(taken))


@post(
    "/work-items/{item:int}/solution",
    status_code=200,
    tags=["reconciliation"],
    opt=says("staff", ITEM_NOT_FOUND, ITEM_SOLVED, ITEM_NEEDS_ADJUSTMENT, ITEM_MATTER_OPEN),
)
async def solve_work_item(item: ItemPath, data: JSONBody[SolutionBody], request: AnyRequest) -> ItemView:
    """End an item by hand; a late delivery ends by its adjustment."""
    app = app_of(request)
    staff = require_staff(await principal(request), "work.do")
    async with app.connection() as connection:
        await _within(connection, "work_item", item, staff)
        solved = await solve_item(
            connection,
            WorkItemId(item),
            why=data.why,
            actor=actor_of(staff, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    return ItemView.of(accepted(solved))


@post(
    "/adjustments",
    tags=["reconciliation"],
    opt=says("staff", SALE_NOT_FOUND, NOTHING_TO_ADJUST, ADJUSTMENT_ASKED, ALREADY_ADJUSTED),
)
async def create_adjustment(data: JSONBody[AdjustmentBody], request: AnyRequest) -> Response[AdjustmentIdView]:
    """Ask for an adjustment of a refunded sale that was delivered. Nothing moves until a supervisor agrees."""
    app = app_of(request)
    staff = require_staff(await principal(request), "adjustments.ask")
    async with app.connection() as connection:
        sale_id = sale_id_of(data.sale)
        await _within(connection, "sale", sale_id, staff)
        asked = await ask_adjustment(
            connection,
            sale_id,
            payer=data.payer,
            reason=data.reason,
            actor=actor_of(staff, origin_of(request)),
            clock=app.clock,
            ids=app.ids,
        )
    return Response(AdjustmentIdView(str(accepted(asked))), status_code=201)


@get("/adjustments", tags=["reconciliation"], opt=says("staff"))
async def list_adjustments(request: AnyRequest) -> WaitingList:
    """What waits for a second pair of eyes."""
    app = app_of(request)
    staff = require_staff(await principal(request), "adjustments.ask")
    async with app.connection() as connection:
        waiting = await asked_adjustments(connection, scope=scope_of(staff))
    return WaitingList([WaitingView.of(each) for each in waiting])


@post(
    "/adjustments/{adjustment:int}/decision",
    status_code=200,
    tags=["reconciliation"],
    opt=says("staff", ADJUSTMENT_NOT_FOUND, ADJUSTMENT_DECIDED, ADJUSTMENT_SAME_EYES, WALLET_TOO_LOW),
)
async def decide_on_adjustment(
    adjustment: AdjustmentPath, data: JSONBody[AdjustmentDecisionBody], request: AnyRequest
) -> SaleView:
    """Agree or decline; only a supervisor, and never who asked. Refused when the outlet is to pay and cannot."""
    app = app_of(request)
    staff = require_staff(await principal(request), "adjustments.decide")
    async with app.connection() as connection:
        await _within(connection, "adjustment", adjustment, staff)
        rulebook, catalogue = await app.references.current(connection)
        decided = await decide_adjustment(
            connection,
            AdjustmentId(adjustment),
            approve=data.approve,
            actor=actor_of(staff, origin_of(request)),
            clock=app.clock,
            ids=app.ids,
            rulebook=rulebook,
            catalogue=catalogue,
        )
    story = accepted(decided)
    return SaleView.of(
        story.sale,
        catalogue=catalogue,
        locale=locale_of(request.headers.get("accept-language")),
        keys=app.keys,
        reversal=story.reversal,
        adjustment=story.adjustment,
        user=story.user_name,
    )


RECONCILIATION_ROUTES = [
    list_work_items,
    get_work_item,
    take_work_item,
    solve_work_item,
    create_adjustment,
    list_adjustments,
    decide_on_adjustment,
]
