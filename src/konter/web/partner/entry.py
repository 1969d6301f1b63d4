"""Coming in and going out: log-in with an OTP by SMS, first steps, log-out, the account, the language. [D-23, D-60]"""

from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.enter_otp import enter_otp, resend_otp
from konter.access.model import LoginStarted
from konter.platform.refusal import Refusal
from konter.web.app import AnyRequest, app_of
from konter.web.desk import first_steps, sessions
from konter.web.desk.frame import desk_form, words_of
from konter.web.desk.views import Action, Field
from konter.web.pages import LANGUAGE_COOKIE, LANGUAGE_TTL_S, AnyPage, cookie, go, own_path
from konter.web.partner.places import CONSOLE
from konter.web.visit import masked_number, origin, step_before_login

NUMBER_CHARS_MAX = 20


@get("/partner/masuk", include_in_schema=False, sync_to_thread=False)
def login_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """The first page of a partner's user who is not logged in."""
    return sessions.login_page(request, CONSOLE, alert=sessions.notice(request, pesan))


@post("/partner/masuk", include_in_schema=False)
async def login_post(request: AnyRequest) -> AnyPage:
    """Right: the OTP page. Wrong: the same page with the name kept."""
    username, outcome = await sessions.try_password(request, CONSOLE)
    if isinstance(outcome, Refusal):
        return sessions.refused_login(request, CONSOLE, username, outcome)
    assert isinstance(outcome, LoginStarted), "users of partners get an OTP first"
    return go(_address(outcome))


def _address(started: LoginStarted) -> str:
    return f"/partner/masuk/{started.login_id}?{urlencode({'ke': masked_number(started.msisdn)})}"


def _code_page(request: AnyRequest, login_id: str, to: str, refusal: Refusal | None = None) -> AnyPage:
    words = words_of(request)
    number = to[:NUMBER_CHARS_MAX]
    note = words.t("outlet.otp.sent_to", number=number) if number else words.t("outlet.otp.sent")
    hidden = (Field(name="to", label="", kind="hidden", value=number),)
    again = Action(
        title=words.t("outlet.otp.resend"), post=f"/partner/masuk/{login_id}/kirim-ulang", fields=hidden, tone="plain"
    )
    return sessions.code_page(request, CONSOLE, login_id, note=note, refusal=refusal, more=(again,), hidden=hidden)


@get("/partner/masuk/{login_id:str}", include_in_schema=False, sync_to_thread=False)
def otp_page(request: AnyRequest, login_id: FromPath[str], ke: FromQuery[str] = "") -> AnyPage:
    """Under its own address, so that a browser that forgot the page while the SMS was read can load it again."""
    return _code_page(request, login_id, ke)


@post("/partner/masuk/{login_id:str}", include_in_schema=False)
async def otp_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Right: a session begins. Wrong: the same page with the tries that are left."""
    form = await desk_form(request, CONSOLE)
    given = await step_before_login(request)
    async with app_of(request).connection() as connection:
        outcome = await enter_otp(connection, login_id, form.text("code"), origin=origin(request), **given)
    if isinstance(outcome, Refusal):
        return _code_page(request, login_id, form.text("to"), outcome)
    return sessions.logged_in(request, CONSOLE, outcome)


@post("/partner/masuk/{login_id:str}/kirim-ulang", include_in_schema=False)
async def otp_resend(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Another OTP, or how long to wait for it."""
    form = await desk_form(request, CONSOLE)
    given = await step_before_login(request)
    async with app_of(request).connection() as connection:
        outcome = await resend_otp(connection, login_id, origin=origin(request), **given)
    if isinstance(outcome, Refusal):
        return _code_page(request, login_id, form.text("to"), outcome)
    return go(_address(outcome))


@get("/partner/sandi", include_in_schema=False)
async def password_page(request: AnyRequest) -> AnyPage:
    """Change the own password; after the initial one this is the only page."""
    return await first_steps.password_page(request, CONSOLE)


@post("/partner/sandi", include_in_schema=False)
async def password_post(request: AnyRequest) -> AnyPage:
    """Save the new password."""
    return await first_steps.password_post(request, CONSOLE)


@get("/partner/ketentuan", include_in_schema=False)
async def terms_page(request: AnyRequest) -> AnyPage:
    """The documents that are still to be accepted."""
    return await first_steps.terms_page(request, CONSOLE)


@post("/partner/ketentuan", include_in_schema=False)
async def terms_post(request: AnyRequest) -> AnyPage:
    """Agree to exactly the versions that were shown."""
    return await first_steps.terms_post(request, CONSOLE)


@post("/partner/keluar", include_in_schema=False)
async def log_out(request: AnyRequest) -> AnyPage:
    """End this session."""
    return await sessions.log_out(request, CONSOLE)


@get("/partner/akun", include_in_schema=False)
async def account_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Who I am, and where I am logged in."""
    own = Action(title=words_of(request).t("outlet.password.title"), href="/partner/sandi", tone="plain")
    return await sessions.account_page(request, CONSOLE, message=pesan, more=(own,))


@post("/partner/akun/sesi/{session_id:str}/cabut", include_in_schema=False)
async def revoke_post(request: AnyRequest, session_id: FromPath[str]) -> AnyPage:
    """End a session of one's own."""
    return await sessions.revoke_page(request, CONSOLE, session_id)


@post("/partner/bahasa", include_in_schema=False)
async def language_post(request: AnyRequest) -> AnyPage:
    """Speak another language from now on, on the page that was open."""
    form = await desk_form(request, CONSOLE)
    chosen = "en" if form.text("to") == "en" else "id"
    cookies = [cookie(app_of(request), LANGUAGE_COOKIE, chosen, max_age_s=LANGUAGE_TTL_S)]
    return go(own_path(form.text("next"), CONSOLE.root), cookies=cookies)


ENTRY_ROUTES = [
    login_page,
    login_post,
    otp_page,
    otp_post,
    otp_resend,
    password_page,
    password_post,
    terms_page,
    terms_post,
    log_out,
    account_page,
    revoke_post,
    language_post,
]
