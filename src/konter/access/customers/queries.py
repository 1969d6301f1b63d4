"""All SQL of customers' sessions. A session stands in the cell of its subscription, which is that of the number."""

from datetime import datetime, timedelta

import asyncpg

from konter.access.customers.model import CustomerClaims
from konter.access.queries.sessions import SessionRow
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, cell_of_id, cell_of_msisdn

# Nobody logs in, or stays, with a phone that is reported lost.
_NOT_LOST = """
    NOT EXISTS (SELECT FROM lost_phone l WHERE l.msisdn = u.msisdn AND l.cell = u.cell AND l.lifted_at IS NULL)
"""
_SUBSCRIPTION = "u.id, u.cell, u.msisdn, u.brand, u.kind, u.locale, u.main_id, u.active_until"


async def read_reachable(connection: Connection, msisdn: Msisdn, *, since: datetime) -> asyncpg.Record | None:
    """The live subscription of a number that has had this owner and SIM since then, on a phone that is not lost."""
    return await connection.fetchrow(
        f"""
        SELECT {_SUBSCRIPTION} FROM subscription u
        WHERE u.msisdn = $1 AND u.cell = $2 AND u.ended_at IS NULL AND u.activated_at <= $3
          AND (u.sim_changed_at IS NULL OR u.sim_changed_at <= $3) AND {_NOT_LOST}
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        since,
    )


async def read_session(
    connection: Connection,
    claims: CustomerClaims,
    *,
    now: datetime,
    until: datetime,
    lasting: timedelta,
    slides_after: timedelta,
) -> asyncpg.Record | None:
    """The subscription behind a session that lives; its end moves on to `until` when that is worth a write, yet the
    whole of it is never longer than `lasting`. One round trip.

    None once it ended, the subscription ended, the SIM was replaced after the log-in, or the phone is reported lost.
    """
    return await connection.fetchrow(
        f"""
        WITH found AS (
            SELECT {_SUBSCRIPTION}, s.id AS session_id, s.expires_at, least($6, s.created_at + $7) AS until
            FROM customer_session s
            JOIN subscription u ON u.id = s.subscription_id AND u.cell = s.cell
            WHERE s.id = $1 AND s.cell = $2 AND s.subscription_id = $3 AND s.token_hash = $4
              AND s.revoked_at IS NULL AND s.expires_at > $5 AND u.ended_at IS NULL
              AND (u.sim_changed_at IS NULL OR u.sim_changed_at <= s.created_at) AND {_NOT_LOST}
        ), slid AS (
            UPDATE customer_session s SET expires_at = found.until FROM found
            WHERE s.id = found.session_id AND s.cell = $2 AND found.expires_at + $8 <= found.until
        )
        SELECT id, cell, msisdn, brand, kind, locale, main_id, active_until FROM found
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.subscription_id,
        claims.token_hash,
        now,
        until,
        lasting,
        slides_after,
    )


async def insert_session(
    connection: Connection, claims: CustomerClaims, *, agent: str, address: str, at: datetime, expires_at: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO customer_session (id, cell, subscription_id, token_hash, agent, address, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.subscription_id,
        claims.token_hash,
        agent,
        address,
        at,
        expires_at,
    )


async def end_oldest(connection: Connection, subscription_id: int, *, keep: int, at: datetime) -> None:
    """End all but the newest `keep` live sessions of a customer."""
    await connection.execute(
        """
        UPDATE customer_session SET revoked_at = $4, revoked_by = 'limit'
        WHERE cell = $2 AND id IN (
            SELECT id FROM customer_session
            WHERE subscription_id = $1 AND cell = $2 AND revoked_at IS NULL AND expires_at > $4
            ORDER BY created_at DESC, id DESC OFFSET $3)
        """,
        subscription_id,
        cell_of_id(subscription_id),
        keep,
        at,
    )


async def end_sessions(
    connection: Connection, subscription_id: int, *, session_id: int | None, by: str, at: datetime
) -> int:
    """End one live session of a customer, or all where none is named. Returns how many ended."""
    rows = await connection.fetch(
        """
        UPDATE customer_session SET revoked_at = $4, revoked_by = $5
        WHERE subscription_id = $1 AND cell = $2 AND id = coalesce($3, id) AND revoked_at IS NULL AND expires_at > $4
        RETURNING id
        """,
        subscription_id,
        cell_of_id(subscription_id),
        session_id,
        at,
        by,
    )
    return len(rows)


async def read_live_sessions(
    connection: Connection, subscription_id: int, *, now: datetime, limit: int
) -> list[SessionRow]:
    """A customer's live sessions, newest first."""
    rows = await connection.fetch(
        """
        SELECT id, agent, address, created_at, expires_at FROM customer_session
        WHERE subscription_id = $1 AND cell = $2 AND revoked_at IS NULL AND expires_at > $3
        ORDER BY created_at DESC, id DESC LIMIT $4
        """,
        subscription_id,
        cell_of_id(subscription_id),
        now,
        limit,
    )
    return [SessionRow(**row) for row in rows]


async def delete_sessions(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` sessions that ended by themselves before then; returns how many."""
    status = await connection.execute(
        "DELETE FROM customer_session WHERE (id, cell) IN"
        " (SELECT id, cell FROM customer_session WHERE expires_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
