"""What the commands say, in the language of the terminal."""

from datetime import timedelta

import pytest

from konter.cli import in_words, say


@pytest.mark.parametrize(
    ("span", "indonesian", "english"),
    [
        (timedelta(days=40), "40 hari", "40 days"),
        (timedelta(days=1, hours=3, minutes=1), "1 hari 3 jam 1 menit", "1 day 3 hours 1 minute"),
        (timedelta(hours=1, seconds=59), "1 jam", "1 hour"),
        (timedelta(), "", ""),
    ],
)
def test_a_span_in_words(monkeypatch, span, indonesian, english):
    monkeypatch.setenv("KONTER_LANG", "id")
    assert in_words(span) == indonesian
    monkeypatch.setenv("KONTER_LANG", "en")
    assert in_words(span) == english


def test_the_choice_for_konter_goes_before_that_of_the_terminal(monkeypatch):
    monkeypatch.delenv("KONTER_LANG", raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert say("cli.nothing_to_migrate") == "The schema is up to date."
    monkeypatch.setenv("KONTER_LANG", "id")
    assert say("cli.nothing_to_migrate") == "Skema sudah terbaru."
