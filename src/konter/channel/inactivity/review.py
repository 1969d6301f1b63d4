"""Staff end or spare a seller whose inactivity is theirs to judge. [D-73]"""

from datetime import datetime
from typing import Literal

from konter.channel.inactivity import queries
from konter.channel.inactivity.judge import closed
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.port import Newest
from konter.channel.inactivity.refusals import REVIEW_DECIDED, REVIEW_NOT_FOUND, SELLER_ACTIVE_AGAIN
from konter.channel.model import ADDRESS_CHARS_MAX, name_refusal
from konter.channel.refusals import OUTLET_NOT_ACTIVE
from konter.channel.terminate import terminate_locked
from konter.ledger.read import lock_owners
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

REASON_CHARS_MAX = ADDRESS_CHARS_MAX
TOLD_MAX = 50


async def decide_review(
    connection: Connection,
    review_id: int,
    decision: Literal["end", "spare"],
    *,
    reason: str,
    newest: Newest,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> Refusal | Countdown:
    """End the seller's access for good, or spare the seller, for whom the days begin anew now; the reason is kept.

    Who has sold or bought since is neither: `SELLER_ACTIVE_AGAIN`, and the next sweep closes the review.
    """
    if (words := name_refusal("reason", reason, REASON_CHARS_MAX)) is not None:
        return words
    own = await ids.reserve(connection, 1 + TOLD_MAX)
    known = await queries.read_countdown(connection, review_id)
    if known is None:
        return REVIEW_NOT_FOUND()
    async with connection.transaction():
        await lock_owners(connection, owners=[known.outlet_id])
        review = await queries.read_countdown(connection, review_id)
        assert review is not None, "a countdown is never deleted"
        seller = (await queries.read_sellers(connection, [review.outlet_id]))[review.outlet_id]
        if review.state != "review":
            return REVIEW_DECIDED()
        if seller.status == "terminated":
            return OUTLET_NOT_ACTIVE()
        activity = (await newest(connection, [review.outlet_id])).get(review.outlet_id)
        if seller.last(activity).at > review.since:
            return SELLER_ACTIVE_AGAIN()
        state = "terminated" if decision == "end" else "spared"
        over = closed(review, state, by=actor, now=now, reason=reason.strip())
        if decision == "end":
            told = (await queries.read_told(connection, [review.outlet_id]))[:TOLD_MAX]
            data = {"outlet": seller.name, "days": rules.seller.inactivity_days}
            texts = [sms("inactivity_ended", to=t.msisdn, locale=t.locale, at=now, data=data) for t in told]
            await write_outbox(connection, own, texts)
            await terminate_locked(connection, [review.outlet_id], actor=actor, now=now, ids=own, rules=rules)
        await queries.write_countdowns(connection, [over])
        action = "outlet.terminated" if decision == "end" else "inactivity.spared"
        data = {**over.evidence(), "reason": over.reason}
        await write_audit(
            connection, own, [AuditRow(cell_of_id(over.outlet_id), now, actor, action, over.outlet_id, data)]
        )
    return over
