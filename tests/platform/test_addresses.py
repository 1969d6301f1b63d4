import pytest

from konter.platform.addresses import client_address

PROXY = "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (PROXY, "", PROXY),
        (PROXY, "203.0.113.7", "203.0.113.7"),
        (PROXY, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (PROXY, "198.51.100.1, 203.0.113.7, ::1", "203.0.113.7"),
        (PROXY, " , ,", PROXY),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded_for: str, address: str) -> None:
    assert client_address(peer, forwarded_for, f"{PROXY}, ::1") == address


def test_nobody_is_trusted_unless_named() -> None:
    assert client_address(PROXY, "203.0.113.7", "") == PROXY
