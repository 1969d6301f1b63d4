"""Prove that a number of the operator is one's own: an OTP goes to it, and is entered once. [D-02, G-D02, G-D04]"""

from datetime import datetime

from konter.access.limits.asking import count_miss, misses_refusal, spend_otp
from konter.access.model import Locale, Origin
from konter.access.proofs.enter import enter_code, lock_proof
from konter.access.proofs.model import Proof, ProofStarted
from konter.access.proofs.send import awaited_proof, resend_at, send_proof
from konter.access.proofs.ticket import ticket
from konter.access.step import IDS_MAX, Step
from konter.channel.lost_phones.queries import read_lost_numbers
from konter.channel.onboarding.refusals import NUMBER_NOT_OPERATOR, PROOF_NOT_FOUND
from konter.channel.refusals import NN_REPORTED_LOST
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
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
        proof = await send_proof(connection, msisdn, purpose="apply", locale=locale, origin=origin, step=step)
    return proof if isinstance(proof, Refusal) else _started(proof, keys, rules)


def _started(proof: Proof, keys: Keys, rules: Rules) -> ProofStarted:
    return ProofStarted(
        proof_id=ticket(keys, proof.id),
        msisdn=proof.msisdn,
        expires_at=proof.expires_at,
        resend_at=resend_at(proof, rules),
    )


async def still_awaited(
    connection: Connection, proof_id: str, msisdn: Msisdn, *, now: datetime, keys: Keys, rules: Rules
) -> ProofStarted | None:
    """The proof of this number whose code can still be entered, for whoever holds its ticket; None for anybody else."""
    proof = await awaited_proof(connection, proof_id, msisdn, purpose="apply", now=now, keys=keys)
    return _started(proof, keys, rules) if proof is not None else None


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
    proof = await lock_proof(connection, proof_id, purpose="apply", keys=keys)
    if proof is None:
        return PROOF_NOT_FOUND()
    return await ask_proof(
        connection, proof.msisdn, locale=proof.locale, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


async def prove(connection: Connection, proof_id: str, code: str, *, origin: Origin, step: Step) -> Refusal | Proof:
    """Use up a proof by its right code, in the caller's transaction; whoever gets it back holds its number. A wrong
    code is counted and must commit.
    """
    proof = await lock_proof(connection, proof_id, purpose="apply", keys=step.keys)
    if proof is None:
        return PROOF_NOT_FOUND()
    if await read_lost_numbers(connection, [proof.msisdn]):
        return NN_REPORTED_LOST(msisdn=national(proof.msisdn))  # also where the report overtook the OTP
    refusal = await enter_code(connection, proof, code, origin=origin, step=step)
    return proof if refusal is None else refusal
