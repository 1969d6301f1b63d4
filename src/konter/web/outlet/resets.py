"""A forgotten password or PIN: an OTP to the notification number sets another one. Lock-out is never a dead end."""

from urllib.parse import quote, urlencode

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.model import LoginStarted
from konter.access.reset_password import ask_password_reset, finish_password_reset
from konter.access.reset_pin import ask_pin_reset, finish_pin_reset
from konter.platform.refusal import Refusal
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.access_views import ForgotView, PasswordView, PinView
from konter.web.outlet.first_steps import differ, unusable
from konter.web.outlet.login import refused, require_session
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, ended_session, go, page, posted
from konter.web.views import Sent
from konter.web.visit import masked_number, sent, sent_of, visit

FORGOT_PASSWORD = ForgotView(field="username", action="/outlet/lupa-sandi")
FORGOT_PIN = ForgotView(field="password", action="/outlet/lupa-pin")


def _address(base: str, started: LoginStarted) -> str:
    query = {"ke": masked_number(started.msisdn), "sampai": str(int(started.expires_at.timestamp()))}
    return f"{base}/{started.login_id}?{urlencode(query)}"


@get("/outlet/lupa-sandi", include_in_schema=False, sync_to_thread=False)
def forgot_password_page(request: AnyRequest) -> AnyPage:
    """Ask for the user name."""
    return page(request, "outlet/forgot.html", FORGOT_PASSWORD)


@post("/outlet/lupa-sandi", include_in_schema=False)
async def forgot_password_post(request: AnyRequest) -> AnyPage:
    """Send an OTP; the answer does not tell whether there is such a user."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await ask_password_reset(connection, form.text("username"), origin=here.origin, **here.step)
    if isinstance(outcome, Refusal):
        view = msgspec.structs.replace(FORGOT_PASSWORD, alert=refused(request, outcome))
        return page(request, "outlet/forgot.html", view, status=outcome.status)
    return go(_address("/outlet/lupa-sandi", outcome))


@get("/outlet/lupa-sandi/{login_id:str}", include_in_schema=False)
async def new_password_page(
    request: AnyRequest, login_id: FromPath[str], ke: FromQuery[str] = "", sampai: FromQuery[str] = ""
) -> AnyPage:
    """The OTP and the new password on one page."""
    async with app_of(request).connection() as connection:
        length_min = (await visit(request, connection)).rules.auth.password_min_length
    return page(request, "outlet/password.html", _password_view(login_id, length_min, sent_of(ke, sampai)))


@post("/outlet/lupa-sandi/{login_id:str}", include_in_schema=False)
async def new_password_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Save it; every session of the user ends, so the next page is the log-in."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
    view = _password_view(login_id, here.rules.auth.password_min_length, sent(form))
    if (alert := unusable(request, form, view.length_min)) is not None:
        return page(request, "outlet/password.html", msgspec.structs.replace(view, alert=alert), status=422)
    outcome = await finish_password_reset(
        app.pool,
        app.passwords,
        login_id,
        code=form.text("code"),
        new=form.secret("new"),
        origin=here.origin,
        **here.step,
    )
    if outcome is not None:
        alert = refused(request, outcome)
        return page(request, "outlet/password.html", msgspec.structs.replace(view, alert=alert), status=outcome.status)
    return go("/outlet/masuk?pesan=sandi", cookies=[ended_session(app)])


@get("/outlet/lupa-pin", include_in_schema=False)
async def forgot_pin_page(request: AnyRequest) -> AnyPage:
    """Ask for the password first."""
    async with app_of(request).connection() as connection:
        await seller(request, connection, await visit(request, connection))
    return page(request, "outlet/forgot.html", FORGOT_PIN)


@post("/outlet/lupa-pin", include_in_schema=False)
async def forgot_pin_post(request: AnyRequest) -> AnyPage:
    """Send an OTP for the right password."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        who = (await seller(request, connection, here)).who
    outcome = await ask_pin_reset(
        app.pool, app.passwords, who, password=form.secret("password"), origin=here.origin, **here.step
    )
    if isinstance(outcome, Refusal):
        require_session(outcome)
        view = msgspec.structs.replace(FORGOT_PIN, alert=refused(request, outcome))
        return page(request, "outlet/forgot.html", view, status=outcome.status)
    return go(_address("/outlet/lupa-pin", outcome))


@get("/outlet/lupa-pin/{login_id:str}", include_in_schema=False)
async def new_pin_page(
    request: AnyRequest, login_id: FromPath[str], ke: FromQuery[str] = "", sampai: FromQuery[str] = ""
) -> AnyPage:
    """The OTP and the new PIN on one page."""
    async with app_of(request).connection() as connection:
        await seller(request, connection, await visit(request, connection))
    return page(request, "outlet/pin.html", _pin_view(login_id, sent_of(ke, sampai)))


@post("/outlet/lupa-pin/{login_id:str}", include_in_schema=False)
async def new_pin_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Save it; counter and lock are lifted."""
    form = await posted(request)
    view = _pin_view(login_id, sent(form))
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = (await seller(request, connection, here)).who
        if form.text("pin") != form.text("again"):
            alert = differ(request, "pin.differ")
            return page(request, "outlet/pin.html", msgspec.structs.replace(view, alert=alert), status=422)
        outcome = await finish_pin_reset(
            connection, who, login_id, code=form.text("code"), pin=form.text("pin"), origin=here.origin, **here.step
        )
    if outcome is not None:
        require_session(outcome)
        alert = refused(request, outcome)
        return page(request, "outlet/pin.html", msgspec.structs.replace(view, alert=alert), status=outcome.status)
    return go("/outlet?pesan=pin")


def _password_view(login_id: str, length_min: int, sent_to: Sent) -> PasswordView:
    action = f"/outlet/lupa-sandi/{quote(login_id, safe='')}"
    return PasswordView(action=action, ask_old=False, forced=False, length_min=length_min, username="", sent=sent_to)


def _pin_view(login_id: str, sent_to: Sent) -> PinView:
    return PinView(action=f"/outlet/lupa-pin/{quote(login_id, safe='')}", first=False, sent=sent_to)
