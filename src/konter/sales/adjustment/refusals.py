"""How an adjustment is refused."""

from konter.platform.refusal import refusal_kind

NOTHING_TO_ADJUST = refusal_kind("NOTHING_TO_ADJUST", 409)
ADJUSTMENT_ASKED = refusal_kind("ADJUSTMENT_ASKED", 409)
ALREADY_ADJUSTED = refusal_kind("ALREADY_ADJUSTED", 409)
ADJUSTMENT_NOT_FOUND = refusal_kind("ADJUSTMENT_NOT_FOUND", 404)
ADJUSTMENT_DECIDED = refusal_kind("ADJUSTMENT_DECIDED", 409)
ADJUSTMENT_SAME_EYES = refusal_kind("ADJUSTMENT_SAME_EYES", 403)
WALLET_TOO_LOW = refusal_kind("WALLET_TOO_LOW", 409)
