"""Simulated handsets: what a person sees on the phones of seller and customer. Mounted in demo and test mode only."""

from konter.simulator.handsets.routes import SIMULATOR_ROUTES

__all__ = ["SIMULATOR_ROUTES"]
