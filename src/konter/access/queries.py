"""All SQL of access. Rows of users are changed only under the lock that `lock_user` takes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
import msgspec

from konter.access.model import (
    Kind,
    Login,
    LoginState,
    Origin,
    Purpose,
    TokenClaims,
    User,
    UserKind,
    plausible_username,
)
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id, cell_of_text


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a user name belongs to."""

    kind: Kind
    user_id: int
    outlet_id: int | None


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A live session as its user sees it."""

    id: int
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime


async def read_named(connection: Connection, name: str) -> Named | None:
    """Whom a normalised user name belongs to."""
    if not plausible_username(name):
        return None
    row = await connection.fetchrow(
        "SELECT kind, user_id, outlet_id FROM username WHERE name = $1 AND cell = $2", name, cell_of_text(name)
    )
    return Named(**row) if row else None


_TABLE: Mapping[UserKind, str] = {"outlet": "outlet_user", "partner": "partner_user"}
_USER: Mapping[UserKind, str] = {
    "outlet": """
        SELECT 'outlet' AS kind, u.id, u.cell, u.outlet_id, u.username, u.nn_msisdn, u.locale, u.status,
               o.status AS home_status, o.zone, u.password_hash, u.password_initial, u.password_expires_at,
               u.password_failures, u.locked_until, u.lost_at, u.cooling_from, u.pin_salt, u.pin_hash, u.pin_failures,
               u.pin_locked_at
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
    """,
    "partner": """
        SELECT 'partner' AS kind, u.id, u.cell, NULL::bigint AS outlet_id, u.username, u.msisdn AS nn_msisdn, u.locale,
               u.status, p.status AS home_status, 'Asia/Jakarta' AS zone, u.password_hash, u.password_initial,
               u.password_expires_at, u.password_failures, u.locked_until, u.lost_at
        FROM partner_user u JOIN partner p ON p.id = u.partner_id
    """,
}


async def read_user(connection: Connection, user_id: int, kind: UserKind = "outlet") -> User:
    """A user that is known to exist; users are never deleted."""
    return (await read_users(connection, [user_id], kind))[0]


async def read_users(connection: Connection, user_ids: Sequence[int], kind: UserKind = "outlet") -> list[User]:
    """Those of the users that exist."""
    rows = await connection.fetch(
        f"{_USER[kind]} WHERE u.id = ANY($1) AND u.cell = ANY($2)",
        list(user_ids),
        sorted({cell_of_id(i) for i in user_ids}),
    )
    return [User(**row) for row in rows]


async def lock_partner_user(connection: Connection, user_id: int) -> None:
    """Hold a partner's user until the end of the transaction."""
    await connection.execute(
        "SELECT FROM partner_user WHERE id = $1 AND cell = $2 FOR UPDATE", user_id, cell_of_id(user_id)
    )


async def write_password_counters(
    connection: Connection, kind: UserKind, user_id: int, *, failures: int, locked_until: datetime | None
) -> None:
    """Failures since the last right password, and until when no password is tried."""
    await connection.execute(
        f"UPDATE {_TABLE[kind]} SET password_failures = $3, locked_until = $4 WHERE id = $1 AND cell = $2",
        user_id,
        cell_of_id(user_id),
        failures,
        locked_until,
    )


async def write_own_password(connection: Connection, kind: UserKind, user_id: int, password_hash: str) -> None:
    """A password chosen by the user: no longer initial, never lapsing, counters at zero."""
    await connection.execute(
        f"""
        UPDATE {_TABLE[kind]} SET password_hash = $3, password_initial = false, password_expires_at = NULL,
            password_failures = 0, locked_until = NULL
        WHERE id = $1 AND cell = $2
        """,
        user_id,
        cell_of_id(user_id),
        password_hash,
    )


_PIN_GONE: Mapping[UserKind, str] = {
    "outlet": ", pin_hash = NULL, pin_failures = 0, pin_locked_at = NULL",
    "partner": "",
}


async def write_initial_passwords(
    connection: Connection, kind: UserKind, rows: Sequence[tuple[int, str]], *, expires_at: datetime
) -> None:
    """New initial passwords for (user id, hash): PIN gone, every counter and lock lifted."""
    await connection.execute(
        f"""
        UPDATE {_TABLE[kind]} u SET password_hash = given.password_hash, password_initial = true,
            password_expires_at = $4, password_failures = 0, locked_until = NULL{_PIN_GONE[kind]}
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS given (id, cell, password_hash)
        WHERE u.id = given.id AND u.cell = given.cell
        """,
        [user_id for user_id, _ in rows],
        [cell_of_id(user_id) for user_id, _ in rows],
        [password_hash for _, password_hash in rows],
        expires_at,
    )


async def write_pin(connection: Connection, user_id: int, *, salt: bytes, pin_hash: bytes) -> None:
    """A new PIN; counter and lock are lifted with it."""
    await connection.execute(
        """
        UPDATE outlet_user SET pin_salt = $3, pin_hash = $4, pin_failures = 0, pin_locked_at = NULL
        WHERE id = $1 AND cell = $2
        """,
        user_id,
        cell_of_id(user_id),
        salt,
        pin_hash,
    )


async def write_pin_counters(
    connection: Connection, user_id: int, *, failures: int, locked_at: datetime | None
) -> None:
    """Wrong PINs since the last right one; the sell batch counts in the same columns."""
    await connection.execute(
        "UPDATE outlet_user SET pin_failures = $3, pin_locked_at = $4 WHERE id = $1 AND cell = $2",
        user_id,
        cell_of_id(user_id),
        failures,
        locked_at,
    )


async def write_cooling_from(connection: Connection, user_id: int, moment: datetime) -> None:
    """From when a user of an outlet sells little for a while."""
    await connection.execute(
        "UPDATE outlet_user SET cooling_from = $3 WHERE id = $1 AND cell = $2", user_id, cell_of_id(user_id), moment
    )


# ------------------------------------------------------------------------------------------------------------- logins


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


# ----------------------------------------------------------------------------------------------------------- sessions


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


# -------------------------------------------------------------------------------------------------------------- names


async def read_taken_names(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of the names that somebody has."""
    names = [name for name in names if plausible_username(name)]
    rows = await connection.fetch(
        "SELECT name FROM username WHERE name = ANY($1) AND cell = ANY($2)",
        list(names),
        sorted({cell_of_text(name) for name in names}),
    )
    return {row["name"] for row in rows}


async def insert_names(connection: Connection, rows: Sequence[tuple[str, Kind, int, int | None]]) -> None:
    """User names as (name, kind, user id, outlet id), in order of name, so that two batches never deadlock."""
    await connection.execute(
        """
        INSERT INTO username (name, cell, kind, user_id, outlet_id)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[])
        """,
        *unnest([(name, cell_of_text(name), kind, user, outlet) for name, kind, user, outlet in sorted(rows)], 5),
    )


async def write_names(connection: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Whom user names belong to from now on, as (name, user id, outlet id)."""
    await connection.execute(
        """
        UPDATE username n SET user_id = g.user_id, outlet_id = g.outlet_id
        FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS g (name, cell, user_id, outlet_id)
        WHERE n.name = g.name AND n.cell = g.cell
        """,
        *unnest([(name, cell_of_text(name), user_id, outlet_id) for name, user_id, outlet_id in sorted(rows)], 4),
    )
