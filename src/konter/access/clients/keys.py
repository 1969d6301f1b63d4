"""Keys of machines: `kk_` and 48 bytes, url-safe.

The id inside stands under a MAC, so that what we did not make costs no query; the random part is what makes it a
secret, and the row keeps a keyed hash of it.
"""

import base64
import re
import secrets
import struct

from konter.platform.ids import ApiKeyId
from konter.platform.secrets import Keys, equal

PREFIX = "kk_"
_ID = struct.Struct(">q")
_SECRET_BYTES, _MAC_BYTES = 24, 16
_SHAPE = re.compile(r"kk_[A-Za-z0-9_-]{64}")


def mint(keys: Keys, key_id: ApiKeyId) -> tuple[str, bytes]:
    """A new key and the hash that its row keeps."""
    raw = _ID.pack(key_id) + secrets.token_bytes(_SECRET_BYTES)
    return PREFIX + base64.urlsafe_b64encode(raw + _mac(keys, raw)).decode(), _hash(keys, raw)


def parse(keys: Keys, text: str) -> tuple[ApiKeyId, bytes] | None:
    """Id and hash of a key that we made; None for anything else."""
    if not _SHAPE.fullmatch(text):
        return None
    whole = base64.urlsafe_b64decode(text.removeprefix(PREFIX))
    raw, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
    if not equal(mac, _mac(keys, raw)):
        return None
    return ApiKeyId(_ID.unpack(raw[: _ID.size])[0]), _hash(keys, raw)


def _mac(keys: Keys, raw: bytes) -> bytes:
    return keys.pepper_hash("api-key.mac", raw)[:_MAC_BYTES]


def _hash(keys: Keys, raw: bytes) -> bytes:
    return keys.pepper_hash("api-key", raw)
