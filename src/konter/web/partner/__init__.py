"""The partner console: what one partner sees and does, and nothing of another's."""

from konter.web.partner.routes import CONSOLE_HANDLERS, CONSOLE_ROUTES

__all__ = ["CONSOLE_HANDLERS", "CONSOLE_ROUTES"]
