"""Whatever is written to the audit can be read in a story: each action has a text."""

import re
from pathlib import Path

import pytest

from konter.platform.i18n import catalogue

SOURCE = Path(__file__).parent.parent.parent / "src" / "konter"
WRITTEN = re.compile(r'(?:AuditRow|\.audit|_audit)\([^"]*?"([a-z_]+\.[a-z_]+)"', re.DOTALL)


def actions() -> set[str]:
    """Every action whose name stands in the source where it is written down."""
    return {name for file in SOURCE.rglob("*.py") for name in WRITTEN.findall(file.read_text("utf-8"))}


def test_the_search_finds_them() -> None:
    assert len(actions()) > 60
    assert {"territory.assigned", "device.trusted", "application.returned"} <= actions()


@pytest.mark.parametrize("action", sorted(actions()))
def test_each_action_has_a_text(action: str) -> None:
    assert f"desk.act.{action}" in catalogue()
