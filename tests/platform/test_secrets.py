"""Keyed hashes and seals."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from konter.platform.secrets import INITIAL_PASSWORD_LENGTH, PASSWORD_ALPHABET, Keys, equal, new_digits, new_password

PEPPER = "5a" * 32
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
KEYS = Keys(pepper=PEPPER, seal_keys=NEW)


def test_a_hash_depends_on_pepper_purpose_and_every_part() -> None:
    same = KEYS.pepper_hash("pin", b"salt", b"739164")
    assert same == Keys(pepper=PEPPER, seal_keys=OLD).pepper_hash("pin", b"salt", b"739164")
    others = [
        Keys(pepper="5b" * 32, seal_keys=NEW).pepper_hash("pin", b"salt", b"739164"),
        KEYS.pepper_hash("otp", b"salt", b"739164"),
        KEYS.pepper_hash("pin", b"tlas", b"739164"),
        KEYS.pepper_hash("pin", b"salt", b"739165"),
        KEYS.pepper_hash("pin", b"salt7", b"39164"),
        KEYS.pepper_hash("pin", b"salt739164"),
    ]
    assert same not in others
    assert len(same) == 32


@given(st.text())
def test_what_is_sealed_can_be_opened_and_not_read(plain: str) -> None:
    token = KEYS.seal(plain)
    assert KEYS.unseal(token) == plain
    assert len(plain) < 4 or plain not in token


def test_keys_can_be_rotated() -> None:
    old = Keys(pepper=PEPPER, seal_keys=OLD).seal("482913")
    both = Keys(pepper=PEPPER, seal_keys=f"{NEW}, {OLD}")
    assert both.unseal(old) == "482913"
    assert KEYS.unseal(both.seal("482913")) == "482913"


@pytest.mark.parametrize(
    "token", ["", "x", Keys(pepper=PEPPER, seal_keys=OLD).seal("482913")], ids=["empty", "short", "old key"]
)
def test_what_no_key_opens_is_a_plain_error(token: str) -> None:
    with pytest.raises(ValueError, match="not here"):
        KEYS.unseal(token)


@pytest.mark.parametrize("pepper", ["", "5a" * 31, "zz" * 32])
def test_a_pepper_that_is_too_short_or_no_hex_is_refused(pepper: str) -> None:
    with pytest.raises(ValueError, match=r"KONTER_PEPPER|hexadecimal"):
        Keys(pepper=pepper, seal_keys=NEW)


def test_codes_keep_their_leading_zeros_and_differ() -> None:
    codes = {new_digits(6) for _ in range(500)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 490
    assert any(code[0] == "0" for code in codes)


def test_passwords_use_signs_that_nobody_mixes_up() -> None:
    passwords = {new_password() for _ in range(200)}
    assert len(passwords) == 200
    assert {len(password) for password in passwords} == {INITIAL_PASSWORD_LENGTH}
    assert set("".join(passwords)) <= set(PASSWORD_ALPHABET)
    assert not set(PASSWORD_ALPHABET) & set("ilo01")


def test_equal() -> None:
    assert equal(b"a", b"a")
    assert not equal(b"a", b"b")
    assert not equal(b"a", b"aa")
