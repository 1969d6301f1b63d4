"""Rewards over HTTP: the catalogue for anybody and for a customer, and redeeming. [P-21..P-25, P-29, P-30, P-42]"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from konter.access.customers.sessions import actor_of_customer
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, customer_of, origin_of
from konter.api.problems import Problem
from konter.api.v1.bodies import Body
from konter.api.v1.moments import asked_cursor
from konter.api.v1.sales import ID_MAX
from konter.api.v1.views import GrantedView
from konter.loyalty.rewards.catalogue.model import Kind, Left, Offer, RewardLine
from konter.loyalty.rewards.catalogue.read import offers_by_reward, rewards_for
from konter.loyalty.rewards.redemption.model import GotBuckets, GotCode, RedeemRequest, Redemption, RedemptionId, Status
from konter.loyalty.rewards.redemption.read import PAGE_MAX, redemption_of, redemptions_of, vouchers_of
from konter.loyalty.rewards.refusals import (
    INSUFFICIENT_POINTS,
    NUMBER_NOT_ACTIVE,
    POINTS_IN_DEBT,
    REDEMPTION_NOT_FOUND,
    REDEMPTION_REF_REUSED,
    REWARD_CHANGED,
    REWARD_CLOSED,
    REWARD_NOT_FOR_SEGMENT,
    REWARD_NOT_FOR_TIER,
    REWARD_NOT_FOUND,
    REWARD_OUT_OF_STOCK,
    REWARD_PRICE_CHANGED,
    REWARD_QUOTA_REACHED,
    REWARD_QUOTA_USED,
)
from konter.platform.cursor import CURSOR_CHARS_MAX, cursor_text
from konter.platform.db import Connection
from konter.platform.forms import whole
from konter.platform.i18n import locale_of
from konter.platform.refusal import TOO_MANY_REQUESTS, Refused

POINTS_MAX = 10_000_000
# Why points are not redeemed; nothing has moved then.
REDEEM_NO = (
    NUMBER_NOT_ACTIVE,
    REWARD_NOT_FOUND,
    REWARD_CLOSED,
    REWARD_PRICE_CHANGED,
    REWARD_CHANGED,
    REWARD_NOT_FOR_SEGMENT,
    REWARD_NOT_FOR_TIER,
    REWARD_QUOTA_REACHED,
    REWARD_QUOTA_USED,
    REWARD_OUT_OF_STOCK,
    INSUFFICIENT_POINTS,
    POINTS_IN_DEBT,
    REDEMPTION_REF_REUSED,
    TOO_MANY_REQUESTS,
)
RewardCode = Annotated[
    str, msgspec.Meta(min_length=1, max_length=30, pattern=whole(r"[A-Z0-9][A-Z0-9_\-]*"), examples=["DATA100"])
]
RedemptionPath = Annotated[int, PathParameter(ge=1, le=ID_MAX, description="`id` of the redemption")]


class RewardView(msgspec.Struct, frozen=True, kw_only=True):
    """A reward on offer. Empty `brands` and `plans` mean any, `tier` the lowest status that may have it, or none;
    `until` is the first moment at which it is over, `offer_from` the one since which it is as it is.
    """

    id: str
    name: str
    kind: Kind
    points: int
    terms: str
    left: Left
    offer_from: datetime
    until: datetime | None
    brands: tuple[str, ...]
    plans: tuple[Literal["prepaid", "postpaid"], ...]
    tier: str | None


class RewardForView(RewardView, frozen=True, kw_only=True):
    """A reward as the caller can have it; `refusal` says why not now."""

    refusal: Problem | None


class RewardList(msgspec.Struct, frozen=True):
    """The catalogue in its order."""

    items: list[RewardView]


class RewardForList(msgspec.Struct, frozen=True):
    """The catalogue in its order, with what the caller cannot have now."""

    items: list[RewardForView]


class RedeemBody(Body, frozen=True):
    """`client_ref` is minted by the caller and stays the same on every retry of this redemption. `points`, when given,
    must still be the price (`REWARD_PRICE_CHANGED`), and `offer_from` that of the reward (`REWARD_CHANGED`): another
    offer may give something else at the same price.
    """

    client_ref: UUID
    reward: RewardCode
    points: Annotated[int, msgspec.Meta(ge=1, le=POINTS_MAX, examples=[20])] | None = None
    offer_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class RedemptionView(msgspec.Struct, frozen=True, kw_only=True):
    """Points for a reward. `status`: checking (a provider has been asked, until `deadline`), done, or refunded (the
    points are back; `reason` is the code of why). `points_left` is the balance when they were taken. `voucher` is a
    code to be shown or entered, told where a redemption stands alone; in lists it is null.
    """

    id: str
    code: str
    reward: str
    name: str
    points: int
    points_left: int
    status: Status
    at: datetime
    resolved_at: datetime | None
    deadline: datetime | None
    reason: str | None
    quotas: list[GrantedView]
    voucher: str | None
    voucher_until: datetime | None


class RedemptionList(msgspec.Struct, frozen=True):
    """Newest first; the next page is asked for with `next` as `cursor`, null on the last one."""

    items: list[RedemptionView]
    next: str | None


@get("/rewards", tags=["rewards"], opt=says("anybody"))
async def list_rewards(request: AnyRequest) -> RewardList:
    """What points buy, for anybody. The same catalogue as in every other channel. [P-24, P-42]"""
    app, locale = app_of(request), _locale(request)
    now = app.clock.now()
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
        lines = await rewards_for(connection, None, now=now, rules=rules)
    return RewardList([RewardView(**_fields(line, locale)) for line in lines])


@get("/customer/rewards", tags=["customer"], opt=says("customer"))
async def list_own_rewards(request: AnyRequest) -> RewardForList:
    """What points buy, and for each whether the caller can have it now. [P-25, P-42]"""
    app, locale = app_of(request), _locale(request)
    now = app.clock.now()
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        rules = await app.rules(connection, now)
        lines = await rewards_for(connection, caller.subscription_id, now=now, rules=rules)
    return RewardForList(
        [
            RewardForView(
                **_fields(line, locale), refusal=Problem.of(line.refusal, locale) if line.refusal is not None else None
            )
            for line in lines
        ]
    )


@post(
    "/customer/redemptions",
    tags=["customer"],
    responses={200: ResponseSpec(RedemptionView, description="The redemption that this `client_ref` made before")},
    opt=says("customer", *REDEEM_NO),
)
async def create_redemption(data: JSONBody[RedeemBody], request: AnyRequest) -> Response[RedemptionView]:
    """Redeem points: points and reward, or neither. 201 for a new one, 200 for the same `client_ref` again. [P-29]"""
    app = app_of(request)
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
    outcome = await app.redeeming.redeem(
        RedeemRequest(
            subscription_id=caller.subscription_id,
            client_ref=data.client_ref,
            reward=data.reward,
            points=data.points,
            offer_from=data.offer_from,
            channel="app",
            actor=actor_of_customer(caller, origin_of(request)),
        )
    )
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    assert outcome.redemption is not None, "an outcome is a redemption or a refusal"
    async with app.connection() as connection:
        view = await _one(connection, outcome.redemption, request)
    return Response(view, status_code=200 if outcome.replay else 201)


@get("/customer/redemptions", tags=["customer"], opt=says("customer"))
async def list_redemptions(
    request: AnyRequest,
    cursor: Annotated[str, QueryParameter(max_length=CURSOR_CHARS_MAX)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX - 1)] = 20,
) -> RedemptionList:
    """The caller's redemptions, newest first, page by page. [P-30]"""
    app, before = app_of(request), asked_cursor("cursor", cursor)
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        found = await redemptions_of(connection, caller.subscription_id, before=before, limit=limit + 1)
        shown = found[:limit]
        offers = await _offers(connection, shown, request)
    more = len(found) > limit
    return RedemptionList(
        [_view(each, offers, _locale(request), voucher=None) for each in shown],
        cursor_text(shown[-1].at, shown[-1].id) if more else None,
    )


@get("/customer/redemptions/{redemption:int}", tags=["customer"], opt=says("customer", REDEMPTION_NOT_FOUND))
async def get_redemption(redemption: RedemptionPath, request: AnyRequest) -> RedemptionView:
    """One of the caller's redemptions, with its code where it gave one; another's is not found. [P-30]"""
    async with app_of(request).connection() as connection:
        caller = await customer_of(request, connection)
        found = accepted(
            await redemption_of(connection, RedemptionId(redemption), subscription_id=caller.subscription_id)
        )
        return await _one(connection, found, request)


async def _one(connection: Connection, redemption: Redemption, request: AnyRequest) -> RedemptionView:
    """A redemption for the eyes of its customer, code included."""
    voucher = (await vouchers_of(connection, [redemption], keys=app_of(request).keys)).get(redemption.id)
    code = voucher.code if voucher is not None else None
    return _view(redemption, await _offers(connection, [redemption], request), _locale(request), voucher=code)


async def _offers(connection: Connection, redemptions: Sequence[Redemption], request: AnyRequest) -> dict[str, Offer]:
    """What was redeemed as it is called now."""
    return await offers_by_reward(connection, (each.reward for each in redemptions), now=app_of(request).clock.now())


def _fields(line: RewardLine, locale: str) -> dict[str, Any]:
    offer = line.offer
    return {
        "id": offer.reward,
        "name": offer.name(locale),
        "kind": offer.kind,
        "points": offer.points,
        "terms": offer.terms(locale),
        "left": line.left,
        "offer_from": offer.valid_from,
        "until": offer.valid_until,
        "brands": offer.brands,
        "plans": offer.kinds,
        "tier": offer.tier or None,
    }


def _view(redemption: Redemption, offers: dict[str, Offer], locale: str, *, voucher: str | None) -> RedemptionView:
    got = redemption.delivery
    offer = offers.get(redemption.reward)
    return RedemptionView(
        id=str(redemption.id),
        code=redemption.code,
        reward=redemption.reward,
        name=offer.name(locale) if offer is not None else redemption.reward,
        points=redemption.points,
        points_left=redemption.points_after,
        status=redemption.status,
        at=redemption.at,
        resolved_at=redemption.resolved_at,
        deadline=redemption.deadline,
        reason=redemption.reason,
        quotas=[
            GrantedView(source=each.source, asset=each.asset, amount=each.amount, expires_at=each.expires_at)
            for each in (got.delivery.buckets if isinstance(got, GotBuckets) else ())
        ],
        voucher=voucher,
        voucher_until=got.expires_at if isinstance(got, GotCode) else None,
    )


def _locale(request: AnyRequest) -> str:
    return locale_of(request.headers.get("accept-language"))


CUSTOMER_REWARD_ROUTES = [
    list_rewards,
    list_own_rewards,
    create_redemption,
    list_redemptions,
    get_redemption,
]
