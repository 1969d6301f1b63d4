"""A merchant's own machine: check a code, burn it once. [P-23]"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from konter.access.clients.model import Client
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, require_scope
from konter.api.problems import Problem
from konter.api.v1.bodies import Body
from konter.loyalty.rewards.merchants.burn import burn_codes, verify_code
from konter.loyalty.rewards.merchants.manage import merchant_of_client
from konter.loyalty.rewards.merchants.model import BurnRequest, CodeView
from konter.loyalty.rewards.refusals import (
    BURN_REF_REUSED,
    CLIENT_WITHOUT_MERCHANT,
    CODE_BURNT,
    CODE_EXPIRED,
    CODE_OF_ANOTHER,
    CODE_UNKNOWN,
    MERCHANT_NOT_FOUND,
)
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.i18n import locale_of
from konter.platform.refusal import Refused

VoucherCode = Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["AB12-CD34-EF56"])]


class VoucherBody(Body, frozen=True):
    """The code that a customer shows; case, spaces and hyphens do not matter."""

    code: VoucherCode


class BurnBody(Body, frozen=True):
    """`client_ref` is minted by the merchant and stays the same on every retry of this use of the code."""

    client_ref: UUID
    code: VoucherCode


class VoucherView(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is good for, never whose it is. `usable`: it can be burnt now; `refusal` says why not. `expires_at`
    is the first moment at which it is no longer good.
    """

    reward: str
    name: str
    terms: str
    issued_at: datetime
    expires_at: datetime | None
    burnt_at: datetime | None
    usable: bool
    refusal: Problem | None

    @classmethod
    def of(cls, seen: CodeView, locale: str) -> "VoucherView":
        """What the merchant sees."""
        return cls(
            reward=seen.reward,
            name=seen.name(locale),
            terms=seen.terms(locale),
            issued_at=seen.issued_at,
            expires_at=seen.expires_at,
            burnt_at=seen.burnt_at,
            usable=seen.refusal is None and seen.burnt_at is None,
            refusal=Problem.of(seen.refusal, locale) if seen.refusal is not None else None,
        )


@post(
    "/merchants/vouchers/verify",
    status_code=200,
    tags=["rewards"],
    opt=says("client", CLIENT_WITHOUT_MERCHANT, CODE_UNKNOWN, CODE_OF_ANOTHER),
)
async def verify_voucher(data: JSONBody[VoucherBody], request: AnyRequest) -> VoucherView:
    """Look at a code of the merchant that the key is tied to, with the scope `vouchers.burn`; nothing changes.

    Unknown codes count as guesses: after some the merchant waits (429). [P-23]
    """
    app = app_of(request)
    async with app.connection() as connection:
        _, merchant = await _merchant(request, connection)
        seen = accepted(await verify_code(connection, merchant, data.code, keys=app.keys, now=app.clock.now()))
    return VoucherView.of(seen, locale_of(request.headers.get("accept-language")))


@post(
    "/merchants/vouchers/burn",
    tags=["rewards"],
    responses={200: ResponseSpec(VoucherView, description="The code that this `client_ref` burnt before")},
    opt=says(
        "client",
        CLIENT_WITHOUT_MERCHANT,
        CODE_UNKNOWN,
        CODE_OF_ANOTHER,
        CODE_BURNT,
        CODE_EXPIRED,
        BURN_REF_REUSED,
        MERCHANT_NOT_FOUND,
    ),
)
async def burn_voucher(data: JSONBody[BurnBody], request: AnyRequest) -> Response[VoucherView]:
    """Use a code of the merchant that the key is tied to, once, with the scope `vouchers.burn`.

    201 for a new use, 200 when the same `client_ref` used the same code before. [P-23]
    """
    app = app_of(request)
    origin = origin_of(request)
    async with app.connection() as connection:
        client, merchant = await _merchant(request, connection)
        wanted = BurnRequest(
            merchant=merchant,
            code=data.code,
            client_ref=data.client_ref,
            channel="api",
            actor=Actor("client", client.id, address=origin.address, agent=origin.agent),
        )
        (outcome,) = await burn_codes(connection, [wanted], clock=app.clock, ids=app.ids, keys=app.keys)
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    assert outcome.view is not None, "an outcome is a view or a refusal"
    view = VoucherView.of(outcome.view, locale_of(request.headers.get("accept-language")))
    return Response(view, status_code=200 if outcome.replay else 201)


async def _merchant(request: AnyRequest, connection: Connection) -> tuple[Client, str]:
    """Who calls, and for which merchant. Raises CLIENT_WITHOUT_MERCHANT."""
    client = await require_scope(request, connection, "vouchers.burn")
    merchant = await merchant_of_client(connection, client.id)
    if merchant is None:
        raise Refused(CLIENT_WITHOUT_MERCHANT())
    return client, merchant


MERCHANT_ROUTES = [verify_voucher, burn_voucher]
