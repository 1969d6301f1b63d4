"""A customer's bearer token. Its MAC has a name of its own, so that no token of a seller or of staff passes for one,
nor the other way round.
"""

import base64
import re
import secrets
import struct

from konter.access.customers.model import CustomerClaims
from konter.platform.ids import SessionId, SubscriptionId
from konter.platform.secrets import Keys, equal

_PAYLOAD = struct.Struct(">qq19s")
_MAC_BYTES = 16
_SHAPE = re.compile(r"[A-Za-z0-9_-]{68}")


def mint(keys: Keys, session_id: SessionId, subscription_id: SubscriptionId) -> tuple[str, bytes]:
    """A new token and the hash that the session's row keeps. Two calls never give the same."""
    payload = _PAYLOAD.pack(session_id, subscription_id, secrets.token_bytes(19))
    return base64.urlsafe_b64encode(payload + _mac(keys, payload)).decode(), _token_hash(keys, payload)


def parse(keys: Keys, token: str) -> CustomerClaims | None:
    """The claims of a token that we made; None for anything else, whatever is wrong with it."""
    if not _SHAPE.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    if not equal(mac, _mac(keys, payload)):
        return None
    session_id, subscription_id, _ = _PAYLOAD.unpack(payload)
    return CustomerClaims(
        session_id=SessionId(session_id),
        subscription_id=SubscriptionId(subscription_id),
        token_hash=_token_hash(keys, payload),
    )


def _mac(keys: Keys, payload: bytes) -> bytes:
    return keys.pepper_hash("customer.mac", payload)[:_MAC_BYTES]


def _token_hash(keys: Keys, payload: bytes) -> bytes:
    return keys.pepper_hash("customer.token", payload)
