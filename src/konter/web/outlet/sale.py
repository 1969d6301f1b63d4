"""The "where is my money" page of one sale, and its receipt. [D-12, D-41, D-44]"""

from datetime import timedelta

from litestar import get
from litestar.params import FromPath

from konter.platform.refusal import Refusal, Refused
from konter.sales.codes import sale_of_code, verify_code
from konter.sales.fulfilment import Delivery
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.refusals import SALE_NOT_FOUND
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.home import product_name
from konter.web.outlet.visit import Visit, seller, visit
from konter.web.pages import AnyPage, locale, page
from konter.web.views import Gain, SaleView, Step

SOON = timedelta(minutes=1)
RELOAD_SOON_S = 5
RELOAD_LATER_S = 30


@get("/outlet/transaksi/{code:str}", include_in_schema=False)
async def sale_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """State first, in words; then money before and after, what the customer got, and the times."""
    return page(request, "outlet/sale.html", await _view(request, code))


@get("/outlet/transaksi/{code:str}/struk", include_in_schema=False)
async def receipt_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """What the customer may see: no cost, no margin, no balance."""
    return page(request, "outlet/receipt.html", await _view(request, code))


async def _view(request: AnyRequest, code: str) -> SaleView:
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        sale_id = sale_of_code(code)
        story = await sale_story(connection, sale_id, outlet_id=found.outlet_id) if sale_id else SALE_NOT_FOUND()
    if isinstance(story, Refusal):
        raise Refused(story)
    return sale_view(here, story, locale(request))


def sale_view(here: Visit, story: SaleStory, language: str) -> SaleView:
    """Everything about one sale."""
    sale = story.sale
    product = here.catalogue.product(sale.product)
    done = story.reversal if story.reversal is not None and story.reversal.decided_at is not None else None
    checking = sale.status == "checking"
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
        gains=gains(sale.delivery),
        steps=_steps(story),
        active_until=sale.delivery.active_after,
        deadline=sale.deadline,
        share_url=f"{here.app.settings.address}/t/{sale.code}?v={verify_code(here.app.keys, sale.id)}",
        rule=sale.rule,
        zone=story.zone,
        reversed_at=done.decided_at if done else None,
        refund_rp=(done.refund_rp or 0) if done else 0,
        reload_s=0 if not checking else RELOAD_SOON_S if here.now - sale.at < SOON else RELOAD_LATER_S,
    )


def gains(delivery: Delivery) -> tuple[Gain, ...]:
    """What a delivery gave."""
    credit = (Gain(asset="IDR", amount=delivery.credit_rp),) if delivery.credit_rp else ()
    buckets = (
        Gain(asset=each.asset, amount=each.amount, source=each.source, expires_at=each.expires_at)
        for each in delivery.buckets
    )
    return (*credit, *buckets)


def _steps(story: SaleStory) -> tuple[Step, ...]:
    sale = story.sale
    steps = [Step(at=sale.at, text_key="step.accepted"), Step(at=sale.at, text_key="step.paid")]
    if sale.resolved_at is not None:
        key = "step.delivered" if sale.status == "done" else "step.refunded"
        steps.append(Step(at=sale.resolved_at, text_key=key))
    if story.reversal is not None and story.reversal.decided_at is not None:
        steps.append(Step(at=story.reversal.decided_at, text_key="step.reversed"))
    return tuple(steps)
