"""The API's reference as one page, from its description: no script, nothing loaded from elsewhere, fit for a phone."""

from konter.api.reference.routes import REFERENCE_ROUTES

__all__ = ["REFERENCE_ROUTES"]
