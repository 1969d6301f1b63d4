"""A form's proof that it came from our own page: an HMAC over the visitor's cookie.

The cookie is the session, or before log-in a random one of its own. SameSite helps newer browsers only; Chrome 30 has
none. Each token carries fresh salt, so that it never reads the same twice in a compressed page.
"""

import base64
import secrets

from konter.platform.secrets import Keys, equal

SALT_BYTES = 9
MAC_BYTES = 15


def new_seed() -> str:
    """A value for the cookie of a visitor without a session."""
    return secrets.token_urlsafe(18)


def csrf_token(keys: Keys, seed: str) -> str:
    """A token for one form."""
    salt = secrets.token_bytes(SALT_BYTES)
    return base64.urlsafe_b64encode(salt + _mac(keys, seed, salt)).decode()


def csrf_holds(keys: Keys, seed: str, token: str) -> bool:
    """Whether a token was made for this cookie."""
    try:
        raw = base64.b64decode(token.encode("ascii", "replace"), altchars=b"-_", validate=True)
    except ValueError:
        return False
    salt, mac = raw[:SALT_BYTES], raw[SALT_BYTES:]
    return bool(seed) and equal(mac, _mac(keys, seed, salt))


def _mac(keys: Keys, seed: str, salt: bytes) -> bytes:
    return keys.pepper_hash("csrf", seed.encode(), salt)[:MAC_BYTES]
