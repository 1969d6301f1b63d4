"""How conflicts say no. The sentences stand in texts/numbers.toml."""

from konter.platform.refusal import refusal_kind

CONFLICT_NOT_FOUND = refusal_kind("CONFLICT_NOT_FOUND", 404)
CONFLICT_SETTLED = refusal_kind("CONFLICT_SETTLED", 409)
CONFLICT_ELSEWHERE = refusal_kind("CONFLICT_ELSEWHERE", 403)
OUTLET_HAS_RS = refusal_kind("OUTLET_HAS_RS", 409)
