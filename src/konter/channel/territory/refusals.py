"""How the area tree and its places say no. The sentences stand in texts/places.toml."""

from konter.platform.refusal import refusal_kind

AREA_PARENT_WRONG = refusal_kind("AREA_PARENT_WRONG", 422)
AREA_LEVEL_FIXED = refusal_kind("AREA_LEVEL_FIXED", 409)
AREA_PARTNER_WRONG = refusal_kind("AREA_PARTNER_WRONG", 422)
UNKNOWN_DISTRICT = refusal_kind("UNKNOWN_DISTRICT", 422)
UNKNOWN_CLUSTER = refusal_kind("UNKNOWN_CLUSTER", 422)
DEPOT_OF_OTHER_CLUSTER = refusal_kind("DEPOT_OF_OTHER_CLUSTER", 422)
OUT_OF_AREA = refusal_kind("OUT_OF_AREA", 403)
