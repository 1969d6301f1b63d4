"""A SIM that was replaced a moment ago may be in a thief's hands: whoever gets an OTP on it sells little for a while.

The age is looked at before any OTP to a seller's number, and kept in the user's row, which the sell batch reads anyway.
Who is no seller yet has nothing that could be limited: no OTP goes out before the SIM has cooled off. Whatever sends an
OTP asks one of the two: see tests/access/test_otp_places.py.
"""

from datetime import timedelta

from konter.access.model import User, cools_off
from konter.access.queries import users as user_queries
from konter.access.refusals import SIM_TOO_FRESH
from konter.access.step import Step
from konter.platform.audit import SYSTEM
from konter.platform.clock import hours_until
from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import national
from konter.subscriber.sim_age import sim_changed_at


async def fresh_sim_refusal(connection: Connection, msisdn: Msisdn, step: Step) -> Refusal | None:
    """SIM_TOO_FRESH for the number of somebody who is no seller yet, as long as a seller would be on cooling-off: an
    application that is gone on with shows a person's data.
    """
    changed_at = await sim_changed_at(connection, msisdn)
    if changed_at is None or not cools_off(changed_at, step.now, step.rules):
        return None
    until = changed_at + timedelta(hours=step.rules.seller.cooling_off_h)
    return SIM_TOO_FRESH(msisdn=national(msisdn), hours=hours_until(until, step.now))


async def note_sim_age(connection: Connection, user: User, step: Step) -> None:
    """Put a seller on cooling-off whose SIM is fresh; in the transaction of the OTP, under the user's lock."""
    if user.kind != "outlet" or step.rules.seller.cooling_off_h == 0:
        return
    changed_at = await sim_changed_at(connection, user.nn_msisdn)
    if changed_at is None or changed_at == user.cooling_from or not cools_off(changed_at, step.now, step.rules):
        return
    await user_queries.write_cooling_from(connection, user.id, changed_at)
    await step.audit(connection, SYSTEM, "user.cooling_off", user.id, {"sim_changed_at": changed_at.isoformat()})
