"""How partners and their users are refused. The sentences stand in texts/partner_users.toml."""

from konter.platform.refusal import refusal_kind

PARTNER_NOT_FOUND = refusal_kind("PARTNER_NOT_FOUND", 404)
PARTNER_NUMBER_TAKEN = refusal_kind("PARTNER_NUMBER_TAKEN", 409)
PARTNER_HAS_OUTLETS = refusal_kind("PARTNER_HAS_OUTLETS", 409)
AREA_NOT_OF_PARTNER = refusal_kind("AREA_NOT_OF_PARTNER", 422)
