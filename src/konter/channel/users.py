"""Who works at an outlet, for lists and filters, how to reach them, and where the outlet is."""

import msgspec

from konter.channel import queries
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, UserId


class Contact(msgspec.Struct, frozen=True):
    """Where a user gets texts, and in which language."""

    msisdn: Msisdn
    locale: str


class Place(msgspec.Struct, frozen=True):
    """Where an outlet is and by which number it is known to resellers' services. [D-39]"""

    address: str
    reseller_msisdn: Msisdn | None


async def place_of_outlet(connection: Connection, outlet_id: OutletId) -> Place:
    """An outlet's address and reseller number."""
    return Place(*await queries.read_outlet_place(connection, outlet_id))


async def names_of_users(connection: Connection, outlet_id: OutletId) -> list[tuple[UserId, str]]:
    """Id and name of every user that the outlet has or had, by name; at most 200."""
    return await queries.read_names_of_users(connection, outlet_id)


async def contact_of(connection: Connection, user_id: UserId) -> Contact:
    """How to reach a user, also one who has left: users are never deleted."""
    user = (await queries.read_users(connection, [user_id]))[user_id]
    return Contact(user.nn_msisdn, user.locale)
