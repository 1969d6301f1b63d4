"""Texts: every key in both languages, the same blanks in both, filled in as people read figures."""

import re
import string

import pytest

from konter.platform.i18n import LOCALES, catalogue, locale_of, text
from konter.platform.refusal import ALL_CODES


def blanks(template: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_stands_in_both_languages_with_the_same_blanks(key: str) -> None:
    versions = catalogue()[key]
    assert set(versions) == set(LOCALES)
    assert all(version.strip() for version in versions.values())
    assert blanks(versions["id"]) == blanks(versions["en"])


def test_every_refusal_has_a_sentence() -> None:
    assert {f"refusal.{code}" for code in ALL_CODES} <= set(catalogue())


def test_no_english_text_says_1_times() -> None:
    said = {key: versions["en"] for key, versions in catalogue().items()}
    assert [key for key, words in said.items() if re.search(r"\{\w+:n\} times\b", words)] == []


def test_a_text_is_filled_in_as_people_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue(), "test.sum", {"id": "Sisa {left:rp}, {n:n} SMS", "en": "Left {left:rp}, {n:n} SMS"})
    assert text("test.sum", left=1_245_000, n=1_500) == "Sisa Rp1.245.000, 1.500 SMS"
    assert text("test.sum", "en", left=-5, n=0) == "Left -Rp5, 0 SMS"
    assert text("test.sum", "fr", left=0, n=0) == "Sisa Rp0, 0 SMS"


def test_a_code_is_said_as_people_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue(), "test.metal.ag", {"id": "perak", "en": "silver"})
    monkeypatch.setitem(catalogue(), "test.of", {"id": "dari {metal:@test.metal}", "en": "of {metal:@test.metal}"})
    assert [text("test.of", locale, metal="ag") for locale in LOCALES] == ["dari perak", "of silver"]
    assert text("test.of", metal="cu") == "dari CU"


@pytest.mark.parametrize(("key", "data"), [("no.such.key", {}), ("test.needs", {})])
def test_a_missing_key_or_value_is_loud(monkeypatch: pytest.MonkeyPatch, key: str, data: dict) -> None:
    monkeypatch.setitem(catalogue(), "test.needs", {"id": "{left}", "en": "{left}"})
    with pytest.raises(KeyError):
        text(key, **data)


@pytest.mark.parametrize(
    ("accept", "cookie", "locale"),
    [
        (None, None, "id"),
        ("en-GB,en;q=0.9", None, "en"),
        ("id-ID,id;q=0.9,en;q=0.8", None, "id"),
        ("EN", None, "en"),
        ("fr", None, "id"),
        ("en", "id", "id"),
        ("id", "en", "en"),
        ("en", "xx", "en"),
        ("", "", "id"),
    ],
)
def test_the_reader_chooses_the_language(accept: str | None, cookie: str | None, locale: str) -> None:
    assert locale_of(accept, cookie) == locale
