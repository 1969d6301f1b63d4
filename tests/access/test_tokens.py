import base64

import pytest
from cryptography.fernet import Fernet

from konter.access import tokens
from konter.platform.ids import OutletId, SessionId, UserId
from konter.platform.secrets import Keys


def keys(pepper: str = "ab" * 32) -> Keys:
    return Keys(pepper=pepper, seal_keys=Fernet.generate_key().decode())


def outlet_token(keys_: Keys) -> tuple[str, bytes]:
    return tokens.mint(
        keys_,
        kind="outlet",
        session_id=SessionId(7 << 8 | 3),
        user_id=UserId(9 << 8 | 3),
        outlet_id=OutletId(1 << 8 | 3),
    )


def test_it_works() -> None:
    token, token_hash = outlet_token(keys())
    claims = tokens.parse(keys(), token)
    assert claims is not None
    assert (claims.kind, claims.session_id, claims.user_id, claims.outlet_id) == ("outlet", 1795, 2307, 259)
    assert claims.token_hash == token_hash


def test_staff_have_no_outlet() -> None:
    token, _ = tokens.mint(keys(), kind="staff", session_id=SessionId(1), user_id=UserId(2), outlet_id=None)
    claims = tokens.parse(keys(), token)
    assert claims is not None
    assert (claims.kind, claims.outlet_id) == ("staff", None)


def test_two_tokens_of_one_session_differ() -> None:
    assert outlet_token(keys())[0] != outlet_token(keys())[0]


def test_another_pepper_does_not_open_it() -> None:
    assert tokens.parse(keys("cd" * 32), outlet_token(keys())[0]) is None


def test_no_byte_can_be_changed() -> None:
    raw = base64.urlsafe_b64decode(outlet_token(keys())[0])
    for place in range(len(raw)):
        forged = bytearray(raw)
        forged[place] ^= 1
        assert tokens.parse(keys(), base64.urlsafe_b64encode(bytes(forged)).decode()) is None


@pytest.mark.parametrize(
    "text", ["", "x", "Bearer", "é" * 76, "A" * 76, "A" * 75, "A" * 77, "-" * 76 + "\n", "\x00" * 76]
)
def test_other_text_is_no_token(text: str) -> None:
    assert tokens.parse(keys(), text) is None
