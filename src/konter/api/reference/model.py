"""The description of the API, arranged for readers."""

from collections.abc import Iterator
from typing import Any

import msgspec

from konter.api.description import body_example

_SCHEMA = "#/components/schemas/"
_BOUNDS = (("minLength", "≥ {} characters"), ("maxLength", "≤ {} characters"), ("minimum", "≥ {}"), ("maximum", "≤ {}"))
BIGGEST_SHOWN = 1 << 53


class Kind(msgspec.Struct, frozen=True):
    """A type in words; `ref` names the shape that it leads to."""

    words: str
    ref: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a shape, or a parameter; `place` is query or path."""

    name: str
    kinds: tuple[Kind, ...]
    required: bool
    note: str
    bounds: str
    place: str = ""


class Shape(msgspec.Struct, frozen=True):
    """A named object and its fields."""

    name: str
    note: str
    fields: tuple[Field, ...]


class Answer(msgspec.Struct, frozen=True):
    """A status, what it means, and the shapes that come with it."""

    status: str
    note: str
    kinds: tuple[Kind, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to call."""

    id: str
    method: str
    path: str
    summary: str
    note: str
    caller: str
    parameters: tuple[Field, ...]
    body: Shape | None
    example: str
    answers: tuple[Answer, ...]


class Chapter(msgspec.Struct, frozen=True):
    """The operations of one tag."""

    name: str
    note: str
    operations: tuple[Operation, ...]


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """All operations, by tag, in the order of the tags."""
    found = list(_operations(document))
    return [
        Chapter(tag["name"], tag["description"], tuple(each for name, each in found if name == tag["name"]))
        for tag in document["tags"]
    ]


def shapes(document: dict[str, Any]) -> list[Shape]:
    """All named objects."""
    return [_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation["tags"][0], _operation(document, path, method, operation)


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Operation:
    example = body_example(document, operation)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    name = content["schema"]["$ref"].removeprefix(_SCHEMA) if content else ""
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        note=operation["description"],
        caller=operation["x-caller"],
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        body=_shape(name, document["components"]["schemas"][name]) if content else None,
        example=msgspec.json.format(msgspec.json.encode(example), indent=2).decode() if example else "",
        answers=tuple(_answer(status, each) for status, each in operation["responses"].items()),
    )


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    content = answer.get("content", {}).get("application/json", {})
    return Answer(status, answer["description"], tuple(_kinds(content["schema"])) if content else ())


def _parameter(parameter: dict[str, Any]) -> Field:
    return _field(parameter["name"], parameter["schema"], required=parameter["required"], place=parameter["in"])


def _shape(name: str, schema: dict[str, Any]) -> Shape:
    required = set(schema.get("required", ()))
    fields = (_field(field, kind, required=field in required) for field, kind in schema.get("properties", {}).items())
    return Shape(name, schema.get("description", ""), tuple(fields))


def _field(name: str, schema: dict[str, Any], *, required: bool, place: str = "") -> Field:
    inner: dict[str, Any] = next((kind for kind in schema.get("oneOf", ()) if kind.get("type") != "null"), {})
    bounds = [
        form.format(int(value))
        for key, form in _BOUNDS
        if (value := schema.get(key, inner.get(key))) is not None and abs(value) < BIGGEST_SHOWN
    ]
    return Field(
        name=name,
        kinds=tuple(_kinds(schema)),
        required=required,
        note=schema.get("description", ""),
        bounds=", ".join(bounds),
        place=place,
    )


def _kinds(schema: dict[str, Any]) -> Iterator[Kind]:
    if ref := schema.get("$ref"):
        name = ref.removeprefix(_SCHEMA)
        yield Kind(name, name)
    elif several := schema.get("oneOf"):
        for each in several:
            yield from _kinds(each)
    elif "items" in schema:
        yield from (Kind(f"{kind.words}[]", kind.ref) for kind in _kinds(schema["items"]))
    elif "enum" in schema:
        yield Kind(" | ".join(str(value) for value in schema["enum"]))
    else:
        yield Kind(str(schema.get("format") or schema.get("type", "any")))
