"""Selling over HTTP: inquiry, sale, look again, history."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from konter.access.refusals import PIN_LOCKED, WRONG_PIN
from konter.api.operations import says
from konter.api.principal import (
    AnyRequest,
    accepted,
    app_of,
    bearer,
    claims_of,
    origin_of,
    outlet_of,
    principal,
    require_outlet,
)
from konter.api.v1.bodies import Body, Pin
from konter.api.v1.views import DeliveryView, SaleView
from konter.app import App
from konter.catalogue.model import Catalogue
from konter.catalogue.refusals import AMOUNT_NOT_ALLOWED, NO_PRICE, PRODUCT_CLOSED, UNKNOWN_PRODUCT
from konter.platform.clock import business_day
from konter.platform.i18n import locale_of
from konter.platform.ids import Msisdn, OutletId, SaleId
from konter.platform.refusal import FORBIDDEN, INVALID_INPUT, TOO_MANY_REQUESTS, Refused
from konter.sales.codes import sale_of_code
from konter.sales.history import read
from konter.sales.history.model import SaleFilter
from konter.sales.inquire import inquire
from konter.sales.model import SellRequest
from konter.sales.refusals import DUPLICATE_SALE, INSUFFICIENT_BALANCE, PRICE_CHANGED, REF_REUSED, SALE_NOT_FOUND
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import (
    BAD_MSISDN,
    NOT_OUR_NUMBER,
    NOT_PREPAID,
    SUBSCRIBER_EXPIRED,
    UNKNOWN_SUBSCRIBER,
)

AMOUNT_MAX_RP = 100_000_000
MSISDN_SHOWN_MAX = 30
ID_MAX = (1 << 63) - 1
ID_DIGITS_MIN, ID_DIGITS_MAX = 9, 19

# Why an offer cannot be made: the product, its price, or who would receive it.
OFFER_NO = (
    UNKNOWN_PRODUCT,
    PRODUCT_CLOSED,
    AMOUNT_NOT_ALLOWED,
    NO_PRICE,
    BAD_MSISDN,
    NOT_OUR_NUMBER,
    UNKNOWN_SUBSCRIBER,
    SUBSCRIBER_EXPIRED,
    NOT_PREPAID,
)

ProductCode = Annotated[
    str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.\-]+$", examples=["PULSA50"])
]
MsisdnText = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=40, description="0812…, 62812… or +62 812-…", examples=["081234567890"]),
]
Amount = Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MAX_RP, description="Whole rupiah", examples=[50_000])]


class InquiryBody(Body, frozen=True):
    """`amount` is for products with a free denomination only."""

    product: ProductCode
    msisdn: MsisdnText
    amount: Amount | None = None


class SellBody(Body, frozen=True):
    """`client_ref` is minted by the caller and stays the same on every retry of this sale.

    `price`, when given, must still be the price (`PRICE_CHANGED`); `second` confirms a deliberate repeat within 24 h.
    """

    client_ref: UUID
    product: ProductCode
    msisdn: MsisdnText
    pin: Pin
    amount: Amount | None = None
    price: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX_RP)] | None = None
    second: bool = False


class EarlierView(msgspec.Struct, frozen=True):
    """A sale that this one would repeat; sell with `second`."""

    code: str
    at: datetime


class InquiryView(msgspec.Struct, frozen=True, kw_only=True):
    """What the sale would be; the sale itself decides anew. Amounts in rupiah."""

    product: str
    product_name: str
    msisdn: str
    state: str
    amount: int
    price: int
    cost: int
    margin: int
    tax: int
    gets: DeliveryView
    earlier: EarlierView | None


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of sales, newest first; `next` is the cursor of the following page."""

    items: list[SaleView]
    next: str | None


class TotalView(msgspec.Struct, frozen=True, kw_only=True):
    """Done and not reversed sales: count, face value, turnover, cost and margin."""

    label: str
    sales: int
    nominal: int
    price: int
    cost: int
    margin: int

    @classmethod
    def of(cls, total: read.Total) -> "TotalView":
        """From a total."""
        return cls(
            label=total.label,
            sales=total.sales,
            nominal=total.nominal_rp,
            price=total.price_rp,
            cost=total.cost_rp,
            margin=total.margin_rp,
        )


class TotalsView(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of a range, in all and by day, product and user."""

    all: TotalView
    by_day: list[TotalView]
    by_product: list[TotalView]
    by_user: list[TotalView]


@post("/sales/inquiry", status_code=200, tags=["sales"], opt=says("outlet", *OFFER_NO))
async def inquire_sale(data: JSONBody[InquiryBody], request: AnyRequest) -> InquiryView:
    """Price, cost, margin and what the customer gets; refused as the sale itself would be. [D-08, D-106]"""
    app = app_of(request)
    now = app.clock.now()
    user = require_outlet(await principal(request))
    msisdn = msisdn_of(data.msisdn)
    async with app.connection() as connection:
        rulebook, catalogue = await app.references.current(connection)
        outcome = await inquire(
            connection,
            outlet_id=outlet_of(user),
            area=user.area,
            segment=user.segment,
            product=data.product,
            msisdn=msisdn,
            amount_rp=data.amount,
            now=now,
            rules=rulebook.at(now),
            catalogue=catalogue,
        )
    found = accepted(outcome)
    quote = found.quote
    return InquiryView(
        product=found.product.code,
        product_name=found.product.name(locale_of(request.headers.get("accept-language"))),
        msisdn=str(found.msisdn),
        state=found.state,
        amount=quote.nominal_rp,
        price=quote.price_rp,
        cost=quote.cost_rp,
        margin=quote.margin_rp,
        tax=quote.tax_rp,
        gets=DeliveryView.of(found.delivery),
        earlier=EarlierView(found.earlier.code, found.earlier.at) if found.earlier else None,
    )


@post(
    "/sales",
    tags=["sales"],
    responses={200: ResponseSpec(SaleView, description="The sale that this `client_ref` made before")},
    opt=says(
        "outlet",
        *OFFER_NO,
        WRONG_PIN,
        PIN_LOCKED,
        PRICE_CHANGED,
        INSUFFICIENT_BALANCE,
        DUPLICATE_SALE,
        REF_REUSED,
        TOO_MANY_REQUESTS,
    ),
)
async def create_sale(data: JSONBody[SellBody], request: AnyRequest) -> Response[SaleView]:
    """Sell. 201 for a new sale, 200 when the same `client_ref` sold before; a refusal moved nothing. [D-106, D-107]

    Session, PIN, price and balance are checked inside the sale's own transaction.
    """
    app = app_of(request)
    claims = claims_of(app, bearer(request))
    if claims.outlet_id is None:
        raise Refused(FORBIDDEN())
    origin = origin_of(request)
    outcome = await app.lanes.sell.submit(
        SellRequest(
            claims=claims,
            client_ref=data.client_ref,
            product=data.product,
            msisdn=msisdn_of(data.msisdn),
            pin=data.pin,
            amount_rp=data.amount,
            price_rp=data.price,
            second=data.second,
            address=origin.address,
            agent=origin.agent,
        )
    )
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    assert outcome.sale is not None
    catalogue = await _catalogue_at_hand(app)
    view = SaleView.of(outcome.sale, catalogue=catalogue, locale=_locale(request), keys=app.keys)
    return Response(view, status_code=200 if outcome.replay else 201)


@get("/sales", tags=["sales"], opt=says("outlet"))
async def list_sales(
    request: AnyRequest,
    begin: Annotated[date | None, QueryParameter(name="from", description="First day, the outlet's zone")] = None,
    end: Annotated[date | None, QueryParameter(name="to", description="Last day, included")] = None,
    q: Annotated[str, QueryParameter(max_length=60, description="Transaction code, number or product")] = "",
    product: Annotated[str | None, QueryParameter(max_length=60)] = None,
    user: Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)] = None,
    cursor: Annotated[str | None, QueryParameter(max_length=80)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=read.PAGE_MAX)] = 20,
) -> HistoryView:
    """The outlet's sales, newest first, page by page. Without dates: the last 31 days. [D-12, D-44]"""
    app = app_of(request)
    now = app.clock.now()
    who = require_outlet(await principal(request))
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        where = _filter(outlet_of(who), who.zone, begin, end, q, product, user, now, catalogue)
        lines = await read.history(connection, where, before=_cursor(cursor), limit=limit + 1)
    shown = lines[:limit]
    locale = _locale(request)
    return HistoryView(
        items=[
            SaleView.of(line.sale, catalogue=catalogue, locale=locale, keys=app.keys, user=line.user_name)
            for line in shown
        ],
        next=f"{shown[-1].sale.at.isoformat()}_{shown[-1].sale.id}" if len(lines) > limit else None,
    )


@get("/sales/totals", tags=["sales"], opt=says("outlet"))
async def total_sales(
    request: AnyRequest,
    begin: Annotated[date | None, QueryParameter(name="from")] = None,
    end: Annotated[date | None, QueryParameter(name="to")] = None,
    q: Annotated[str, QueryParameter(max_length=60)] = "",
    product: Annotated[str | None, QueryParameter(max_length=60)] = None,
    user: Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)] = None,
) -> TotalsView:
    """Totals of the same filter by day, product and user. [D-12]"""
    app = app_of(request)
    now = app.clock.now()
    who = require_outlet(await principal(request))
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        where = _filter(outlet_of(who), who.zone, begin, end, q, product, user, now, catalogue)
        totals = await read.totals(connection, where, zone=who.zone)
    return TotalsView(
        all=TotalView.of(totals.all),
        by_day=[TotalView.of(total) for total in totals.by_day],
        by_product=[TotalView.of(total) for total in totals.by_product],
        by_user=[TotalView.of(total) for total in totals.by_user],
    )


@get("/sales/{sale:str}", tags=["sales"], opt=says("outlet", SALE_NOT_FOUND))
async def get_sale(sale: FromPath[str], request: AnyRequest) -> SaleView:
    """One sale by id or transaction code; another outlet's is not found. [D-41, D-44]"""
    return await _sale_view(sale, request)


@post("/sales/{sale:str}/refresh", status_code=200, tags=["sales"], opt=says("outlet", SALE_NOT_FOUND))
async def refresh_sale(sale: FromPath[str], request: AnyRequest) -> SaleView:
    """The true status now. With the internal fulfilment every sale is final when it is answered. [D-43]"""
    return await _sale_view(sale, request)


async def _sale_view(sale: FromPath[str], request: AnyRequest) -> SaleView:
    app = app_of(request)
    outlet_id = outlet_of(await principal(request))
    sale_id = sale_id_of(sale)
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        story = accepted(await read.sale_story(connection, sale_id, outlet_id=outlet_id))
    return SaleView.of(
        story.sale,
        catalogue=catalogue,
        locale=_locale(request),
        keys=app.keys,
        reversal=story.reversal,
        user=story.user_name,
    )


async def _catalogue_at_hand(app: App) -> Catalogue:
    """The one that the batch has just used: a sale costs no connection beyond its own batch."""
    if (catalogue := app.references.catalogue) is not None:
        return catalogue
    async with app.connection() as connection:
        return (await app.references.held(connection))[1]


def sale_id_of(text: str) -> SaleId:
    """A sale's id, or the id behind a transaction code; raises Refused SALE_NOT_FOUND for anything else."""
    if text.isascii() and text.isdigit() and ID_DIGITS_MIN <= len(text) <= ID_DIGITS_MAX and int(text) <= ID_MAX:
        return SaleId(int(text))
    if (found := sale_of_code(text)) is not None:  # one code in some thousands is all digits, and shorter than any id
        return found
    raise Refused(SALE_NOT_FOUND())


def day_of(field: str, day: date) -> date:
    """A day that a calendar of any zone can reckon with; raises Refused INVALID_INPUT for one of another age."""
    if not read.FIRST_DAY <= day <= read.LAST_DAY:
        raise Refused(INVALID_INPUT(field=field, reason=str(day)))
    return day


def msisdn_of(text: str) -> Msisdn:
    """A number as typed; raises Refused BAD_MSISDN."""
    if (msisdn := parse_msisdn(text)) is None:
        raise Refused(BAD_MSISDN(msisdn=text[:MSISDN_SHOWN_MAX]))
    return msisdn


def _filter(
    outlet_id: OutletId,
    zone: str,
    begin: date | None,
    end: date | None,
    q: str,
    product: str | None,
    user: int | None,
    now: datetime,
    catalogue: Catalogue,
) -> SaleFilter:
    last = day_of("to", end) if end else business_day(now, ZoneInfo(zone))
    where = read.sale_filter(
        outlet_id,
        begin=day_of("from", begin) if begin else last - read.DEFAULT_RANGE,
        end=last,
        zone=zone,
        catalogue=catalogue,
        q=q,
        product=product,
        user_id=user,
    )
    return accepted(where)


def _cursor(text: str | None) -> tuple[datetime, SaleId] | None:
    if text is None:
        return None
    at, _, id_ = text.rpartition("_")
    try:
        moment, sale_id = datetime.fromisoformat(at), int(id_)
    except ValueError:
        moment, sale_id = datetime.min, -1  # noqa: DTZ901 - stands for "no moment" one line further on
    if moment.tzinfo is None or not 0 <= sale_id <= ID_MAX or not read.FIRST_DAY <= moment.date() <= read.LAST_DAY:
        raise Refused(INVALID_INPUT(field="cursor", reason=text[:MSISDN_SHOWN_MAX]))
    return moment, SaleId(sale_id)


def _locale(request: AnyRequest) -> str:
    return locale_of(request.headers.get("accept-language"))


SALES_ROUTES = [inquire_sale, create_sale, list_sales, total_sales, get_sale, refresh_sale]
