"""All SQL of who is logged in."""

from collections.abc import Mapping
from datetime import datetime

from konter.access.model import Kind
from konter.access.overview.model import OutletSession
from konter.platform.db import Connection
from konter.platform.ids import SessionId, UserId, cell_of_id

_PEOPLE: Mapping[Kind, str] = {
    "outlet": "SELECT id, username, name, role FROM outlet_user WHERE outlet_id = $1 AND cell = $2",
    "partner": "SELECT id, username, name, role FROM partner_user WHERE partner_id = $1 AND $2::int IS NOT NULL",
    "staff": "SELECT id, username, name, array_to_string(roles, ',') AS role FROM staff_user"
    " WHERE id = $1 AND $2::int IS NOT NULL",
}


async def read_sessions_of_people(
    connection: Connection, kind: Kind, subject_id: int, *, now: datetime, limit: int
) -> list[OutletSession]:
    """Live sessions of all users of an outlet or a partner, or of one of the staff, newest first."""
    rows = await connection.fetch(
        f"""
        SELECT s.id, u.id AS user_id, u.username, u.name, u.role, s.agent, s.address, s.created_at, s.expires_at
        FROM ({_PEOPLE[kind]}) u JOIN session s ON s.user_id = u.id AND s.cell = (u.id & 255)
        WHERE s.revoked_at IS NULL AND s.expires_at > $3
        ORDER BY s.created_at DESC, s.id DESC LIMIT $4
        """,
        subject_id,
        cell_of_id(subject_id),
        now,
        limit,
    )
    return [OutletSession(**row) for row in rows]


async def lock_people_of_partner(connection: Connection, partner_id: int) -> None:
    """Hold all users of a partner, in order of id."""
    await connection.execute("SELECT id FROM partner_user WHERE partner_id = $1 ORDER BY id FOR UPDATE", partner_id)


async def end_sessions_of_people(
    connection: Connection,
    kind: Kind,
    subject_id: int,
    *,
    session_id: int | None = None,
    but: int | None = None,
    by: str,
    at: datetime,
) -> list[tuple[SessionId, UserId]]:
    """End live sessions: one of them when given, else all, or all but one. Gives those that ended, and whose."""
    rows = await connection.fetch(
        f"""
        UPDATE session s SET revoked_at = $3, revoked_by = $4
        FROM ({_PEOPLE[kind]}) u
        WHERE s.user_id = u.id AND s.cell = (u.id & 255) AND s.revoked_at IS NULL AND s.expires_at > $3
              AND ($5::bigint IS NULL OR s.id = $5) AND s.id IS DISTINCT FROM $6::bigint
        RETURNING s.id, s.user_id
        """,
        subject_id,
        cell_of_id(subject_id),
        at,
        by,
        session_id,
        but,
    )
    return [(SessionId(row["id"]), UserId(row["user_id"])) for row in rows]
