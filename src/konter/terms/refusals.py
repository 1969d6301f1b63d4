"""How terms say no. The sentences stand in texts/terms.toml."""

from konter.platform.refusal import refusal_kind

UNKNOWN_DOCUMENT = refusal_kind("UNKNOWN_DOCUMENT", 404)
DOCUMENT_NOT_IN_FORCE = refusal_kind("DOCUMENT_NOT_IN_FORCE", 409)
