"""How reports of lost phones are refused. The sentences stand in texts/lost_phones.toml."""

from konter.platform.refusal import refusal_kind

SELLER_NUMBER_NOT_FOUND = refusal_kind("SELLER_NUMBER_NOT_FOUND", 404)
LOST_PHONE_NOT_FOUND = refusal_kind("LOST_PHONE_NOT_FOUND", 404)
LOST_PHONE_LIFTED = refusal_kind("LOST_PHONE_LIFTED", 409)
