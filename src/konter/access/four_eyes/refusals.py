"""How proposals are refused. The sentences stand in texts/staff.toml."""

from konter.platform.refusal import refusal_kind

ALREADY_PROPOSED = refusal_kind("ALREADY_PROPOSED", 409)
PROPOSAL_NOT_FOUND = refusal_kind("PROPOSAL_NOT_FOUND", 404)
PROPOSAL_SAME_EYES = refusal_kind("PROPOSAL_SAME_EYES", 403)
PROPOSAL_DECIDED = refusal_kind("PROPOSAL_DECIDED", 409)
PROPOSAL_EXPIRED = refusal_kind("PROPOSAL_EXPIRED", 410)
