"""The shipped loyalty programmes as rules, without a database."""

from datetime import UTC, datetime

from konter.platform.audit import SYSTEM
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules
from konter.rules.ruleset import Ruleset

LOADED = datetime(2026, 11, 1, tzinfo=UTC)


def shipped_rules(name: str) -> Rules:
    """A ruleset as it is in force at the end of November 2026."""
    ruleset = read_ruleset(name)
    assert isinstance(ruleset, Ruleset), ruleset
    rows = [row for row in decide_load(Rulebook([], 1), ruleset, now=LOADED, actor=SYSTEM) if isinstance(row, RuleRow)]
    return Rulebook(rows, 1).at(datetime(2026, 11, 30, tzinfo=UTC))
