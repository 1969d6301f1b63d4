"""Log in: password, then OTP. [D-23, D-24]"""

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody

from konter.access.enter_otp import enter_otp, resend_otp
from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted
from konter.access.refusals import (
    ACCOUNT_LOCKED,
    APP_BLOCKED,
    BAD_CREDENTIALS,
    LOGIN_NOT_FOUND,
    OTP_EXPIRED,
    OTP_WRONG,
    PHONE_REPORTED_LOST,
    STAFF_PASSWORD_LAPSED,
)
from konter.access.staff.login import TotpStarted, enter_totp
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, step_of
from konter.api.v1.bodies import (
    OTP_NO,
    OTP_SENDING_NO,
    PASSWORD_NO,
    Body,
    Code,
    LoginPath,
    OtpView,
    Password,
    SessionView,
    TotpView,
    Username,
)
from konter.channel.onboarding.refusals import APPLICATION_UNDER_REVIEW
from konter.channel.onboarding.review import explained
from konter.platform.refusal import Refusal, Refused


class LoginBody(Body, frozen=True):
    """User name and password; `device` is the token of a trusted device, from an earlier log-in."""

    username: Username
    password: Password
    device: Annotated[str, msgspec.Meta(max_length=64)] = ""


class OtpBody(Body, frozen=True):
    """The OTP from the SMS; `trust` asks that this device need none for a while."""

    code: Code
    trust: bool = False


class CodeBody(Body, frozen=True):
    """The code of the authenticator app."""

    code: Code


@post(
    "/login",
    status_code=200,
    tags=["access"],
    opt=says(
        "anybody",
        *PASSWORD_NO,
        BAD_CREDENTIALS,
        ACCOUNT_LOCKED,
        STAFF_PASSWORD_LAPSED,
        APPLICATION_UNDER_REVIEW,
        *OTP_SENDING_NO,
    ),
)
async def start_login(data: JSONBody[LoginBody], request: AnyRequest) -> OtpView | TotpView | SessionView:
    """Check a password. Users of outlets and partners get an OTP by SMS; staff are asked for their app's code.

    Where the demo's staff need no code, they get their session at once.
    """
    app, now = app_of(request), app_of(request).clock.now()
    rules = await app.rules_at_hand(now)
    attempt = Attempt(username=data.username, password=data.password, origin=origin_of(request), device=data.device)
    outcome = await log_in(app.pool, app.passwords, attempt, now=now, ids=app.ids, keys=app.keys, rules=rules)
    if isinstance(outcome, Refusal):
        async with app.connection() as connection:
            raise Refused(await explained(connection, outcome, data.username))
    if isinstance(outcome, LoginStarted):
        return OtpView.of(outcome)
    return TotpView.of(outcome) if isinstance(outcome, TotpStarted) else SessionView.of(outcome)


@post("/login/{login_id:str}/otp", status_code=200, tags=["access"], opt=says("anybody", *OTP_NO, ACCOUNT_LOCKED))
async def give_otp(login_id: LoginPath, data: JSONBody[OtpBody], request: AnyRequest) -> SessionView:
    """Open the session with the OTP."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        outcome = await enter_otp(
            connection,
            login_id,
            data.code,
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=await app.rules(connection, now),
            trust=data.trust,
        )
    return SessionView.of(accepted(outcome))


@post(
    "/login/{login_id:str}/totp",
    status_code=200,
    tags=["access"],
    opt=says("anybody", LOGIN_NOT_FOUND, OTP_WRONG, OTP_EXPIRED, ACCOUNT_LOCKED),
)
async def give_totp(login_id: LoginPath, data: JSONBody[CodeBody], request: AnyRequest) -> SessionView:
    """Open the session of staff with the code of the authenticator app; a code fits once."""
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        outcome = await enter_totp(connection, login_id, data.code, origin=origin_of(request), step=step)
    return SessionView.of(accepted(outcome))


@post(
    "/login/{login_id:str}/resend",
    status_code=200,
    tags=["access"],
    opt=says("anybody", LOGIN_NOT_FOUND, OTP_EXPIRED, APP_BLOCKED, PHONE_REPORTED_LOST, *OTP_SENDING_NO),
)
async def send_otp_again(login_id: LoginPath, request: AnyRequest) -> OtpView:
    """Send another OTP for a login or a PIN reset; the one before fits no longer."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        outcome = await resend_otp(
            connection,
            login_id,
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=await app.rules(connection, now),
        )
    return OtpView.of(accepted(outcome))


LOGIN_ROUTES = [start_login, give_otp, give_totp, send_otp_again]
