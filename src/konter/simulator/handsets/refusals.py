"""How the simulator says no."""

from konter.platform.refusal import refusal_kind

BAD_ADVANCE = refusal_kind("BAD_ADVANCE", 422)
CLOCK_TOO_FAR = refusal_kind("CLOCK_TOO_FAR", 422)
BAD_RECIPIENT = refusal_kind("BAD_RECIPIENT", 422)
TEXT_EMPTY = refusal_kind("TEXT_EMPTY", 422)
TEXT_TOO_LONG = refusal_kind("TEXT_TOO_LONG", 422)
TOO_MANY_HANDSETS = refusal_kind("TOO_MANY_HANDSETS", 422)
