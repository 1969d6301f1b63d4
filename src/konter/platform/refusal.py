"""How Konter says no: a code for machines, data, an HTTP status, and a sentence from the catalogue for people."""

from collections.abc import Callable
from typing import Any

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's "no". Inside a command it is an outcome and commits; at an edge it is raised as `Refused`.

    `code` is stable and also names the sentence: key `refusal.<code>` of the text catalogue, filled from `data`.
    """

    code: str
    status: int
    data: dict[str, Any] = {}

    @property
    def sentence_key(self) -> str:
        """Key of the sentence in the text catalogue."""
        return f"refusal.{self.code}"


class Refused(Exception):  # noqa: N818 - a refusal is no error of the program
    """Carries a refusal out of an edge; one handler turns it into problem+json or a page."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


ALL_CODES: dict[str, int] = {}


def refusal_kind(code: str, status: int) -> Callable[..., Refusal]:
    """Declare a kind of refusal once; the result makes refusals with data: `UNKNOWN_PRODUCT(product="X")`."""
    if code in ALL_CODES:
        message = f"refusal {code} is declared twice"
        raise AssertionError(message)
    ALL_CODES[code] = status

    def make(**data: Any) -> Refusal:
        return Refusal(code=code, status=status, data=data)

    make.__name__ = code
    return make


INVALID_INPUT = refusal_kind("INVALID_INPUT", 422)
NOT_FOUND = refusal_kind("NOT_FOUND", 404)
FORBIDDEN = refusal_kind("FORBIDDEN", 403)
TOO_MANY_REQUESTS = refusal_kind("TOO_MANY_REQUESTS", 429)
UNAVAILABLE = refusal_kind("UNAVAILABLE", 503)
BODY_TOO_LARGE = refusal_kind("BODY_TOO_LARGE", 413)
UNSUPPORTED_MEDIA_TYPE = refusal_kind("UNSUPPORTED_MEDIA_TYPE", 415)
METHOD_NOT_ALLOWED = refusal_kind("METHOD_NOT_ALLOWED", 405)
MALFORMED_BODY = refusal_kind("MALFORMED_BODY", 400)
CSRF_FAILED = refusal_kind("CSRF_FAILED", 403)
INTERNAL_ERROR = refusal_kind("INTERNAL_ERROR", 500)
