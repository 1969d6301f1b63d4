import pytest
from tests.access.people import Stage
from tests.sales.reconciliation.bureau import Bureau
from tests.shop import open_shop, own_stage
from tests.stage import passwords
from tests.ways import WAYS

__all__ = ["own_stage", "passwords"]


@pytest.fixture
async def bureau(own_stage: Stage) -> Bureau:
    """A shop whose sales go over a network, and the people who compare, on a database of the test's own."""
    shop = await open_shop(own_stage, way=WAYS["network"])
    await own_stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '400 days'")
    return Bureau(shop)
