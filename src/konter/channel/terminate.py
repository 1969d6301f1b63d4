"""End outlets for good: the outlet, its users with their sessions, and all numbers. For whoever decides so. [D-71]"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.channel import queries
from konter.channel.numbers.holding import Moment, take_links, take_resellers
from konter.channel.numbers.queries import write_outlet_resellers, write_users_without_number
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId
from konter.rules.model import Rules


async def terminate_locked(
    connection: Connection, outlet_ids: Sequence[OutletId], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> None:
    """End outlets whose owners are locked, in the caller's transaction; the caller writes the audit.

    Notification numbers are free after the cool-down, reseller numbers at once: who applies again brings them along.
    """
    moment = Moment(now, actor, ids)
    await queries.write_outlet_status(connection, outlet_ids, "terminated")
    resellers = await queries.read_resellers_of(connection, outlet_ids)
    await take_resellers(connection, list(resellers.values()), "released", moment)
    await write_outlet_resellers(connection, [(outlet_id, None) for outlet_id in resellers])
    users = await queries.read_users_of_outlets(connection, outlet_ids)
    await queries.write_user_status(connection, [user.id for user in users if not user.has_nn], "ended")
    await write_users_without_number(connection, [(user.id, "ended") for user in users if user.has_nn], at=now)
    links = [(user.nn_msisdn, user.id) for user in users if user.has_nn]
    free_from = now + timedelta(hours=rules.outlet.nn_cooldown_h)
    await take_links(connection, links, "left", moment, free_from=free_from)
    await end_access(connection, [user.id for user in users], actor=actor, now=now)
