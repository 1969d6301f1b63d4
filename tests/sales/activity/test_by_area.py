"""What was sold where, day by day."""

from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.channel.territory.ground import DEPOK, JAYAPURA, Ground
from tests.sales.reversing import reverse
from tests.shop import open_shop

from konter.platform.clock import business_day
from konter.sales.activity.by_area import AreaDay, activity_by_area, roll_up_districts


@pytest.mark.requirement("D-57")
async def test_it_works(own_stage: Stage) -> None:
    ground = await Ground(own_stage).set()
    west = await own_stage.outlet(partner_id=ground.mine, district=DEPOK)
    east = await own_stage.outlet(partner_id=ground.theirs, district=JAYAPURA)
    shops = [await open_shop(own_stage, outlet_id=outlet) for outlet in (west, east)]
    day = business_day(own_stage.now)
    for shop in shops:
        await shop.sell()
    await reverse(own_stage, (await shops[0].sell(product="PULSA20", second=True)).sale.id)
    async with own_stage.pool.acquire() as connection:
        for _ in range(2):
            await roll_up_districts(connection, day)
        assert await activity_by_area(connection, first=day, last=day) == [
            AreaDay(area=ground.code(area), day=day, sales=1, sold_rp=await price(own_stage), outlets=1)
            for area in ("AE", "AW")
        ]
        found = await activity_by_area(connection, ground.code("CW"), first=day - timedelta(days=400), last=day)
        assert [(each.area, each.sales) for each in found] == [(ground.code("DW"), 1)]
        assert await activity_by_area(connection, first=day + timedelta(days=1), last=day + timedelta(days=2)) == []


async def price(stage: Stage) -> int:
    return await stage.pool.fetchval("SELECT price_rp FROM sale LIMIT 1")
