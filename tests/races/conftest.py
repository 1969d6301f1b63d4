import pytest
from tests.races.arena import Arena
from tests.shop import Shop, own_stage
from tests.shop import shop_any_way as shop
from tests.stage import passwords, stage
from tests.ways import way

__all__ = ["own_stage", "passwords", "shop", "stage", "way"]


@pytest.fixture
def arena(shop: Shop, worker_dsn: str) -> Arena:
    return Arena(shop, worker_dsn)
