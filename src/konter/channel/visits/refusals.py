"""How visit plans say no. The sentences stand in texts/places.toml and texts/visits.toml."""

from konter.platform.refusal import refusal_kind

VISIT_REF_REUSED = refusal_kind("VISIT_REF_REUSED", 409)
FIELD_SALES_NOT_FOUND = refusal_kind("FIELD_SALES_NOT_FOUND", 404)
