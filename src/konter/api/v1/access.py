"""The routes of access and terms, for the application to mount."""

from konter.api.v1.documents import DOCUMENT_ROUTES
from konter.api.v1.login import LOGIN_ROUTES
from konter.api.v1.me import ME_ROUTES
from konter.api.v1.resets import RESET_ROUTES
from konter.api.v1.sessions import SESSION_ROUTES

ACCESS_ROUTES = [*LOGIN_ROUTES, *RESET_ROUTES, *ME_ROUTES, *SESSION_ROUTES, *DOCUMENT_ROUTES]
