"""Enter the code of a proof: once, in time, and not without end."""

from konter.access.model import Origin
from konter.access.proofs import queries
from konter.access.proofs.model import Proof, ProofPurpose, check_entered
from konter.access.proofs.send import code_hash
from konter.access.proofs.ticket import open_ticket
from konter.access.step import Step
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, equal


async def lock_proof(connection: Connection, proof_id: str, *, purpose: ProofPurpose, keys: Keys) -> Proof | None:
    """The proof that a ticket names, locked: two codes at once are counted one after the other. None for a ticket that
    we did not make, or one for something else.
    """
    row_id = open_ticket(keys, proof_id)
    proof = await queries.lock_proof(connection, row_id) if row_id is not None else None
    return proof if proof is not None and proof.purpose == purpose else None


async def enter_code(connection: Connection, proof: Proof, code: str, *, origin: Origin, step: Step) -> Refusal | None:
    """Use up a locked proof by its right code, in the caller's transaction. A wrong one is counted and must commit.
    OTP_WRONG, OTP_EXPIRED.
    """
    right = equal(proof.otp_hash, code_hash(step.keys, proof.otp_salt, code.strip()))
    entered = check_entered(proof, right=right, now=step.now, rules=step.rules)
    await queries.write_entered(connection, proof, tries=entered.tries, state=entered.state)
    if entered.refusal is not None:
        actor = Actor("anonymous", 0, address=origin.address, agent=origin.agent)
        await step.audit(connection, actor, "proof.refused", proof.id, {"code": entered.refusal.code})
    return entered.refusal
