"""End outlets for good: the outlet, its users with their sessions, all numbers, the visits planned. [D-71]"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.channel import queries
from konter.channel.numbers.holding import Moment, take_links, take_resellers
from konter.channel.numbers.queries.outlets import write_outlet_resellers, write_users_without_number
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.visits.queries import delete_visits
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, cell_of_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules


async def terminate_outlets(
    connection: Connection,
    outlet_ids: Sequence[OutletId],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | OutletId]:
    """End outlets for good, one outcome each, in order. From that moment on no session, OTP or number of theirs lives,
    and a sale that waits for the outlet's lock is refused. [D-52, D-71]

    OUTLET_NOT_FOUND, OUTLET_TERMINATED.
    """
    own = await ids.reserve(connection, len(outlet_ids))
    async with connection.transaction():
        await lock_owners(connection, owners=outlet_ids)
        known = await queries.read_outlet_status(connection, outlet_ids)
        outcomes: list[Refusal | OutletId] = []
        for outlet_id in outlet_ids:
            outlet = known.get(outlet_id)
            refusal = OUTLET_NOT_FOUND() if outlet is None else None
            if outlet is not None and outlet.status == "terminated":
                refusal = OUTLET_TERMINATED()
            outcomes.append(refusal or outlet_id)
        ended = sorted({outcome for outcome in outcomes if not isinstance(outcome, Refusal)})
        await terminate_locked(connection, ended, actor=actor, now=now, ids=own, rules=rules)
        audit = [
            AuditRow(cell_of_id(outlet_id), now, actor, "outlet.terminated", outlet_id, {"reason": reason})
            for outlet_id in ended
        ]
        await write_audit(connection, own, audit)
    return outcomes


async def terminate_locked(
    connection: Connection, outlet_ids: Sequence[OutletId], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> None:
    """End outlets whose owners are locked, in the caller's transaction; the caller writes the audit.

    Notification numbers are free after the cool-down, reseller numbers at once: who applies again brings them along.
    """
    moment = Moment(now, actor, ids)
    await queries.write_outlet_status(connection, outlet_ids, "terminated")
    await delete_visits(connection, outlet_ids)
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
