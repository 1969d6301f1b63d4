"""Apply to become a seller, on the phone. [D-02, D-03]"""

from litestar import Router
from litestar.types import ControllerRouterHandler

from konter.web.apply.enter import ENTER_ROUTES
from konter.web.apply.numbers import NUMBER_ROUTES
from konter.web.apply.photo import PHOTO_ROUTES
from konter.web.apply.send import SEND_ROUTES, STATUS_ROUTES
from konter.web.apply.steps import STEP_ROUTES
from konter.web.modules import MODULE, open_to_anybody

# While the module is off nobody begins or goes on; what was begun can be seen and taken back. [D-54, D-55]
_MODULE = Router(
    "/",
    route_handlers=[*ENTER_ROUTES, *STEP_ROUTES, *NUMBER_ROUTES, *PHOTO_ROUTES, *SEND_ROUTES],
    guards=[open_to_anybody],
    opt={MODULE: "apply"},
)
APPLY_ROUTES: list[ControllerRouterHandler] = [_MODULE, *STATUS_ROUTES]

__all__ = ["APPLY_ROUTES"]
