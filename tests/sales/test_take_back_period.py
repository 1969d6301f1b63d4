"""What a reversal leaves of the active period, when deliveries came in another order than sales."""

from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.sales.checking.desk import Desk, Fickle
from tests.sales.test_take_back import Counter
from tests.shop import open_shop
from tests.ways import WAYS

from konter.sales.history.read import SaleStory


@pytest.mark.parametrize(("goes", "days"), [("other", 7), ("slow", 45)])
@pytest.mark.requirement("T-11")
async def test_the_active_period_follows_the_order_of_deliveries_not_of_sales(
    own_stage: Stage, goes: str, days: int
) -> None:
    """Two sales, the first of which was delivered last: what stays is as if the other had never been."""
    desk = Desk(await open_shop(own_stage, way=WAYS["network"]), Fickle())
    counter = Counter(desk.shop)
    desk.network.mood = "away"
    sold = {"slow": await desk.left_open(product="PULSA50")}
    own_stage.clock.advance(timedelta(seconds=5))
    sold["other"] = await counter.sold(product="PULSA5")
    desk.network.mood = "willing"
    await desk.after(seconds=30)
    both = (await desk.shop.look()).active_until
    story = await counter.agree(await counter.asked(sold[goes]))
    assert isinstance(story, SaleStory)
    assert story.reversal is not None
    assert story.reversal.state == "done"
    assert (await desk.shop.look()).active_until == both - timedelta(days=days)
