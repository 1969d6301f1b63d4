"""Who works at an outlet, for lists and filters."""

from konter.channel import queries
from konter.platform.db import Connection
from konter.platform.ids import OutletId, UserId


async def names_of_users(connection: Connection, outlet_id: OutletId) -> list[tuple[UserId, str]]:
    """Id and name of every user that the outlet has or had, by name; at most 200."""
    return await queries.read_names_of_users(connection, outlet_id)
