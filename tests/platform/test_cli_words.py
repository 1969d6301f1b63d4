"""What the commands say, in the language of the terminal."""

import sys
from datetime import date, timedelta

import pytest

from konter.cli.main import app, main
from konter.cli.terminal import say
from konter.cli.upkeep import in_words, show
from konter.sales.reconciliation.reconcile import Report


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


@pytest.mark.parametrize(("lines", "told"), [(39, "the lines already here are used"), (0, "two sides compared")])
def test_a_day_whose_file_came_earlier_is_not_called_one_without_a_network(monkeypatch, capsys, lines, told):
    monkeypatch.setenv("KONTER_LANG", "en")
    kept = {"refusal": None, "opened": {}, "solved": {}, "complete": True}
    show(Report(day=date(2026, 11, 22), sales=40, lines=lines, file="none", **kept))
    assert told in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("group", [[], ["catalogue"], ["rules"]], ids=["konter", "catalogue", "rules"])
def test_every_command_is_there_and_says_what_it_does(capsys, group):
    app.help_print(group)
    listed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│ ") and "--" not in line[:6]]
    assert listed
    names = {line.split()[1] for line in listed if line[2] != " "}
    for name in names:
        app.help_print([*group, name])
        usage, _, about = capsys.readouterr().out.partition("\n")
        assert name in usage
        assert len(about.split("╭")[0].split()) >= 3


@pytest.mark.parametrize("command", ["points accrue --since", "points export --output x --on", "reconcile --day"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_calendar_can_reckon_with_is_told_before_any_work(monkeypatch, capsys, command, day):
    monkeypatch.setenv("KONTER_LANG", "en")
    with pytest.raises(SystemExit):
        app([*command.split(), day])
    said = capsys.readouterr()
    assert "must be between 2000 and 2999" in " ".join((said.out + said.err).replace("│", " ").split())


def test_a_word_that_is_no_text_is_told_before_any_work(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["konter", "rewards", "close", "KO\udcff"])
    with pytest.raises(SystemExit):
        main()
    assert "KO? bukan teks UTF-8." in capsys.readouterr().err
