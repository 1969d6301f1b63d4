"""Log-in with name and password, log-out, and where one is logged in: the same at every desk. [D-23, D-52, D-81]"""

from urllib.parse import quote, unquote

from litestar import Response
from litestar.datastructures import Cookie

from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted, SessionOpened
from konter.access.sessions import list_sessions, revoke_session
from konter.access.staff.login import Enrolment, TotpStarted
from konter.access.staff.totp import qr_svg
from konter.platform.ids import SessionId
from konter.platform.refusal import Refusal, Refused
from konter.web import views
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Desk
from konter.web.desk.errors import return_cookie
from konter.web.desk.frame import desk_form, desk_page, member, refused_alert, roles_text, words_of
from konter.web.desk.views import AccountView, Action, Field, LoginView
from konter.web.devices import device_name
from konter.web.pages import AnyPage, cookie, ended_session, go, id_of, own_path
from konter.web.visit import origin, step_before_login

NOTICES = {"keluar": "desk.login.logged_out", "cabut": "desk.account.revoked", "sandi": "desk.account.changed"}


def notice(request: AnyRequest, message: str) -> views.Alert | None:
    """What was just done, by the short word in the address."""
    if message not in NOTICES:
        return None
    return views.Alert(tone="ok", sentence=words_of(request).t(NOTICES[message]))


def login_page(request: AnyRequest, desk: Desk, *, username: str = "", alert: views.Alert | None = None) -> AnyPage:
    """The first page of whoever is not logged in."""
    words = words_of(request)
    view = LoginView(
        title=words.t("outlet.login.title"),
        note=words.t(desk.note_key),
        action=desk.login,
        button=words.t("outlet.login.go"),
        fields=(
            Field(name="username", label=words.t("outlet.login.username"), value=username[:64], length_max=64),
            Field(name="password", label=words.t("outlet.login.password"), kind="password", length_max=128),
        ),
        alert=alert,
    )
    status = 401 if alert is not None and alert.tone == "error" else 200
    return desk_page(request, desk, "desk/login.html", view, status=status)


def code_page(
    request: AnyRequest,
    desk: Desk,
    login_id: str,
    *,
    enrolment: Enrolment | None = None,
    note: str = "",
    refusal: Refusal | None = None,
    more: tuple[Action, ...] = (),
    hidden: tuple[Field, ...] = (),
) -> AnyPage:
    """The code of the authenticator app, or of the text message, is asked for. An app is set up with what is shown."""
    words = words_of(request)
    again = Action(title=words.t("outlet.otp.back"), href=desk.login)
    text = note or words.t("desk.totp.enrol" if enrolment else "desk.totp.note")
    view = LoginView(
        title=words.t("desk.totp.title") if not note else words.t("outlet.otp.title"),
        note=text,
        action=f"{desk.login}/{quote(login_id, safe='')}",
        button=words.t("outlet.otp.go"),
        fields=(Field(name="code", label=words.t("desk.totp.code"), kind="code"), *hidden),
        alert=refused_alert(words, refusal) if refusal else None,
        more=(*more, again),
        qr=qr_svg(enrolment.uri) if enrolment else "",
        secret=enrolment.secret if enrolment else "",
    )
    status = refusal.status if refusal else 200
    return desk_page(request, desk, "desk/login.html", view, status=status)


async def try_password(
    request: AnyRequest, desk: Desk
) -> tuple[str, Refusal | LoginStarted | TotpStarted | SessionOpened]:
    """The name that was typed, and what became of it. Users of other kinds are strangers at this desk."""
    form = await desk_form(request, desk)
    app = app_of(request)
    attempt = Attempt(
        username=form.text("username"), password=form.secret("password"), origin=origin(request), only=desk.kind
    )
    return attempt.username, await log_in(app.pool, app.passwords, attempt, **await step_before_login(request))


def logged_in(request: AnyRequest, desk: Desk, opened: SessionOpened) -> Response[None]:
    """The session's cookie, and on to where the visitor wanted to go."""
    app = app_of(request)
    ttl_s = int((opened.expires_at - app.clock.now()).total_seconds())
    back = own_path(unquote(request.cookies.get(return_cookie(desk), "")), desk.root)
    cookies: list[Cookie] = [
        cookie(app, desk.door.session, opened.token, max_age_s=ttl_s, path=desk.door.path),
        cookie(app, return_cookie(desk), "", max_age_s=0, path=desk.door.path),
    ]
    return go(back if back.startswith(f"{desk.root}/") else desk.root, cookies=cookies)


async def log_out(request: AnyRequest, desk: Desk) -> AnyPage:
    """End this session; whatever state it is in, the browser forgets it."""
    await desk_form(request, desk)
    app = app_of(request)
    async with app.connection() as connection:
        try:
            found = await member(request, connection, desk, None, "change_password", "accept_terms", "set_pin", "ready")
            here = found.here
            await revoke_session(connection, found.who, found.who.session_id, origin=here.origin, **here.step)
        except Refused:
            pass  # it ended before: out is where they want to be
    return go(f"{desk.login}?pesan=keluar", cookies=[ended_session(app, desk.door)])


async def account_page(request: AnyRequest, desk: Desk, *, message: str = "", more: tuple[Action, ...] = ()) -> AnyPage:
    """Who I am, and where I am logged in."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk)
        lines = await list_sessions(connection, found.who, now=found.here.now)
    view = AccountView(
        user=found.who.name,
        username=found.who.username,
        roles=roles_text(found.words, found.who.roles),
        sessions=tuple(
            views.SessionLine(
                id=str(line.id),
                agent=device_name(line.agent) or found.words.t("outlet.account.unknown_agent"),
                address=line.address,
                created_at=line.created_at,
                mine=line.current,
            )
            for line in lines
        ),
        actions=more,
        alert=notice(request, message),
    )
    return desk_page(request, desk, "desk/account.html", view)


async def revoke_page(request: AnyRequest, desk: Desk, session_id: str) -> AnyPage:
    """End one of one's own sessions."""
    await desk_form(request, desk)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk)
        wanted = SessionId(id_of(session_id))
        refusal = await revoke_session(connection, found.who, wanted, origin=found.here.origin, **found.here.step)
    if refusal is not None:
        raise Refused(refusal)
    return go(f"{desk.root}/akun?pesan=cabut")


def refused_login(request: AnyRequest, desk: Desk, username: str, refusal: Refusal) -> AnyPage:
    """The same page with the name kept."""
    answer = login_page(request, desk, username=username, alert=refused_alert(words_of(request), refusal))
    answer.status_code = refusal.status
    return answer
