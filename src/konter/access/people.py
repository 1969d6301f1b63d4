"""What those who acted are called: staff, users of outlets and partners, and machines."""

from collections.abc import Iterable

from konter.access.queries import names as name_queries
from konter.platform.db import Connection

NAMED = ("staff", "outlet_user", "partner", "client")


async def actor_names(connection: Connection, actors: Iterable[str]) -> dict[int, str]:
    """Names by id of actors such as `staff:123`; whoever has no name of their own is missing. One query, none where
    nobody is to be named.
    """
    ids: dict[str, set[int]] = {kind: set() for kind in NAMED}
    for actor in actors:
        kind, _, id_ = actor.partition(":")
        if kind in ids and id_.isdigit():
            ids[kind].add(int(id_))
    wanted = {kind: sorted(each) for kind, each in ids.items()}
    return await name_queries.read_actor_names(connection, **wanted) if any(wanted.values()) else {}
