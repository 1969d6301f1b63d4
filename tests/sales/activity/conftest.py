import pytest
from tests.access.people import rules
from tests.shop import own_stage
from tests.stage import passwords

from konter.rules.model import Rules

__all__ = ["own_stage", "passwords"]


@pytest.fixture
def own_rules() -> Rules:
    """The shipped rules."""
    return rules()
