"""How the numbers of outlets say no. None names another outlet. [D-34] The sentences stand in texts/numbers.toml."""

from konter.platform.refusal import refusal_kind

OUTLET_NEEDS_RS = refusal_kind("OUTLET_NEEDS_RS", 409)
RS_IS_NN = refusal_kind("RS_IS_NN", 409)
NN_RELEASED = refusal_kind("NN_RELEASED", 409)
NOT_SAME_PROPRIETOR = refusal_kind("NOT_SAME_PROPRIETOR", 409)
SELLER_NUMBER_LINKED = refusal_kind("SELLER_NUMBER_LINKED", 409)
NUMBER_NOT_FOUND = refusal_kind("NUMBER_NOT_FOUND", 404)
