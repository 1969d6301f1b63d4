"""Modules of the app that are off: their routes say no, and pages do not lead to them. [D-54]

A route names its module in its `opt`: `opt={MODULE: "cancel"}`. For whom a module is on is known once it is known who
asks; what is for anybody goes by the word for anybody.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from konter.app import App
from konter.platform.refusal import Refused
from konter.rules.model import Rules
from konter.rules.modules import Module, module_on, modules_off
from konter.rules.refusals import MODULE_OFF
from konter.web.app import AnyRequest, app_of

MODULE = "konter_module"
OFF = "modules_off"  # kept with the request, for the page that answers it


async def open_to_anybody(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of pages for anybody. Raises Refused(MODULE_OFF)."""
    app: App = connection.app.state.app
    rules = await app.rules_at_hand(app.clock.now())
    require_module(handler, rules)


def require_module(handler: BaseRouteHandler, rules: Rules, *, area: str = "", segment: str = "") -> None:
    """Raise Refused(MODULE_OFF) where the route belongs to a module that is off for them."""
    module: Module | None = handler.opt.get(MODULE)
    if module is not None and not module_on(rules, module, area=area, segment=segment):
        raise Refused(MODULE_OFF())


def note_modules(request: AnyRequest, rules: Rules, *, area: str = "", segment: str = "") -> None:
    """Keep which modules are off, so that the page shows no way to them."""
    request.scope["state"][OFF] = modules_off(rules, area=area, segment=segment)


def off_for(request: AnyRequest) -> frozenset[Module]:
    """What was kept; where nobody asked, the word for anybody as this process last heard it, without a query."""
    found: frozenset[Module] | None = request.scope["state"].get(OFF)
    if found is not None:
        return found
    app = app_of(request)
    rulebook = app.references.rulebook
    return modules_off(rulebook.at(app.clock.now())) if rulebook is not None else frozenset()
