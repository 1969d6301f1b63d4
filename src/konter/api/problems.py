"""One place that turns a no into `application/problem+json`: a stable code, a sentence, and data."""

from typing import Any
from urllib.parse import unquote

import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute

from konter.api.strict import invalid_parameter, malformed, refuse_odd
from konter.platform.db import is_gone
from konter.platform.failures import hung_up, recorded
from konter.platform.i18n import DEFAULT_LOCALE, locale_of, text
from konter.platform.refusal import (
    BODY_TOO_LARGE,
    FORBIDDEN,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    Refusal,
    Refused,
)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
JSON_TYPE = "application/json"
BODY_TYPES = "konter.body_types"  # in a route's `opt`: what its body may be instead of JSON
UNAUTHORIZED, NOT_ALLOWED, TOO_MANY, AWAY = 401, 405, 429, 503
# No answer of the API is a page, is kept, or is guessed to be of another type than it says.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
log = structlog.get_logger()
AnyRequest = Request[Any, Any, Any]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457. `code` is the refusal's name and never changes; `detail` is for people, in their language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    data: dict[str, Any] = {}

    @classmethod
    def of(cls, refusal: Refusal, locale: str) -> "Problem":
        """A refusal in words."""
        return cls(
            type=f"urn:konter:refusal:{refusal.code.lower().replace('_', '-')}",
            title=refusal.code.replace("_", " ").capitalize(),
            status=refusal.status,
            code=refusal.code,
            detail=text(refusal.sentence_key, locale, **refusal.data),
            data=refusal.data,
        )


def problem_response(request: AnyRequest, refusal: Refusal, headers: dict[str, str] | None = None) -> Response[Any]:
    """A refusal as an answer in the caller's language."""
    locale = locale_of(request.headers.get("accept-language"))
    sent = {**HEADERS, "Content-Language": locale, "Vary": "Accept-Language", **(headers or {})}
    if refusal.status in (TOO_MANY, AWAY):
        sent["Retry-After"] = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    if refusal.status == UNAUTHORIZED:  # RFC 9110 asks for a challenge with it
        sent["WWW-Authenticate"] = "Bearer"
    return Response(
        content=msgspec.json.encode(Problem.of(refusal, locale)),
        status_code=refusal.status,
        media_type=PROBLEM_TYPE,
        headers=sent,
    )


def refusal_of(error: Exception, *, body_bytes_max: int, locale: str = DEFAULT_LOCALE, path: str = "") -> Refusal:
    """What to say of an exception that reached an edge; only the unforeseen is an internal error, and loud."""
    if isinstance(error, Refused):
        return error.refusal
    if is_gone(error):
        log.warning("database away", path=path, error=repr(error))
        return UNAVAILABLE(retry_after_s=RETRY_AFTER_S)
    if hung_up(error, path=path):
        return malformed("json", locale)  # to nobody, but it counts as what it is
    if isinstance(error, ValidationException):
        return invalid_parameter(error, locale)
    plain = {
        400: malformed("json", locale),
        403: FORBIDDEN(),
        404: NOT_FOUND(),
        405: METHOD_NOT_ALLOWED(),
        413: BODY_TOO_LARGE(max_bytes=body_bytes_max),
        415: UNSUPPORTED_MEDIA_TYPE(expected=JSON_TYPE),
    }
    status = error.status_code if isinstance(error, HTTPException) else 0
    return plain.get(status) or recorded(error, path=path)


def problem_handler(request: AnyRequest, error: Exception) -> Response[Any]:
    """The handler of every exception under /api and of what no page answers for."""
    refusal = refusal_of(
        error,
        locale=locale_of(request.headers.get("accept-language")),
        body_bytes_max=request.app.state.app.settings.body_bytes_max,
        path=request.scope.get("path_template", ""),
    )
    allow = {"Allow": ", ".join(methods_of(request, error))} if refusal.status == NOT_ALLOWED else {}
    return problem_response(request, refusal, allow)


def methods_of(request: AnyRequest, error: Exception) -> list[str]:
    """What may be done at the request's address. No OPTIONS: no other site may call the API from a browser."""
    told = (getattr(error, "headers", None) or {}).get("allow", "")
    template = request.scope.get("path_template")
    routes = (route for route in request.app.routes if isinstance(route, HTTPRoute) and route.path_format == template)
    methods = {*filter(None, told.split(", ")), *(str(method) for route in routes for method in route.methods)}
    return sorted(methods - {"OPTIONS"})


async def require_sound(request: AnyRequest) -> None:
    """Before anything is read: a body is JSON, or what its route names (415), and nothing odd stands in path and query.

    A request without a body needs no type.
    """
    if request.method == HttpMethod.OPTIONS:
        raise Refused(METHOD_NOT_ALLOWED())
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    wanted = request.route_handler.opt.get(BODY_TYPES, (JSON_TYPE,))
    if (given or has_body) and request.method in ("POST", "PUT", "PATCH") and given not in wanted:
        raise Refused(UNSUPPORTED_MEDIA_TYPE(expected=", ".join(wanted)))
    if "\0" in unquote(request.url.path):
        raise Refused(NOT_FOUND())
    refuse_odd(request.query_params.multi_items(), locale_of(request.headers.get("accept-language")))


async def harden(response: Response[Any]) -> Response[Any]:
    """The headers of every answer that does not bring its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
