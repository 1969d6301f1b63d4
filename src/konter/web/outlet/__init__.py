"""The outlet's pages on a phone."""

from konter.web.outlet.routes import OUTLET_ROUTES

__all__ = ["OUTLET_ROUTES"]
