"""Every sentence exists in both languages, takes the same values in both, is asked for, and says what was asked."""

import pytest
from tests.tidy.texts import asked_for, is_used, placeholders, refusal_codes, refusals_made

from konter.platform.i18n import LOCALES, catalogue


def test_every_key_that_is_asked_for_exists() -> None:
    missing = [f"{where}: {key}" for where, key in asked_for() if key not in catalogue()]
    assert not missing, "\n".join(missing)


def test_every_refusal_has_a_sentence() -> None:
    missing = [f"{where}: {code}" for where, code in refusal_codes() if f"refusal.{code}" not in catalogue()]
    assert not missing, "\n".join(missing)


def test_every_sentence_of_a_refusal_has_its_refusal() -> None:
    codes = {f"refusal.{code}" for _, code in refusal_codes()}
    assert not [key for key in catalogue() if key.startswith("refusal.") and key not in codes]


def test_every_refusal_brings_what_its_sentence_takes() -> None:
    """A value that is missing would turn a clear "no" into an internal error."""
    lacking = [
        f"{where}: {code} lacks {lacks}"
        for where, code, given in refusals_made()
        if (lacks := {name for name, _ in placeholders(catalogue()[f"refusal.{code}"]["id"])} - given)
    ]
    assert not lacking, "\n".join(lacking)


def test_every_text_is_used() -> None:
    assert not [key for key in catalogue() if not key.startswith("refusal.") and not is_used(key)]


def test_no_text_is_empty() -> None:
    assert not [key for key, texts in catalogue().items() if not all(texts[locale].strip() for locale in LOCALES)]


def test_both_languages_take_the_same_values() -> None:
    differing = [key for key, texts in catalogue().items() if placeholders(texts["id"]) != placeholders(texts["en"])]
    assert not differing


def test_a_text_that_nobody_asks_for_is_seen() -> None:
    assert not is_used("outlet.sale.nobody_says_this")


@pytest.mark.parametrize("key", ["refusal.NOT_FOUND", "outlet.sale.title", "outlet.status.refunded", "sms.credentials"])
def test_the_reading_finds_what_is_there(key: str) -> None:
    assert key in {f"refusal.{code}" for _, code in refusal_codes()} | {key for _, key in asked_for()} or is_used(key)
