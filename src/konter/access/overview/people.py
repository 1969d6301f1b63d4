"""Who is logged in of an outlet's users, a partner's, or one of the staff; and how to end one of it, or all at once."""

from datetime import datetime

from konter.access.locks import lock_user
from konter.access.model import Kind
from konter.access.overview import queries
from konter.access.overview.model import OutletSession
from konter.access.refusals import SESSION_NOT_FOUND
from konter.access.step import Step
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import SessionId
from konter.platform.refusal import Refusal

SESSIONS_MAX = 200


async def sessions_of_people(
    connection: Connection, kind: Kind, subject_id: int, *, now: datetime
) -> list[OutletSession]:
    """Live sessions of all users of an outlet or a partner, or of one of the staff, newest first, two hundred at
    most. One query.
    """
    return await queries.read_sessions_of_people(connection, kind, subject_id, now=now, limit=SESSIONS_MAX)


async def end_sessions_of_people(
    connection: Connection,
    kind: Kind,
    subject_id: int,
    *,
    session_id: SessionId | None = None,
    but: SessionId | None = None,
    actor: Actor,
    step: Step,
) -> Refusal | int:
    """End one of them, or all, or all but one; how many ended. SESSION_NOT_FOUND for one that is not theirs.

    Under the locks of all whose sessions may end, in order of id, so that a sale or a log-in that is under way is
    either seen here, or sees this. [D-52]
    """
    async with connection.transaction():
        if kind == "partner":
            await queries.lock_people_of_partner(connection, subject_id)
        elif kind == "outlet":
            await lock_owners(connection, owners=[subject_id])
        else:
            await lock_user(connection, kind, subject_id, None)
        ended = await queries.end_sessions_of_people(
            connection, kind, subject_id, session_id=session_id, but=but, by=actor.text, at=step.now
        )
        if session_id is not None:
            if not ended:
                return SESSION_NOT_FOUND()
            await step.audit(connection, actor, "session.revoked", ended[0][1], {"session": str(session_id)})
        elif ended:
            said = {"sessions": [str(each) for each, _ in ended]}
            action = "sessions.ended" if but is None else "session.others_revoked"
            await step.audit(connection, actor, action, subject_id, said)
    return len(ended)
