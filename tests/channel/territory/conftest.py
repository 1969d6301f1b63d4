import pytest
from tests.access.people import Stage, rules
from tests.channel.territory.ground import Ground
from tests.stage import passwords, stage

from konter.rules.keys import Outlet as OutletRules

__all__ = ["passwords", "stage"]


@pytest.fixture
async def ground(stage: Stage) -> Ground:
    """All regions, a tree of areas and two partners with a depot each."""
    return await Ground(stage).set()


@pytest.fixture
def ground_rules() -> OutletRules:
    """What the shipped rules say of outlets."""
    return rules().outlet
