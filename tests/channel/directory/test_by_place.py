"""A branch lists its outlets by name: by the area they were opened in and by the district they stand in, each once."""

import pytest
from tests.access.people import Stage, code_of
from tests.channel.territory.ground import BEJI, DEPOK, JAYAPURA, Ground

from konter.channel.directory import queries
from konter.channel.directory.find import partner_card, partners_by_name, search_outlets
from konter.channel.directory.model import PartnerCard
from konter.channel.scope import EVERYWHERE, Scope


@pytest.mark.requirement("D-57")
@pytest.mark.parametrize("few", [400, 0], ids=["place by place", "by name"])
async def test_every_outlet_of_the_branch_once_and_no_other(
    own_stage: Stage, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PLACES_FEW", few)
    ground = await Ground(own_stage).set()
    mine, given = set(), {"partner_id": ground.mine, "area": ground.code("CW")}
    for n, (district, more) in enumerate(
        ((DEPOK, given), (BEJI, {"area": "JBJB"}), (None, given), (JAYAPURA, {"area": "JBJB"}), (None, {}), (DEPOK, {}))
    ):
        outlet = await own_stage.outlet(name=f"{'aBcDeF'[n]} Sama", **more)
        await own_stage.pool.execute("UPDATE outlet SET district = $2 WHERE id = $1", outlet, district)
        if district in (DEPOK, BEJI) or "partner_id" in more:
            mine.add(outlet)
    async with own_stage.pool.acquire() as connection:
        seen, after = [], None
        while True:
            page = await search_outlets(connection, scope=Scope(areas=(ground.code("BW"),)), after=after, limit=2)
            seen += [each.id for each in page.outlets]
            if (after := page.after) is None:
                break
        by_name = [each.id for each in (await search_outlets(connection, scope=EVERYWHERE)).outlets if each.id in mine]
        stopped = await search_outlets(connection, scope=Scope(areas=(ground.code("BW"),)), status="suspended")
        nowhere = await search_outlets(connection, scope=Scope(areas=("ATLANTIS",)))
    assert seen == by_name
    assert (stopped.outlets, nowhere.outlets) == ((), ())


@pytest.mark.requirement("D-57")
async def test_a_branch_sees_the_partners_with_a_depot_there(own_stage: Stage) -> None:
    """Both work in JBJB; each has its depot under a branch of its own."""
    ground = await Ground(own_stage).set()
    branch = Scope(areas=(ground.code("BW"),))
    async with own_stage.pool.acquire() as connection:
        listed = {each.id for each in await partners_by_name(connection, scope=branch, limit=200)}
        found = await partner_card(connection, ground.mine, scope=branch)
        other = await partner_card(connection, ground.theirs, scope=branch)
        by_code = await partner_card(connection, ground.code("SBP-EAST"), scope=branch)
        wider = await partner_card(connection, ground.theirs, scope=Scope(areas=("JBJB",)))
        theirs = await partners_by_name(connection, scope=Scope(partner_id=ground.mine), limit=200)
    assert listed == {ground.mine} == {each.id for each in theirs}
    assert (isinstance(found, PartnerCard), isinstance(wider, PartnerCard)) == (True, True)
    assert (code_of(other), code_of(by_code)) == ("PARTNER_NOT_FOUND", "PARTNER_NOT_FOUND")
