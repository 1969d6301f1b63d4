"""From where a request comes, as its headers and its peer say. What a caller wrote is bounded and made printable."""

from collections.abc import Mapping

from konter.access.model import Origin
from konter.platform.addresses import client_address

AGENT_CHARS_MAX = 200
ADDRESS_CHARS_MAX = 64


def origin_from(peer: str, headers: Mapping[str, str], *, trusted_proxies: str) -> Origin:
    """The address before any trusted proxy, and the device. PostgreSQL takes no NUL, and a list no escape sequence."""
    address = client_address(peer, headers.get("x-forwarded-for", ""), trusted_proxies)
    return Origin(_plain(address)[:ADDRESS_CHARS_MAX], _plain(headers.get("user-agent", ""))[:AGENT_CHARS_MAX])


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
