"""Apply to become a seller, on the phone. [D-02, D-03]"""

from konter.web.apply.enter import ENTER_ROUTES
from konter.web.apply.numbers import NUMBER_ROUTES
from konter.web.apply.photo import PHOTO_ROUTES
from konter.web.apply.send import SEND_ROUTES
from konter.web.apply.steps import STEP_ROUTES

APPLY_ROUTES = [*ENTER_ROUTES, *STEP_ROUTES, *NUMBER_ROUTES, *PHOTO_ROUTES, *SEND_ROUTES]

__all__ = ["APPLY_ROUTES"]
