"""Another pair of eyes decides, and what was approved is done."""

from datetime import datetime
from typing import Any

from konter.access.four_eyes import queries
from konter.access.four_eyes.kinds import Approved, Kinds
from konter.access.four_eyes.model import Decision, Proposal
from konter.access.four_eyes.reach import within_reach
from konter.access.four_eyes.refusals import PROPOSAL_NOT_FOUND
from konter.access.model import Origin, Principal
from konter.access.passwords import RETRY_AFTER_S, Passwords
from konter.access.step import IDS_MAX, Step, actor_of
from konter.platform.db import Pool, retried
from konter.platform.ids import IdBlocks, ProposalId
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys, new_password
from konter.rules.model import Rules


async def decide(
    pool: Pool,
    passwords: Passwords,
    kinds: Kinds,
    proposal_id: ProposalId,
    *,
    approve: bool,
    why: str,
    principal: Principal,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | Decision:
    """Approve or reject. FORBIDDEN, PROPOSAL_NOT_FOUND, PROPOSAL_SAME_EYES, PROPOSAL_DECIDED, PROPOSAL_EXPIRED, or
    what the kind's command says; then it still waits. The password that a kind may need is hashed before any lock.
    """
    word = new_password()
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        word_hash = await passwords.hash(word) if approve else ""
    async with pool.acquire() as connection:
        step = Step(now=now, ids=await ids.reserve(connection, 3 * IDS_MAX), keys=keys, rules=rules)
        actor = actor_of(principal, origin)

        async def run(proposal: Proposal) -> Refusal | dict[str, Any]:
            kind = kinds[proposal.kind]
            refusal = proposal.refusal_for(principal, permission=kind.decide, now=now)
            if refusal is not None or not approve:
                return refusal or {}
            approved = Approved(proposal=proposal, actor=actor, step=step, password=word, password_hash=word_hash)
            return await kind.run(connection, approved)

        async def work() -> Refusal | Decision:
            async with connection.transaction():
                proposal = await queries.lock_proposal(connection, proposal_id)
                if proposal is None or proposal.kind not in kinds:
                    return PROPOSAL_NOT_FOUND()
                if not await within_reach(connection, kinds, principal, [proposal]):
                    return PROPOSAL_NOT_FOUND()
                result = await run(proposal)
                said = {"proposal": str(proposal.id), "kind": proposal.kind, "why": why}
                if isinstance(result, Refusal):
                    said["code"] = result.code
                    await step.audit(connection, actor, "proposal.refused", proposal.subject_id, said)
                    return result
                decision = Decision(state="approved" if approve else "rejected", result=result)
                by = principal.user_id
                await queries.write_decision(connection, proposal.id, decision.state, by=by, why=why, at=now)
                await step.audit(connection, actor, f"proposal.{decision.state}", proposal.subject_id, said)
                return decision

        return await retried(work)
