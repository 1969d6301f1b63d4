"""One place that turns a no into `application/problem+json`: a stable code, a sentence, and data."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from konter.platform.db import GONE
from konter.platform.i18n import locale_of, text
from konter.platform.refusal import (
    BODY_TOO_LARGE,
    FORBIDDEN,
    INTERNAL_ERROR,
    INVALID_INPUT,
    MALFORMED_BODY,
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


def problem_response(request: AnyRequest, refusal: Refusal) -> Response[Any]:
    """A refusal as an answer in the caller's language."""
    locale = locale_of(request.headers.get("accept-language"))
    problem = Problem(
        type=f"urn:konter:refusal:{refusal.code.lower().replace('_', '-')}",
        title=refusal.code.replace("_", " ").capitalize(),
        status=refusal.status,
        code=refusal.code,
        detail=text(refusal.sentence_key, locale, **refusal.data),
        data=refusal.data,
    )
    headers = {"Content-Language": locale, "Cache-Control": "no-store"}
    if (seconds := refusal.data.get("retry_after_s")) is not None:
        headers["Retry-After"] = str(seconds)
    if refusal.status == UNAVAILABLE(retry_after_s=0).status:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    if refusal.status == 401:  # noqa: PLR2004 - RFC 9110 asks for a challenge with it
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        content=msgspec.json.encode(problem), status_code=refusal.status, media_type=PROBLEM_TYPE, headers=headers
    )


def refusal_of(error: Exception, *, body_bytes_max: int) -> Refusal:
    """What to say of an exception that reached an edge; only the unforeseen is an internal error, and loud."""
    if isinstance(error, Refused):
        return error.refusal
    if isinstance(error, GONE):
        log.warning("database away", error=repr(error))
        return UNAVAILABLE(retry_after_s=RETRY_AFTER_S)
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, UnicodeDecodeError):  # Litestar decodes a body strictly and lets this one through
        return MALFORMED_BODY(reason="UTF-8")
    if isinstance(error, HTTPException):
        return _of_status(error, body_bytes_max)
    log.error("request failed", exc_info=error)
    return INTERNAL_ERROR()


def _invalid(error: ValidationException) -> Refusal:
    extra = error.extra if isinstance(error.extra, list) else []
    first = next((each for each in extra if isinstance(each, dict)), {})
    return INVALID_INPUT(field=str(first.get("key", "body")), reason=str(first.get("message", error.detail))[:200])


def _of_status(error: HTTPException, body_bytes_max: int) -> Refusal:
    plain = {
        403: FORBIDDEN(),
        404: NOT_FOUND(),
        405: METHOD_NOT_ALLOWED(),
        413: BODY_TOO_LARGE(max_bytes=body_bytes_max),
        415: UNSUPPORTED_MEDIA_TYPE(expected=JSON_TYPE),
    }
    if (refusal := plain.get(error.status_code)) is not None:
        return refusal
    if error.status_code == 400:  # noqa: PLR2004 - what Litestar says of a body or a query that it cannot read
        return MALFORMED_BODY(reason=str(error.detail)[:200])
    log.error("request failed", exc_info=error)
    return INTERNAL_ERROR()


def problem_handler(request: AnyRequest, error: Exception) -> Response[Any]:
    """The handler of every exception under /api and of what no page answers for."""
    limit = request.app.state.app.settings.body_bytes_max
    return problem_response(request, refusal_of(error, body_bytes_max=limit))


def require_json(request: AnyRequest) -> None:
    """Refuse a body of another type before it is read (415); a request without a body needs none."""
    if request.method in ("POST", "PUT", "PATCH") and request.headers.get("content-length") != "0":
        given = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if given != JSON_TYPE and (given or request.headers.get("content-length")):
            raise Refused(UNSUPPORTED_MEDIA_TYPE(expected=JSON_TYPE))
