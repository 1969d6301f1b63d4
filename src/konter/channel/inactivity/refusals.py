"""How reviews of inactivity say no. The sentences stand in texts/places.toml."""

from konter.platform.refusal import refusal_kind

REVIEW_NOT_FOUND = refusal_kind("REVIEW_NOT_FOUND", 404)
REVIEW_DECIDED = refusal_kind("REVIEW_DECIDED", 409)
SELLER_ACTIVE_AGAIN = refusal_kind("SELLER_ACTIVE_AGAIN", 409)
