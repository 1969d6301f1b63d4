"""Selling over HTTP: inquiry, sale, look again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

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
from konter.platform.audit import Actor
from konter.platform.forms import whole
from konter.platform.i18n import locale_of
from konter.platform.ids import Msisdn, SaleId
from konter.platform.refusal import FORBIDDEN, TOO_MANY_REQUESTS, Refused
from konter.rules.refusals import MODULE_OFF
from konter.sales.checking.refresh import refresh
from konter.sales.codes import sale_of_code
from konter.sales.health.model import State
from konter.sales.history import read
from konter.sales.inquire import inquire
from konter.sales.model import SellRequest
from konter.sales.refusals import (
    COOLING_OFF,
    DUPLICATE_SALE,
    INSUFFICIENT_BALANCE,
    PRICE_CHANGED,
    REF_REUSED,
    SALE_NOT_FOUND,
)
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
    MODULE_OFF,
    AMOUNT_NOT_ALLOWED,
    NO_PRICE,
    BAD_MSISDN,
    NOT_OUR_NUMBER,
    UNKNOWN_SUBSCRIBER,
    SUBSCRIBER_EXPIRED,
    NOT_PREPAID,
)

ProductCode = Annotated[
    str, msgspec.Meta(min_length=1, max_length=60, pattern=whole(r"[A-Za-z0-9_.\-]+"), examples=["PULSA50"])
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


class MeantView(msgspec.Struct, frozen=True):
    """A number one slip away that this outlet sold to before, `at` last; it never sold to the one asked about."""

    msisdn: str
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
    health: State
    meant: MeantView | None


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
        health=found.trouble.state if found.trouble else "open",
        meant=MeantView(str(found.meant.msisdn), found.meant.at) if found.meant else None,
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
        COOLING_OFF,
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
    outcome = await app.selling.sell(
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


@get("/sales/{sale:str}", tags=["sales"], opt=says("outlet", SALE_NOT_FOUND))
async def get_sale(sale: FromPath[str], request: AnyRequest) -> SaleView:
    """One sale by id or transaction code; another outlet's is not found. [D-41, D-44]"""
    return await _sale_view(sale, request)


@post("/sales/{sale:str}/refresh", status_code=200, tags=["sales"], opt=says("outlet", SALE_NOT_FOUND))
async def refresh_sale(sale: FromPath[str], request: AnyRequest) -> SaleView:
    """Look now whether a sale that is checking has ended, waiting up to 3 s; not more often than every 5 s. [D-43]"""
    app = app_of(request)
    user = require_outlet(await principal(request))
    origin = origin_of(request)
    story = accepted(
        await refresh(
            app.pool,
            app.selling,
            sale_id_of(sale),
            outlet_id=outlet_of(user),
            clock=app.clock,
            ids=app.ids,
            references=app.references,
            actor=Actor("outlet_user", user.user_id, user.session_id, origin.address, origin.agent),
        )
    )
    return _view_of(app, story, await _catalogue_at_hand(app), request)


async def _sale_view(sale: FromPath[str], request: AnyRequest) -> SaleView:
    app = app_of(request)
    outlet_id = outlet_of(await principal(request))
    sale_id = sale_id_of(sale)
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        story = accepted(await read.sale_story(connection, sale_id, outlet_id=outlet_id))
    return _view_of(app, story, catalogue, request)


def _view_of(app: App, story: read.SaleStory, catalogue: Catalogue, request: AnyRequest) -> SaleView:
    return SaleView.of(
        story.sale,
        catalogue=catalogue,
        locale=_locale(request),
        keys=app.keys,
        reversal=story.reversal,
        adjustment=story.adjustment,
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


def msisdn_of(text: str) -> Msisdn:
    """A number as typed; raises Refused BAD_MSISDN."""
    if (msisdn := parse_msisdn(text)) is None:
        raise Refused(BAD_MSISDN(msisdn=text[:MSISDN_SHOWN_MAX]))
    return msisdn


def _locale(request: AnyRequest) -> str:
    return locale_of(request.headers.get("accept-language"))


SALES_ROUTES = [inquire_sale, create_sale, get_sale, refresh_sale]
