"""The catalogue by category, with the customer's number kept, and how well each product sells. [D-09, D-10, D-11]"""

import msgspec
from litestar import get
from litestar.params import FromQuery

from konter.catalogue.model import Listed
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.sales.health.look import product_health
from konter.sales.health.model import Health
from konter.sales.inquire import Inquiry
from konter.sales.modules import sellable
from konter.subscriber.msisdn import has_prefix, national, parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN, NOT_OUR_NUMBER
from konter.subscriber.view import find_subscription
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.home import category_links, home_with
from konter.web.outlet.login import refused
from konter.web.outlet.views import ProductLine, ProductsView
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, locale, page, words
from konter.web.views import Alert
from konter.web.visit import Visit, visit

TYPED_CHARS_MAX = 24


@get("/outlet/produk", include_in_schema=False)
async def products_page(request: AnyRequest, nomor: FromQuery[str] = "", kategori: FromQuery[str] = "") -> AnyPage:
    """What may be sold to a number: one category, or all categories to choose from."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        if (msisdn := parse_msisdn(nomor)) is None:
            refusal = BAD_MSISDN(msisdn=nomor[:TYPED_CHARS_MAX])
            return await home_with(request, connection, here, found, typed=nomor, refusal=refusal)
        # A number that moved here from another operator keeps its prefix: only who is no customer is sent back.
        foreign = not has_prefix(msisdn, here.rules.numbering.prefixes)
        if foreign and await find_subscription(connection, msisdn) is None:
            refusal = NOT_OUR_NUMBER(msisdn=national(msisdn))
            return await home_with(request, connection, here, found, typed=nomor, refusal=refusal)
        health = await product_health(connection, now=here.now)
    view = products_view(request, here, found, msisdn, kategori, health)
    return page(request, "outlet/products.html", view, keep=True)


def trouble_of(request: AnyRequest, asked: Inquiry, zone: str) -> Alert | None:
    """What to know before selling a product that is slow or closed by its last sales. It may be sold all the same."""
    if asked.trouble is None:
        return None
    speak = words(request, zone)
    state = asked.trouble.state
    return Alert(
        tone="warn" if state == "closed" else "info",
        sentence=speak.t(f"health.{state}_sentence"),
        advice=speak.t(f"health.{state}_advice", since=speak.clock(asked.trouble.since)),
    )


async def products_with(
    request: AnyRequest,
    connection: Connection,
    here: Visit,
    found: Seller,
    msisdn: int,
    category: str,
    refusal: Refusal,
    *,
    amount: str,
) -> AnyPage:
    """The products again, with number and amount kept, because this cannot be sold.

    An amount outside its limits is said at its own field, which may stand far below the head of a long list. [D-106]
    """
    health = await product_health(connection, now=here.now)
    view = products_view(request, here, found, msisdn, category, health)
    limits = {name: refusal.data[name] for name in ("min_rp", "max_rp", "step_rp") if name in refusal.data}
    wrong = refusal.data.get("product", "")
    if refusal.code == "AMOUNT_NOT_ALLOWED" and limits and wrong in {each.code for each in view.products}:
        sentence = words(request).t("products.bad_amount", **limits)
        view = msgspec.structs.replace(view, wrong=wrong, wrong_amount=amount, wrong_sentence=sentence)
    else:
        view = msgspec.structs.replace(view, alert=refused(request, refusal))
    return page(request, "outlet/products.html", view, status=refusal.status)


def products_view(
    request: AnyRequest, here: Visit, found: Seller, msisdn: int, category: str, health: Health
) -> ProductsView:
    """Products with a price here, in the shop's order; those that staff closed are shown, and cannot be chosen."""
    language = locale(request)
    categories = category_links(here, found, language)
    known = next((each for each in categories if each.code == category), None)
    listed: tuple[Listed, ...] = ()
    if known is not None:
        listed = here.catalogue.listing(
            known.code,
            area=found.who.area,
            segment=found.who.segment,
            at=here.now,
            ppn=here.rules.tax.ppn,
            locale=language,
        )
    return ProductsView(
        msisdn_text=pretty(msisdn),
        number=national(msisdn),
        category=known.code if known else "",
        category_name=known.name if known else words(request).t("products.choose_category"),
        categories=categories,
        products=tuple(
            _line(each, health)
            for each in listed
            if sellable(each.product, here.rules, area=found.who.area, segment=found.who.segment)
        ),
    )


def _line(listed: Listed, health: Health) -> ProductLine:
    product, quote = listed.product, listed.quote
    return ProductLine(
        code=product.code,
        name=listed.name,
        price_rp=quote.price_rp if quote else None,
        cost_rp=quote.cost_rp if quote else None,
        amount_min_rp=product.amount_min_rp,
        amount_max_rp=product.amount_max_rp,
        amount_step_rp=product.amount_step_rp,
        health=health.state(product.code) if product.open else "off",
    )
