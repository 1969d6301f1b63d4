"""How an outcome by hand is refused. The sentences stand in texts/by_hand.toml."""

from konter.platform.refusal import refusal_kind

OUTCOME_KNOWN = refusal_kind("OUTCOME_KNOWN", 409)
OUTCOME_NOT_FOR_PEOPLE = refusal_kind("OUTCOME_NOT_FOR_PEOPLE", 409)
OUTCOME_CONTRADICTED = refusal_kind("OUTCOME_CONTRADICTED", 409)
