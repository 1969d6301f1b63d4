"""The "where is my money" page of one sale, and its receipt. [D-12, D-41, D-44]"""

from datetime import datetime
from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.params import FromPath

from konter.catalogue.model import Product
from konter.platform.audit import Actor
from konter.platform.ids import SaleId
from konter.platform.refusal import Refusal, Refused
from konter.sales.checking.refresh import refresh
from konter.sales.codes import sale_of_code, verify_code
from konter.sales.history.complaint import complaint
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import Sale
from konter.sales.refusals import SALE_NOT_FOUND
from konter.subscriber.msisdn import national
from konter.web.app import AnyRequest, app_of
from konter.web.delivered import gains, reload_after_s
from konter.web.outlet.home import product_name
from konter.web.outlet.views import ComplaintView, SaleView
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, go, locale, page, posted
from konter.web.visit import Visit, visit

WHATSAPP = "https://wa.me/"  # without a number: the phone asks to whom; the service's number is not in the rules


@get("/outlet/transaksi/{code:str}", include_in_schema=False)
async def sale_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """State first, in words; then money before and after, what the customer got, and the times."""
    return page(request, "outlet/sale.html", await _view(request, code))


@get("/outlet/transaksi/{code:str}/struk", include_in_schema=False)
async def receipt_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """What the customer may see: no cost, no margin, no balance."""
    return page(request, "outlet/receipt.html", await _view(request, code))


@post("/outlet/transaksi/{code:str}/cek", include_in_schema=False)
async def check_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Look now, then show the sale under its own address. [D-43]"""
    await posted(request)
    app, sale_id = app_of(request), _id_of(code)
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
    who = found.who
    looked = await refresh(
        app.pool,
        app.selling,
        sale_id,
        outlet_id=found.outlet_id,
        clock=app.clock,
        ids=app.ids,
        references=app.references,
        actor=Actor("outlet_user", who.user_id, who.session_id, here.origin.address, here.origin.agent),
    )
    if isinstance(looked, Refusal):
        raise Refused(looked)
    return go(f"/outlet/transaksi/{looked.sale.code}")


@get("/outlet/transaksi/{code:str}/keluhan", include_in_schema=False)
async def complaint_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """The complaint, ready to be copied, sent or read out. [D-45]"""
    sale_id = _id_of(code)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        made = await complaint(
            connection,
            sale_id,
            outlet_id=found.outlet_id,
            catalogue=here.catalogue,
            locale=locale(request),
            now=here.now,
        )
    if isinstance(made, Refusal):
        raise Refused(made)
    sale = made.story.sale
    view = ComplaintView(
        code=sale.code,
        status=sale.status,
        text=made.text,
        service_number=here.rules.call.seller_number,
        whatsapp_href=f"{WHATSAPP}?{urlencode({'text': made.text}, quote_via=quote)}",
        now=here.now,
        deadline=sale.deadline,
        zone=made.story.zone,
    )
    return page(request, "outlet/complaint.html", view)


def _id_of(code: str) -> SaleId:
    if (sale_id := sale_of_code(code)) is None:
        raise Refused(SALE_NOT_FOUND())
    return sale_id


async def _view(request: AnyRequest, code: str) -> SaleView:
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        story = await sale_story(connection, _id_of(code), outlet_id=found.outlet_id)
    if isinstance(story, Refusal):
        raise Refused(story)
    return sale_view(here, story, locale(request))


def sale_view(here: Visit, story: SaleStory, language: str) -> SaleView:
    """Everything about one sale."""
    sale = story.sale
    product = here.catalogue.product(sale.product)
    done = story.reversal if story.reversal is not None and story.reversal.done_at is not None else None
    verify = verify_code(here.app.keys, sale.id)
    return SaleView(
        code=sale.code,
        status=sale.status,
        product_name=product_name(product, sale.product, sale.nominal_rp, language),
        category=product.category if product else "",
        msisdn=sale.msisdn,
        user=story.user_name,
        outlet=story.outlet_name,
        outlet_code=story.outlet_code,
        at=sale.at,
        price_rp=sale.price_rp,
        cost_rp=sale.cost_rp,
        margin_rp=sale.margin_rp,
        tax_rp=sale.tax_rp,
        balance_before_rp=sale.balance_before_rp,
        balance_after_rp=sale.balance_after_rp,
        gains=gains(sale.delivery) if sale.delivery else (),
        steps=tuple(story.timeline(here.now)),
        now=here.now,
        active_until=sale.delivery.active_after if sale.delivery else None,
        deadline=sale.deadline,
        again_href=_again(sale, product),
        share_url=f"{here.app.settings.address}/t/{sale.code}?v={verify}",
        verify_code=verify,
        rule=sale.rule,
        zone=story.zone,
        reversed_at=done.done_at if done else None,
        refund_rp=(done.refund_rp or 0) if done else 0,
        reload_s=reload_s(story, here.now),
        held_until=held_until(sale, here.now),
        reason=sale.reason,
        refund_before_rp=sale.refund_before_rp or 0,
        refund_after_rp=sale.refund_after_rp or 0,
        adjusted_at=story.adjustment.decided_at if story.adjustment else None,
        charged_rp=(story.adjustment.charged_rp or 0) if story.adjustment else 0,
    )


def held_until(sale: Sale, now: datetime) -> datetime | None:
    """Until when its seller may cancel a sale that waits; None once it went out, ended, or never waited."""
    if sale.status != "checking" or sale.hold_until is None:
        return None
    return sale.hold_until if now < sale.hold_until else None


def reload_s(story: SaleStory, now: datetime) -> int:
    """How soon the page looks again by itself: often in the first minute, never once all is known."""
    if story.sale.status != "checking":
        return 0
    return reload_after_s(story.sale.at, now)


def _again(sale: Sale, product: Product | None) -> str:
    """The same sale to the same number, one look before the PIN. A ref of its own is minted there."""
    query = {"produk": sale.product, "nomor": national(sale.msisdn)}
    if product is not None and product.free_denomination:
        query["jumlah"] = str(sale.nominal_rp)
    return f"/outlet/jual?{urlencode(query)}"
