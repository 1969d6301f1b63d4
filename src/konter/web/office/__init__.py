"""The staff office: queues of work, and a page for every thing with its story."""

from konter.web.office.routes import OFFICE_HANDLERS, OFFICE_ROUTES

__all__ = ["OFFICE_HANDLERS", "OFFICE_ROUTES"]
