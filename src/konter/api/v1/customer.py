"""The customer, by the own number: log in, see it, look after one's sessions. [P-30]"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody, PathParameter

from konter.access.customers.log_in import ask_code, ask_code_again, enter_customer_code
from konter.access.customers.sessions import end_all_customer_sessions, end_customer_session, list_customer_sessions
from konter.access.model import LoginStarted
from konter.access.refusals import (
    LOGIN_NOT_FOUND,
    OTP_EXPIRED,
    OTP_RESEND_TOO_SOON,
    OTP_TOO_MANY,
    OTP_WRONG,
    SESSION_NOT_FOUND,
)
from konter.access.step import Given
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, customer_of, origin_of, step_of
from konter.api.v1.bodies import Body, Code, LoginPath
from konter.api.v1.care import QuotaView
from konter.api.v1.sales import msisdn_of
from konter.api.v1.sessions import ID_MAX, SessionLineView, SessionsView
from konter.platform.db import Connection
from konter.platform.i18n import locale_of
from konter.platform.ids import SessionId
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.refusals import BAD_MSISDN, UNKNOWN_SUBSCRIBER
from konter.subscriber.view import subscriber_view

SENDING_NO = (OTP_RESEND_TOO_SOON, OTP_TOO_MANY)
OwnSessionPath = Annotated[int, PathParameter(ge=1, le=ID_MAX, description="`id` from the list")]


class CustomerNumberBody(Body, frozen=True):
    """The caller's own number."""

    msisdn: Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["081234567890"])]


class CustomerCodeBody(Body, frozen=True):
    """The OTP from the SMS."""

    code: Code


class CustomerLoginView(msgspec.Struct, frozen=True, kw_only=True):
    """If the number is a customer's, an OTP is on its way; the answer is the same if it is not."""

    login_id: str
    resend_at: datetime
    expires_at: datetime


class CustomerTokenView(msgspec.Struct, frozen=True, kw_only=True):
    """The token to send as bearer from now on, shown once. Its end moves on while it is used."""

    token: str
    expires_at: datetime


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """A number as its customer sees it: state, active period, balance in rupiah, quotas soonest to expire first."""

    msisdn: str
    brand: str
    kind: str
    state: str
    locale: str
    active_until: datetime
    grace_until: datetime
    balance: int
    quotas: list[QuotaView]


async def _given(request: AnyRequest, connection: Connection) -> Given:
    app, now = app_of(request), app_of(request).clock.now()
    rules = await app.rules(connection, now)
    return Given(origin=origin_of(request), now=now, ids=app.ids, keys=app.keys, rules=rules)


@post("/customer/login", status_code=200, tags=["customer"], opt=says("anybody", BAD_MSISDN, *SENDING_NO))
async def start_customer_login(data: JSONBody[CustomerNumberBody], request: AnyRequest) -> CustomerLoginView:
    """Send an OTP to the own number. [P-30]"""
    msisdn, locale = msisdn_of(data.msisdn), locale_of(request.headers.get("accept-language"))
    async with app_of(request).connection() as connection:
        return _started(await ask_code(connection, msisdn, locale=locale, **await _given(request, connection)))


@post(
    "/customer/login/{login_id:str}/resend",
    status_code=200,
    tags=["customer"],
    opt=says("anybody", LOGIN_NOT_FOUND, *SENDING_NO),
)
async def resend_customer_code(login_id: LoginPath, request: AnyRequest) -> CustomerLoginView:
    """Send another OTP, under another `login_id`; the one before fits no longer."""
    async with app_of(request).connection() as connection:
        return _started(await ask_code_again(connection, login_id, **await _given(request, connection)))


@post(
    "/customer/login/{login_id:str}/otp",
    status_code=200,
    tags=["customer"],
    opt=says("anybody", LOGIN_NOT_FOUND, OTP_WRONG, OTP_EXPIRED),
)
async def give_customer_code(
    login_id: LoginPath, data: JSONBody[CustomerCodeBody], request: AnyRequest
) -> CustomerTokenView:
    """Enter the OTP: it opens one session, once."""
    async with app_of(request).connection() as connection:
        given = await _given(request, connection)
        opened = accepted(await enter_customer_code(connection, login_id, data.code, **given))
    return CustomerTokenView(token=opened.token, expires_at=opened.expires_at)


def _started(outcome: Refusal | LoginStarted) -> CustomerLoginView:
    started = accepted(outcome)
    return CustomerLoginView(login_id=started.login_id, resend_at=started.resend_at, expires_at=started.expires_at)


@get("/customer", tags=["customer"], opt=says("customer", UNKNOWN_SUBSCRIBER))
async def get_customer(request: AnyRequest) -> CustomerView:
    """The caller's own number. [P-30]"""
    app = app_of(request)
    now = app.clock.now()
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        rules = await app.rules(connection, now)
        seen = accepted(await subscriber_view(connection, caller.msisdn, now=now, rules=rules))
    return CustomerView(
        msisdn=str(seen.msisdn),
        brand=seen.brand,
        kind=seen.kind,
        state=seen.state,
        locale=seen.locale,
        active_until=seen.active_until,
        grace_until=seen.grace_until,
        balance=seen.balance_rp,
        quotas=[
            QuotaView(source=b.source, asset=b.asset, balance=b.balance, expires_at=b.expires_at) for b in seen.buckets
        ],
    )


@get("/customer/sessions", tags=["customer"], opt=says("customer"))
async def get_customer_sessions(request: AnyRequest) -> SessionsView:
    """Where the caller's number is logged in."""
    app = app_of(request)
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        lines = await list_customer_sessions(connection, caller, now=app.clock.now())
    return SessionsView(
        items=[SessionLineView(**{**msgspec.structs.asdict(line), "id": str(line.id)}) for line in lines]
    )


@delete("/customer/sessions", status_code=204, tags=["customer"], opt=says("customer"))
async def delete_customer_sessions(request: AnyRequest) -> None:
    """Log out everywhere, here too."""
    async with app_of(request).connection() as connection:
        caller = await customer_of(request, connection)
        step = await step_of(request, connection)
        await end_all_customer_sessions(connection, caller, origin=origin_of(request), step=step)


@delete(
    "/customer/sessions/{session_id:int}", status_code=204, tags=["customer"], opt=says("customer", SESSION_NOT_FOUND)
)
async def delete_customer_session(session_id: OwnSessionPath, request: AnyRequest) -> None:
    """End one of the caller's sessions, this one or another."""
    async with app_of(request).connection() as connection:
        caller = await customer_of(request, connection)
        step = await step_of(request, connection)
        refusal = await end_customer_session(
            connection, caller, SessionId(session_id), origin=origin_of(request), step=step
        )
    if refusal is not None:
        raise Refused(refusal)


CUSTOMER_ROUTES = [
    start_customer_login,
    resend_customer_code,
    give_customer_code,
    get_customer,
    get_customer_sessions,
    delete_customer_sessions,
    delete_customer_session,
]
