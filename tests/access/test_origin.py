"""From where a request comes: headers are what the caller wrote, and are held short and printable."""

from konter.access.model import Origin
from konter.access.origin import ADDRESS_CHARS_MAX, AGENT_CHARS_MAX, origin_from


def test_it_works() -> None:
    headers = {"user-agent": "Mozilla/5.0 (Linux; Android 4.4)", "x-forwarded-for": "203.0.113.7"}
    came = Origin("203.0.113.7", "Mozilla/5.0 (Linux; Android 4.4)")
    assert origin_from("127.0.0.1", headers, trusted_proxies="127.0.0.1") == came


def test_a_proxy_that_is_not_ours_says_nothing() -> None:
    assert origin_from("198.51.100.4", {"x-forwarded-for": "203.0.113.7"}, trusted_proxies="").address == "198.51.100.4"


def test_what_cannot_be_printed_is_left_out_of_both() -> None:
    headers = {"user-agent": "Phone\x00\x1b[31m\n", "x-forwarded-for": "203.0.113.7\x00"}
    assert origin_from("p", headers, trusted_proxies="p") == Origin("203.0.113.7", "Phone[31m")


def test_both_are_bounded() -> None:
    headers = {"user-agent": "x" * 5000, "x-forwarded-for": "y" * 5000}
    origin = origin_from("p", headers, trusted_proxies="p")
    assert (len(origin.address), len(origin.agent)) == (ADDRESS_CHARS_MAX, AGENT_CHARS_MAX)
