"""All SQL of proofs. A proof stands in the cell of its number."""

from datetime import datetime

from konter.access.proofs.model import Proof, ProofPurpose
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id, cell_of_msisdn

_PROOF = """
    SELECT id, cell, purpose, msisdn, locale, otp_salt, otp_hash, sent_at, expires_at, tries, state FROM number_proof
"""


async def read_proof(connection: Connection, proof_id: int) -> Proof | None:
    row = await connection.fetchrow(f"{_PROOF} WHERE id = $1 AND cell = $2", proof_id, cell_of_id(proof_id))
    return Proof(**row) if row else None


async def lock_proof(connection: Connection, proof_id: int) -> Proof | None:
    """Lock and read one; the statement reads what it locked, as it concerns one row only."""
    row = await connection.fetchrow(f"{_PROOF} WHERE id = $1 AND cell = $2 FOR UPDATE", proof_id, cell_of_id(proof_id))
    return Proof(**row) if row else None


async def end_proofs(connection: Connection, msisdn: int, *, purpose: ProofPurpose | None = None) -> None:
    """The codes that wait for this number fit no longer, whatever they are for where no purpose is named."""
    await connection.execute(
        """
        UPDATE number_proof SET state = 'dead'
        WHERE msisdn = $1 AND cell = $2 AND state = 'sent' AND purpose = coalesce($3, purpose)
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        purpose,
    )


async def insert_proof(connection: Connection, proof: Proof) -> None:
    await connection.execute(
        """
        INSERT INTO number_proof (id, cell, purpose, msisdn, locale, otp_salt, otp_hash, sent_at, expires_at, tries,
                                  state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        proof.id,
        proof.cell,
        proof.purpose,
        proof.msisdn,
        proof.locale,
        proof.otp_salt,
        proof.otp_hash,
        proof.sent_at,
        proof.expires_at,
        proof.tries,
        proof.state,
    )


async def write_entered(connection: Connection, proof: Proof, *, tries: int, state: str) -> None:
    """What became of a proof by an entered code."""
    await connection.execute(
        "UPDATE number_proof SET tries = $3, state = $4 WHERE id = $1 AND cell = $2",
        proof.id,
        proof.cell,
        tries,
        state,
    )


async def delete_proofs(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` old proofs; returns how many."""
    status = await connection.execute(
        "DELETE FROM number_proof WHERE (id, cell) IN (SELECT id, cell FROM number_proof WHERE sent_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
