"""End outlets for good: the outlet, its users with their sessions, and all numbers. For whoever decides so. [D-71]"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.channel import queries
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.rules.model import Rules


async def terminate_locked(
    connection: Connection, outlet_ids: Sequence[OutletId], *, actor: Actor, now: datetime, rules: Rules
) -> None:
    """End outlets whose owners are locked, in the caller's transaction; the caller writes the audit.

    Notification numbers are free after the cool-down, reseller numbers at once: who applies again brings them along.
    """
    users = await queries.read_users_of_outlets(connection, outlet_ids)
    await queries.write_outlet_status(connection, outlet_ids, "terminated")
    await queries.write_user_status(connection, [user.id for user in users], "ended")
    await queries.release_links(connection, users, free_from=now + timedelta(hours=rules.outlet.nn_cooldown_h))
    await queries.release_reseller_numbers(connection, outlet_ids)
    await end_access(connection, [user.id for user in users], actor=actor, now=now)
