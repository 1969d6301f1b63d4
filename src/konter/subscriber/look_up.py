"""A member of staff looks at a number. Every look leaves a line in the audit, one at a number that nobody uses too."""

from datetime import datetime

from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, cell_of_id, cell_of_msisdn
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.model import SubscriberView
from konter.subscriber.view import subscriber_view


async def look_up(
    connection: Connection, msisdn: Msisdn, *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> SubscriberView | Refusal:
    """What staff see of a number, once it is written down that they look. Refusal: UNKNOWN_SUBSCRIBER. [D-58, D-81]

    Who tries numbers one after another is what an auditor wants to see: a refused look stands under subject 0 in the
    number's cell, with the number.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        seen = await subscriber_view(connection, msisdn, now=now, rules=rules)
        if isinstance(seen, Refusal):
            data = {"msisdn": str(msisdn), "code": seen.code}
            row = AuditRow(cell_of_msisdn(msisdn), now, actor, "view_subscriber", 0, data)
        else:
            row = AuditRow(cell_of_id(seen.id), now, actor, "view_subscriber", seen.id, {})
        await write_audit(connection, own, [row])
    return seen
