"""Pages for anybody; here a sale by its verify code. [D-105]"""

import re

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.access.limits.guesses import count_wrong_guess, guess_refusal
from konter.platform.db import Connection
from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.sales.codes import sale_of_code, verifies
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.history.timeline import for_anybody
from konter.subscriber.msisdn import masked
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.home import product_name
from konter.web.outlet.sale import reload_s
from konter.web.pages import AnyPage, go, locale, page, words
from konter.web.public.documents import DOCUMENT_PAGES
from konter.web.public.offices import OFFICE_PAGES
from konter.web.public.places import PLACE_ROUTES
from konter.web.public.views import PublicSaleView
from konter.web.views import ErrorView
from konter.web.visit import Visit, visit

CODE_CHARS_MAX = 60


@get("/", include_in_schema=False, sync_to_thread=False)
def front_door() -> AnyPage:
    """Whoever types the bare address wants to sell."""
    return go("/outlet")


@get("/t/{code:str}", include_in_schema=False)
async def public_sale(request: AnyRequest, code: FromPath[str], v: FromQuery[str] = "") -> AnyPage:
    """Masked number, product, status, times: no balance, no margin. A wrong verify code and no such sale look alike."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        story = await _story(connection, here, code, v)
    if isinstance(story, Refusal):
        if story.code != "NOT_FOUND":
            raise Refused(story)
        return page(request, "public/wrong_code.html", _wrong_code(request), status=story.status)
    return page(request, "public/sale.html", _sale_view(here, story, locale(request)))


@get("/t", include_in_schema=False, sync_to_thread=False)
def typed_codes(trx: FromQuery[str] = "", v: FromQuery[str] = "") -> AnyPage:
    """Both codes as typed from a slip of paper."""
    code, given = (re.sub(r"[^0-9A-Z-]", "", typed.upper())[:CODE_CHARS_MAX] for typed in (trx, v))
    return go(f"/t/{code or '-'}?v={given}")


async def _story(connection: Connection, here: Visit, code: str, given: str) -> SaleStory | Refusal:
    address = here.origin.address
    if (refusal := await guess_refusal(connection, address, now=here.now)) is not None:
        return refusal
    sale_id = sale_of_code(code)
    if sale_id is None or not verifies(here.app.keys, sale_id, given):
        await count_wrong_guess(connection, address, now=here.now)
        return NOT_FOUND()
    return await sale_story(connection, sale_id, outlet_id=None)


def _wrong_code(request: AnyRequest) -> ErrorView:
    """For customers with a slip in the hand: no way to the sellers' log-in, which is not theirs."""
    return ErrorView(
        status=404,
        title_key="public.not_found",
        sentence=words(request).t("public.wrong_code"),
        advice="",
        links=(),
    )


def _sale_view(here: Visit, story: SaleStory, language: str) -> PublicSaleView:
    sale = story.sale
    return PublicSaleView(
        code=sale.code,
        status=sale.status,
        product_name=product_name(here.catalogue.product(sale.product), sale.product, sale.nominal_rp, language),
        number_masked=masked(sale.msisdn),
        outlet=story.outlet_name,
        at=sale.at,
        now=here.now,
        deadline=sale.deadline,
        reversed=story.reversed_at is not None,
        adjusted=story.adjustment is not None and story.adjustment.decided_at is not None,
        steps=tuple(for_anybody(story.timeline(here.now))),
        zone=story.zone,
        reload_s=reload_s(story, here.now),
    )


PUBLIC_ROUTES = [front_door, public_sale, typed_codes, *DOCUMENT_PAGES, *PLACE_ROUTES, *OFFICE_PAGES]
