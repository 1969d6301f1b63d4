"""All SQL of staff. A row of staff, its logins and sessions change only under the row's own lock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg
import msgspec

from konter.access.model import Locale, TokenClaims
from konter.access.staff.model import StaffLine
from konter.platform.db import Connection
from konter.platform.ids import LoginId, StaffId, cell_of_id

StaffLoginState = Literal["waiting", "used", "dead"]


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff as the database has it. `totp_secret` is sealed, and counts once it is enrolled."""

    id: StaffId
    username: str
    name: str
    roles: tuple[str, ...]
    area: str | None
    locale: Locale
    status: Literal["active", "ended"]
    password_hash: str
    password_initial: bool
    password_expires_at: datetime | None
    password_failures: int
    locked_until: datetime | None
    totp_required: bool
    totp_secret: str | None
    totp_enrolled_at: datetime | None
    totp_step: int | None


class StaffLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A log-in that waits for its code."""

    id: LoginId
    staff_id: StaffId
    state: StaffLoginState
    expires_at: datetime


# Whoever sets an account to need no code says so for a demo; a live instance asks all the same.
_STAFF = """
    SELECT id, username, name, roles, area, locale, status, password_hash, password_initial, password_expires_at,
           password_failures, locked_until,
           totp_required OR EXISTS (SELECT FROM instance WHERE mode = 'live') AS totp_required,
           totp_secret, totp_enrolled_at, totp_step
    FROM staff_user
"""


async def lock_staff(connection: Connection, staff_id: int) -> Staff | None:
    """Lock and read one row; the statement reads what it locked, as it concerns one row only."""
    row = await connection.fetchrow(f"{_STAFF} WHERE id = $1 FOR UPDATE", staff_id)
    return Staff(**{**row, "roles": tuple(row["roles"])}) if row else None


async def read_staff(connection: Connection, staff_ids: Sequence[int]) -> dict[int, Staff]:
    rows = await connection.fetch(f"{_STAFF} WHERE id = ANY($1)", list(staff_ids))
    return {row["id"]: Staff(**{**row, "roles": tuple(row["roles"])}) for row in rows}


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


async def write_staff_password(
    connection: Connection, staff_id: int, password_hash: str, *, lapses_at: datetime | None = None
) -> None:
    """Another password; one that lapses was given by somebody else and must be changed."""
    await connection.execute(
        """
        UPDATE staff_user SET password_hash = $2, password_failures = 0, locked_until = NULL,
            password_initial = $3::timestamptz IS NOT NULL, password_expires_at = $3
        WHERE id = $1
        """,
        staff_id,
        password_hash,
        lapses_at,
    )


async def write_totp(
    connection: Connection, staff_id: int, *, secret: str | None, enrolled_at: datetime | None, step: int | None
) -> None:
    """The sealed secret, since when it counts, and the last time step that was used."""
    await connection.execute(
        "UPDATE staff_user SET totp_secret = $2, totp_enrolled_at = $3, totp_step = $4 WHERE id = $1",
        staff_id,
        secret,
        enrolled_at,
        step,
    )


async def lock_admins_and(connection: Connection, staff_id: int) -> None:
    """Hold a member of staff and every admin until the end of the transaction."""
    await connection.execute(
        """
        SELECT FROM staff_user WHERE id = $1 OR (status = 'active' AND 'admin' = ANY(roles)) ORDER BY id FOR UPDATE
        """,
        staff_id,
    )


async def has_other_admin(connection: Connection, staff_id: int) -> bool:
    """Whether there is an admin besides; under `lock_admins_and`."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM staff_user WHERE id <> $1 AND status = 'active' AND 'admin' = ANY(roles))", staff_id
    )
    return found


async def write_account(
    connection: Connection, staff_id: int, *, roles: Sequence[str], area: str | None, status: str
) -> None:
    await connection.execute(
        "UPDATE staff_user SET roles = $2, area = $3, status = $4 WHERE id = $1", staff_id, list(roles), area, status
    )


async def read_known_areas(connection: Connection, codes: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT code FROM area WHERE code = ANY($1)", [code for code in codes if code.isprintable()]
    )
    return {row["code"] for row in rows}


async def insert_staff(connection: Connection, staff: Sequence[Staff], *, at: datetime) -> None:
    await connection.executemany(
        """
        INSERT INTO staff_user (id, username, name, roles, area, locale, status, password_hash, password_initial,
                                password_expires_at, totp_required, opened_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, $10, $11)
        """,
        [
            (
                *(s.id, s.username, s.name, list(s.roles), s.area, s.locale, s.password_hash, s.password_initial),
                *(s.password_expires_at, s.totp_required, at),
            )
            for s in staff
        ],
    )


async def read_staff_lines(connection: Connection, *, after: int, limit: int) -> list[StaffLine]:
    """All members of staff, those who left included, by id."""
    rows = await connection.fetch(
        """
        SELECT id, username, name, roles, area, status, totp_enrolled_at AS enrolled_at, opened_at
        FROM staff_user WHERE id > $1 ORDER BY id LIMIT $2
        """,
        after,
        limit,
    )
    return [StaffLine(**{**row, "roles": tuple(row["roles"])}) for row in rows]


async def find_staff(connection: Connection, username: str) -> int | None:
    """The id of a normalised user name."""
    found: int | None = await connection.fetchval("SELECT id FROM staff_user WHERE username = $1", username)
    return found


# ------------------------------------------------------------------------------------------------ logins and sessions


async def insert_staff_login(connection: Connection, login: StaffLogin, *, at: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO staff_login (id, cell, staff_id, state, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        login.id,
        cell_of_id(login.id),
        login.staff_id,
        login.state,
        at,
        login.expires_at,
    )


async def read_staff_login(connection: Connection, login_id: int) -> StaffLogin | None:
    row = await connection.fetchrow(
        "SELECT id, staff_id, state, expires_at FROM staff_login WHERE id = $1 AND cell = $2",
        login_id,
        cell_of_id(login_id),
    )
    return StaffLogin(**row) if row else None


async def write_staff_login_state(connection: Connection, login_id: int, state: StaffLoginState) -> None:
    await connection.execute(
        "UPDATE staff_login SET state = $3 WHERE id = $1 AND cell = $2", login_id, cell_of_id(login_id), state
    )


async def end_staff_logins(connection: Connection, staff_id: int) -> None:
    """What still waits for its code is dead from now on."""
    await connection.execute(
        "UPDATE staff_login SET state = 'dead' WHERE staff_id = $1 AND cell = $2 AND state = 'waiting'",
        staff_id,
        cell_of_id(staff_id),
    )


async def delete_staff_logins(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` old logins; returns how many."""
    status = await connection.execute(
        "DELETE FROM staff_login WHERE (id, cell) IN (SELECT id, cell FROM staff_login WHERE created_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])


async def read_staff_session(connection: Connection, claims: TokenClaims) -> asyncpg.Record | None:
    """Session and member of staff; None when not that session."""
    return await connection.fetchrow(
        """
        SELECT s.expires_at, s.revoked_at, u.username, u.name, u.roles, u.locale, u.status, u.area, u.password_initial
        FROM session s JOIN staff_user u ON u.id = s.user_id
        WHERE s.id = $1 AND s.cell = $2 AND s.user_id = $3 AND s.token_hash = $4 AND s.kind = 'staff'
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.user_id,
        claims.token_hash,
    )


async def read_staff_names(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    rows = await connection.fetch("SELECT id, name FROM staff_user WHERE id = ANY($1::bigint[])", list(ids))
    return {row["id"]: row["name"] for row in rows}
