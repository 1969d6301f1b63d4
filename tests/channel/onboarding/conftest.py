from collections.abc import Iterator

import pytest
from tests.access.people import Stage
from tests.channel.onboarding.desk import Desk
from tests.channel.territory.ground import Ground
from tests.stage import passwords, stage

from konter.channel.onboarding.photo.photos import Photos

__all__ = ["passwords", "stage"]


@pytest.fixture(scope="session")
def photos() -> Iterator[Photos]:
    """The thread that re-encodes, shared."""
    made = Photos()
    yield made
    made.close()


@pytest.fixture
async def desk(stage: Stage, photos: Photos) -> Desk:
    """Two partners with places, and applicants who come to them."""
    return Desk(await Ground(stage).set(), photos)
