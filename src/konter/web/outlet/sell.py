"""Look once more, enter the PIN, sell. Whatever happens the client_ref stays, so that nothing is sold twice. [D-106]"""

import re
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import get, post
from litestar.params import FromQuery

from konter.catalogue.refusals import UNKNOWN_PRODUCT
from konter.platform.db import Connection, is_gone
from konter.platform.ids import Msisdn
from konter.platform.refusal import INVALID_INPUT, UNAVAILABLE, Refusal, Refused
from konter.sales.history.read import wallet
from konter.sales.inquire import Earlier, Inquiry, inquire
from konter.sales.model import SaleOutcome, SellRequest
from konter.subscriber.msisdn import national, parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.delivered import gains
from konter.web.errors import FORGOT_PIN, RETRY_AFTER_S, error_page, log_in_again
from konter.web.outlet.home import home_with, product_name
from konter.web.outlet.products import products_with, trouble_of
from konter.web.outlet.views import ConfirmView, RetryView
from konter.web.outlet.visit import Seller, claims, seller
from konter.web.pages import AnyPage, Form, go, locale, page, posted, ref_of, words
from konter.web.views import Alert, Link
from konter.web.visit import Visit, origin, visit
from konter.web.words import Words

AMOUNT_DIGITS_MAX = 9
AMOUNT_CHARS_MAX = 12
PIN_CHARS_MAX = 12
PRODUCT = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
TYPED_CHARS_MAX = 24
NAME_CHARS_MAX = 80
ABOUT_THE_NUMBER = {"BAD_MSISDN", "NOT_OUR_NUMBER", "UNKNOWN_SUBSCRIBER", "SUBSCRIBER_EXPIRED", "NOT_PREPAID"}
ASK_AGAIN = {"UNAVAILABLE", "TOO_MANY_REQUESTS"}
BEFORE_SELLING = {"PASSWORD_CHANGE_REQUIRED", "TERMS_NOT_ACCEPTED", "PIN_NOT_SET", "APP_BLOCKED"}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to sell, as far as it was typed."""

    product: str
    typed: str
    amount_rp: int | None
    ref: UUID | None
    price_rp: int | None = None
    second: bool = False
    name: str = ""
    amount_typed: str = ""

    @property
    def msisdn(self) -> Msisdn | None:
        """The number, if it is one."""
        return parse_msisdn(self.typed)

    @property
    def address(self) -> str:
        """Where this wish is looked at before it is confirmed."""
        query = {"produk": self.product, "nomor": self.typed, "ref": str(self.ref or "")}
        if self.amount_rp is not None:
            query["jumlah"] = str(self.amount_rp)
        return f"/outlet/jual?{urlencode(query)}"


@get("/outlet/jual", include_in_schema=False)
async def confirm_page(
    request: AnyRequest,
    produk: FromQuery[str] = "",
    nomor: FromQuery[str] = "",
    jumlah: FromQuery[str] = "",
    ref: FromQuery[str] = "",
) -> AnyPage:
    """The last look before the PIN."""
    wish = Wish(
        product=produk,
        typed=nomor[:TYPED_CHARS_MAX],
        amount_rp=amount_of(jumlah),
        amount_typed=jumlah[:AMOUNT_CHARS_MAX],
        ref=ref_of(ref),
    )
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        return await _look(request, connection, here, found, wish, None)


@post("/outlet/jual", include_in_schema=False)
async def sell_post(request: AnyRequest) -> AnyPage:
    """Sell through the lane; its batch checks session, PIN, price and balance under the lock."""
    form = await posted(request)
    wish = wish_of(form)
    if wish.ref is None:
        raise Refused(INVALID_INPUT(field="ref", reason=words(request).t("error.form")))
    if not PRODUCT.fullmatch(wish.product):
        raise Refused(UNKNOWN_PRODUCT(product=wish.product[:NAME_CHARS_MAX]))
    try:
        return await _sell(request, wish, form.text("pin")[:PIN_CHARS_MAX])
    except Refused as error:
        if error.refusal.code not in ASK_AGAIN:
            raise
        return _retry_page(request, wish, error.refusal)
    except Exception as error:
        if not is_gone(error):
            raise
        return _retry_page(request, wish, UNAVAILABLE(retry_after_s=RETRY_AFTER_S))


async def _sell(request: AnyRequest, wish: Wish, pin: str) -> AnyPage:
    app = app_of(request)
    try:
        given = claims(request)
    except Refused:
        return log_in_again(request, wish.address)
    refusal: Refusal | None = BAD_MSISDN(msisdn=wish.typed)
    if (msisdn := wish.msisdn) is not None and wish.ref is not None:
        came = origin(request)
        outcome: SaleOutcome = await app.selling.sell(
            SellRequest(
                claims=given,
                client_ref=wish.ref,
                product=wish.product,
                msisdn=msisdn,
                pin=pin,
                amount_rp=wish.amount_rp,
                price_rp=wish.price_rp,
                second=wish.second,
                address=came.address,
                agent=came.agent,
            )
        )
        if outcome.sale is not None:
            return go(f"/outlet/transaksi/{outcome.sale.code}")
        refusal = outcome.refusal
    assert refusal is not None
    if refusal.code == "SESSION_EXPIRED":
        return log_in_again(request, wish.address)
    if refusal.code in BEFORE_SELLING:
        raise Refused(refusal)
    async with app.connection() as connection:
        here = await visit(request, connection)
        return await _look(request, connection, here, await seller(request, connection, here), wish, refusal)


async def _look(
    request: AnyRequest, connection: Connection, here: Visit, found: Seller, wish: Wish, refusal: Refusal | None
) -> AnyPage:
    """The confirm page, with what the sale was refused for if it was; or the page where the mistake can be mended."""
    if refusal is not None and refusal.code == "REF_REUSED":
        sold = Link(href=f"/outlet/transaksi/{refusal.data['code']}", text_key="confirm.see_sale")
        return error_page(request, refusal, links=(sold,))
    msisdn = wish.msisdn
    if msisdn is None:
        refusal = BAD_MSISDN(msisdn=wish.typed)
        return await home_with(request, connection, here, found, typed=wish.typed, refusal=refusal)
    asked = await inquire(
        connection,
        outlet_id=found.outlet_id,
        area=found.who.area,
        segment=found.who.segment,
        product=wish.product,
        msisdn=msisdn,
        amount_rp=wish.amount_rp,
        now=here.now,
        rules=here.rules,
        catalogue=here.catalogue,
    )
    if isinstance(asked, Refusal):
        if asked.code in ABOUT_THE_NUMBER:
            return await home_with(request, connection, here, found, typed=wish.typed, refusal=asked)
        product = here.catalogue.product(wish.product)
        category = product.category if product else ""
        return await products_with(request, connection, here, found, msisdn, category, asked, amount=wish.amount_typed)
    if refusal is not None and refusal.code == "DUPLICATE_SALE" and asked.earlier is None:
        refusal = None  # the guard's hours have ended since, or the earlier sale was taken back: nothing is repeated
    balance_rp = (await wallet(connection, found.outlet_id)).balance_rp
    view = _confirm_view(request, found, wish, asked, balance_rp)
    view = _explained(request, view, asked, refusal)
    view = msgspec.structs.replace(view, trouble=trouble_of(request, asked, found.who.zone))
    return page(request, "outlet/confirm.html", view, status=refusal.status if refusal else 200, keep=refusal is None)


def _confirm_view(request: AnyRequest, found: Seller, wish: Wish, asked: Inquiry, balance_rp: int) -> ConfirmView:
    quote, delivery = asked.quote, asked.delivery
    return ConfirmView(
        client_ref=str(wish.ref or uuid4()),
        product=wish.product,
        product_name=product_name(asked.product, wish.product, wish.amount_rp, locale(request)),
        amount_rp=wish.amount_rp,
        msisdn=asked.msisdn,
        msisdn_text=national(asked.msisdn),
        category=asked.product.category,
        prepaid=asked.kind == "prepaid",
        state=asked.state.value,
        price_rp=quote.price_rp,
        cost_rp=quote.cost_rp,
        margin_rp=quote.margin_rp,
        balance_rp=balance_rp,
        gains=gains(delivery),
        active_before=delivery.active_before,
        active_after=delivery.active_after,
        zone=found.who.zone,
        meant=asked.meant.msisdn if asked.meant else None,
    )


def _explained(request: AnyRequest, view: ConfirmView, asked: Inquiry, refusal: Refusal | None) -> ConfirmView:
    """The view with what happened and the button for it."""
    speak = words(request, view.zone)
    change = msgspec.structs.replace
    if refusal is None or refusal.code == "DUPLICATE_SALE":
        return view if asked.earlier is None else _repeated(view, asked.earlier, speak, refused=refusal is not None)
    if refusal.code == "PRICE_CHANGED":
        old, new = refusal.data["asked_rp"], refusal.data["price_rp"]
        alert = Alert(
            tone="warn",
            sentence=speak.t("confirm.price_changed"),
            advice=speak.t("confirm.price_from_to", old=old, new=new),
        )
        return change(view, alert=alert, button_key="confirm.sell_new_price")
    links = (FORGOT_PIN,) if refusal.code == "PIN_LOCKED" else ()
    sentence = speak.sentence(refusal)
    return change(view, alert=Alert(tone="error", sentence=sentence, links=links))


def _repeated(view: ConfirmView, earlier: Earlier, speak: Words, *, refused: bool) -> ConfirmView:
    """The view of what was sold to the number a short while ago; going on sells it a second time."""
    alert = Alert(
        tone="warn",
        sentence=speak.t("confirm.earlier", product=view.product_name, at=speak.moment(earlier.at)),
        advice=speak.t("confirm.duplicate_advice"),
        links=(Link(href=f"/outlet/transaksi/{earlier.code}", text_key="confirm.see_sale"),),
    )
    # Seen before the PIN, the ref may be that of the earlier sale itself; a second sale needs one of its own.
    ref = view.client_ref if refused else str(uuid4())
    return msgspec.structs.replace(view, client_ref=ref, alert=alert, second=True, button_key="confirm.sell_second")


def _retry_page(request: AnyRequest, wish: Wish, refusal: Refusal) -> AnyPage:
    view = RetryView(
        client_ref=str(wish.ref),
        product=wish.product,
        product_name=wish.name or wish.product,
        amount_rp=wish.amount_rp,
        price_rp=wish.price_rp,
        number=wish.typed,
        second=wish.second,
        sentence=words(request).t("retry.safe"),
    )
    retry_after = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    return page(request, "outlet/retry.html", view, status=refusal.status, headers={"Retry-After": retry_after})


def wish_of(form: Form) -> Wish:
    """What the confirm page posts."""
    return Wish(
        product=form.text("produk"),
        typed=form.text("nomor")[:TYPED_CHARS_MAX],
        amount_rp=amount_of(form.text("jumlah")),
        amount_typed=form.text("jumlah")[:AMOUNT_CHARS_MAX],
        ref=ref_of(form.text("ref")),
        price_rp=amount_of(form.text("harga")),
        second=form.text("kedua") == "1",
        name=form.text("nama")[:NAME_CHARS_MAX],
    )


def amount_of(typed: str) -> int | None:
    """`50.000`, `Rp 50000` -> 50000; None for nothing and for what is no amount."""
    digits = re.sub(r"[.,\s]|(?i:rp)", "", typed)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= AMOUNT_DIGITS_MAX else None
