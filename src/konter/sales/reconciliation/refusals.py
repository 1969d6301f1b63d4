"""How the reconciliation says no."""

from konter.platform.refusal import refusal_kind

STATEMENT_CUT = refusal_kind("STATEMENT_CUT", 422)
STATEMENT_BAD_LINES = refusal_kind("STATEMENT_BAD_LINES", 422)
STATEMENT_OTHER_DAY = refusal_kind("STATEMENT_OTHER_DAY", 422)
DAY_NOT_OVER = refusal_kind("DAY_NOT_OVER", 409)
ITEM_NOT_FOUND = refusal_kind("ITEM_NOT_FOUND", 404)
ITEM_SOLVED = refusal_kind("ITEM_SOLVED", 409)
ITEM_TAKEN = refusal_kind("ITEM_TAKEN", 409)
ITEM_NEEDS_ADJUSTMENT = refusal_kind("ITEM_NEEDS_ADJUSTMENT", 409)
ITEM_MATTER_OPEN = refusal_kind("ITEM_MATTER_OPEN", 409)
