"""Forgotten or locked: another password by OTP, another PIN by password and OTP."""

from litestar import post
from litestar.params import JSONBody

from konter.access.refusals import ACCOUNT_LOCKED, WEAK_PASSWORD, WEAK_PIN, WRONG_PASSWORD
from konter.access.reset_password import ask_password_reset, check_reset_code, finish_password_reset
from konter.access.reset_pin import ask_pin_reset, finish_pin_reset
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_outlet
from konter.api.v1.bodies import (
    OTP_NO,
    OTP_SENDING_NO,
    PASSWORD_NO,
    Body,
    Code,
    LoginPath,
    NextView,
    OtpView,
    Password,
    Pin,
    Username,
)
from konter.api.v1.login import CodeBody
from konter.platform.refusal import TOO_MANY_REQUESTS


class PasswordResetBody(Body, frozen=True):
    """Whose password."""

    username: Username


class NewPasswordBody(Body, frozen=True):
    """The OTP from the SMS and the new password."""

    code: Code
    new: Password


class PinResetBody(Body, frozen=True):
    """The password of whoever is logged in."""

    password: Password


class NewPinBody(Body, frozen=True):
    """The OTP from the SMS and the new PIN."""

    code: Code
    pin: Pin


@post("/password-resets", status_code=200, tags=["access"], opt=says("anybody", *OTP_SENDING_NO))
async def start_password_reset(data: JSONBody[PasswordResetBody], request: AnyRequest) -> OtpView:
    """Send an OTP to the user's notification number. The answer is the same for a name that nobody has."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        outcome = await ask_password_reset(
            connection,
            data.username,
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=await app.rules(connection, now),
        )
    return OtpView.of(accepted(outcome))


@post("/password-resets/{login_id:str}/otp", status_code=204, tags=["access"], opt=says("anybody", *OTP_NO))
async def check_password_reset_code(login_id: LoginPath, data: JSONBody[CodeBody], request: AnyRequest) -> None:
    """Whether the OTP is right, for whoever asks for the new password on a next page. A wrong one counts."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        accepted(
            await check_reset_code(
                connection,
                login_id,
                data.code,
                origin=origin_of(request),
                now=now,
                ids=app.ids,
                keys=app.keys,
                rules=await app.rules(connection, now),
            )
        )


@post(
    "/password-resets/{login_id:str}",
    status_code=204,
    tags=["access"],
    opt=says("anybody", *OTP_NO, WEAK_PASSWORD, TOO_MANY_REQUESTS),
)
async def set_password_by_otp(login_id: LoginPath, data: JSONBody[NewPasswordBody], request: AnyRequest) -> None:
    """Set another password; locks are lifted and every session ends. Log in with it."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
    accepted(
        await finish_password_reset(
            app.pool,
            app.passwords,
            login_id,
            code=data.code,
            new=data.new,
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=rules,
        )
    )


@post(
    "/me/pin-resets",
    status_code=200,
    tags=["access"],
    opt=says("beginner", *PASSWORD_NO, WRONG_PASSWORD, *OTP_SENDING_NO),
)
async def start_pin_reset(data: JSONBody[PinResetBody], request: AnyRequest) -> OtpView:
    """Send an OTP for the right password."""
    app, now = app_of(request), app_of(request).clock.now()
    caller = require_outlet(await principal(request), "set_pin")
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
    outcome = await ask_pin_reset(
        app.pool,
        app.passwords,
        caller,
        password=data.password,
        origin=origin_of(request),
        now=now,
        ids=app.ids,
        keys=app.keys,
        rules=rules,
    )
    return OtpView.of(accepted(outcome))


@post(
    "/me/pin-resets/{login_id:str}",
    status_code=200,
    tags=["access"],
    opt=says("beginner", *OTP_NO, ACCOUNT_LOCKED, WEAK_PIN),
)
async def set_pin_by_otp(login_id: LoginPath, data: JSONBody[NewPinBody], request: AnyRequest) -> NextView:
    """Set another PIN; the lock is lifted."""
    app, now = app_of(request), app_of(request).clock.now()
    caller = require_outlet(await principal(request), "set_pin")
    async with app.connection() as connection:
        accepted(
            await finish_pin_reset(
                connection,
                caller,
                login_id,
                code=data.code,
                pin=data.pin,
                origin=origin_of(request),
                now=now,
                ids=app.ids,
                keys=app.keys,
                rules=await app.rules(connection, now),
            )
        )
    return NextView(next="ready")


RESET_ROUTES = [
    start_password_reset,
    check_password_reset_code,
    set_password_by_otp,
    start_pin_reset,
    set_pin_by_otp,
]
