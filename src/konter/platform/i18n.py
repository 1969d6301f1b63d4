"""Every sentence a person reads, in Indonesian (default) and English, from `konter/texts/*.toml`.

A key is dotted; its table holds `id` and `en`, in `str.format` style: `{amount:rp}` writes rupiah, `{n:n}` groups
thousands, `{tier:@tier.name}` says a code as people call it: by the text `tier.name.<code>`.
"""

import string
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from konter.platform.money import rupiah, thousands

Locale = Literal["id", "en"]
LOCALES: tuple[Locale, ...] = ("id", "en")
DEFAULT_LOCALE: Locale = "id"


class _Formatter(string.Formatter):
    def __init__(self, locale: str) -> None:
        self.locale = locale

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "rp":
            return rupiah(value)
        if format_spec == "n":
            return thousands(value)
        if format_spec.startswith("@"):
            return called(f"{format_spec[1:]}.", str(value), self.locale)
        return str(super().format_field(value, format_spec))


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key -> locale -> text. Two files may not hold the same key."""
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("konter.texts").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            _collect(tomllib.loads(file.read_text(encoding="utf-8")), "", texts)
    return texts


def _collect(table: dict[str, Any], prefix: str, texts: dict[str, dict[str, str]]) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if set(value) == set(LOCALES) and all(isinstance(text, str) for text in value.values()):
            if key in texts:
                raise ValueError(f"text {key} stands in two files")
            texts[key] = value
        else:
            _collect(value, f"{key}.", texts)


def text(key: str, locale: str = DEFAULT_LOCALE, **data: Any) -> str:
    """The text of a key in a locale, filled in. Raises KeyError for an unknown key or a value that the text needs."""
    versions = catalogue()[key]
    return _Formatter(locale).vformat(versions.get(locale) or versions[DEFAULT_LOCALE], (), data)


def called(front: str, code: str, locale: str = DEFAULT_LOCALE) -> str:
    """What people call a code: the text of the key's front and the code; one that has none, in capitals."""
    key = f"{front}{code}"
    return text(key, locale) if key in catalogue() else code.upper()


def locale_of(accept_language: str | None, cookie: str | None = None) -> Locale:
    """The reader's language: the cookie's choice, else English only when asked for first, else Indonesian."""
    for wanted in (cookie, (accept_language or "")[:2].lower()):
        if wanted == "en":
            return "en"
        if wanted == "id":
            return "id"
    return DEFAULT_LOCALE
