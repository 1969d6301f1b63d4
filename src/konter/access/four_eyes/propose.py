"""One pair of eyes proposes."""

from datetime import datetime, timedelta
from typing import Any

from konter.access.four_eyes import queries
from konter.access.four_eyes.kinds import Kinds
from konter.access.four_eyes.model import Proposal
from konter.access.four_eyes.reach import within_reach
from konter.access.four_eyes.refusals import ALREADY_PROPOSED, PROPOSAL_NOT_FOUND
from konter.access.model import Origin, Principal
from konter.access.staff.roles import may
from konter.access.step import Step, actor_of
from konter.platform.backlog import COUNTED_MAX, Backlog
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import ProposalId, cell_of_id, make_id
from konter.platform.refusal import FORBIDDEN, Refusal

PAGE_MAX = 100


async def propose(
    connection: Connection,
    kinds: Kinds,
    kind: str,
    subject_id: int,
    data: dict[str, Any],
    *,
    reason: str,
    principal: Principal,
    origin: Origin,
    step: Step,
) -> Refusal | ProposalId:
    """Have something done as soon as somebody else agrees. FORBIDDEN, ALREADY_PROPOSED. Nothing happens yet."""
    if principal.kind != "staff" or not may(principal.roles, kinds[kind].propose):
        return FORBIDDEN()
    id_ = ProposalId(make_id(next(step.ids.take(1)), cell_of_id(subject_id)))
    async with connection.transaction():
        await queries.lapse_proposals(connection, kind, subject_id, now=step.now)
        made = await queries.insert_proposal(
            connection,
            id_=id_,
            kind=kind,
            subject_id=subject_id,
            data=data,
            reason=reason,
            proposed_by=principal.user_id,
            at=step.now,
            expires_at=step.now + timedelta(hours=step.rules.auth.proposal_ttl_h),
        )
        if not made:
            return ALREADY_PROPOSED()
        said = {"proposal": str(id_), "kind": kind, "reason": reason, **data}
        await step.audit(connection, actor_of(principal, origin), "proposal.made", subject_id, said)
    return id_


async def waiting_proposals(
    connection: Connection,
    kinds: Kinds,
    principal: Principal,
    *,
    now: datetime,
    after: Cursor | None = None,
    limit: int = PAGE_MAX,
) -> list[Proposal]:
    """What waits for a decision and is this person's to see, oldest first; the next page begins `after` the last one's
    (proposed_at, id). A page for somebody with an area may hold fewer lines.
    """
    seen = _seen(kinds, principal)
    waiting = await queries.read_waiting(connection, seen, after=after, limit=min(limit, PAGE_MAX), now=now)
    return await within_reach(connection, kinds, principal, waiting)


async def proposal_backlog(connection: Connection, kinds: Kinds, principal: Principal, *, now: datetime) -> Backlog:
    """How many wait that are this person's to see, and since when. For somebody with an area at most a page of them."""
    if principal.area:
        waiting = await waiting_proposals(connection, kinds, principal, now=now)
        return Backlog(count=len(waiting), oldest_at=waiting[0].proposed_at if waiting else None)
    row = await queries.count_waiting(connection, _seen(kinds, principal), now=now, limit=COUNTED_MAX)
    return Backlog(count=row["count"], oldest_at=row["oldest_at"])


async def find_proposal(
    connection: Connection, kinds: Kinds, principal: Principal, proposal_id: int
) -> Refusal | Proposal:
    """One that is this person's to see, in whatever state. PROPOSAL_NOT_FOUND."""
    found = await queries.read_proposal(connection, proposal_id, _seen(kinds, principal))
    if found is None or not await within_reach(connection, kinds, principal, [found]):
        return PROPOSAL_NOT_FOUND()
    return found


def _seen(kinds: Kinds, principal: Principal) -> list[str]:
    return [name for name, kind in kinds.items() if may(principal.roles, kind.propose, kind.decide)]
