"""How the channel says no. None names data of another outlet. [D-34] The sentences stand in texts/channel.toml."""

from konter.platform.refusal import refusal_kind

UNKNOWN_AREA = refusal_kind("UNKNOWN_AREA", 422)
PARTNER_CODE_TAKEN = refusal_kind("PARTNER_CODE_TAKEN", 409)
PARTNER_NOT_ACTIVE = refusal_kind("PARTNER_NOT_ACTIVE", 409)
OUTLET_CODE_TAKEN = refusal_kind("OUTLET_CODE_TAKEN", 409)
OUTLET_NOT_FOUND = refusal_kind("OUTLET_NOT_FOUND", 404)
OUTLET_NOT_ACTIVE = refusal_kind("OUTLET_NOT_ACTIVE", 409)
OUTLET_TERMINATED = refusal_kind("OUTLET_TERMINATED", 409)
USER_NOT_FOUND = refusal_kind("USER_NOT_FOUND", 404)
USER_ENDED = refusal_kind("USER_ENDED", 409)
RS_NOT_OPERATOR = refusal_kind("RS_NOT_OPERATOR", 422)
RS_ALREADY_REGISTERED = refusal_kind("RS_ALREADY_REGISTERED", 409)
NN_NOT_OPERATOR = refusal_kind("NN_NOT_OPERATOR", 422)
NN_ALREADY_LINKED = refusal_kind("NN_ALREADY_LINKED", 409)
NN_COOLING_DOWN = refusal_kind("NN_COOLING_DOWN", 409)
NN_REPORTED_LOST = refusal_kind("NN_REPORTED_LOST", 409)
