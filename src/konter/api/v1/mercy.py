"""Wrong-number mercy: cancel a held sale, and for staff, how long an outlet's sales are held."""

from typing import Annotated

import msgspec
from litestar import post, put
from litestar.params import FromPath, JSONBody, PathParameter

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, outlet_of, principal, require_staff
from konter.api.v1.bodies import Body
from konter.api.v1.sales import ID_MAX, sale_id_of
from konter.api.v1.views import SaleView
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import outlet_within, scope_of
from konter.platform.i18n import locale_of
from konter.platform.ids import OutletId
from konter.platform.refusal import Refused
from konter.sales.history import read
from konter.sales.mercy.cancel import cancel
from konter.sales.mercy.model import HOLD_MAX_S
from konter.sales.mercy.policy import set_hold
from konter.sales.refusals import SALE_NOT_FOUND, TOO_LATE_TO_CANCEL

OutletPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


class HoldBody(Body, frozen=True):
    """`seconds` 0: sales go out at once. The reason is kept in the audit."""

    seconds: Annotated[int, msgspec.Meta(ge=0, le=HOLD_MAX_S, examples=[60])]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500, examples=["sering salah nomor"])]


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """How long the outlet's sales wait for second thoughts before they go out."""

    outlet: str
    seconds: int


@post(
    "/sales/{sale:str}/cancel",
    status_code=200,
    tags=["sales"],
    opt=says("outlet", SALE_NOT_FOUND, TOO_LATE_TO_CANCEL, module="cancel"),
)
async def cancel_sale(sale: FromPath[str], request: AnyRequest) -> SaleView:
    """Take back a sale that is held (`hold_until`): nothing was sent, the money is back at once. No PIN. Asked again it
    answers the same; a sale that has gone out is `TOO_LATE_TO_CANCEL`.
    """
    app = app_of(request)
    caller = await principal(request)
    outlet_id = outlet_of(caller)
    sale_id = sale_id_of(sale)
    async with app.connection() as connection:
        outcome = await cancel(
            connection,
            sale_id,
            outlet_id=outlet_id,
            actor=actor_of(caller, origin_of(request)),
            clock=app.clock,
            ids=app.ids,
            references=app.references,
        )
        accepted(outcome)
        _, catalogue = await app.references.current(connection)
        story = accepted(await read.sale_story(connection, sale_id, outlet_id=outlet_id))
    return SaleView.of(
        story.sale,
        catalogue=catalogue,
        locale=locale_of(request.headers.get("accept-language")),
        keys=app.keys,
        reversal=story.reversal,
        user=story.user_name,
    )


@put("/outlets/{outlet:int}/hold", tags=["channel"], opt=says("staff", OUTLET_NOT_FOUND))
async def put_hold(outlet: OutletPath, data: JSONBody[HoldBody], request: AnyRequest) -> HoldView:
    """Hold an outlet's sales back for so many seconds, in which it can cancel them; only a supervisor. Sales that are
    held now keep their moment.
    """
    app = app_of(request)
    staff = require_staff(await principal(request), "holds.set")
    async with app.connection() as connection:
        if not await outlet_within(connection, outlet, scope_of(staff)):
            raise Refused(OUTLET_NOT_FOUND())
        seconds = await set_hold(
            connection,
            OutletId(outlet),
            data.seconds,
            reason=data.reason,
            actor=actor_of(staff, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    return HoldView(outlet=str(outlet), seconds=accepted(seconds))


MERCY_ROUTES = [cancel_sale, put_hold]
