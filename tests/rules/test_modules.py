"""Which modules of the app are on for whom. [D-54]"""

import msgspec
import pytest
from tests.access.people import rules

from konter.rules.checks import rules_faults
from konter.rules.keys import Switch
from konter.rules.model import Rules
from konter.rules.modules import MODULES, module_on, modules_off

pytestmark = pytest.mark.requirement("D-54")


def switched(**modules: Switch) -> Rules:
    return msgspec.structs.replace(rules(), feature=msgspec.structs.replace(rules().feature, **modules))


def test_every_module_is_on_where_no_rule_says_otherwise() -> None:
    assert modules_off(rules()) == frozenset()
    assert set(MODULES) == set(rules().feature.__struct_fields__)


def test_the_segments_word_goes_before_the_areas_and_that_before_the_rest() -> None:
    said = switched(packages={"default": "off", "area:JBJB": "on", "segment:kiosk": "off"})
    assert not module_on(said, "packages")
    assert module_on(said, "packages", area="JBJB", segment="retail")
    assert not module_on(said, "packages", area="JBJB", segment="kiosk")
    assert not module_on(said, "packages", area="SUM", segment="retail")
    assert modules_off(said, area="JBJB") == frozenset()
    assert modules_off(said) == {"packages"}


def test_a_switch_without_a_word_for_the_rest_is_a_fault() -> None:
    assert ("feature.apply", "default_missing") in rules_faults(switched(apply={"area:SUM": "off"}))
    assert rules_faults(switched(apply={"default": "off"})) == []
