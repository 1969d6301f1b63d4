"""Bearer tokens: 57 bytes, url-safe, without padding.

A token holds its ids under a MAC, so that a batch of sales can lock the outlet and name the session row without a query
of its own beforehand. Its random part is what makes it a secret; the session row keeps a keyed hash of it, so that
neither a copy of the table nor the MAC key alone lets anybody in.
"""

import base64
import binascii
import re
import secrets
import struct

from konter.access.model import Kind, TokenClaims
from konter.platform.ids import LoginId, OutletId, SessionId, UserId
from konter.platform.secrets import Keys, equal

_PAYLOAD = struct.Struct(">Bqqq16s")
_MAC_BYTES = 16
_KIND_CODES: dict[Kind, int] = {"outlet": 1, "staff": 2, "partner": 3}
_KINDS: dict[int, Kind] = {code: kind for kind, code in _KIND_CODES.items()}
_NO_OUTLET = 0
_SHAPE = re.compile(r"[A-Za-z0-9_-]{76}")


def mint(
    keys: Keys, *, kind: Kind, session_id: SessionId, user_id: UserId, outlet_id: OutletId | None
) -> tuple[str, bytes]:
    """A new token and the hash that the session row keeps. Two calls never give the same token."""
    payload = _PAYLOAD.pack(_KIND_CODES[kind], session_id, user_id, outlet_id or _NO_OUTLET, secrets.token_bytes(16))
    mac = _mac(keys, payload)
    return base64.urlsafe_b64encode(payload + mac).decode(), _token_hash(keys, payload)


def parse(keys: Keys, token: str) -> TokenClaims | None:
    """The claims of a token that we made; None for anything else, whatever is wrong with it."""
    if not _SHAPE.fullmatch(token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token)
    except binascii.Error:
        return None
    payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    if not equal(mac, _mac(keys, payload)):
        return None
    kind_code, session_id, user_id, outlet_id, _ = _PAYLOAD.unpack(payload)
    return TokenClaims(
        kind=_KINDS[kind_code],
        session_id=SessionId(session_id),
        user_id=UserId(user_id),
        outlet_id=OutletId(outlet_id) if outlet_id != _NO_OUTLET else None,
        token_hash=_token_hash(keys, payload),
    )


def _mac(keys: Keys, payload: bytes) -> bytes:
    return keys.pepper_hash("session.mac", payload)[:_MAC_BYTES]


def _token_hash(keys: Keys, payload: bytes) -> bytes:
    return keys.pepper_hash("session.token", payload)


_TICKET = struct.Struct(">q")
_TICKET_SHAPE = re.compile(r"[A-Za-z0-9_-]{32}")


def ticket(keys: Keys, login_id: LoginId) -> str:
    """The name of a login as its caller knows it. Ids can be counted up; a ticket cannot be guessed, so that nobody
    uses up the tries of somebody else's login.
    """
    raw = _TICKET.pack(login_id)
    return base64.urlsafe_b64encode(raw + keys.pepper_hash("login.ticket", raw)[:_MAC_BYTES]).decode()


def open_ticket(keys: Keys, text: str) -> LoginId | None:
    """The login that a ticket names; None for anything that we did not make."""
    if not _TICKET_SHAPE.fullmatch(text):
        return None
    raw = base64.urlsafe_b64decode(text)
    login_id = LoginId(_TICKET.unpack(raw[: _TICKET.size])[0])
    return login_id if equal(text.encode(), ticket(keys, login_id).encode()) else None
