"""How selling says no. Before anything moved a refusal is no sale: nothing is remembered under its ref."""

from konter.platform.refusal import refusal_kind

INSUFFICIENT_BALANCE = refusal_kind("INSUFFICIENT_BALANCE", 409)
PRICE_CHANGED = refusal_kind("PRICE_CHANGED", 409)
DUPLICATE_SALE = refusal_kind("DUPLICATE_SALE", 409)
REF_REUSED = refusal_kind("REF_REUSED", 409)
SALE_NOT_FOUND = refusal_kind("SALE_NOT_FOUND", 404)
NOT_DELIVERED = refusal_kind("NOT_DELIVERED", 409)
DELIVERY_SPENT = refusal_kind("DELIVERY_SPENT", 409)
ALREADY_REVERSED = refusal_kind("ALREADY_REVERSED", 409)
REVERSAL_ASKED = refusal_kind("REVERSAL_ASKED", 409)
REVERSAL_NOT_FOUND = refusal_kind("REVERSAL_NOT_FOUND", 404)
REVERSAL_DECIDED = refusal_kind("REVERSAL_DECIDED", 409)
COOLING_OFF = refusal_kind("COOLING_OFF", 403)
SAME_EYES = refusal_kind("SAME_EYES", 403)
PURCHASE_REF_REUSED = refusal_kind("PURCHASE_REF_REUSED", 409)
TAKE_BACK_REFUSED = refusal_kind("TAKE_BACK_REFUSED", 409)
TOO_LATE_TO_CANCEL = refusal_kind("TOO_LATE_TO_CANCEL", 409)
