"""Prove that a number of the operator is one's own: an OTP goes to it, and is entered once. [D-02, G-D02, G-D04]"""

import secrets
from datetime import datetime, timedelta

from konter.access.limits.asking import count_miss, misses_refusal, spend_otp
from konter.access.model import Locale, Origin
from konter.access.sim_age import fresh_sim_refusal
from konter.access.step import IDS_MAX, Step
from konter.channel.lost_phones.queries import read_lost_numbers
from konter.channel.onboarding.proof import queries
from konter.channel.onboarding.proof.model import Proof, ProofStarted, check_entered
from konter.channel.onboarding.refusals import NUMBER_NOT_OPERATOR, PROOF_NOT_FOUND
from konter.channel.onboarding.token import open_ticket, ticket
from konter.channel.refusals import NN_REPORTED_LOST
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, ProofId, cell_of_msisdn, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, equal, new_digits
from konter.rules.model import Rules
from konter.subscriber.msisdn import national
from konter.subscriber.ownership import active_numbers

# Nobody has shown a password here, so an address may ask for far less than at the log-in. [G-D02]
ADDRESS_MAX_PER_HOUR = 60


async def ask_proof(
    connection: Connection,
    msisdn: Msisdn,
    *,
    locale: Locale,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ProofStarted:
    """Send an OTP to a number that is active with the operator; any other is refused here, at entry, and so is one
    whose phone is reported lost or whose SIM was replaced a moment ago. [D-02, D-52, G-D04]

    Asking again too soon is refused, and the newest code alone fits. Who asks for many numbers that are none of ours
    waits with every number, or nobody would need more than this to list who is a customer.
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    limits = {
        f"otp:apply:number:{msisdn}": rules.otp.max_per_hour,
        f"otp:apply:address:{origin.address}": ADDRESS_MAX_PER_HOUR,
    }
    misses = {f"otp:apply:miss:{origin.address}": ADDRESS_MAX_PER_HOUR}
    if (refusal := await misses_refusal(connection, misses, now=now)) is not None:
        return refusal
    if msisdn not in await active_numbers(connection, [msisdn], now=now, rules=rules):
        await count_miss(connection, misses, now=now)
        return NUMBER_NOT_OPERATOR(msisdn=national(msisdn))
    async with connection.transaction():
        if (refusal := await spend_otp(connection, limits, now=now, rules=rules)) is not None:
            return refusal
        # After the limits, so that nobody asks without end whose phone is lost or whose SIM is fresh.
        if await read_lost_numbers(connection, [msisdn]):
            return NN_REPORTED_LOST(msisdn=national(msisdn))
        if (refusal := await fresh_sim_refusal(connection, msisdn, step)) is not None:
            return refusal
        return await _send(connection, msisdn, locale, origin, step)


async def _send(connection: Connection, msisdn: Msisdn, locale: Locale, origin: Origin, step: Step) -> ProofStarted:
    code, salt = new_digits(step.rules.otp.length), secrets.token_bytes(16)
    proof = Proof(
        id=ProofId(make_id(next(step.ids.take(1)), cell_of_msisdn(msisdn))),
        cell=cell_of_msisdn(msisdn),
        msisdn=msisdn,
        locale=locale,
        otp_salt=salt,
        otp_hash=_hash(step.keys, salt, code),
        sent_at=step.now,
        expires_at=step.now + timedelta(seconds=step.rules.otp.ttl_s),
        tries=0,
        state="sent",
    )
    await queries.end_proofs(connection, msisdn)
    await queries.insert_proof(connection, proof)
    data = {"code": code, "ttl_s": step.rules.otp.ttl_s, "purpose": "apply"}
    row = sms("otp", to=msisdn, locale=locale, at=step.now, data=data, keys=step.keys)
    await write_outbox(connection, step.ids, [row])
    actor = Actor("anonymous", 0, address=origin.address, agent=origin.agent)
    await step.audit(connection, actor, "proof.otp_sent", proof.id)
    return _started(proof, step.keys, step.rules)


def _started(proof: Proof, keys: Keys, rules: Rules) -> ProofStarted:
    return ProofStarted(
        proof_id=ticket(keys, proof.id),
        msisdn=proof.msisdn,
        expires_at=proof.expires_at,
        resend_at=proof.sent_at + timedelta(seconds=rules.otp.resend_after_s),
    )


async def still_awaited(
    connection: Connection, proof_id: str, msisdn: Msisdn, *, now: datetime, keys: Keys, rules: Rules
) -> ProofStarted | None:
    """The proof of this number whose code can still be entered, for whoever holds its ticket. None for everybody else,
    so that a number tells a stranger nothing.
    """
    row_id = open_ticket(keys, proof_id)
    proof = await queries.read_proof(connection, row_id) if row_id is not None else None
    if proof is None or proof.msisdn != msisdn or proof.state != "sent" or proof.expires_at <= now:
        return None
    return _started(proof, keys, rules)


async def ask_again(
    connection: Connection,
    proof_id: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ProofStarted:
    """Another OTP to the same number, under a new ticket."""
    row_id = open_ticket(keys, proof_id)
    proof = await queries.lock_proof(connection, row_id) if row_id is not None else None
    if proof is None:
        return PROOF_NOT_FOUND()
    return await ask_proof(
        connection, proof.msisdn, locale=proof.locale, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


async def prove(connection: Connection, proof_id: str, code: str, *, origin: Origin, step: Step) -> Refusal | Proof:
    """Use up a proof by its right code, in the caller's transaction; whoever gets it back holds its number. A wrong
    code is counted and must commit.
    """
    row_id = open_ticket(step.keys, proof_id)
    proof = await queries.lock_proof(connection, row_id) if row_id is not None else None
    if proof is None:
        return PROOF_NOT_FOUND()
    if await read_lost_numbers(connection, [proof.msisdn]):
        return NN_REPORTED_LOST(msisdn=national(proof.msisdn))  # also where the report overtook the OTP
    right = equal(proof.otp_hash, _hash(step.keys, proof.otp_salt, code.strip()))
    entered = check_entered(proof, right=right, now=step.now, rules=step.rules)
    await queries.write_entered(connection, proof, tries=entered.tries, state=entered.state)
    if entered.refusal is not None:
        actor = Actor("anonymous", 0, address=origin.address, agent=origin.agent)
        await step.audit(connection, actor, "proof.refused", proof.id, {"code": entered.refusal.code})
        return entered.refusal
    return proof


def _hash(keys: Keys, salt: bytes, code: str) -> bytes:
    return keys.pepper_hash("proof.otp", salt, code.encode("utf-8", "replace"))
