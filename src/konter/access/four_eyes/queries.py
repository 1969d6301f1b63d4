"""All SQL of proposals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.access.four_eyes.model import Proposal, ProposalState
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import ProposalId, cell_of_id


async def lapse_proposals(connection: Connection, kind: str, subject_id: int, *, now: datetime) -> None:
    """What waited too long makes room for another of its kind."""
    await connection.execute(
        """
        UPDATE proposal SET state = 'lapsed'
        WHERE kind = $1 AND subject_id = $2 AND cell = $3 AND state = 'waiting' AND expires_at <= $4
        """,
        kind,
        subject_id,
        cell_of_id(subject_id),
        now,
    )


async def insert_proposal(
    connection: Connection,
    *,
    id_: ProposalId,
    kind: str,
    subject_id: int,
    data: dict[str, Any],
    reason: str,
    proposed_by: int,
    at: datetime,
    expires_at: datetime,
) -> bool:
    """A proposal that waits; False where one like it waits already."""
    status = await connection.execute(
        """
        INSERT INTO proposal (id, cell, kind, subject_id, data, reason, state, proposed_by, proposed_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9)
        ON CONFLICT (kind, subject_id, cell) WHERE state = 'waiting' DO NOTHING
        """,
        id_,
        cell_of_id(id_),
        kind,
        subject_id,
        data,
        reason,
        proposed_by,
        at,
        expires_at,
    )
    return status.endswith(" 1")


_PROPOSAL = """
    SELECT p.id, p.kind, p.subject_id, p.data, p.reason, p.state, p.proposed_by, u.name AS proposer, p.proposed_at,
           p.expires_at, p.decided_by, p.decided_at, p.decided_why
    FROM proposal p JOIN staff_user u ON u.id = p.proposed_by
"""


async def lock_proposal(connection: Connection, proposal_id: int) -> Proposal | None:
    """Lock and read one; the statement reads what it locked, as it concerns one row only."""
    row = await connection.fetchrow(
        f"{_PROPOSAL} WHERE p.id = $1 AND p.cell = $2 FOR UPDATE OF p", proposal_id, cell_of_id(proposal_id)
    )
    return Proposal(**row) if row else None


async def read_waiting(
    connection: Connection, kinds: Sequence[str], *, after: Cursor | None, limit: int, now: datetime
) -> list[Proposal]:
    """Proposals of these kinds that can still be decided, oldest first."""
    rows = await connection.fetch(
        f"""{_PROPOSAL}
        WHERE p.state = 'waiting' AND p.expires_at > $1 AND p.kind = ANY($2)
              AND ($3::timestamptz IS NULL OR (p.proposed_at, p.id) > ($3, $4))
        ORDER BY p.proposed_at, p.id LIMIT $5
        """,
        now,
        list(kinds),
        after[0] if after else None,
        after[1] if after else 0,
        limit,
    )
    return [Proposal(**row) for row in rows]


async def read_proposal(connection: Connection, proposal_id: int, kinds: Sequence[str]) -> Proposal | None:
    """One of these kinds, in whatever state."""
    row = await connection.fetchrow(
        f"{_PROPOSAL} WHERE p.id = $1 AND p.cell = $2 AND p.kind = ANY($3)",
        proposal_id,
        cell_of_id(proposal_id),
        list(kinds),
    )
    return Proposal(**row) if row else None


async def count_waiting(connection: Connection, kinds: Sequence[str], *, now: datetime, limit: int) -> asyncpg.Record:
    """How many of these kinds wait, as far as the oldest so many go, and when the first of them lapses."""
    row = await connection.fetchrow(
        """
        SELECT count(*) AS count, min(proposed_at) AS oldest_at
        FROM (
            SELECT proposed_at FROM proposal WHERE state = 'waiting' AND expires_at > $1 AND kind = ANY($2)
            ORDER BY proposed_at, id LIMIT $3
        ) waiting
        """,
        now,
        list(kinds),
        limit,
    )
    assert row is not None
    return row


async def write_decision(
    connection: Connection, proposal_id: int, state: ProposalState, *, by: int, why: str, at: datetime
) -> None:
    await connection.execute(
        """
        UPDATE proposal SET state = $3, decided_by = $4, decided_why = $5, decided_at = $6
        WHERE id = $1 AND cell = $2
        """,
        proposal_id,
        cell_of_id(proposal_id),
        state,
        by,
        why,
        at,
    )
