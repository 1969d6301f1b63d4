"""Whatever goes wrong on a customer's page ends on a page of theirs, or at the log-in."""

from collections.abc import Callable
from typing import Any

from litestar import Response

from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.errors import RETRY_AFTER_S, TITLES, refusal_of
from konter.web.me.views import MeErrorView
from konter.web.me.visit import HOME, LOG_IN, ME_COOKIE, MERCHANT, log_in_address
from konter.web.pages import cookie, go, page, words
from konter.web.views import Link

HOME_LINK = Link(href=HOME, text_key="me.home")
REWARDS = Link(href="/poin", text_key="poin.others")
WAYS_OUT: dict[str, tuple[Link, ...]] = {
    "LOGIN_NOT_FOUND": (Link(href=LOG_IN, text_key="me.log_in"),),
    "OTP_EXPIRED": (Link(href=LOG_IN, text_key="me.log_in"),),
    "REWARD_NOT_FOUND": (REWARDS,),
    "REWARD_CLOSED": (REWARDS,),
    "REDEMPTION_NOT_FOUND": (Link(href="/saya/penukaran", text_key="poin.redemptions"),),
}
OTHER_NUMBER_FOR = {"NOT_A_MERCHANT": MERCHANT}


def on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    """A rule said no: log in and come back, or read why."""
    if error.refusal.code == "SESSION_EXPIRED":
        return log_in_first(request)
    return me_error_page(request, error.refusal)


def on_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """The framework said no, the database is away, or something is broken."""
    return me_error_page(request, refusal_of(request, error))


def log_in_first(request: AnyRequest) -> Response[None]:
    """To the log-in, and after it to the page that was asked for."""
    asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    where = log_in_address(asked if request.method == "GET" else "")
    return go(where, cookies=[cookie(app_of(request), ME_COOKIE, "", max_age_s=0)])


def me_error_page(request: AnyRequest, refusal: Refusal, *, links: tuple[Link, ...] = ()) -> Response[bytes]:
    """A refusal as a page of its own; `links` stand before its ways out."""
    speak, status = words(request), refusal.status
    view = MeErrorView(
        status=status,
        title_key=TITLES.get(status, "error.refused"),
        sentence=speak.sentence(refusal),
        advice=speak.t("error.wait") if status in {429, 503} else "",
        links=(*links, *WAYS_OUT.get(refusal.code, (HOME_LINK,))),
        other_number_for=OTHER_NUMBER_FOR.get(refusal.code, ""),
    )
    headers = {}
    if status in {429, 503}:
        headers["Retry-After"] = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    return page(request, "me/error.html", view, status=status, headers=headers)


ME_HANDLERS: dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]] = {
    Refused: on_refused,
    Exception: on_error,
}
