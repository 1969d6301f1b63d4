"""The home page: balance, the number field, quick recharges, the last sales. [D-12]"""

from datetime import timedelta

import msgspec
from litestar import get, post
from litestar.params import FromQuery

from konter.catalogue.model import Product
from konter.channel.inactivity.read import countdowns_of
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.sales.history.model import SaleFilter
from konter.sales.history.read import HistoryLine, frequent_nominals, history, wallet
from konter.sales.modules import categories_on
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.login import refused
from konter.web.outlet.views import CategoryLink, HomeView, QuickProduct, SaleLine
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import LANGUAGE_COOKIE, LANGUAGE_TTL_S, AnyPage, cookie, go, locale, own_path, page, posted, words
from konter.web.views import Alert, Link
from konter.web.visit import Visit, visit

LATELY = 5
LATELY_WINDOW = timedelta(days=31)
QUICK_MAX = 6
SOLD_MAX = 20  # more than six, since free amounts and closed products among the most sold have no button
# Offered until an outlet has sold enough for its own habits to show.
QUICK_AT_FIRST_RP = (10_000, 20_000, 25_000, 50_000, 100_000, 150_000)
NOTICES = {"pin": "pin.saved", "sandi": "password.changed"}
NUMBER_CHARS_MAX = 24


@get("/outlet", include_in_schema=False)
async def home_page(request: AnyRequest, nomor: FromQuery[str] = "", pesan: FromQuery[str] = "") -> AnyPage:
    """The page from which everything is one step away."""
    alert = Alert(tone="ok", sentence=words(request).t(NOTICES[pesan])) if pesan in NOTICES else None
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        view = await home_view(request, connection, here, found, typed=nomor)
    return page(request, "outlet/home.html", msgspec.structs.replace(view, alert=alert))


@post("/outlet/bahasa", include_in_schema=False)
async def language_post(request: AnyRequest) -> AnyPage:
    """Speak another language from now on, on the page that was open."""
    form = await posted(request)
    chosen = "en" if form.text("to") == "en" else "id"
    app = app_of(request)
    return go(
        own_path(form.text("next"), "/outlet"), cookies=[cookie(app, LANGUAGE_COOKIE, chosen, max_age_s=LANGUAGE_TTL_S)]
    )


async def home_with(
    request: AnyRequest, connection: Connection, here: Visit, found: Seller, *, typed: str, refusal: Refusal
) -> AnyPage:
    """The home page again, with the number kept, because something is wrong with it."""
    view = await home_view(request, connection, here, found, typed=typed)
    view = msgspec.structs.replace(view, alert=refused(request, refusal))
    return page(request, "outlet/home.html", view, status=refusal.status)


async def home_view(request: AnyRequest, connection: Connection, here: Visit, found: Seller, *, typed: str) -> HomeView:
    """What the home page shows now."""
    language = locale(request)
    balance = await wallet(connection, found.outlet_id)
    codes = await frequent_nominals(connection, found.outlet_id, now=here.now, limit=SOLD_MAX)
    lately = await history(connection, _lately(here, found), limit=LATELY)
    return HomeView(
        outlet=found.who.outlet_name,
        user=found.who.name,
        balance_rp=balance.balance_rp,
        held_rp=balance.held_rp,
        msisdn_text=typed[:NUMBER_CHARS_MAX],
        quick=_quick(here, codes),
        categories=category_links(here, found, language),
        lately=tuple(sale_line(here, line, language) for line in lately),
        zone=found.who.zone,
        warning=await _ending(request, connection, here, found),
    )


def category_links(here: Visit, found: Seller, language: str) -> tuple[CategoryLink, ...]:
    """The categories that this outlet may sell from. [D-54]"""
    kept = categories_on(here.catalogue, here.rules, area=found.who.area, segment=found.who.segment)
    return tuple(CategoryLink(code=each.code, name=each.name(language)) for each in kept)


async def _ending(request: AnyRequest, connection: Connection, here: Visit, found: Seller) -> Alert | None:
    """That access is about to end as nothing is sold or bought, and what the terms say of it. [D-71, D-74]"""
    newest = next(iter(await countdowns_of(connection, found.outlet_id)), None)
    if newest is None or newest.state not in ("warned", "review"):
        return None
    speech = words(request)
    days = max(1, (here.now - newest.since).days)
    return Alert(
        tone="warn",
        sentence=speech.t("home.inactive", days=days),
        advice=speech.t("terms.harmless"),
        links=(Link(href="/dokumen/seller-terms", text_key="terms.read_sellers"),),
    )


def sale_line(here: Visit, line: HistoryLine, language: str) -> SaleLine:
    """A sale in a list."""
    sale = line.sale
    product = here.catalogue.product(sale.product)
    return SaleLine(
        href=f"/outlet/transaksi/{sale.code}",
        at=sale.at,
        product=product_name(product, sale.product, sale.nominal_rp, language),
        msisdn=sale.msisdn,
        cost_rp=sale.cost_rp,
        status=sale.status,
        now=here.now,
        deadline=sale.deadline,
        is_held=sale.status == "checking" and sale.hold_until is not None and here.now < sale.hold_until,
        reversed=line.reversed_at is not None,
        balance_before_rp=sale.balance_before_rp,
        balance_after_rp=sale.balance_after_rp,
        refund_before_rp=sale.refund_before_rp or 0,
        refund_after_rp=sale.refund_after_rp or 0,
        code=sale.code,
        user=line.user_name,
    )


def product_name(product: Product | None, code: str, amount_rp: int | None, language: str) -> str:
    """A product's name; a free denomination says which amount it was."""
    if product is None:
        return code
    if product.free_denomination and amount_rp:
        return f"{product.name(language)} {amount_rp:,}".replace(",", ".")
    return product.name(language)


def _lately(here: Visit, found: Seller) -> SaleFilter:
    return SaleFilter(outlet_id=found.outlet_id, begin=here.now - LATELY_WINDOW, end=here.now + LATELY_WINDOW)


def _quick(here: Visit, codes: list[str]) -> tuple[QuickProduct, ...]:
    fixed = {p.code: p for p in here.catalogue.products if p.kind == "recharge" and p.open and p.nominal_rp}
    chosen = [fixed[code] for code in codes if code in fixed][:QUICK_MAX]
    for nominal_rp in QUICK_AT_FIRST_RP:
        like = next((p for p in fixed.values() if p.nominal_rp == nominal_rp), None)
        if like is not None and like not in chosen and len(chosen) < QUICK_MAX:
            chosen.append(like)
    quick = [QuickProduct(code=p.code, nominal_rp=p.nominal_rp) for p in chosen if p.nominal_rp is not None]
    return tuple(sorted(quick, key=lambda each: each.nominal_rp))
