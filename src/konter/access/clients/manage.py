"""Let machines in, give them another key, and shut them out at once."""

from datetime import timedelta

import msgspec

from konter.access.clients import keys as api_keys
from konter.access.clients import queries
from konter.access.clients.model import KEY_DAYS_MAX, LIVE_KEYS_MAX, SCOPES, ClientLine, NewClient, Scope
from konter.access.clients.refusals import (
    API_KEY_NOT_FOUND,
    CLIENT_NAME_TAKEN,
    CLIENT_NOT_FOUND,
    TOO_MANY_KEYS,
    UNKNOWN_SCOPE,
)
from konter.access.step import Step
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import ApiKeyId, ClientId, make_id, spread_cell
from konter.platform.refusal import Refusal

PAGE_MAX = 100


class KeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """A key, shown this once."""

    client_id: ClientId
    key_id: ApiKeyId
    key: str


async def make_client(
    connection: Connection, new: NewClient, *, days: int, actor: Actor, step: Step
) -> Refusal | KeyMade:
    """Let a machine in, with its first key. UNKNOWN_SCOPE, CLIENT_NAME_TAKEN."""
    if unknown := [scope for scope in new.scopes if scope not in SCOPES]:
        return UNKNOWN_SCOPE(scope=unknown[0])
    client_id = ClientId(_new_id(step))
    async with connection.transaction():
        if not await queries.insert_client(connection, client_id, new, by=actor.text, at=step.now):
            return CLIENT_NAME_TAKEN(name=new.name)
        said = {"name": new.name, "scopes": list(new.scopes), "per_minute": new.per_minute}
        await step.audit(connection, actor, "client.made", client_id, said)
        return await _make_key(connection, client_id, days=days, actor=actor, step=step)


async def make_key(
    connection: Connection, client_id: ClientId, *, days: int, actor: Actor, step: Step
) -> Refusal | KeyMade:
    """Another key, to take over from the one before. CLIENT_NOT_FOUND, TOO_MANY_KEYS: two live at most."""
    async with connection.transaction():
        if not await queries.lock_client(connection, client_id):
            return CLIENT_NOT_FOUND()
        if await queries.count_live_keys(connection, client_id, now=step.now) >= LIVE_KEYS_MAX:
            return TOO_MANY_KEYS(most=LIVE_KEYS_MAX)
        return await _make_key(connection, client_id, days=days, actor=actor, step=step)


async def _make_key(connection: Connection, client_id: ClientId, *, days: int, actor: Actor, step: Step) -> KeyMade:
    key_id = ApiKeyId(_new_id(step))
    text, key_hash = api_keys.mint(step.keys, key_id)
    expires_at = step.now + timedelta(days=min(days, KEY_DAYS_MAX))
    await queries.insert_key(connection, key_id, client_id, key_hash, by=actor.text, at=step.now, expires_at=expires_at)
    await step.audit(connection, actor, "client.key_made", client_id, {"key": str(key_id)})
    return KeyMade(client_id=client_id, key_id=key_id, key=text)


def _new_id(step: Step) -> int:
    seq = next(step.ids.take(1))
    return make_id(seq, spread_cell(seq))


async def revoke_key(
    connection: Connection, client_id: ClientId, key_id: ApiKeyId, *, actor: Actor, step: Step
) -> Refusal | None:
    """A key opens nothing from now on. API_KEY_NOT_FOUND."""
    async with connection.transaction():
        if not await queries.write_key_revoked(connection, client_id, key_id, by=actor.text, at=step.now):
            return API_KEY_NOT_FOUND()
        await step.audit(connection, actor, "client.key_revoked", client_id, {"key": str(key_id)})
    return None


async def revoke_client(
    connection: Connection, client_id: ClientId, *, reason: str, actor: Actor, step: Step
) -> Refusal | None:
    """A machine is out, with all its keys. CLIENT_NOT_FOUND."""
    async with connection.transaction():
        if not await queries.lock_client(connection, client_id):
            return CLIENT_NOT_FOUND()
        await queries.write_client_revoked(connection, client_id, by=actor.text, at=step.now)
        await step.audit(connection, actor, "client.revoked", client_id, {"reason": reason})
    return None


async def client_lines(connection: Connection, *, after: int = 0, limit: int = PAGE_MAX) -> list[ClientLine]:
    """Clients by id with their keys; the next page begins `after` the last one's. Two queries."""
    return await queries.read_client_lines(connection, after=after, limit=min(limit, PAGE_MAX))


async def clients_with(
    connection: Connection, scope: Scope, *, name: str = "", after: int = 0, limit: int = PAGE_MAX
) -> list[ClientLine]:
    """Clients that may do something and are not revoked, by id, those in whose name a text stands; the next page begins
    `after` the last one's. Two queries.
    """
    limit = min(limit, PAGE_MAX)
    return await queries.read_client_lines(connection, after=after, limit=limit, scope=scope, name=name)


async def client_line(connection: Connection, client_id: ClientId) -> Refusal | ClientLine:
    """One client as the list has it. CLIENT_NOT_FOUND."""
    lines = await queries.read_client_lines(connection, after=client_id - 1, limit=1)
    return lines[0] if lines and lines[0].id == client_id else CLIENT_NOT_FOUND()
