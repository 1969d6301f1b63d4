"""The catalogue's ways of saying no."""

from konter.platform.refusal import refusal_kind

UNKNOWN_PRODUCT = refusal_kind("UNKNOWN_PRODUCT", 404)
PRODUCT_CLOSED = refusal_kind("PRODUCT_CLOSED", 409)
AMOUNT_NOT_ALLOWED = refusal_kind("AMOUNT_NOT_ALLOWED", 422)
NO_PRICE = refusal_kind("NO_PRICE", 409)
CATALOGUE_REFUSED = refusal_kind("CATALOGUE_REFUSED", 422)
