"""Who answers customers: every short number and every service code of this installation, in one place.

A domain's texts and dialogues are registered here, under the number or code that the rules in force say, and nowhere
else: worker, simulator and any provider's edge find them through `App.served`.
"""

from typing import TYPE_CHECKING

from konter.messaging.served import Served
from konter.rules.model import Rules

if TYPE_CHECKING:
    from konter.app import App


def served_by(app: "App", rules: Rules) -> Served:  # noqa: ARG001 - the parts that the first dialogue will name
    """Services by short number and menus by service code, made of the parts of a process."""
    return Served(services={}, menus={})
