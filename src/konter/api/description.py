"""The API's description: what Litestar reads off the routes, completed by what it cannot know.

Those are every problem that an operation may answer, by code; who may call; headers; and how it is all meant.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.router import Router
from litestar.routes import HTTPRoute

from konter import __version__
from konter.access.refusals import WRONG_PIN
from konter.api.operations import OPT, Says
from konter.api.problems import AWAY, PROBLEM_TYPE, TOO_MANY, UNAUTHORIZED, Problem
from konter.platform.i18n import Locale, catalogue, text
from konter.platform.refusal import ALL_CODES, NOT_FOUND, Refused

INTRODUCTION = ("what", "log_in", "sell", "retry", "values", "no")
TAGS = (
    "access",
    "applications",
    "terms",
    "catalogue",
    "sales",
    "wallet",
    "channel",
    "numbers",
    "phones",
    "offices",
    "reversals",
    "reconciliation",
    "care",
    "staff",
    "conduct",
    "clients",
    "customer",
    "rewards",
    "bills",
    "network",
)
BEARER = SecurityScheme(type="http", scheme="bearer", description="The token that logging in answers.")
_REQUIREMENT_IDS = re.compile(r"\s*\[[A-Z0-9.,\s-]+\]")
_BODY_CODES = ("MALFORMED_BODY", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
# What an answer is called where its route says nothing about it.
_SAYS_NOTHING = frozenset(status.description for status in HTTPStatus)
_SCHEMA = "#/components/schemas/"


def _closed() -> None:
    raise Refused(NOT_FOUND())


def introduction(locale: Locale) -> str:
    """How the API is meant, in Markdown: what it is and the way to a first sale, then what holds everywhere."""
    return "\n\n".join(text(f"reference.introduction.{part}", locale).strip() for part in INTRODUCTION)


def openapi_config() -> OpenAPIConfig:
    """How Litestar describes. Its own pages load scripts from elsewhere and answer HTML for unknown addresses of the
    API: they are closed, and `konter.api.reference` shows the description instead.
    """
    return OpenAPIConfig(
        title="Konter",
        version=__version__,
        description=introduction("en"),
        tags=[Tag(name=tag, description=text(f"reference.tag.{tag}", "en")) for tag in TAGS],
        components=Components(security_schemes={"bearer": BEARER}),
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        openapi_router=Router("/-", route_handlers=[], include_in_schema=False, before_request=lambda _: _closed()),
    )


def describe(app: Litestar, locale: Locale = "en") -> dict[str, Any]:
    """The whole description of OpenAPI 3.1, as plain values.

    In Indonesian it has the introduction, the tags and the refusals; operations and fields are told in English only.
    """
    document: dict[str, Any] = app.openapi_schema.to_schema()
    document["info"]["description"] = introduction(locale)
    for tag in document["tags"]:
        tag["description"] = text(f"reference.tag.{tag['name']}", locale)
    schemas = document["components"]["schemas"]
    for kind in _kinds(msgspec.Struct):
        if kind.__name__ in schemas:
            words = _REQUIREMENT_IDS.sub("", kind.__doc__ or "")
            schemas[kind.__name__].setdefault("description", " ".join(words.split()))
    schemas["Problem"] = _problem_schema()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, _ in route.route_handler_map.values():
                said = handler.opt.get(OPT)
                if isinstance(said, Says):
                    for method in handler.http_methods:
                        _complete(document["paths"][route.path_format][str(method).lower()], said, schemas, locale)
    return document


def _kinds(kind: type) -> Iterator[type]:
    """The kinds of bodies and answers of the API, and what they hold."""
    children: list[type] = type.__subclasses__(kind)
    for each in children:
        if each.__module__.startswith(("konter.api.", "konter.terms.model")):
            yield each
        yield from _kinds(each)


def _complete(operation: dict[str, Any], said: Says, schemas: dict[str, Any], locale: Locale) -> None:
    words = _REQUIREMENT_IDS.sub("", operation["description"])
    operation["summary"], _, more = words.partition(".")
    operation["description"] = " ".join(more.split())
    operation["security"] = [] if said.caller == "anybody" else [{"bearer": []}]
    operation["x-caller"] = said.caller
    in_path = any(parameter["in"] == "path" for parameter in operation.get("parameters", ()))
    codes = [*said.codes, *(_BODY_CODES if "requestBody" in operation else ()), *(["NOT_FOUND"] if in_path else ())]
    responses = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    for answer in responses.values():
        if answer["description"] in _SAYS_NOTHING:
            answer["description"] = _what_comes(answer, schemas, locale)
    for status in sorted({ALL_CODES[code] for code in codes}):
        responses[str(status)] = _problem(status, sorted(code for code in codes if ALL_CODES[code] == status), locale)
    operation["responses"] = responses
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _never_null(parameter["schema"])


def _what_comes(answer: dict[str, Any], schemas: dict[str, Any], locale: Locale) -> str:
    """What an answer holds: the sentences of its shape, or of each that it may have."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return text("reference.nothing_follows", locale)
    names = [kind["$ref"].removeprefix(_SCHEMA) for kind in schema.get("oneOf", [schema])]
    if len(names) == 1:
        return str(schemas[names[0]]["description"])
    return "\n".join(f"- `{name}`: {schemas[name]['description']}" for name in names)


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out or has a value; "null" would be four letters."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "oneOf"}, **kinds[0]}


def _problem(status: int, codes: list[str], locale: Locale) -> dict[str, Any]:
    sentences = catalogue()
    lines = [f"- `{code}`: {sentences[f'refusal.{code}'][locale]}" for code in codes]
    only = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
    headers = {}
    if status in (TOO_MANY, AWAY):
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds", "required": True}
    if status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"schema": {"const": "Bearer"}, "required": True}
    return {
        "description": "\n".join(lines),
        "headers": headers,
        "content": {PROBLEM_TYPE: {"schema": {"allOf": [{"$ref": f"{_SCHEMA}Problem"}, only]}}},
    }


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    properties = dict.fromkeys(("type", "title", "detail"), text)
    return {
        "title": "Problem",
        "description": " ".join((Problem.__doc__ or "").split()),
        "type": "object",
        "properties": {
            **properties,
            "status": {"type": "integer"},
            "code": {**text, "pattern": "^[A-Z_]+$"},
            "data": {"type": "object"},
        },
        "required": ["type", "title", "status", "code", "detail"],
        "examples": [msgspec.to_builtins(Problem.of(WRONG_PIN(tries_left=2), "id"))],
    }


def body_example(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    """A body made of its fields' examples; fields that may be left out are left out."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = document["components"]["schemas"][content["schema"]["$ref"].removeprefix(_SCHEMA)]
    return {name: _example(schema["properties"][name]) for name in schema.get("required", ())}


def _example(schema: dict[str, Any]) -> Any:
    if examples := schema.get("examples"):
        return examples[0]
    if choices := schema.get("enum"):
        return choices[0]
    if either := schema.get("oneOf"):  # a value or none: with the value it says more
        return _example(next(each for each in either if each.get("type") != "null"))
    return {"boolean": True, "integer": 1}.get(schema.get("type", ""), "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10")
