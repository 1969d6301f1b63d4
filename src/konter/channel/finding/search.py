"""Find outlets by what people have: a code, a number, the beginning of a name. [D-57, D-58]"""

import msgspec

from konter.channel.finding import queries
from konter.channel.finding.model import PAGE_MAX, Found, wanted_of
from konter.channel.scope import Scope
from konter.platform.db import Connection


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A page of outlets; `after` begins the next one, None on the last."""

    outlets: tuple[Found, ...]
    after: tuple[str, int] | None


async def search_outlets(
    connection: Connection, typed: str, *, scope: Scope, after: tuple[str, int] | None = None, limit: int = 20
) -> Results:
    """Outlets of the scope: those with exactly this code or with this number in whatever role, then those whose names
    begin so, by name. At most 50 a page, three queries.
    """
    wanted, most = wanted_of(typed), min(limit, PAGE_MAX)
    exact: list[Found] = []
    if after is None and (wanted.code or wanted.msisdn):
        keys = await queries.read_keys(connection, code=wanted.code, msisdn=wanted.msisdn)
        exact = await queries.read_by_id(connection, keys, scope=scope) if keys else []
    if wanted.prefix is None or wanted.msisdn is not None:
        return Results(outlets=tuple(exact[:most]), after=None)
    named = await queries.read_by_name(
        connection, prefix=wanted.prefix, after=after or ("", 0), scope=scope, limit=most + 1
    )
    known = {outlet.id for outlet in exact}
    following = named[most - 1].after if len(named) > most else None
    return Results(outlets=(*exact, *(each for each in named[:most] if each.id not in known)), after=following)
