"""What an applicant holds: the token of an application, which cannot be guessed. [D-03]"""

import base64
import re
import secrets
import struct

import msgspec

from konter.platform.ids import ApplicationId
from konter.platform.secrets import Keys

_ID = struct.Struct(">q")
_RANDOM_BYTES = 25
_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}")


class Claim(msgspec.Struct, frozen=True):
    """Which application a token says it opens, and the hash that its row must hold."""

    application_id: ApplicationId
    token_hash: bytes


def new_token(keys: Keys, application_id: ApplicationId) -> tuple[str, bytes]:
    """A token and the hash that the row keeps; the token itself is kept nowhere."""
    raw = _ID.pack(application_id) + secrets.token_bytes(_RANDOM_BYTES)
    return base64.urlsafe_b64encode(raw).decode(), keys.pepper_hash("application.token", raw)


def read_token(keys: Keys, token: str) -> Claim | None:
    """What a token claims; None for anything that is none."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    application_id = _ID.unpack(raw[: _ID.size])[0]
    return (
        Claim(ApplicationId(application_id), keys.pepper_hash("application.token", raw)) if application_id > 0 else None
    )
