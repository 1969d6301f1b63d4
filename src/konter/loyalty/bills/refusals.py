"""How bills are refused."""

from konter.platform.refusal import refusal_kind

BILL_PERIOD_WRONG = refusal_kind("BILL_PERIOD_WRONG", 422)
BILL_IN_THE_FUTURE = refusal_kind("BILL_IN_THE_FUTURE", 422)
BILL_TAX_WRONG = refusal_kind("BILL_TAX_WRONG", 422)
BILL_TOTAL_WRONG = refusal_kind("BILL_TOTAL_WRONG", 422)
BILL_TOO_OLD = refusal_kind("BILL_TOO_OLD", 422)
BILL_OF_ANOTHER = refusal_kind("BILL_OF_ANOTHER", 409)
BILL_KNOWN_OTHERWISE = refusal_kind("BILL_KNOWN_OTHERWISE", 409)
BILL_NOT_FOUND = refusal_kind("BILL_NOT_FOUND", 404)
BILL_CANCELLED = refusal_kind("BILL_CANCELLED", 409)
BILL_PAID_OTHERWISE = refusal_kind("BILL_PAID_OTHERWISE", 409)
NUMBER_NOT_POSTPAID = refusal_kind("NUMBER_NOT_POSTPAID", 409)
BILLS_FILE_REFUSED = refusal_kind("BILLS_FILE_REFUSED", 422)
