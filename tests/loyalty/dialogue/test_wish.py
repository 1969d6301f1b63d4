"""What people type to the number of points, and what they mean."""

import pytest

from konter.loyalty.dialogue.model import Wish, wish_of
from konter.messaging.inbound.model import read_command


def wish(text: str) -> Wish:
    return wish_of(read_command(text), keyword="POIN")


@pytest.mark.requirement("P-28")
@pytest.mark.parametrize(
    "text",
    [
        *("POIN", "poin", " Poin. ", "INFO POIN", "cek poin", "CEKPOIN", "Cek, poin!", "poin saya", "POINT", "points?"),
        *("POIN?", '"POIN"', "Poin saya berapa ya", "jumlah poin", "STATUS", "info  POIN saya", "poinsaya", "Saldo"),
    ],
)
def test_it_works(text: str) -> None:
    assert wish(text) == Wish("points")


@pytest.mark.requirement("P-13")
@pytest.mark.parametrize(
    "text",
    [
        *("KIRIM", "KIRIM50", "KIRIM 100 081234567890", "kirim poin 50 ke 0812", "POIN KIRIM 50", "POINKIRIM50"),
        *("Kirimkan 5 poin", "TRANSFER 50 0812", "TUKAR POIN KIRIM 50 0812", "kirim#50#081234567890", "trf poin 10"),
    ],
)
def test_sending_is_seen_however_it_is_written(text: str) -> None:
    assert wish(text) == Wish("send")


@pytest.mark.parametrize("text", ["HANGUS", "poin hangus", "Hangus?", "cek poin hangus", "EXPIRED"])
def test_what_ends_is_asked_for(text: str) -> None:
    assert wish(text) == Wish("ending")


@pytest.mark.requirement("P-23")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("TUKAR AB12-CD34", "AB12-CD34"),
        ("tukar ab12 cd34", "AB12CD34"),
        ("TUKAR:AB12CD34.", "AB12CD34"),
        ("TUKARAB12CD34", "AB12CD34"),
        ("Tukar #AB12CD34", "AB12CD34"),
        ("TUKAR", ""),
    ],
)
def test_a_merchant_burns_a_code(text: str, code: str) -> None:
    assert wish(text) == Wish("burn", code)


@pytest.mark.requirement("P-23")
def test_a_merchant_checks_a_code() -> None:
    assert wish("CEK AB12CD34") == Wish("check", "AB12CD34")


@pytest.mark.parametrize("text", ["", "halo", "TUKAR POIN", "tukar poin saya", "😀", "12345", "STOP"])
def test_anything_else_gets_help(text: str) -> None:
    assert wish(text) == Wish("help")
