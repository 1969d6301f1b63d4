"""The number is its owner's again: the SIM was replaced, or staff say why."""

from konter.access.model import Principal
from konter.access.step import Step
from konter.channel.lost_phones import queries
from konter.channel.lost_phones.refusals import LOST_PHONE_LIFTED, LOST_PHONE_NOT_FOUND
from konter.channel.lost_phones.report import holder_within, lock_holders
from konter.channel.scope import scope_of
from konter.platform.audit import Actor
from konter.platform.db import Connection, retried
from konter.platform.ids import LostPhoneId
from konter.platform.refusal import Refusal


async def lift_lost(
    connection: Connection,
    id_: LostPhoneId,
    *,
    why: str,
    actor: Actor,
    step: Step,
    principal: Principal | None = None,
) -> Refusal | None:
    """Lift a report; its user logs in again with password and OTP, nothing else comes back. A `principal` lifts those
    of outlets and partners that are its to act on; the replacement of a SIM comes without one.

    LOST_PHONE_NOT_FOUND, LOST_PHONE_LIFTED.
    """
    known = await queries.read_lost_phone(connection, id_)
    if known is None:
        return LOST_PHONE_NOT_FOUND()
    holders = await queries.read_holders(connection, known.msisdn)
    if principal is not None:
        scope = scope_of(principal)
        within = [await holder_within(connection, holder, scope) for holder in holders]
        # A number that was let go since is in nobody's area: only who acts everywhere lifts its report.
        if not (all(within) if holders else scope.is_everywhere):
            return LOST_PHONE_NOT_FOUND()

    async def work() -> Refusal | None:
        async with connection.transaction():
            locked = await lock_holders(connection, known.msisdn)
            if not await queries.write_lifted(connection, id_, by=actor.text, why=why, at=step.now):
                return LOST_PHONE_LIFTED()
            for holder in locked:
                await queries.write_lost_at(connection, holder.kind, holder.user_id, known.msisdn, None)
                said = {"report": str(id_), "why": why}
                await step.audit(connection, actor, "phone.found", holder.user_id, said)
        return None

    return await retried(work)
