"""The lock under which a person's access changes, whoever the person is."""

from konter.access.model import Kind, Principal
from konter.access.queries import users as user_queries
from konter.access.staff.queries import lock_staff
from konter.ledger.read import lock_owners
from konter.platform.db import Connection
from konter.platform.ids import OutletId


async def lock_user(connection: Connection, kind: Kind, user_id: int, outlet_id: OutletId | None) -> None:
    """Hold what every change of this person's row, logins and sessions holds: the outlet's owner row, which every sale
    takes first; for whoever stands at no outlet the own row.
    """
    if kind == "outlet":
        assert outlet_id is not None, "a user of an outlet without one"
        await lock_owners(connection, owners=[outlet_id])
    elif kind == "partner":
        await user_queries.lock_partner_user(connection, user_id)
    else:
        await lock_staff(connection, user_id)


async def lock_principal(connection: Connection, principal: Principal) -> None:
    """The same for whoever has a session."""
    await lock_user(connection, principal.kind, principal.user_id, principal.outlet_id)
