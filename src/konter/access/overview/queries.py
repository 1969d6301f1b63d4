"""All SQL of who is logged in at an outlet."""

from datetime import datetime

from konter.access.overview.model import OutletSession
from konter.platform.db import Connection
from konter.platform.ids import UserId, cell_of_id


async def read_sessions_of_outlet(
    connection: Connection, outlet_id: int, *, now: datetime, limit: int
) -> list[OutletSession]:
    """Live sessions of all users of an outlet, newest first."""
    rows = await connection.fetch(
        """
        SELECT s.id, u.id AS user_id, u.username, u.name, u.role, s.agent, s.address, s.created_at, s.expires_at
        FROM outlet_user u JOIN session s ON s.user_id = u.id AND s.cell = u.cell
        WHERE u.outlet_id = $1 AND u.cell = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
        ORDER BY s.created_at DESC, s.id DESC LIMIT $4
        """,
        outlet_id,
        cell_of_id(outlet_id),
        now,
        limit,
    )
    return [OutletSession(**row) for row in rows]


async def revoke_session_of_outlet(
    connection: Connection, outlet_id: int, session_id: int, *, by: str, at: datetime
) -> UserId | None:
    """Whose live session at this outlet this ended."""
    user_id: int | None = await connection.fetchval(
        """
        UPDATE session SET revoked_at = $4, revoked_by = $5
        WHERE id = $1 AND cell = $2 AND outlet_id = $3 AND revoked_at IS NULL AND expires_at > $4
        RETURNING user_id
        """,
        session_id,
        cell_of_id(session_id),
        outlet_id,
        at,
        by,
    )
    return UserId(user_id) if user_id is not None else None


async def revoke_sessions_of_outlet(
    connection: Connection, outlet_id: int, *, but: int, by: str, at: datetime
) -> list[tuple[int, UserId]]:
    """End all live sessions at this outlet but one; gives those that ended as (id, whose)."""
    rows = await connection.fetch(
        """
        UPDATE session SET revoked_at = $4, revoked_by = $5
        WHERE outlet_id = $1 AND cell = $2 AND id <> $3 AND revoked_at IS NULL AND expires_at > $4
          AND user_id IN (SELECT id FROM outlet_user WHERE outlet_id = $1 AND cell = $2)
        RETURNING id, user_id
        """,
        outlet_id,
        cell_of_id(outlet_id),
        but,
        at,
        by,
    )
    return [(row["id"], UserId(row["user_id"])) for row in rows]
