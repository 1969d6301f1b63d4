"""Pages for anybody."""

from konter.web.public.routes import PUBLIC_ROUTES

__all__ = ["PUBLIC_ROUTES"]
