"""The proof that a number is one's own: an OTP to it, and the pure decision on an entered one. [D-02, D-23, G-D02]

For doors at which nobody shows a password: applicants and customers. A proof for one opens nothing at the other.
"""

from datetime import datetime
from typing import Literal

import msgspec

from konter.access.model import Locale
from konter.access.refusals import OTP_EXPIRED, OTP_WRONG
from konter.platform.ids import Msisdn, ProofId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

ProofState = Literal["sent", "used", "dead"]
ProofPurpose = Literal["apply", "customer"]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """An OTP on its way to a number."""

    id: ProofId
    cell: int
    purpose: ProofPurpose
    msisdn: Msisdn
    locale: Locale
    otp_salt: bytes
    otp_hash: bytes
    sent_at: datetime
    expires_at: datetime
    tries: int
    state: ProofState


class ProofStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever waits for the OTP is told; `proof_id` is an unguessable ticket."""

    proof_id: str
    msisdn: Msisdn
    expires_at: datetime
    resend_at: datetime


class Entered(msgspec.Struct, frozen=True):
    """What an entered code does to its proof, and the refusal if it is one."""

    refusal: Refusal | None
    tries: int
    state: ProofState


def check_entered(proof: Proof, *, right: bool, now: datetime, rules: Rules) -> Entered:
    """Count an entered OTP: right, it is used up; the last wrong one that is allowed ends it."""
    if proof.state != "sent" or proof.expires_at <= now:
        return Entered(OTP_EXPIRED(), proof.tries, proof.state)
    if right:
        return Entered(None, proof.tries, "used")
    tries_left = rules.otp.max_tries - proof.tries - 1
    if tries_left > 0:
        return Entered(OTP_WRONG(tries_left=tries_left), proof.tries + 1, "sent")
    return Entered(OTP_EXPIRED(), proof.tries + 1, "dead")
