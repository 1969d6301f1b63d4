"""Take back a sale that is still held. Works without script: a form, and the sale's page again. [D-44]"""

from litestar import post
from litestar.params import FromPath

from konter.access.step import actor_of
from konter.platform.refusal import Refusal, Refused
from konter.sales.codes import sale_of_code
from konter.sales.mercy.cancel import cancel
from konter.sales.refusals import SALE_NOT_FOUND
from konter.web.app import AnyRequest, app_of
from konter.web.errors import error_page
from konter.web.modules import MODULE
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, go, posted
from konter.web.views import Link
from konter.web.visit import visit


@post("/outlet/transaksi/{code:str}/batal", include_in_schema=False, opt={MODULE: "cancel"})
async def cancel_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Cancel, then show how the sale stands; too late is told with the way back to it."""
    await posted(request)
    app = app_of(request)
    sale_id = sale_of_code(code)
    if sale_id is None:
        raise Refused(SALE_NOT_FOUND())
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        outcome = await cancel(
            connection,
            sale_id,
            outlet_id=found.outlet_id,
            actor=actor_of(found.who, here.origin),
            clock=app.clock,
            ids=app.ids,
            references=app.references,
        )
    if not isinstance(outcome, Refusal):
        return go(f"/outlet/transaksi/{outcome.code}")
    if outcome.code != "TOO_LATE_TO_CANCEL":
        raise Refused(outcome)
    back = Link(href=f"/outlet/transaksi/{outcome.data['code']}", text_key="confirm.see_sale")
    return error_page(request, outcome, links=(back,))
