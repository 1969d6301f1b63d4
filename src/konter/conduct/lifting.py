"""An entry of the blacklist is lifted by four eyes: one proposes, another decides. [D-96]"""

from typing import Any

from konter.access.four_eyes.kinds import Approved, Kinds, ProposalKind
from konter.conduct.blacklist import blacklist_entry, lift_blacklist
from konter.conduct.model import Entry, Lifting, reason_refusal
from konter.conduct.refusals import BLACKLIST_ENTRY_LIFTED
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import BlacklistId
from konter.platform.refusal import Refusal

LIFT = "blacklist.lift"


async def check_lifting(connection: Connection, entry_id: int, *, reason: str) -> Refusal | Entry:
    """The entry that is to be lifted, or what is against it before it is proposed: BLACKLIST_ENTRY_NOT_FOUND,
    BLACKLIST_ENTRY_LIFTED, or a reason that cannot be read.
    """
    entry = await blacklist_entry(connection, entry_id)
    if isinstance(entry, Refusal):
        return entry
    return BLACKLIST_ENTRY_LIFTED() if entry.lifted_at is not None else reason_refusal(reason) or entry


async def _lift(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
    proposal, step = approved.proposal, approved.step
    lifting = Lifting(
        entry_id=BlacklistId(proposal.subject_id),
        reason=proposal.reason,
        asked_by=Actor("staff", proposal.proposed_by),
        decided_by=approved.actor,
    )
    (outcome,) = await lift_blacklist(connection, [lifting], now=step.now, ids=step.ids)
    return outcome if isinstance(outcome, Refusal) else {}


BLACKLIST_KINDS: Kinds = {LIFT: ProposalKind(propose="blacklist.add", decide="blacklist.decide", run=_lift)}
