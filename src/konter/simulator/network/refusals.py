"""Refusals of the simulated network's page."""

from konter.platform.refusal import refusal_kind

BAD_FAULTS = refusal_kind("BAD_FAULTS", 422)
