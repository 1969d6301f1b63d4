"""Open sessions for many users at once, for systems that speak for them, such as the simulator."""

from collections.abc import Sequence
from datetime import timedelta

from konter.access import tokens
from konter.access.model import TokenClaims
from konter.access.queries import sessions as session_queries
from konter.access.step import Step
from konter.platform.db import Connection
from konter.platform.ids import OutletId, SessionId, UserId, cell_of_id, make_id


async def open_sessions(
    connection: Connection, users: Sequence[tuple[UserId, OutletId]], *, agent: str, step: Step
) -> list[TokenClaims]:
    """One session each, in order, of the length that the rules give; one statement. The tokens are not kept."""
    own = await step.ids.reserve(connection, len(users))
    opened: list[TokenClaims] = []
    for (user_id, outlet_id), seq in zip(users, own.take(len(users)), strict=True):
        session_id = SessionId(make_id(seq, cell_of_id(user_id)))
        _, token_hash = tokens.mint(
            step.keys, kind="outlet", session_id=session_id, user_id=user_id, outlet_id=outlet_id
        )
        opened.append(
            TokenClaims(
                kind="outlet", session_id=session_id, user_id=user_id, outlet_id=outlet_id, token_hash=token_hash
            )
        )
    expires_at = step.now + timedelta(hours=step.rules.auth.session_ttl_h)
    await session_queries.insert_sessions(connection, opened, agent=agent, at=step.now, expires_at=expires_at)
    return opened
