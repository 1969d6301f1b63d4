"""Send an OTP to a number that somebody says is theirs, without a password: for whoever applies, and for customers."""

import secrets
from datetime import datetime, timedelta

from konter.access.model import Locale, Origin
from konter.access.proofs import queries
from konter.access.proofs.model import Proof, ProofPurpose
from konter.access.proofs.ticket import open_ticket
from konter.access.sim_age import fresh_sim_refusal
from konter.access.step import Step
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, ProofId, cell_of_msisdn, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, new_digits
from konter.rules.model import Rules


async def send_proof(
    connection: Connection, msisdn: Msisdn, *, purpose: ProofPurpose, locale: Locale, origin: Origin, step: Step
) -> Refusal | Proof:
    """Send an OTP, in the caller's transaction and within its limits; the newest of a purpose alone fits.

    SIM_TOO_FRESH for a SIM that was replaced a moment ago. [D-02, G-D04]
    """
    if (refusal := await fresh_sim_refusal(connection, msisdn, step)) is not None:
        return refusal
    proof, code = await _begin(connection, msisdn, purpose, locale, step)
    await _send(connection, proof, code, step)
    await step.audit(connection, _stranger(origin), "proof.otp_sent", proof.id, {"purpose": purpose})
    return proof


async def keep_unsent(
    connection: Connection, msisdn: Msisdn, *, purpose: ProofPurpose, locale: Locale, origin: Origin, step: Step
) -> Proof:
    """A proof that nobody gets the code of, where a stranger is not to learn that none was sent: whatever is entered is
    counted and refused as if one were.
    """
    proof, _ = await _begin(connection, msisdn, purpose, locale, step)
    await step.audit(connection, _stranger(origin), "proof.otp_kept_back", proof.id, {"purpose": purpose})
    return proof


async def _begin(
    connection: Connection, msisdn: Msisdn, purpose: ProofPurpose, locale: Locale, step: Step
) -> tuple[Proof, str]:
    code, salt = new_digits(step.rules.otp.length), secrets.token_bytes(16)
    proof = Proof(
        id=ProofId(make_id(next(step.ids.take(1)), cell_of_msisdn(msisdn))),
        cell=cell_of_msisdn(msisdn),
        purpose=purpose,
        msisdn=msisdn,
        locale=locale,
        otp_salt=salt,
        otp_hash=code_hash(step.keys, salt, code),
        sent_at=step.now,
        expires_at=step.now + timedelta(seconds=step.rules.otp.ttl_s),
        tries=0,
        state="sent",
    )
    await queries.end_proofs(connection, msisdn, purpose=purpose)
    await queries.insert_proof(connection, proof)
    return proof, code


async def _send(connection: Connection, proof: Proof, code: str, step: Step) -> None:
    data = {"code": code, "ttl_s": step.rules.otp.ttl_s, "purpose": proof.purpose}
    row = sms("otp", to=proof.msisdn, locale=proof.locale, at=step.now, data=data, keys=step.keys)
    await write_outbox(connection, step.ids, [row])


def _stranger(origin: Origin) -> Actor:
    return Actor("anonymous", 0, address=origin.address, agent=origin.agent)


def code_hash(keys: Keys, salt: bytes, code: str) -> bytes:
    """What a proof keeps of its code."""
    return keys.pepper_hash("proof.otp", salt, code.encode("utf-8", "replace"))


def resend_at(proof: Proof, rules: Rules) -> datetime:
    """From when another code may be asked for."""
    return proof.sent_at + timedelta(seconds=rules.otp.resend_after_s)


async def awaited_proof(
    connection: Connection, proof_id: str, msisdn: Msisdn, *, purpose: ProofPurpose, now: datetime, keys: Keys
) -> Proof | None:
    """The proof of this number whose code can still be entered, for whoever holds its ticket. None for everybody else,
    so that a number tells a stranger nothing.
    """
    row_id = open_ticket(keys, proof_id)
    proof = await queries.read_proof(connection, row_id) if row_id is not None else None
    if proof is None or proof.purpose != purpose or proof.msisdn != msisdn:
        return None
    return proof if proof.state == "sent" and proof.expires_at > now else None
