"""Which texts the sources ask for, found by reading them."""

import ast
import re
import string
from collections.abc import Iterator
from functools import cache

from tests.tidy.sources import sources

# Whoever says a key in these places leaves the front of it out.
FRONTS = (
    "",
    "outlet.",
    "simulator.",
    "sms.",
    "bucket.",
    "quota.",
    "cli.",
    "catalogue.fault.",
    "importing.fault.",
    "rules.fault.",
)
TEMPLATE_KEY = re.compile(r"\bt\(\s*'([a-z0-9_.]+)'\s*[,)]")
TEMPLATE_CODE = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
TEMPLATE_STRING = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")


@cache
def said() -> frozenset[str]:
    """Every string that code, templates and data say; of f-strings their parts."""
    found: set[str] = set()
    for source in sources():
        if not source.product or source.path.startswith("src/konter/texts/"):
            continue
        if source.python:
            found.update(text for _, text in source.strings)
        elif source.path.endswith(".html"):
            code = "\n".join(TEMPLATE_CODE.findall(source.text))
            found.update("".join(match) for match in TEMPLATE_STRING.findall(code))
        elif source.path.endswith((".csv", ".toml")):
            found.update(re.split(r"[,\n\"]", source.text))
    return frozenset(found)


def is_used(key: str) -> bool:
    """Said whole, or without its front, or put together from a beginning and a value."""
    shorts = {key.removeprefix(front) for front in FRONTS if key.startswith(front)}
    if shorts & said():
        return True
    return any(_is_put_together(short) for short in shorts)


def _is_put_together(key: str) -> bool:
    """`'gain.' + asset`, `'advance_button_' ~ span`, `'forgot.' + field + '_title'`."""
    cuts = [at for at, letter in enumerate(key, 1) if letter in "._" and key[:at] in said()]
    for rest in (key[at:] for at in cuts):
        stem, _, ending = rest.rpartition("_")
        if _said_as_value(rest) or (f"_{ending}" in said() and _said_as_value(stem)):
            return True
    return False


def _said_as_value(word: str) -> bool:
    """A value that code, a schema or a template can bring: `done`, `BYTES`, `GRACE`."""
    return word in said() or any(
        re.search(rf"\b{re.escape(word)}\b", source.text) for source in sources() if source.path.endswith(".sql")
    )


def asked_for() -> Iterator[tuple[str, str]]:
    """Where and which: keys given whole to `text`, and those that templates and pages give to `t`."""
    for source in sources():
        if not source.product:
            continue
        front = "simulator." if source.path.startswith("src/konter/simulator/") else "outlet."
        if source.path.endswith(".html"):
            for key in TEMPLATE_KEY.findall(source.text):
                yield source.path, front + key
        elif source.python:
            for node in source.nodes:
                match node:
                    case ast.Call(func=ast.Name(id="text"), args=[ast.Constant(value=str(key)), *_]):
                        yield f"{source.path}:{node.lineno}", key
                    case ast.Call(func=ast.Attribute(attr="t"), args=[ast.Constant(value=str(key)), *_]):
                        yield f"{source.path}:{node.lineno}", front + key
                    case ast.keyword(arg="text_key", value=ast.Constant(value=str(key))):
                        yield f"{source.path}:{node.lineno}", front + key


def refusal_codes() -> Iterator[tuple[str, str]]:
    """Where and which: every kind of refusal declared."""
    for source in sources():
        if source.product and source.python:
            for node in source.nodes:
                match node:
                    case ast.Call(func=ast.Name(id="refusal_kind"), args=[ast.Constant(value=str(code)), *_]):
                        yield f"{source.path}:{node.lineno}", code


def refusals_made() -> Iterator[tuple[str, str, set[str]]]:
    """Where, which code, with which data: every place that refuses with data it names."""
    codes = {code for _, code in refusal_codes()}
    for source in sources():
        if source.product and source.python:
            for node in source.nodes:
                match node:
                    case ast.Call(func=ast.Name(id=code), keywords=given) if code in codes:
                        if all(each.arg is not None for each in given):
                            yield f"{source.path}:{node.lineno}", code, {str(each.arg) for each in given}


def placeholders(text: str) -> set[tuple[str, str]]:
    """Name and form of every value that a text takes: `{amount:rp}`."""
    return {(name, form or "") for _, name, form, _ in string.Formatter().parse(text) if name is not None}
