"""Log-ins and resets that wait for their code."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.access.model import (
    Login,
    LoginState,
    Purpose,
)
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id

_LOGIN = """
    SELECT id, cell, kind, user_id, outlet_id, purpose, msisdn, otp_salt, otp_hash, otp_sent_at, expires_at, tries,
           state
    FROM login
"""


async def read_login(connection: Connection, login_id: int) -> Login | None:
    row = await connection.fetchrow(f"{_LOGIN} WHERE id = $1 AND cell = $2", login_id, cell_of_id(login_id))
    return Login(**row) if row else None


async def read_live_login(connection: Connection, user_id: int, *, purpose: Purpose, now: datetime) -> Login | None:
    """The login of this purpose that waits for its OTP; there is at most one."""
    row = await connection.fetchrow(
        f"""{_LOGIN} WHERE user_id = $1 AND cell = $2 AND purpose = $3 AND state = 'sent' AND expires_at > $4
        ORDER BY created_at DESC LIMIT 1""",
        user_id,
        cell_of_id(user_id),
        purpose,
        now,
    )
    return Login(**row) if row else None


async def insert_login(connection: Connection, login: Login) -> None:
    await connection.execute(
        """
        INSERT INTO login (id, cell, kind, user_id, outlet_id, purpose, msisdn, otp_salt, otp_hash, otp_sent_at,
                           expires_at, tries, state, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10)
        """,
        *msgspec.structs.astuple(login),
    )


async def write_new_otp(connection: Connection, login: Login) -> None:
    """Another OTP for the same login: the old one fits no longer; tries count on, or each would give new ones."""
    await connection.execute(
        """
        UPDATE login SET otp_salt = $3, otp_hash = $4, otp_sent_at = $5, expires_at = $6, state = 'sent'
        WHERE id = $1 AND cell = $2
        """,
        login.id,
        login.cell,
        login.otp_salt,
        login.otp_hash,
        login.otp_sent_at,
        login.expires_at,
    )


async def write_login_state(connection: Connection, login: Login, *, tries: int, state: LoginState) -> None:
    await connection.execute(
        "UPDATE login SET tries = $3, state = $4 WHERE id = $1 AND cell = $2", login.id, login.cell, tries, state
    )


async def end_logins(connection: Connection, user_ids: Sequence[int], *, purposes: Sequence[Purpose]) -> None:
    """Whatever still waits for an OTP or a new secret is dead from now on."""
    await connection.execute(
        """
        UPDATE login SET state = 'dead'
        WHERE user_id = ANY($1) AND cell = ANY($2) AND purpose = ANY($3) AND state IN ('sent', 'passed')
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        list(purposes),
    )


async def delete_logins(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` old logins; returns how many."""
    status = await connection.execute(
        "DELETE FROM login WHERE (id, cell) IN (SELECT id, cell FROM login WHERE created_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
