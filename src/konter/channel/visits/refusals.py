"""How visit plans say no. The sentences stand in texts/places.toml."""

from konter.platform.refusal import refusal_kind

FIELD_SALES_NOT_FOUND = refusal_kind("FIELD_SALES_NOT_FOUND", 404)
