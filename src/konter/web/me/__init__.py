"""A customer's own pages, under `/saya`. [P-30]"""

from konter.web.me.errors import ME_HANDLERS
from konter.web.me.home import HOME_ROUTES
from konter.web.me.login import LOGIN_ROUTES
from konter.web.me.sessions import SESSION_ROUTES

ME_ROUTES = [*LOGIN_ROUTES, *HOME_ROUTES, *SESSION_ROUTES]

__all__ = ["ME_HANDLERS", "ME_ROUTES"]
