"""Which modules of the app are on for whom, by the rules of the moment. Pure. [D-54]"""

from typing import Literal, get_args

from konter.rules.keys import Switch
from konter.rules.model import Rules

Module = Literal["packages", "cancel", "day_close", "apply", "visits", "offices"]
MODULES: tuple[Module, ...] = get_args(Module)


def module_on(rules: Rules, module: Module, *, area: str = "", segment: str = "") -> bool:
    """Whether a module is there for an outlet of this area and segment, or, without them, for anybody."""
    said: Switch = getattr(rules.feature, module)
    word = said.get(f"segment:{segment}") or said.get(f"area:{area}") or said["default"]
    return word == "on"


def modules_off(rules: Rules, *, area: str = "", segment: str = "") -> frozenset[Module]:
    """The modules that are not there, for pages that lead to them."""
    return frozenset(each for each in MODULES if not module_on(rules, each, area=area, segment=segment))
