"""Who answers customers: every short number and every service code of this installation, in one place.

A domain's texts and dialogues are registered here, under the number or code that the rules in force say, and nowhere
else: worker, simulator and any provider's edge find them through `App.served`.
"""

from typing import TYPE_CHECKING

from konter.loyalty.dialogue.menu import points_menu
from konter.loyalty.dialogue.texts import points_by_text
from konter.messaging.served import Served
from konter.messaging.ussd.model import Menu
from konter.rules.model import Rules

if TYPE_CHECKING:
    from konter.app import App

PAGE_CHARS = 182  # of GSM-7, as the points programme promises [P-26]


def served_by(app: "App", rules: Rules) -> Served:
    """Services by short number and menus by service code, made of the parts of a process."""
    points = points_by_text(app.pool, clock=app.clock, ids=app.ids, keys=app.keys, rules=rules)
    return Served(
        services={rules.poin.sms_number: points},
        menus={rules.poin.ussd_code: Menu(points_menu(app.pool, app.redeeming, rules=rules), page_chars=PAGE_CHARS)},
    )
