"""Coming in and going out: log-in, log-out, the account, the language."""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.model import LoginStarted
from konter.platform.refusal import Refusal
from konter.web.app import AnyRequest, app_of
from konter.web.desk import sessions
from konter.web.desk.frame import desk_form
from konter.web.office.places import OFFICE
from konter.web.pages import LANGUAGE_COOKIE, LANGUAGE_TTL_S, AnyPage, cookie, go, own_path


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
    return sessions.logged_in(request, OFFICE, outcome)


@post("/office/keluar", include_in_schema=False)
async def log_out(request: AnyRequest) -> AnyPage:
    """End this session."""
    return await sessions.log_out(request, OFFICE)


@get("/office/akun", include_in_schema=False)
async def account_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Who I am, and where I am logged in."""
    return await sessions.account_page(request, OFFICE, message=pesan)


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


ENTRY_ROUTES = [login_page, login_post, log_out, account_page, revoke_post, language_post]
