"""How the address for the network says no."""

from konter.platform.refusal import refusal_kind

WRONG_NETWORK_TOKEN = refusal_kind("WRONG_NETWORK_TOKEN", 401)
