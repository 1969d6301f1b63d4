"""Proposals, and the pure decision on who may decide."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from konter.access.four_eyes.refusals import PROPOSAL_DECIDED, PROPOSAL_EXPIRED, PROPOSAL_SAME_EYES
from konter.access.model import Principal
from konter.access.staff.roles import Permission, may
from konter.platform.ids import ProposalId
from konter.platform.refusal import FORBIDDEN, Refusal

ProposalState = Literal["waiting", "approved", "rejected", "lapsed"]
REASON_CHARS_MAX = 500


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as the database has it; `proposer` is the name of whoever made it, `data` what the kind needs."""

    id: ProposalId
    kind: str
    subject_id: int
    data: dict[str, Any]
    reason: str
    state: ProposalState
    proposed_by: int
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    decided_why: str | None

    def refusal_for(self, decider: Principal, *, permission: Permission, now: datetime) -> Refusal | None:
        """Why this person may not decide it now, or None."""
        if decider.kind != "staff" or not may(decider.roles, permission):
            return FORBIDDEN()
        if decider.user_id in (self.proposed_by, self.subject_id):
            return PROPOSAL_SAME_EYES()
        if self.state != "waiting":
            return PROPOSAL_DECIDED()
        return PROPOSAL_EXPIRED() if self.expires_at <= now else None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended, and what the command answered."""

    state: ProposalState
    result: dict[str, Any]
