"""Block users of partners, let them go on, let them go; end a whole partner. All is dead at once."""

from collections.abc import Sequence
from datetime import datetime

from konter.access.ending import end_access
from konter.channel.partner_users import queries
from konter.channel.partner_users.model import PartnerUser, Status, change_refusal
from konter.channel.partner_users.refusals import PARTNER_HAS_OUTLETS
from konter.channel.refusals import PARTNER_NOT_ACTIVE
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, PartnerId, UserId, cell_of_id
from konter.platform.refusal import Refusal


async def set_partner_users(
    connection: Connection,
    user_ids: Sequence[UserId],
    status: Status,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[Refusal | UserId]:
    """Block users, lift the block, or end them for good; one outcome each. Block and end kill sessions and logins, and
    an end frees the number for another user.
    """
    own = await ids.reserve(connection, len(user_ids))
    async with connection.transaction():
        await queries.lock_partner_users(connection, user_ids)
        known = await queries.read_partner_users(connection, user_ids)
        outcomes = [change_refusal(known.get(user_id)) or user_id for user_id in user_ids]
        changed = [known[outcome] for outcome in outcomes if not isinstance(outcome, Refusal)]
        await _write(connection, changed, status, reason=reason, actor=actor, now=now, ids=own)
    return outcomes


async def _write(
    connection: Connection,
    users: Sequence[PartnerUser],
    status: Status,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> None:
    """Under the users' locks."""
    user_ids = [user.id for user in users]
    await queries.write_partner_user_status(connection, user_ids, status)
    if status != "active":
        await end_access(connection, user_ids, actor=actor, now=now)
    if status == "ended":
        await queries.delete_numbers(connection, [user.msisdn for user in users])
    rows = [
        AuditRow(cell_of_id(id_), now, actor, f"partner_user.{status}", id_, {"reason": reason}) for id_ in user_ids
    ]
    await write_audit(connection, ids, rows)


async def end_partner(
    connection: Connection, partner_id: PartnerId, *, reason: str, actor: Actor, now: datetime, ids: IdBlocks
) -> Refusal | PartnerId:
    """End a partner and with it its users, whose numbers may be others' from now on. One that still answers for an
    outlet is refused: every outlet stands under an active partner. PARTNER_NOT_ACTIVE, PARTNER_HAS_OUTLETS. [D-59]
    """
    async with connection.transaction():
        if await queries.lock_partner(connection, partner_id) != "active":
            return PARTNER_NOT_ACTIVE()
        if await queries.has_outlets(connection, partner_id):
            return PARTNER_HAS_OUTLETS()
        user_ids = await queries.read_live_users(connection, partner_id)
        await queries.lock_partner_users(connection, user_ids)
        known = await queries.read_partner_users(connection, user_ids)
        users = [user for user in known.values() if change_refusal(user) is None]
        own = await ids.reserve(connection, 1 + len(users))  # nobody joins a partner that is locked
        await queries.write_partner_ended(connection, partner_id)
        await _write(connection, users, "ended", reason=reason, actor=actor, now=now, ids=own)
        row = AuditRow(cell_of_id(partner_id), now, actor, "partner.ended", partner_id, {"reason": reason})
        await write_audit(connection, own, [row])
    return partner_id
