"""Whatever goes wrong at a desk ends on a page inside its frame, with what happened and a way on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Response

from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Desk
from konter.web.desk.frame import desk_page, is_htmx, words_of
from konter.web.desk.views import ErrorView
from konter.web.errors import RETRY_AFTER_S, TITLES, refusal_of
from konter.web.pages import cookie, ended_session, go

RETURN_TTL_S = 900
BACK = "desk_back"  # kept with the request: the page whose form was refused
ADVICES = {429: "outlet.error.wait", 500: "desk.look_first", 503: "desk.look_first"}
Handlers = dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]]
# Steps that are open before everything else, and where each is taken, below the desk's root. [D-07, D-103]
STEPS = {"PASSWORD_CHANGE_REQUIRED": "sandi", "TERMS_NOT_ACCEPTED": "ketentuan", "TOTP_NOT_SET": "totp"}


def return_cookie(desk: Desk) -> str:
    """The name of the cookie that remembers where the visitor wanted to go."""
    return f"{desk.door.session}_return"


def handlers(desk: Desk) -> Handlers:
    """What a desk's routes do with refusals and errors."""

    def on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
        if error.refusal.code == "SESSION_EXPIRED":
            return log_in_again(request, desk)
        if error.refusal.code in STEPS:
            return go(f"{desk.root}/{STEPS[error.refusal.code]}")
        return error_page(request, desk, error.refusal)

    def on_error(request: AnyRequest, error: Exception) -> Response[Any]:
        return error_page(request, desk, refusal_of(request, error))

    return {Refused: on_refused, Exception: on_error}


def error_page(request: AnyRequest, desk: Desk, refusal: Refusal) -> Response[bytes]:
    """A refusal as a page of its own."""
    words, status = words_of(request), refusal.status
    back = str(request.scope["state"].get(BACK, ""))
    view = ErrorView(
        status=status,
        title=words.t(f"outlet.{TITLES.get(status, 'error.refused')}"),
        sentence=words.t("desk.forbidden") if refusal.code == "FORBIDDEN" else words.sentence(refusal),
        advice=words.t(ADVICES[status]) if status in ADVICES else "",
        href=back or desk.root,
        button=words.t("outlet.back") if back else words.t("desk.home"),
    )
    headers = {}
    if status in {429, 503}:
        headers["Retry-After"] = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    return desk_page(request, desk, "desk/error.html", view, status=status, headers=headers)


def log_in_again(request: AnyRequest, desk: Desk) -> Response[Any]:
    """To the log-in page, remembering where the visitor wanted to go; a page's own script loads it anew."""
    app = app_of(request)
    if is_htmx(request):
        return Response(content=None, status_code=200, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})
    cookies = [ended_session(app, desk.door)]
    if request.method == "GET" and request.url.path != desk.root:
        back = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        name = return_cookie(desk)
        cookies.append(cookie(app, name, quote(back, safe=""), max_age_s=RETURN_TTL_S, path=desk.door.path))
    return go(desk.login, cookies=cookies)
