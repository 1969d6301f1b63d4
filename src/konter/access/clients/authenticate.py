"""Which machine calls, and whether it may."""

from datetime import datetime
from zoneinfo import ZoneInfo

from konter.access.clients import queries
from konter.access.clients.keys import parse
from konter.access.clients.model import Client, Scope
from konter.access.clients.refusals import BAD_API_KEY
from konter.access.limits.queries import count_in_minute
from konter.platform.db import Connection
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys

WIB = ZoneInfo("Asia/Jakarta")
MINUTE_S = 60


async def authenticate_client(
    connection: Connection, key: str, *, scope: Scope | None, now: datetime, keys: Keys
) -> Refusal | Client:
    """The client of a key that lives and has the scope, counted. BAD_API_KEY, SCOPE_MISSING, TOO_MANY_REQUESTS.

    Looked up at every call, so that whoever is revoked is refused at once.
    """
    known = parse(keys, key)
    client = await queries.read_client(connection, *known) if known is not None else None
    if client is None:
        return BAD_API_KEY()
    if (refusal := client.refusal_for(scope, now)) is not None:
        return refusal
    if await count_in_minute(connection, f"client:{client.id}", now=now) > client.per_minute:
        return TOO_MANY_REQUESTS(retry_after_s=MINUTE_S - now.second)
    today = now.astimezone(WIB).date()
    if client.last_used_on != today:
        await queries.write_last_used(connection, client.id, today)
    return client
