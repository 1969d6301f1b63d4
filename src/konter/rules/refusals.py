"""The rules' own ways of saying no."""

from konter.platform.refusal import refusal_kind

RULESET_REFUSED = refusal_kind("RULESET_REFUSED", 422)
MODULE_OFF = refusal_kind("MODULE_OFF", 404)
RULE_UNKNOWN = refusal_kind("RULE_UNKNOWN", 404)
RULE_BEGUN = refusal_kind("RULE_BEGUN", 409)
RULE_NEEDED = refusal_kind("RULE_NEEDED", 409)
