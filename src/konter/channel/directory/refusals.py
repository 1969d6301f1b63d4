"""How the directory says no."""

from konter.platform.refusal import refusal_kind

PARTNER_NOT_FOUND = refusal_kind("PARTNER_NOT_FOUND", 404)
