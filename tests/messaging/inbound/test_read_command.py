"""What people type and what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.messaging.inbound.model import Command, read_command


@pytest.mark.requirement("P-28")
@pytest.mark.parametrize(
    ("typed", "keyword", "arguments"),
    [
        ("POIN", "POIN", ()),
        ("poin", "POIN", ()),
        ("  Poin  ", "POIN", ()),
        ("POIN.", "POIN", ()),
        ("Poin?", "POIN", ()),
        ("'poin'", "POIN", ()),
        ("#poin", "POIN", ()),
        ("poin saya", "POIN", ("SAYA",)),
        ("Poin   saya  brp ?", "POIN", ("SAYA", "BRP")),
        ("poin\nsaya", "POIN", ("SAYA",)),
        ("poin,saya", "POIN", ("SAYA",)),
        ("INFO POIN", "POIN", ()),
        ("info  Poin saya.", "POIN", ("SAYA",)),
        ("Info: poin", "POIN", ()),
        ("info", "INFO", ()),
        ("info info", "INFO", ()),
        ("hangus!!", "HANGUS", ()),
        ("POIN 😀", "POIN", ()),
        ("ＰＯＩＮ", "POIN", ()),
        ("POIN\u200b", "POIN", ()),
        ("KIRIM50 0812-3456-7890", "KIRIM50", ("0812-3456-7890",)),
        ("kirim 100 ke +62812", "KIRIM", ("100", "KE", "62812")),
        ("poinsaya", "POINSAYA", ()),
        ("", "", ()),
        (" . ", "", ()),
        ("😀", "", ()),
    ],
)
def test_it_works(typed: str, keyword: str, arguments: tuple[str, ...]) -> None:
    assert read_command(typed) == Command(keyword, arguments)


def test_what_comes_after_160_characters_is_not_looked_at() -> None:
    assert read_command("poin " + "x" * 155 + " saya") == Command("POIN", ("X" * 155,))


@given(st.text())
def test_whatever_is_typed_can_be_read(typed: str) -> None:
    command = read_command(typed)
    assert all((command.keyword, *command.arguments)) or command == Command("")
