"""What happens where, as pictures with their numbers."""

import re
from datetime import timedelta

import pytest
from tests.channel.territory.ground import DEPOK, Ground
from tests.shop import open_shop
from tests.web.office.conftest import Office

from konter.platform.clock import business_day
from konter.sales.activity.by_area import roll_up_districts


def numbers(text: str, id_: str) -> list[list[str]]:
    """The rows of the table that stands with a chart."""
    part = text.split(f'aria-labelledby="{id_}-title"')[1].split("</section>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", part.split("<tbody>")[1].split("</tbody>")[0], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]


@pytest.mark.requirement("D-57")
async def test_sales_and_applications_by_area(office: Office) -> None:
    stage = office.stage
    ground = await Ground(stage).set()
    shop = await open_shop(stage, outlet_id=await stage.outlet(partner_id=ground.mine, district=DEPOK))
    for product in ("PULSA50", "PULSA20"):
        assert (await shop.sell(product=product)).sale is not None
    day = business_day(stage.now)
    stage.clock.advance(timedelta(days=1))
    async with stage.pool.acquire() as connection:
        await roll_up_districts(connection, day)
    branch = await office.clerk("branch")
    await branch.get("/office/wilayah")
    first, *others = numbers(branch.text, "activity")
    assert (first[0], first[1], first[3]) == ("area W", "2", "1")
    assert all(row[1] == "0" for row in others)
    assert "<svg" in branch.text.split('id="activity-title"')[1].split("</section>")[0]
    assert ["area W", "0", "0"] in numbers(branch.text, "applications-by-area")
    await branch.get(f"/office/wilayah?kode={ground.code('AW')}")
    assert numbers(branch.text, "activity")[0][:2] == ["region W", "2"]
