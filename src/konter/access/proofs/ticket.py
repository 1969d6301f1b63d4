"""The unguessable name of a proof."""

import base64
import re
import struct

from konter.platform.ids import ProofId
from konter.platform.secrets import Keys, equal

_ID = struct.Struct(">q")
_MAC_BYTES = 16
_TICKET = re.compile(r"[A-Za-z0-9_-]{32}")


def ticket(keys: Keys, proof_id: ProofId) -> str:
    """The name of a proof as its caller knows it, so that nobody uses up the tries of somebody else's."""
    raw = _ID.pack(proof_id)
    return base64.urlsafe_b64encode(raw + keys.pepper_hash("proof.ticket", raw)[:_MAC_BYTES]).decode()


def open_ticket(keys: Keys, text: str) -> ProofId | None:
    """The proof that a ticket names; None for anything that we did not make."""
    if not _TICKET.fullmatch(text):
        return None
    proof_id = ProofId(_ID.unpack(base64.urlsafe_b64decode(text)[: _ID.size])[0])
    return proof_id if equal(text.encode(), ticket(keys, proof_id).encode()) else None
