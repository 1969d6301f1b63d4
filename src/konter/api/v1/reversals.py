"""Complete reversals by staff: one asks, another decides."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, PathParameter

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body
from konter.api.v1.sales import ID_MAX, sale_id_of
from konter.api.v1.views import SaleView
from konter.channel.scope import scope_of
from konter.platform.i18n import locale_of
from konter.platform.ids import ReversalId
from konter.platform.refusal import Refused
from konter.sales.reach import out_of_reach
from konter.sales.refusals import (
    ALREADY_REVERSED,
    DELIVERY_SPENT,
    NOT_DELIVERED,
    REVERSAL_ASKED,
    REVERSAL_DECIDED,
    REVERSAL_NOT_FOUND,
    SALE_NOT_FOUND,
    SAME_EYES,
    TAKE_BACK_REFUSED,
)
from konter.sales.reversal.reverse import ask_reversal, asked_reversals

ReversalPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


class ReversalBody(Body, frozen=True):
    """`sale`: id or transaction code."""

    sale: Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["8S7K-3Q2M"])]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500, examples=["salah nomor"])]


class DecisionBody(Body, frozen=True):
    """The second pair of eyes says yes or no."""

    approve: bool


class AskedView(msgspec.Struct, frozen=True, kw_only=True):
    """A reversal that waits for a second pair of eyes."""

    id: str
    sale: str
    reason: str
    asked_by: str
    asked_at: datetime


class AskedId(msgspec.Struct, frozen=True):
    """The id of what was asked."""

    id: str


class AskedList(msgspec.Struct, frozen=True):
    """The queue, oldest first."""

    items: list[AskedView]


@post(
    "/reversals",
    tags=["reversals"],
    opt=says("staff", SALE_NOT_FOUND, NOT_DELIVERED, REVERSAL_ASKED, ALREADY_REVERSED),
)
async def create_reversal(data: JSONBody[ReversalBody], request: AnyRequest) -> Response[AskedId]:
    """Ask for a sale's complete reversal. Nothing moves until another member of staff agrees."""
    app = app_of(request)
    now = app.clock.now()
    staff = require_staff(await principal(request), "reversals.ask")
    async with app.connection() as connection:
        sale_id = sale_id_of(data.sale)
        if (refusal := await out_of_reach(connection, "sale", sale_id, scope=scope_of(staff))) is not None:
            raise Refused(refusal)
        asked = await ask_reversal(
            connection,
            sale_id,
            reason=data.reason,
            actor=actor_of(staff, origin_of(request)),
            now=now,
            ids=app.ids,
        )
    return Response(AskedId(str(accepted(asked))), status_code=201)


@get("/reversals", tags=["reversals"], opt=says("staff"))
async def list_reversals(request: AnyRequest) -> AskedList:
    """What waits for a second pair of eyes."""
    app = app_of(request)
    staff = require_staff(await principal(request), "reversals.ask")
    async with app.connection() as connection:
        waiting = await asked_reversals(connection, scope=scope_of(staff))
    return AskedList(
        [
            AskedView(
                id=str(each.id),
                sale=str(each.sale_id),
                reason=each.reason,
                asked_by=str(each.asked_by),
                asked_at=each.asked_at,
            )
            for each in waiting
        ]
    )


@post(
    "/reversals/{reversal:int}/decision",
    status_code=200,
    tags=["reversals"],
    opt=says("staff", REVERSAL_NOT_FOUND, REVERSAL_DECIDED, SAME_EYES, DELIVERY_SPENT, TAKE_BACK_REFUSED),
)
async def decide(reversal: ReversalPath, data: JSONBody[DecisionBody], request: AnyRequest) -> SaleView:
    """Agree or decline; only a supervisor, and never who asked. Refused when the delivery is no longer whole.

    What has to be taken back over a network may take longer than the answer: the reversal is then *approved*, and ends
    by itself; when the network refuses, it is declined.
    """
    app = app_of(request)
    staff = require_staff(await principal(request), "reversals.decide")
    actor = actor_of(staff, origin_of(request))
    async with app.connection() as connection:
        refusal = await out_of_reach(connection, "reversal", reversal, scope=scope_of(staff))
    if refusal is not None:
        raise Refused(refusal)
    story = accepted(await app.reversing.decide(ReversalId(reversal), approve=data.approve, actor=actor))
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
    return SaleView.of(
        story.sale,
        catalogue=catalogue,
        locale=locale_of(request.headers.get("accept-language")),
        keys=app.keys,
        reversal=story.reversal,
        user=story.user_name,
    )


REVERSAL_ROUTES = [create_reversal, list_reversals, decide]
