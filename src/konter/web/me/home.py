"""A customer's first page: the number, how long it lasts, what is on it. [P-30]"""

from litestar import get
from litestar.params import FromPath

from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.subscriber.msisdn import pretty
from konter.subscriber.view import subscriber_view
from konter.web.app import AnyRequest, app_of
from konter.web.me.panels import PANELS
from konter.web.me.views import MeView
from konter.web.me.visit import customer
from konter.web.pages import AnyPage, page
from konter.web.visit import visit


@get("/saya", include_in_schema=False)
async def me_page(request: AnyRequest) -> AnyPage:
    """All of it on one page."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        seen = await subscriber_view(connection, who.msisdn, now=here.now, rules=here.rules)
        if isinstance(seen, Refusal):
            raise Refused(seen)
        panels = [await panel_of(connection, here, who, seen) for panel_of in PANELS]
    view = MeView(
        number=pretty(seen.msisdn),
        brand=seen.brand.title(),
        prepaid=seen.kind == "prepaid",
        state=seen.state,
        active_until=seen.active_until,
        grace_until=seen.grace_until,
        balance_rp=seen.balance_rp,
        panels=tuple(panel for panel in panels if panel is not None),
    )
    return page(request, "me/home.html", view)


@get("/saya/{_rest:path}", include_in_schema=False, sync_to_thread=False)
def unknown_page(_rest: FromPath[str]) -> AnyPage:
    """Any other address under a customer's pages."""
    raise Refused(NOT_FOUND())


HOME_ROUTES = [me_page, unknown_page]
