"""All SQL of API clients."""

from collections.abc import Sequence
from datetime import date, datetime

from konter.access.clients.model import Client, ClientLine, KeyLine, NewClient
from konter.platform.db import Connection
from konter.platform.ids import ApiKeyId, ClientId


async def insert_client(connection: Connection, id_: ClientId, new: NewClient, *, by: str, at: datetime) -> bool:
    """A client; False where a live one has the name."""
    status = await connection.execute(
        """
        INSERT INTO api_client (id, name, scopes, per_minute, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (lower(name)) WHERE revoked_at IS NULL DO NOTHING
        """,
        id_,
        new.name,
        list(new.scopes),
        new.per_minute,
        by,
        at,
    )
    return status.endswith(" 1")


async def insert_key(
    connection: Connection,
    key_id: ApiKeyId,
    client_id: ClientId,
    key_hash: bytes,
    *,
    by: str,
    at: datetime,
    expires_at: datetime,
) -> None:
    await connection.execute(
        """
        INSERT INTO api_key (id, client_id, key_hash, created_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        key_id,
        client_id,
        key_hash,
        by,
        at,
        expires_at,
    )


async def lock_client(connection: Connection, client_id: int) -> bool:
    """Hold a client that has not been revoked; whether there is one."""
    row = await connection.fetchrow(
        "SELECT id FROM api_client WHERE id = $1 AND revoked_at IS NULL FOR UPDATE", client_id
    )
    return row is not None


async def count_live_keys(connection: Connection, client_id: int, *, now: datetime) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM api_key WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2", client_id, now
    )
    return count


async def write_key_revoked(connection: Connection, client_id: int, key_id: int, *, by: str, at: datetime) -> bool:
    """Whether this revoked it."""
    status = await connection.execute(
        "UPDATE api_key SET revoked_by = $3, revoked_at = $4 WHERE id = $2 AND client_id = $1 AND revoked_at IS NULL",
        client_id,
        key_id,
        by,
        at,
    )
    return status.endswith(" 1")


async def write_client_revoked(connection: Connection, client_id: int, *, by: str, at: datetime) -> None:
    await connection.execute("UPDATE api_client SET revoked_by = $2, revoked_at = $3 WHERE id = $1", client_id, by, at)


async def read_client(connection: Connection, key_id: int, key_hash: bytes) -> Client | None:
    """The client of a key; None where the key is not that."""
    row = await connection.fetchrow(
        """
        SELECT c.id, k.id AS key_id, c.name, c.scopes, c.per_minute, c.last_used_on, c.revoked_at,
               k.expires_at AS key_expires_at, k.revoked_at AS key_revoked_at
        FROM api_key k JOIN api_client c ON c.id = k.client_id
        WHERE k.id = $1 AND k.key_hash = $2
        """,
        key_id,
        key_hash,
    )
    return Client(**{**row, "scopes": tuple(row["scopes"])}) if row else None


async def write_last_used(connection: Connection, client_id: int, day: date) -> None:
    """The last day of use, once a day."""
    await connection.execute(
        "UPDATE api_client SET last_used_on = $2 WHERE id = $1 AND last_used_on IS DISTINCT FROM $2", client_id, day
    )


async def read_client_lines(
    connection: Connection, *, after: int, limit: int, scope: str | None = None, name: str = ""
) -> list[ClientLine]:
    """Clients by id with all their keys, in two queries whatever their number; with a scope those alone that have it
    and are not revoked, with a name those in whose name it stands, in whatever case.
    """
    rows = await connection.fetch(
        """
        SELECT id, name, scopes, per_minute, created_by, created_at, last_used_on, revoked_at
        FROM api_client
        WHERE id > $1 AND ($3::text IS NULL OR ($3 = ANY(scopes) AND revoked_at IS NULL))
            AND position(lower($4) IN lower(name)) > 0
        ORDER BY id LIMIT $2
        """,
        after,
        limit,
        scope,
        name,
    )
    keys = await _read_keys(connection, [row["id"] for row in rows])
    return [
        ClientLine(**{**row, "scopes": tuple(row["scopes"]), "keys": tuple(keys.get(row["id"], ()))}) for row in rows
    ]


async def _read_keys(connection: Connection, client_ids: Sequence[int]) -> dict[int, list[KeyLine]]:
    rows = await connection.fetch(
        "SELECT id, client_id, created_at, expires_at, revoked_at FROM api_key WHERE client_id = ANY($1) ORDER BY id",
        list(client_ids),
    )
    keys: dict[int, list[KeyLine]] = {}
    for row in rows:
        line = KeyLine(**{name: row[name] for name in KeyLine.__struct_fields__})
        keys.setdefault(row["client_id"], []).append(line)
    return keys
