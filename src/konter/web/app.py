"""The way from a request to the running application."""

from typing import Any, cast

from litestar import Request

from konter.app import App

AnyRequest = Request[Any, Any, Any]


def app_of(request: AnyRequest) -> App:
    """The application that a request came to."""
    return cast("App", request.app.state.app)
