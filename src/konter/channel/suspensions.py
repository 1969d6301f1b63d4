"""Stop outlets or users and let them go on. Each locks the outlet's owner row, so that sales stop from that moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from konter.access.ending import end_access
from konter.channel import queries
from konter.channel.inactivity.restart import restart_counts
from konter.channel.numbers.refusals import OUTLET_NEEDS_RS
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED, USER_ENDED, USER_NOT_FOUND
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, UserId, cell_of_id
from konter.platform.refusal import Refusal


async def set_outlets(
    connection: Connection,
    outlet_ids: Sequence[OutletId],
    status: Literal["active", "suspended"],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[Refusal | OutletId]:
    """Suspend or lift a suspension, one outcome each. An outlet without a reseller number is not made active. Whoever
    ends one for good takes `terminate.terminate_outlets`. [D-19, D-33]
    """
    assert status in ("active", "suspended"), "an outlet ends with its users and numbers"
    own = await ids.reserve(connection, 2 * len(outlet_ids))
    async with connection.transaction():
        await lock_owners(connection, owners=outlet_ids)
        known = await queries.read_outlet_status(connection, outlet_ids)
        outcomes = [_outlet_refusal(known.get(outlet_id), status) or outlet_id for outlet_id in outlet_ids]
        changed = [outcome for outcome in outcomes if not isinstance(outcome, Refusal)]
        stopped_at = now if status == "suspended" else None
        await queries.write_outlet_stops(connection, changed, status, stopped_at=stopped_at)
        lifted = [each for each in changed if status == "active" and known[each].status == "suspended"]
        if lifted:
            await restart_counts(connection, sorted(set(lifted)), reason=reason, actor=actor, now=now, ids=own)
        audit = [
            AuditRow(cell_of_id(outlet_id), now, actor, f"outlet.{status}", outlet_id, {"reason": reason})
            for outlet_id in changed
        ]
        await write_audit(connection, own, audit)
    return outcomes


def _outlet_refusal(outlet: queries.OutletStatus | None, wanted: str) -> Refusal | None:
    if outlet is None:
        return OUTLET_NOT_FOUND()
    if outlet.status == "terminated":
        return OUTLET_TERMINATED()
    return OUTLET_NEEDS_RS() if wanted == "active" and not outlet.has_rs else None


async def set_users(
    connection: Connection,
    user_ids: Sequence[UserId],
    status: Literal["active", "blocked"],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[Refusal | UserId]:
    """Block users or lift the block, one outcome each. A block ends every session, login and reset, and keeps the
    notification number from logging in, getting an OTP and selling: what a lost phone needs at once. [D-52]
    """
    own = await ids.reserve(connection, len(user_ids))
    known = await queries.read_users(connection, user_ids)
    async with connection.transaction():
        await lock_owners(connection, owners=[user.outlet_id for user in known.values()])
        known = await queries.read_users(connection, list(known))
        outcomes: list[Refusal | UserId] = []
        for user_id in user_ids:
            user = known.get(user_id)
            refusal = USER_NOT_FOUND() if user is None else USER_ENDED() if user.status == "ended" else None
            outcomes.append(refusal or user_id)
        changed = [outcome for outcome in outcomes if not isinstance(outcome, Refusal)]
        unlinked = [user_id for user_id in changed if status == "active" and not known[user_id].has_nn]
        await queries.write_user_status(connection, [each for each in changed if each not in unlinked], status)
        await queries.write_user_status(connection, unlinked, "unlinked")  # active again with its next number
        if status == "blocked":
            await end_access(connection, changed, actor=actor, now=now)
        audit = [
            AuditRow(cell_of_id(user_id), now, actor, f"user.{status}", user_id, {"reason": reason})
            for user_id in changed
        ]
        await write_audit(connection, own, audit)
    return outcomes
