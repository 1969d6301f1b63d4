"""Lengths on the air after 3GPP TS 23.038."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.messaging.gsm7 import BASIC, EXTENDED, Length, clip, length, septets, to_gsm7


def test_the_alphabet_has_its_128_and_10_characters():
    assert len(BASIC) == len(set(BASIC)) == 128
    assert len(EXTENDED) == 10


def test_the_backtick_is_not_in_it():
    assert septets("`") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Length("gsm7", 0, 1)),
        ("a" * 160, Length("gsm7", 160, 1)),
        ("a" * 161, Length("gsm7", 161, 2)),
        ("a" * 306, Length("gsm7", 306, 2)),
        ("a" * 307, Length("gsm7", 307, 3)),
        ("€" * 80, Length("gsm7", 160, 1)),
        ("€" * 81, Length("gsm7", 162, 2)),
        ("ă" * 70, Length("ucs2", 70, 1)),
        ("ă" * 71, Length("ucs2", 71, 2)),
        ("ă" * 134, Length("ucs2", 134, 2)),
        ("ă" * 135, Length("ucs2", 135, 3)),
        ("😀" * 35, Length("ucs2", 70, 1)),
    ],
)
def test_units_and_parts(text, expected):
    assert length(text) == expected


def test_an_escaped_character_is_not_split_between_parts():
    # 152 + 2 septets do not fit into the first part of 153, so one septet of it stays empty.
    assert length("a" * 152 + "€" + "a" * 151) == Length("gsm7", 305, 2)
    assert length("a" * 152 + "€" + "a" * 152) == Length("gsm7", 306, 3)


def test_a_surrogate_pair_is_not_split_between_parts():
    assert length("ă" * 66 + "😀" + "ă" * 65).parts == 2
    assert length("ă" * 66 + "😀" + "ă" * 66).parts == 3


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Sukses Cell", "Sukses Cell"),
        ("Toko “Bu Édi” – 2", 'Toko "Bu Édi" - 2'),
        ("Řehoř Łódź", "Rehor Lodz"),
        ("Jaya 😀 Cell 👍🏽", "Jaya Cell"),
        ("Ｆｕｌｌ １２", "Full 12"),
        ("ganti\nbaris\tdan\u00a0spasi", "ganti baris dan spasi"),
        ("`kutip`", "'kutip'"),
        ("½ harga", "1/2 harga"),
        ("\u202eterbalik\u0000", "terbalik"),
        ("漢字", ""),
    ],
)
def test_names_are_brought_into_the_alphabet(name, plain):
    assert to_gsm7(name) == plain


@given(st.text())
def test_whatever_comes_in_gsm7_comes_out(text):
    plain = to_gsm7(text)
    assert septets(plain) is not None
    assert to_gsm7(plain) == plain


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_a_clipped_text_fits(text, room):
    assert (septets(clip(to_gsm7(text), room)) or 0) <= room


def test_clipping_shows_that_something_is_missing():
    assert clip("Paket Internet Nusantara", 16) == "Paket Internet.."
    assert clip("Paket", 5) == "Paket"
