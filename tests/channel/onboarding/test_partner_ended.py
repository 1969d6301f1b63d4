"""The partner of a place is ended while its outlets apply."""

import asyncio

import pytest
from tests.access.people import code_of
from tests.channel.onboarding.desk import Desk

from konter.channel.model import NewArea
from konter.channel.onboarding.model import Judged
from konter.channel.onboarding.reroute import reroute_applications
from konter.channel.partner_users.stop import end_partner
from konter.channel.scope import Scope
from konter.channel.territory.model import Territory
from konter.platform.audit import SYSTEM
from konter.platform.ids import PartnerId


async def end(desk: Desk, partner_id: PartnerId) -> None:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        ended = await end_partner(
            connection, partner_id, reason="kontrak habis", actor=SYSTEM, now=stage.now, ids=stage.ids
        )
    assert ended == partner_id


async def reroute(desk: Desk) -> int:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        return await reroute_applications(connection, now=stage.now, ids=stage.ids, rules=stage.rules)


async def hand_the_place_over(desk: Desk) -> None:
    """A depot of the other partner in the cluster serves the district from now on."""
    ground = desk.ground
    code = ground.code("D2")
    depot = NewArea(code=code, name="depot 2", level="depot", parent=ground.code("CW"), partner_id=ground.theirs)
    assert await ground.set_areas(depot) == [code]
    await ground.assign(Territory(district=desk.district, cluster=ground.code("CW"), depot=code))


@pytest.mark.requirement("D-59", "G-D08", "G-D09")
async def test_what_waits_for_an_ended_partner_goes_to_the_next_one_of_the_place(desk: Desk) -> None:
    sent, recommended = await desk.sent(), await desk.recommended()
    await end(desk, desk.ground.mine)
    await reroute(desk)
    assert code_of(await desk.decide(sent)) == "NOT_YET_RECOMMENDED", "nobody serves the place: it waits"
    await hand_the_place_over(desk)
    await reroute(desk)
    for application in (sent, recommended):
        assert await desk.state(application) == "submitted"
        assert (await desk.read(application)).partner_id == desk.ground.theirs
        assert (await desk.stage.audit(application))[-1] == "application.rerouted"
        assert isinstance(await desk.recommend(application, scope=Scope(partner_id=desk.ground.theirs)), Judged)
        assert isinstance(await desk.decide(application), Judged)
    assert await reroute(desk) == 0


@pytest.mark.requirement("D-59")
async def test_an_approval_and_the_end_of_the_partner_at_once(desk: Desk) -> None:
    application = await desk.recommended()
    stage = desk.stage

    async def ending() -> object:
        async with stage.pool.acquire() as connection:
            given = {"reason": "kontrak habis", "actor": SYSTEM, "now": stage.now, "ids": stage.ids}
            return await end_partner(connection, desk.ground.mine, **given)

    judged, ended = await asyncio.gather(desk.decide(application), ending())
    won = isinstance(judged, Judged)
    assert won or code_of(judged) == "PARTNER_NOT_ACTIVE"
    assert (ended != desk.ground.mine) is won, (judged, ended)
