"""Log in: user name and password, the OTP, log out. [D-06, D-23, D-24]"""

from urllib.parse import quote, unquote, urlencode

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery

from konter.access.enter_otp import enter_otp, resend_otp
from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted, Next, SessionOpened
from konter.access.sessions import revoke_session
from konter.access.step import StepArgs
from konter.access.tokens import parse
from konter.app import App
from konter.channel.geofence import note_position
from konter.channel.onboarding.review import explained
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.rules.model import Rules
from konter.web.app import AnyRequest, app_of
from konter.web.errors import RETURN_COOKIE, WAYS_OUT
from konter.web.outlet.access_views import LoginView, OtpView
from konter.web.outlet.visit import seller
from konter.web.pages import SESSION_COOKIE, AnyPage, Form, cookie, ended_session, go, own_path, page, posted, words
from konter.web.positions import read_position
from konter.web.views import Alert
from konter.web.visit import Visit, masked_number, origin, sent, step_before_login, visit

DEVICE_COOKIE = "konter_device"
DAY_S = 24 * 3600
NEXT_PAGES: dict[Next, str] = {
    "change_password": "/outlet/sandi",
    "accept_terms": "/outlet/ketentuan",
    "set_pin": "/outlet/pin",
}
NOTICES = {
    "sandi": "login.password_changed",
    "keluar": "login.logged_out",
    "nomor": "login.number_changed",
    "hilang": "login.lost_reported",
}


def refused(request: AnyRequest, refusal: Refusal, *, advice: str = "") -> Alert:
    """A refusal as a box above the form that it is about."""
    return Alert(
        tone="error",
        sentence=words(request).sentence(refusal),
        advice=advice,
        links=tuple(link for link in WAYS_OUT.get(refusal.code, ()) if link.href != request.url.path),
    )


def require_session(refusal: Refusal) -> None:
    """Whoever guessed a secret too often has no session any more: the log-in page follows, not the form again."""
    if refusal.code == "SESSION_EXPIRED":
        raise Refused(refusal)


@get("/outlet/masuk", include_in_schema=False)
async def login_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """The first page of anybody who is not logged in."""
    alert = Alert(tone="ok", sentence=words(request).t(NOTICES[pesan])) if pesan in NOTICES else None
    return page(request, "outlet/login.html", LoginView(alert=alert))


@post("/outlet/masuk", include_in_schema=False)
async def login_post(request: AnyRequest) -> AnyPage:
    """Right: the OTP page. Wrong: the same page with the name kept."""
    form = await posted(request)
    app, step = app_of(request), await step_before_login(request)
    attempt = Attempt(
        username=form.text("username"),
        password=form.secret("password"),
        origin=origin(request),
        device=request.cookies.get(DEVICE_COOKIE, ""),
        only="outlet",
    )
    outcome = await log_in(app.pool, app.passwords, attempt, **step)
    if isinstance(outcome, Refusal):
        async with app.connection() as connection:
            outcome = await explained(connection, outcome, attempt.username)
        view = LoginView(username=attempt.username[:64], alert=refused(request, outcome))
        return page(request, "outlet/login.html", view, status=outcome.status)
    if isinstance(outcome, SessionOpened):
        return _logged_in(request, outcome, step)
    assert isinstance(outcome, LoginStarted), "users of outlets get an OTP first"
    return go(_otp_address(outcome), cookies=[_device_cookie(app, "", 0)] if attempt.device else None)


@get("/outlet/masuk/{login_id:str}", include_in_schema=False)
async def otp_page(
    request: AnyRequest,
    login_id: FromPath[str],
    ke: FromQuery[str] = "",
    sampai: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
) -> AnyPage:
    """Under its own address, so that a phone that forgot the page while the SMS was read can load it again."""
    alert = Alert(tone="ok", sentence=words(request).t("otp.resent")) if pesan == "kirim" else None
    view = _otp_view(
        login_id, Form([("to", ke), ("until", sampai)]), (await step_before_login(request))["rules"], alert
    )
    return page(request, "outlet/otp.html", view)


@post("/outlet/masuk/{login_id:str}", include_in_schema=False)
async def otp_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Right: a session begins. Wrong: the same page with the tries that are left."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        outcome = await enter_otp(
            connection, login_id, form.text("code"), origin=here.origin, trust=form.text("trust") == "1", **here.step
        )
        if isinstance(outcome, SessionOpened):
            await _note_position(connection, outcome, form, here)
    if isinstance(outcome, Refusal):
        view = _otp_view(login_id, form, here.rules, refused(request, outcome))
        return page(request, "outlet/otp.html", view, status=outcome.status)
    return _logged_in(request, outcome, here.step)


@post("/outlet/masuk/{login_id:str}/kirim-ulang", include_in_schema=False)
async def otp_resend(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Another OTP, or how long to wait for it."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await resend_otp(connection, login_id, origin=here.origin, **here.step)
    if isinstance(outcome, Refusal):
        view = _otp_view(login_id, form, here.rules, refused(request, outcome))
        return page(request, "outlet/otp.html", view, status=outcome.status)
    return go(f"{_otp_address(outcome)}&pesan=kirim")


@post("/outlet/keluar", include_in_schema=False)
async def log_out(request: AnyRequest) -> AnyPage:
    """End this session; whatever state it is in, the phone forgets it."""
    await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        try:
            who = (await seller(request, connection, here, "change_password", "accept_terms", "set_pin")).who
            await revoke_session(connection, who, who.session_id, origin=here.origin, **here.step)
        except Refused:
            pass  # the session ended before, or the outlet is blocked: out is where they want to be
    return go("/outlet/masuk?pesan=keluar", cookies=[ended_session(app)])


async def _note_position(connection: Connection, opened: SessionOpened, form: Form, here: Visit) -> None:
    """A log-in far from the outlet is flagged, where the phone was allowed to say. [D-29]"""
    seen, claims = read_position(form.text("posisi")), parse(here.app.keys, opened.token)
    if seen is not None and claims is not None:
        actor = Actor("outlet_user", claims.user_id, claims.session_id, here.origin.address, here.origin.agent)
        step = await here.whole_step(connection)
        await note_position(connection, claims, seen, actor=actor, step=step)


def _otp_address(started: LoginStarted) -> str:
    query = {"ke": masked_number(started.msisdn), "sampai": str(int(started.expires_at.timestamp()))}
    return f"/outlet/masuk/{started.login_id}?{urlencode(query)}"


def _otp_view(login_id: str, form: Form, rules: Rules, alert: Alert | None = None) -> OtpView:
    address = f"/outlet/masuk/{quote(login_id, safe='')}"
    return OtpView(
        action=address,
        resend_action=f"{address}/kirim-ulang",
        sent=sent(form),
        trust_days=rules.otp.trusted_device_days,
        ask_position=rules.outlet.geofence_action == "flag",
        alert=alert,
    )


def _logged_in(request: AnyRequest, opened: SessionOpened, step: StepArgs) -> Response[None]:
    app, ttl_s = app_of(request), int((opened.expires_at - step["now"]).total_seconds())
    cookies = [
        cookie(app, SESSION_COOKIE, opened.token, max_age_s=ttl_s),
        cookie(app, RETURN_COOKIE, "", max_age_s=0),
    ]
    if opened.device is not None:
        cookies.append(_device_cookie(app, opened.device, step["rules"].otp.trusted_device_days))
    home = own_path(unquote(request.cookies.get(RETURN_COOKIE, "")), "/outlet")
    return go(NEXT_PAGES.get(opened.next, home), cookies=cookies)


def _device_cookie(app: App, token: str, days: int) -> Cookie:
    """The token of a trusted phone, sent to the log-in page alone; none ends it. [G-D03]"""
    return cookie(app, DEVICE_COOKIE, token, max_age_s=days * DAY_S, path="/outlet/masuk")
