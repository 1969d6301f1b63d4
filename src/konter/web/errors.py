"""Whatever goes wrong on a page ends on a page: what happened, whether money moved, and a button for what to do now."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException

from konter.platform.db import is_gone
from konter.platform.failures import hung_up, recorded
from konter.platform.refusal import (
    BODY_TOO_LARGE,
    MALFORMED_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    Refusal,
    Refused,
)
from konter.web.app import AnyRequest, app_of
from konter.web.pages import cookie, ended_session, go, page, words
from konter.web.views import ErrorView, Link

RETURN_COOKIE = "konter_return"
RETURN_TTL_S = 900
RETRY_AFTER_S = 5
HOME = Link(href="/outlet", text_key="error.home")
HISTORY = Link(href="/outlet/riwayat", text_key="history.title")
LOG_IN = Link(href="/outlet/masuk", text_key="login.go")
APPLY = Link(href="/apply", text_key="apply.see_status")
FORGOT_PASSWORD = Link(href="/outlet/lupa-sandi", text_key="login.forgot")
FORGOT_PIN = Link(href="/outlet/lupa-pin", text_key="confirm.forgot")

# Steps that are open before everything else, and where each is taken. [D-07, D-103]
STEPS = {
    "PASSWORD_CHANGE_REQUIRED": "/outlet/sandi",
    "TERMS_NOT_ACCEPTED": "/outlet/ketentuan",
    "PIN_NOT_SET": "/outlet/pin",
}
TITLES = {
    401: "error.unauthorized",
    403: "error.forbidden",
    404: "error.not_found",
    429: "error.too_many",
    500: "error.internal",
    503: "error.unavailable",
}
# The way out of a refusal, where it is not simply the home page.
WAYS_OUT: dict[str, tuple[Link, ...]] = {
    "APPLICATION_UNDER_REVIEW": (APPLY,),
    "APPLICATION_SENT": (APPLY, HOME),
    "PHOTO_NOT_FOUND": (APPLY,),
    "ACCOUNT_LOCKED": (FORGOT_PASSWORD, LOG_IN),
    "INITIAL_PASSWORD_EXPIRED": (FORGOT_PASSWORD, LOG_IN),
    "LOGIN_NOT_FOUND": (LOG_IN,),
    "OTP_EXPIRED": (LOG_IN,),
    "PIN_LOCKED": (FORGOT_PIN, HOME),
    "UNAVAILABLE": (HISTORY, HOME),
    "INTERNAL_ERROR": (HISTORY, HOME),
}
ADVICE = {429: "error.wait", 500: "error.check_history", 503: "error.check_history"}

log = structlog.get_logger()


def on_refused(request: AnyRequest, error: Refused) -> Response[bytes] | Response[None]:
    """A rule said no: go to the step that is missing, log in again, or show why."""
    refusal = error.refusal
    if refusal.code == "SESSION_EXPIRED":
        return log_in_again(request)
    if refusal.code == "APPLICATION_SIGNED_OUT":
        return go("/apply?pesan=tutup")
    if refusal.code in STEPS:
        return go(STEPS[refusal.code])
    return error_page(request, refusal)


def on_error(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The framework said no, the database is away, or something is broken."""
    return error_page(request, refusal_of(request, error))


def refusal_of(request: AnyRequest, error: Exception) -> Refusal:
    """What a failure is to people: the framework said no, the database is away, or something is broken."""
    if is_gone(error):
        log.warning("database away", path=_route(request), error=repr(error))
        return UNAVAILABLE(retry_after_s=RETRY_AFTER_S)
    unreadable = MALFORMED_BODY(reason=words(request).t("error.form"))
    if hung_up(error, path=_route(request)):
        return unreadable  # to nobody, but it counts as what it is
    plain = {
        400: unreadable,
        404: NOT_FOUND(),
        405: METHOD_NOT_ALLOWED(),
        413: BODY_TOO_LARGE(max_bytes=app_of(request).settings.body_bytes_max),
    }
    known = plain.get(error.status_code) if isinstance(error, HTTPException) else None
    return known or recorded(error, path=_route(request))


def _route(request: AnyRequest) -> str:
    """The route's pattern: an address holds tickets of log-ins, verify codes and numbers."""
    return str(request.scope.get("path_template", ""))


def error_page(request: AnyRequest, refusal: Refusal, *, links: tuple[Link, ...] = ()) -> Response[bytes]:
    """A refusal as a page of its own."""
    speak = words(request)
    status = refusal.status
    view = ErrorView(
        status=status,
        title_key=TITLES.get(status, "error.refused"),
        sentence=speak.sentence(refusal),
        advice=speak.t(ADVICE[status]) if status in ADVICE else "",
        links=(*links, *WAYS_OUT.get(refusal.code, (HOME,))),
    )
    headers = {}
    if status in {429, 503}:
        headers["Retry-After"] = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    return page(request, "outlet/error.html", view, status=status, headers=headers)


def log_in_again(request: AnyRequest, back: str = "") -> Response[None]:
    """To the log-in page, remembering where the visitor wanted to go."""
    if not back and request.method == "GET":
        back = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    app = app_of(request)
    cookies = [ended_session(app)]
    if back:
        cookies.append(cookie(app, RETURN_COOKIE, quote(back, safe=""), max_age_s=RETURN_TTL_S))
    return go("/outlet/masuk", cookies=cookies)


HANDLERS: dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]] = {
    Refused: on_refused,
    Exception: on_error,
}
