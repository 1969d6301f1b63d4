"""Who is logged in at an outlet, and how to end one of them; the caller knows whose outlet it is."""

from datetime import datetime

from konter.access.overview import queries
from konter.access.overview.model import OutletSession
from konter.access.refusals import SESSION_NOT_FOUND
from konter.access.step import Step
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import OutletId, SessionId
from konter.platform.refusal import Refusal

SESSIONS_MAX = 200


async def outlet_sessions(connection: Connection, outlet_id: OutletId, *, now: datetime) -> list[OutletSession]:
    """Live sessions of all users of an outlet, newest first, two hundred at most. One query."""
    return await queries.read_sessions_of_outlet(connection, outlet_id, now=now, limit=SESSIONS_MAX)


async def end_outlet_session(
    connection: Connection, outlet_id: OutletId, session_id: SessionId, *, actor: Actor, step: Step
) -> Refusal | None:
    """End a session at this outlet, also for a sale that comes after. SESSION_NOT_FOUND for one elsewhere."""
    async with connection.transaction():
        await lock_owners(connection, owners=[outlet_id])
        user_id = await queries.revoke_session_of_outlet(connection, outlet_id, session_id, by=actor.text, at=step.now)
        if user_id is None:
            return SESSION_NOT_FOUND()
        await step.audit(connection, actor, "session.revoked", user_id, {"session": str(session_id)})
    return None


async def end_other_sessions(
    connection: Connection, outlet_id: OutletId, *, but: SessionId, actor: Actor, step: Step
) -> int:
    """End every session at this outlet but one, also for a sale that comes after; how many ended."""
    async with connection.transaction():
        await lock_owners(connection, owners=[outlet_id])
        ended = await queries.revoke_sessions_of_outlet(connection, outlet_id, but=but, by=actor.text, at=step.now)
        if ended:
            said = {"sessions": [str(session_id) for session_id, _ in ended]}
            await step.audit(connection, actor, "session.others_revoked", outlet_id, said)
    return len(ended)
