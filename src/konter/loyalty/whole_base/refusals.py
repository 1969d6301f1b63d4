"""How files of the whole base are refused."""

from konter.platform.refusal import refusal_kind

COLUMN_MISSING = refusal_kind("COLUMN_MISSING", 422)
COLUMN_WRONG = refusal_kind("COLUMN_WRONG", 422)
FILES_MISSING = refusal_kind("FILES_MISSING", 422)
FILES_BROKEN = refusal_kind("FILES_BROKEN", 422)
HISTORY_NEEDED = refusal_kind("HISTORY_NEEDED", 422)
LIMIT_OUT_OF_BOUNDS = refusal_kind("LIMIT_OUT_OF_BOUNDS", 422)
OUT_OF_MEMORY = refusal_kind("OUT_OF_MEMORY", 507)
THRESHOLDS_WRONG = refusal_kind("THRESHOLDS_WRONG", 422)
