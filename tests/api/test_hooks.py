"""What runs on every request runs in the event loop: a hook that is no coroutine goes through a thread, three hops each."""

from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from litestar.utils.sync import AsyncCallable

from konter.asgi import create_app
from konter.platform.config import Settings


def test_no_hook_of_a_request_runs_in_a_thread(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, mode="test", pepper="5a" * 32, seal_keys=""), "postgresql://nowhere")
    handlers = [
        handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and route.path.startswith("/api/v1")
    ]
    assert handlers
    for handler in handlers:
        layers = handler.ownership_layers
        hooks = [hook for layer in layers for hook in (layer.before_request, layer.after_request)]
        hooks += handler.resolve_guards()
        assert sum(hook is not None for hook in hooks) >= 3, "the body's, the answer's and the token's"
        assert not [hook for hook in hooks if isinstance(hook, AsyncCallable)], handler
