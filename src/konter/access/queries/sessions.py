"""Sessions: opened, looked at, ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
import msgspec

from konter.access.model import (
    Kind,
    Origin,
    TokenClaims,
    UserKind,
)
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A live session as its user sees it."""

    id: int
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime


async def insert_session(
    connection: Connection, claims: TokenClaims, *, agent: str, address: str, at: datetime, expires_at: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO session (id, cell, kind, user_id, outlet_id, token_hash, agent, address, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.kind,
        claims.user_id,
        claims.outlet_id,
        claims.token_hash,
        agent,
        address,
        at,
        expires_at,
    )


async def has_had_session(connection: Connection, kind: Kind, user_id: int, *, origin: Origin, since: datetime) -> bool:
    """Whether a user has had a session from this address and this device since then."""
    found: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM session WHERE user_id = $1 AND cell = $2 AND created_at > $3
                       AND kind = $4 AND address = $5 AND agent = $6)
        """,
        user_id,
        cell_of_id(user_id),
        since,
        kind,
        origin.address,
        origin.agent,
    )
    return found


async def is_live_session(connection: Connection, session_id: int, *, now: datetime) -> bool:
    """Whether a session has not ended; under the lock that whoever ends it takes."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM session WHERE id = $1 AND cell = $2 AND revoked_at IS NULL AND expires_at > $3)",
        session_id,
        cell_of_id(session_id),
        now,
    )
    return found


async def is_strange_device(connection: Connection, user_id: int, *, agent: str) -> bool:
    """Whether a user has logged in before, but never from a device that calls itself so."""
    return bool(
        await connection.fetchval(
            """
            SELECT count(*) > 0 AND bool_and(agent <> $3) FROM (
                SELECT agent FROM session WHERE user_id = $1 AND cell = $2 ORDER BY created_at DESC LIMIT 100) lately
            """,
            user_id,
            cell_of_id(user_id),
            agent,
        )
    )


async def insert_sessions(
    connection: Connection, claims: Sequence[TokenClaims], *, agent: str, at: datetime, expires_at: datetime
) -> None:
    """Many sessions at once, all of one device."""
    rows = [(c.session_id, cell_of_id(c.session_id), c.kind, c.user_id, c.outlet_id, c.token_hash) for c in claims]
    await connection.execute(
        """
        INSERT INTO session (id, cell, kind, user_id, outlet_id, token_hash, agent, address, created_at, expires_at)
        SELECT *, $7::text, '', $8::timestamptz, $9::timestamptz
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[])
        """,
        *unnest(rows, 6),
        agent,
        at,
        expires_at,
    )


async def revoke_oldest_sessions(connection: Connection, user_id: int, *, keep: int, at: datetime) -> None:
    """End all but the newest `keep` live sessions of a user."""
    await connection.execute(
        """
        UPDATE session SET revoked_at = $4, revoked_by = 'limit'
        WHERE cell = $2 AND id IN (
            SELECT id FROM session WHERE user_id = $1 AND cell = $2 AND revoked_at IS NULL
            ORDER BY created_at DESC, id DESC OFFSET $3)
        """,
        user_id,
        cell_of_id(user_id),
        keep,
        at,
    )


async def revoke_sessions(
    connection: Connection, user_ids: Sequence[int], *, but: int | None, by: str, at: datetime
) -> int:
    """End the users' live sessions, all but one when given. Returns how many ended."""
    rows = await connection.fetch(
        """
        UPDATE session SET revoked_at = $3, revoked_by = $4
        WHERE user_id = ANY($1) AND cell = ANY($2) AND revoked_at IS NULL AND id IS DISTINCT FROM $5::bigint
        RETURNING id
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        at,
        by,
        but,
    )
    return len(rows)


async def revoke_session(connection: Connection, session_id: int, *, user_id: int, by: str, at: datetime) -> bool:
    """End one live session of this user; False when there is none."""
    row = await connection.fetchrow(
        """
        UPDATE session SET revoked_at = $4, revoked_by = $5
        WHERE id = $1 AND cell = $2 AND user_id = $3 AND revoked_at IS NULL AND expires_at > $4
        RETURNING id
        """,
        session_id,
        cell_of_id(session_id),
        user_id,
        at,
        by,
    )
    return row is not None


async def read_live_sessions(connection: Connection, user_id: int, *, now: datetime, limit: int) -> list[SessionRow]:
    """A user's live sessions, newest first."""
    rows = await connection.fetch(
        """
        SELECT id, agent, address, created_at, expires_at FROM session
        WHERE user_id = $1 AND cell = $2 AND revoked_at IS NULL AND expires_at > $3
        ORDER BY created_at DESC, id DESC LIMIT $4
        """,
        user_id,
        cell_of_id(user_id),
        now,
        limit,
    )
    return [SessionRow(**row) for row in rows]


_AGREED = """
    ARRAY(SELECT DISTINCT ON (d.code) ARRAY[d.code, d.version] FROM document d
          WHERE d.code = ANY($5) AND d.valid_from <= $6
          ORDER BY d.code, d.valid_from DESC, d.version DESC) AS in_force,
    ARRAY(SELECT ARRAY[a.code, a.version] FROM acceptance a
          WHERE a.user_id = s.user_id AND a.cell = s.cell AND a.code = ANY($5)) AS accepted
"""
_SESSION: Mapping[UserKind, str] = {
    "outlet": f"""
        SELECT s.expires_at, s.revoked_at, u.username, u.name, u.role, u.locale, u.nn_msisdn,
               CASE WHEN u.lost_at IS NULL THEN u.status ELSE 'lost' END AS status,
               u.password_initial, u.pin_hash IS NOT NULL AS pin_set,
               o.name AS outlet_name, o.code AS outlet_code, o.area, o.segment, o.zone, o.status AS home_status,
               NULL::bigint AS partner_id, '' AS partner_name, '{{}}'::text[] AS areas, {_AGREED}
        FROM session s
        JOIN outlet_user u ON u.id = s.user_id AND u.cell = s.cell
        JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
    """,
    "partner": f"""
        SELECT s.expires_at, s.revoked_at, u.username, u.name, u.role, u.locale, u.msisdn AS nn_msisdn,
               CASE WHEN u.lost_at IS NULL THEN u.status ELSE 'lost' END AS status, u.password_initial, true AS pin_set,
               '' AS outlet_name, '' AS outlet_code, p.area, '' AS segment, 'Asia/Jakarta' AS zone,
               p.status AS home_status, p.id AS partner_id, p.name AS partner_name, u.areas, {_AGREED}
        FROM session s
        JOIN partner_user u ON u.id = s.user_id AND u.cell = s.cell
        JOIN partner p ON p.id = u.partner_id
    """,
}


async def read_user_session(
    connection: Connection, kind: UserKind, claims: TokenClaims, *, documents: Sequence[str], now: datetime
) -> asyncpg.Record | None:
    """Session, user, outlet or partner, versions in force and versions accepted, in one round trip; None when not that
    session.
    """
    return await connection.fetchrow(
        f"""{_SESSION[kind]}
        WHERE s.id = $1 AND s.cell = $2 AND s.user_id = $3 AND s.token_hash = $4 AND s.kind = '{kind}'
        """,
        claims.session_id,
        cell_of_id(claims.session_id),
        claims.user_id,
        claims.token_hash,
        list(documents),
        now,
    )
