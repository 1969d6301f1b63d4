import pytest
from tests.access.people import Stage
from tests.sales.checking.desk import Desk, Fickle
from tests.shop import open_shop, own_stage
from tests.stage import passwords
from tests.ways import WAYS

__all__ = ["own_stage", "passwords"]


@pytest.fixture
async def desk(own_stage: Stage) -> Desk:
    """A shop whose sales go over a network, and a worker that looks after them, on a database of the test's own."""
    return Desk(await open_shop(own_stage, way=WAYS["network"]), Fickle())


@pytest.fixture(params=["split", "network"])
async def any_desk(own_stage: Stage, request: pytest.FixtureRequest) -> Desk:
    """The same for both ways of taking more than one step."""
    return Desk(await open_shop(own_stage, way=WAYS[request.param]), Fickle())
