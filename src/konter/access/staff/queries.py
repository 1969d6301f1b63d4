"""All SQL of staff."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from konter.access.model import TokenClaims
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff as the database has it."""

    id: int
    username: str
    name: str
    roles: tuple[str, ...]
    area: str | None
    locale: str
    status: str
    password_hash: str
    password_failures: int
    locked_until: datetime | None


async def lock_staff(connection: Connection, staff_id: int) -> Staff | None:
    """Lock and read one row; the statement reads what it locked, as it concerns one row only."""
    row = await connection.fetchrow(
        """
        SELECT id, username, name, roles, area, locale, status, password_hash, password_failures, locked_until
        FROM staff_user WHERE id = $1 FOR UPDATE
        """,
        staff_id,
    )
    return Staff(**{**row, "roles": tuple(row["roles"])}) if row else None


async def read_staff_hash(connection: Connection, staff_id: int) -> str | None:
    value: str | None = await connection.fetchval("SELECT password_hash FROM staff_user WHERE id = $1", staff_id)
    return value


async def write_staff_counters(
    connection: Connection, user_id: int, *, failures: int, locked_until: datetime | None
) -> None:
    await connection.execute(
        "UPDATE staff_user SET password_failures = $2, locked_until = $3 WHERE id = $1",
        user_id,
        failures,
        locked_until,
    )


async def write_staff_password(connection: Connection, staff_id: int, password_hash: str) -> None:
    await connection.execute(
        "UPDATE staff_user SET password_hash = $2, password_failures = 0, locked_until = NULL WHERE id = $1",
        staff_id,
        password_hash,
    )


async def insert_staff(connection: Connection, staff: Sequence[Staff], *, at: datetime) -> None:
    await connection.executemany(
        """
        INSERT INTO staff_user (id, username, name, roles, area, locale, status, password_hash, opened_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8)
        """,
        [(s.id, s.username, s.name, list(s.roles), s.area, s.locale, s.password_hash, at) for s in staff],
    )


async def read_staff_session(connection: Connection, claims: TokenClaims) -> asyncpg.Record | None:
    """Session and member of staff; None when not that session."""
    return await connection.fetchrow(
        """
        SELECT s.expires_at, s.revoked_at, u.username, u.name, u.roles, u.locale, u.status, u.area
        FROM session s JOIN staff_user u ON u.id = s.user_id
        WHERE s.id = $1 AND s.cell = $2 AND s.user_id = $3 AND s.token_hash = $4 AND s.kind = 'staff'
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.user_id,
        claims.token_hash,
    )
