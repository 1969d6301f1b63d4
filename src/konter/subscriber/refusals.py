"""How the subscriber domain says no."""

from konter.platform.refusal import refusal_kind

BAD_MSISDN = refusal_kind("BAD_MSISDN", 422)
NOT_OUR_NUMBER = refusal_kind("NOT_OUR_NUMBER", 422)
UNKNOWN_SUBSCRIBER = refusal_kind("UNKNOWN_SUBSCRIBER", 404)
SUBSCRIBER_EXPIRED = refusal_kind("SUBSCRIBER_EXPIRED", 409)
NOT_PREPAID = refusal_kind("NOT_PREPAID", 409)
