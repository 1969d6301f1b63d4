"""Coming in and going out: log-in, log-out, the account, the language."""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.model import LoginStarted
from konter.access.staff.login import TotpStarted, enter_totp
from konter.access.step import IDS_MAX, Step
from konter.platform.refusal import Refusal
from konter.web.app import AnyRequest, app_of
from konter.web.desk import first_steps, sessions
from konter.web.desk.frame import desk_form, words_of
from konter.web.desk.views import Action
from konter.web.office.places import OFFICE
from konter.web.pages import LANGUAGE_COOKIE, LANGUAGE_TTL_S, AnyPage, cookie, go, own_path
from konter.web.visit import origin, step_before_login


@get("/office/masuk", include_in_schema=False, sync_to_thread=False)
def login_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """The first page of staff who are not logged in."""
    return sessions.login_page(request, OFFICE, alert=sessions.notice(request, pesan))


@post("/office/masuk", include_in_schema=False)
async def login_post(request: AnyRequest) -> AnyPage:
    """Right: the home page, or where they wanted to go. Wrong: the same page with the name kept."""
    username, outcome = await sessions.try_password(request, OFFICE)
    if isinstance(outcome, Refusal):
        return sessions.refused_login(request, OFFICE, username, outcome)
    assert not isinstance(outcome, LoginStarted), "staff get no OTP by SMS"
    if isinstance(outcome, TotpStarted):
        return sessions.code_page(request, OFFICE, outcome.login_id, enrolment=outcome.enrolment)
    return sessions.logged_in(request, OFFICE, outcome)


@get("/office/masuk/{login_id:str}", include_in_schema=False, sync_to_thread=False)
def totp_page(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """The code's page again, as after going back; what an app is set up with is shown once."""
    return sessions.code_page(request, OFFICE, login_id)


@post("/office/masuk/{login_id:str}", include_in_schema=False)
async def totp_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Right: a session begins. Wrong: the same page with what is left."""
    form, app = await desk_form(request, OFFICE), app_of(request)
    async with app.connection() as connection:
        given = await step_before_login(request)
        step = Step(
            now=given["now"], ids=await app.ids.reserve(connection, IDS_MAX), keys=app.keys, rules=given["rules"]
        )
        outcome = await enter_totp(connection, login_id, form.text("code"), origin=origin(request), step=step)
    if isinstance(outcome, Refusal):
        return sessions.code_page(request, OFFICE, login_id, refusal=outcome)
    return sessions.logged_in(request, OFFICE, outcome)


@get("/office/sandi", include_in_schema=False)
async def password_page(request: AnyRequest) -> AnyPage:
    """Change the own password."""
    return await first_steps.password_page(request, OFFICE)


@post("/office/sandi", include_in_schema=False)
async def password_post(request: AnyRequest) -> AnyPage:
    """Save the new password."""
    return await first_steps.password_post(request, OFFICE)


@post("/office/keluar", include_in_schema=False)
async def log_out(request: AnyRequest) -> AnyPage:
    """End this session."""
    return await sessions.log_out(request, OFFICE)


@get("/office/akun", include_in_schema=False)
async def account_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Who I am, and where I am logged in."""
    own = Action(title=words_of(request).t("outlet.password.title"), href="/office/sandi", tone="plain")
    return await sessions.account_page(request, OFFICE, message=pesan, more=(own,))


@post("/office/akun/sesi/{session_id:str}/cabut", include_in_schema=False)
async def revoke_post(request: AnyRequest, session_id: FromPath[str]) -> AnyPage:
    """End a session of one's own."""
    return await sessions.revoke_page(request, OFFICE, session_id)


@post("/office/bahasa", include_in_schema=False)
async def language_post(request: AnyRequest) -> AnyPage:
    """Speak another language from now on, on the page that was open."""
    form = await desk_form(request, OFFICE)
    chosen = "en" if form.text("to") == "en" else "id"
    cookies = [cookie(app_of(request), LANGUAGE_COOKIE, chosen, max_age_s=LANGUAGE_TTL_S)]
    return go(own_path(form.text("next"), OFFICE.root), cookies=cookies)


ENTRY_ROUTES = [
    login_page,
    login_post,
    totp_page,
    totp_post,
    password_page,
    password_post,
    log_out,
    account_page,
    revoke_post,
    language_post,
]
