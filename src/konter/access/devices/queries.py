"""All SQL of trusted devices. Changed only under the lock of their user's outlet."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.platform.db import Connection
from konter.platform.ids import DeviceId, cell_of_id


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device on which its user is asked for no OTP until it lapses."""

    id: DeviceId
    agent: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


async def insert_device(
    connection: Connection, id_: DeviceId, user_id: int, token_hash: bytes, *, agent: str, at: datetime, until: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO trusted_device (id, cell, user_id, token_hash, agent, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        id_,
        cell_of_id(id_),
        user_id,
        token_hash,
        agent,
        at,
        until,
    )


async def use_device(
    connection: Connection, user_id: int, token_hash: bytes, *, next_hash: bytes, now: datetime
) -> DeviceId | None:
    """The user's live device of this token, used now; from now on another token is its."""
    found: int | None = await connection.fetchval(
        """
        UPDATE trusted_device SET last_used_at = $4, token_hash = $5
        WHERE user_id = $1 AND cell = $2 AND token_hash = $3 AND revoked_at IS NULL AND expires_at > $4
        RETURNING id
        """,
        user_id,
        cell_of_id(user_id),
        token_hash,
        now,
        next_hash,
    )
    return DeviceId(found) if found is not None else None


async def read_devices(connection: Connection, user_id: int, *, now: datetime, limit: int) -> list[Device]:
    """A user's live devices, newest first."""
    rows = await connection.fetch(
        """
        SELECT id, agent, created_at, expires_at, last_used_at FROM trusted_device
        WHERE user_id = $1 AND cell = $2 AND revoked_at IS NULL AND expires_at > $3
        ORDER BY created_at DESC, id DESC LIMIT $4
        """,
        user_id,
        cell_of_id(user_id),
        now,
        limit,
    )
    return [Device(**row) for row in rows]


async def revoke_device(connection: Connection, user_id: int, device_id: int, *, by: str, at: datetime) -> bool:
    """Whether this ended a live device of this user."""
    status = await connection.execute(
        """
        UPDATE trusted_device SET revoked_at = $4, revoked_by = $5
        WHERE id = $1 AND cell = $2 AND user_id = $3 AND revoked_at IS NULL AND expires_at > $4
        """,
        device_id,
        cell_of_id(device_id),
        user_id,
        at,
        by,
    )
    return status.endswith(" 1")


async def revoke_devices(connection: Connection, user_ids: Sequence[int], *, by: str, at: datetime) -> None:
    """None of the users' devices is trusted any more."""
    await connection.execute(
        """
        UPDATE trusted_device SET revoked_at = $3, revoked_by = $4
        WHERE user_id = ANY($1) AND cell = ANY($2) AND revoked_at IS NULL
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        at,
        by,
    )


async def revoke_oldest_devices(connection: Connection, user_id: int, *, keep: int, at: datetime) -> None:
    """End all but the newest `keep` live devices of a user."""
    await connection.execute(
        """
        UPDATE trusted_device SET revoked_at = $4, revoked_by = 'limit'
        WHERE cell = $2 AND id IN (
            SELECT id FROM trusted_device WHERE user_id = $1 AND cell = $2 AND revoked_at IS NULL
            ORDER BY created_at DESC, id DESC OFFSET $3)
        """,
        user_id,
        cell_of_id(user_id),
        keep,
        at,
    )
