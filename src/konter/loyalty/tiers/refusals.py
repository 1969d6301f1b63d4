"""How tiers say no."""

from konter.platform.refusal import refusal_kind

WHAT_IF_BUSY = refusal_kind("WHAT_IF_BUSY", 429)
