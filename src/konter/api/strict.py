"""Bodies as they were meant: JSON read once, strictly, straight into the body's type.

Litestar would convert (`"5"` becomes 5, 1 becomes true). For money a caller that sends another type than it was told to
has a fault, and hears of it before anything moves.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from konter.platform.i18n import locale_of, text
from konter.platform.refusal import INVALID_INPUT, MALFORMED_BODY, Refusal, Refused

FIELD_SHOWN_MAX = 60
# How msgspec words its faults, and the reason that people are given. The first that fits is taken.
_REASONS = (
    (re.compile(r"missing required (?:field|query parameter) [`'](?P<field>[^`']*)"), "missing"),
    (re.compile(r"unknown field `(?P<field>[^`]*)"), "unknown"),
    (re.compile(r"of length >= (?P<bound>\d+)"), "short"),
    (re.compile(r"of length <= (?P<bound>\d+)"), "long"),
    (re.compile(r">= (?P<bound>-?\d+)"), "small"),
    (re.compile(r"<= (?P<bound>-?\d+)"), "large"),
    (re.compile(r"(?i)out of range"), "range"),
    (re.compile(r"^Expected `(?P<kind>\w+)[^`]*`, got"), "type"),
    (re.compile(r"Invalid (?P<kind>UUID|RFC3339)"), "type"),
)
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")
_KINDS = {"str": "text", "int": "number", "bool": "yes_no", "object": "object", "uuid": "uuid", "date": "date"}
_KINDS |= {"rfc3339": "date"}


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON is decoded into the type that its handler asks for."""

    async def json(self) -> Any:
        """The body in the handler's type. Raises Refused MALFORMED_BODY or INVALID_INPUT."""
        field = self.route_handler.parsed_data_field
        body = await self.body()
        return decoded(body, field.annotation if field else Any, locale_of(self.headers.get("accept-language")))


def decoded(body: bytes, kind: Any, locale: str) -> Any:
    """JSON as a value of `kind`; reasons are said in the locale."""
    if not body:
        raise Refused(malformed("empty", locale))
    try:
        value = msgspec.json.decode(body, type=kind, strict=True)
        json.loads(body, object_pairs_hook=_named_once)
    except msgspec.ValidationError as error:
        raise Refused(invalid_input(str(error), locale)) from error
    except UnicodeDecodeError as error:
        raise Refused(malformed("utf8", locale)) from error
    except _NamedTwiceError as error:
        raise Refused(INVALID_INPUT(field=shown(str(error)), reason=text("invalid.twice", locale))) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(malformed("json", locale)) from error
    refuse_nul(msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else {}, locale)
    return value


class _NamedTwiceError(ValueError):
    """Two values under one name: nobody can say which was meant."""


def _named_once(pairs: list[tuple[str, Any]]) -> None:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise _NamedTwiceError(name)
        names.add(name)


def refuse_nul(values: dict[str, Any], locale: str) -> None:
    """No text with a NUL goes any further: PostgreSQL cannot store one, so none can be found either."""
    for name, value in values.items():
        if isinstance(value, str) and "\0" in value:
            raise Refused(INVALID_INPUT(field=shown(name), reason=text("invalid.characters", locale)))


def refuse_odd(query: Iterable[tuple[str, str]], locale: str) -> None:
    """No parameter takes several values, none holds a NUL, and "null" is what a program sends that has no value."""
    named: dict[str, str] = {}
    for name, value in query:
        if name in named:
            raise Refused(INVALID_INPUT(field=shown(name), reason=text("invalid.twice", locale)))
        if value.lower() == "null":
            raise Refused(INVALID_INPUT(field=shown(name), reason=text("invalid.format", locale)))
        named[name] = value
    refuse_nul(named, locale)


def malformed(why: str, locale: str) -> Refusal:
    """A body that is no JSON at all."""
    return MALFORMED_BODY(reason=text(f"malformed.{why}", locale))


def invalid_input(message: str, locale: str, field: str = "") -> Refusal:
    """Msgspec's words for a fault, as a reason for people. `field` is where it is, when the message does not say."""
    if place := _PLACE.search(message):
        field, message = place["place"], message[: place.start()]
    for pattern, reason in _REASONS:
        if found := pattern.search(message):
            given = found.groupdict()
            kind = text(f"invalid.kind.{_KINDS.get(given.get('kind', '').lower(), 'other')}", locale)
            return INVALID_INPUT(
                field=shown(given.get("field") or field or "body"),
                reason=text(f"invalid.{reason}", locale, bound=given.get("bound", ""), kind=kind),
            )
    return INVALID_INPUT(field=shown(field or "body"), reason=text("invalid.format", locale))


def invalid_parameter(error: ValidationException, locale: str) -> Refusal:
    """Litestar's fault in a query or path parameter, in the same words."""
    extra = error.extra if isinstance(error.extra, list) else []
    first = next((each for each in extra if isinstance(each, dict)), {})
    field = str(first.get("key", ""))
    message = str(first.get("message") or error.detail)
    if field == "data":  # the handler's name for a body that is not there at all
        return INVALID_INPUT(field="body", reason=text("invalid.missing", locale))
    return invalid_input(message, locale, field)


def shown(name: str) -> str:
    """A field's name as the caller wrote it, fit to be said back."""
    return "".join(letter for letter in name if letter.isprintable())[:FIELD_SHOWN_MAX]
