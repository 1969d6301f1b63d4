import pytest
from tests.races.arena import Arena
from tests.shop import Shop, own_stage, shop
from tests.stage import passwords, stage

__all__ = ["own_stage", "passwords", "shop", "stage"]


@pytest.fixture
def arena(shop: Shop, worker_dsn: str) -> Arena:
    return Arena(shop, worker_dsn)
