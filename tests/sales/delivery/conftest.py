import pytest
from tests.access.people import Stage
from tests.sales.checking.desk import Desk, Fickle
from tests.shop import open_shop, own_stage
from tests.stage import passwords
from tests.ways import WAYS

__all__ = ["own_stage", "passwords"]


@pytest.fixture
async def desk(own_stage: Stage) -> Desk:
    """A shop whose customers are in other cells."""
    return Desk(await open_shop(own_stage, way=WAYS["split"]), Fickle())


@pytest.fixture
async def networked(own_stage: Stage) -> Desk:
    """A shop that sells over a network."""
    return Desk(await open_shop(own_stage, way=WAYS["network"]), Fickle())
