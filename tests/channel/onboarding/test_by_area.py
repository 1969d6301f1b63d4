"""How many applications wait where."""

import pytest
from tests.channel.onboarding.desk import Desk

from konter.channel.onboarding.queues.by_area import AreaApplications, applications_by_area


@pytest.mark.requirement("D-57")
async def test_a_sent_application_counts_in_every_area_above_its_place(desk: Desk) -> None:
    before = await counted(desk, "AW", None)
    opened = await desk.filled()
    assert await counted(desk, "AW", None) == before, "a draft waits for nobody"
    await desk.send(opened.token)
    after = await counted(desk, "AW", None)
    assert (after.submitted, after.recommended) == (before.submitted + 1, before.recommended)
    assert (await counted(desk, "DW", "CW")).submitted >= 1


async def counted(desk: Desk, area: str, parent: str | None) -> AreaApplications:
    code = desk.ground.code(area)
    async with desk.stage.pool.acquire() as connection:
        found = await applications_by_area(connection, desk.ground.code(parent) if parent else None)
    return next(each for each in found if each.area == code)
