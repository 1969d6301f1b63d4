"""SQL of sessions."""

from datetime import datetime
from typing import Any

import msgspec

from konter.platform.db import Connection
from konter.platform.ids import Msisdn, cell_of_msisdn


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its row has it; `state` is a Place as JSON, empty once it has ended."""

    msisdn: Msisdn
    ref: str
    service_code: str
    step: int
    answer: str
    state: dict[str, Any]
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None


async def read_session(connection: Connection, *, msisdn: Msisdn, ref: str) -> Session | None:
    """The session that the network calls so."""
    row = await connection.fetchrow(
        """
        SELECT msisdn, ref, service_code, step, answer, state, opened_at, expires_at, ended_at
        FROM ussd_session WHERE msisdn = $1 AND ref = $2 AND cell = $3
        """,
        msisdn,
        ref,
        cell_of_msisdn(msisdn),
    )
    return Session(**dict(row)) if row else None


async def read_newest_session(connection: Connection, *, msisdn: Msisdn) -> Session | None:
    """The session that a number opened last."""
    row = await connection.fetchrow(
        """
        SELECT msisdn, ref, service_code, step, answer, state, opened_at, expires_at, ended_at
        FROM ussd_session WHERE msisdn = $1 AND cell = $2 ORDER BY opened_at DESC, id DESC LIMIT 1
        """,
        msisdn,
        cell_of_msisdn(msisdn),
    )
    return Session(**dict(row)) if row else None


async def write_session(connection: Connection, *, id_: int, session: Session) -> bool:
    """A new session, or the next step of one; False when another process has written this step, or ended it."""
    wrote = await connection.fetchval(
        """
        INSERT INTO ussd_session
            (id, cell, msisdn, ref, service_code, step, answer, state, opened_at, expires_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT ON CONSTRAINT ussd_session_ref DO UPDATE
            SET step = excluded.step, answer = excluded.answer, state = excluded.state, ended_at = excluded.ended_at
            WHERE ussd_session.step < excluded.step AND ussd_session.ended_at IS NULL
        RETURNING true
        """,
        id_,
        cell_of_msisdn(session.msisdn),
        session.msisdn,
        session.ref,
        session.service_code,
        session.step,
        session.answer,
        session.state,
        session.opened_at,
        session.expires_at,
        session.ended_at,
    )
    return bool(wrote)


async def end_session(connection: Connection, *, msisdn: Msisdn, ref: str, at: datetime) -> None:
    """End a session with no last word, if it has not ended; what was typed is wiped."""
    await connection.execute(
        "UPDATE ussd_session SET answer = '', state = '{}', ended_at = $4"
        " WHERE msisdn = $1 AND ref = $2 AND cell = $3 AND ended_at IS NULL",
        msisdn,
        ref,
        cell_of_msisdn(msisdn),
        at,
    )


async def delete_sessions(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` sessions opened before a moment; returns how many."""
    status = await connection.execute(
        "DELETE FROM ussd_session WHERE (id, cell) IN"
        " (SELECT id, cell FROM ussd_session WHERE opened_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
