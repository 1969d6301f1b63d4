"""How offices say no. The sentences stand in texts/offices.toml."""

from konter.platform.refusal import refusal_kind

OFFICE_FILE_REFUSED = refusal_kind("OFFICE_FILE_REFUSED", 422)
OFFICE_NOT_FOUND = refusal_kind("OFFICE_NOT_FOUND", 404)
