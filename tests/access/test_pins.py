import pytest
from cryptography.fernet import Fernet

from konter.access.pins import pin_hash, pin_weakness
from konter.platform.secrets import Keys

KEYS = Keys(pepper="ab" * 32, seal_keys=Fernet.generate_key().decode())


@pytest.mark.parametrize("pin", ["739164", "480275", "905538", "667348"])
def test_it_works(pin: str) -> None:
    assert pin_weakness(pin) is None


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("12345", "format"),
        ("1234567", "format"),
        ("73916a", "format"),
        ("٧٣٩١٦٤", "format"),
        ("111111", "repeated"),
        ("121212", "repeated"),
        ("123123", "repeated"),
        ("123456", "sequence"),
        ("654321", "sequence"),
        ("890123", "sequence"),
        ("112233", "sequence"),
        ("170845", "date"),
        ("081745", "date"),
        ("450817", "date"),
    ],
)
def test_a_guessable_pin_is_weak(pin: str, why: str) -> None:
    assert pin_weakness(pin) == why


def test_the_same_pin_of_two_users_is_kept_differently() -> None:
    assert pin_hash(KEYS, b"a" * 16, "739164") != pin_hash(KEYS, b"b" * 16, "739164")
    assert pin_hash(KEYS, b"a" * 16, "739164") == pin_hash(KEYS, b"a" * 16, "739164")
