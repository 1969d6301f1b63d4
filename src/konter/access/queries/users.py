"""Users of outlets and partners: passwords, PINs and their counters; rows change only under `lock_user`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from konter.access.model import (
    User,
    UserKind,
)
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id

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
