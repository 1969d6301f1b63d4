"""Who sees an outlet acts on it, and nobody else: by its own area and by the district that it stands in."""

import pytest
from tests.access.people import HOME, Stage, code_of
from tests.channel.territory.ground import DEPOK, JAYAPURA, Ground

from konter.channel import queries
from konter.channel.directory.find import search_outlets
from konter.channel.logged_in import logged_in
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.channel.onboarding.scope import districts_of
from konter.channel.scope import EVERYWHERE, Scope, outlet_within, partner_within, reach_of
from konter.channel.territory.read import districts_under
from konter.platform.ids import OutletId, PartnerId


@pytest.fixture
async def ground(own_stage: Stage) -> Ground:
    """Two sides of the tree, alone in their database."""
    return await Ground(own_stage).set()


async def outlet(ground: Ground, area: str, district: str | None, partner_id: PartnerId | None = None) -> OutletId:
    """One that was opened in an area and stands in a district."""
    made = await ground.stage.outlet(area=area, partner_id=partner_id or ground.stage.partner_id)
    await ground.stage.pool.execute("UPDATE outlet SET district = $2 WHERE id = $1", made, district)
    return made


@pytest.mark.requirement("D-57")
async def test_a_branch_acts_on_what_stands_in_its_districts(ground: Ground) -> None:
    stage, own = ground.stage, ground.code("BW")
    user = await stage.user(await outlet(ground, "JBJB", DEPOK))
    near, far = await stage.staff("branch", "care", area=own), await stage.staff("branch", area=ground.code("BE"))
    async with stage.pool.acquire() as connection:
        assert await logged_in(connection, user.outlet_id, principal=near, now=stage.now) == []
        refused = await logged_in(connection, user.outlet_id, principal=far, now=stage.now)
        given = {"note": "", "principal": near, "origin": HOME, "step": await stage.step(connection)}
        assert isinstance(await report_lost(connection, user.nn_msisdn, **given), LostPhone)
    assert code_of(refused) == "OUTLET_NOT_FOUND"


@pytest.mark.requirement("D-57")
async def test_lists_cards_and_reach_draw_the_same_line(ground: Ground) -> None:
    stage = ground.stage
    made = {
        await outlet(ground, area, district, partner)
        for area in ("JBJB", ground.code("CW"), ground.code("DE"))
        for district, partner in ((DEPOK, ground.mine), (JAYAPURA, ground.theirs), (None, None))
    }
    scopes = [EVERYWHERE, Scope(partner_id=ground.mine), Scope(areas=("ATLANTIS",))]
    scopes += [Scope(areas=(ground.code(code),)) for code in ("AW", "RE", "BW", "CE", "DW", "DE")]
    scopes += [Scope(areas=("JBJB",)), Scope(partner_id=ground.theirs, areas=(ground.code("CW"), ground.code("CE")))]
    sizes = []
    async with stage.pool.acquire() as connection:
        for scope in scopes:
            listed = {each.id for each in (await search_outlets(connection, scope=scope, limit=50)).outlets}
            assert {each for each in made if await outlet_within(connection, each, scope)} == listed & made, scope
            sizes.append(len(listed & made))
    assert sizes == [9, 3, 0, 5, 5, 5, 5, 3, 5, 3, 3]


async def test_districts_of_an_area_are_the_same_for_charts_queues_and_lists(ground: Ground) -> None:
    async with ground.stage.pool.acquire() as connection:
        for code in ("AW", "BW", "CW", "DW", "CE", "DE"):
            area = ground.code(code)
            reach = await reach_of(connection, Scope(areas=(area,)))
            pairs = await districts_under(connection, [area, ground.code("AE"), "ATLANTIS"])
            assert {district for top, district in pairs if top == area} == set(reach.districts) != set()
            assert await districts_of(connection, Scope(areas=(area,))) == set(reach.districts)
        assert await queries.read_reach(connection, ["ATLANTIS", "\0"]) == ([], [])


async def test_what_is_not_there_is_in_no_scope(ground: Ground) -> None:
    async with ground.stage.pool.acquire() as connection:
        assert not await outlet_within(connection, 7, EVERYWHERE)
        assert not await partner_within(connection, 7, EVERYWHERE)


async def test_a_partner_is_in_its_area_and_where_its_depots_are_and_in_no_outlets_scope(ground: Ground) -> None:
    own = await outlet(ground, "JBJB", None)
    within = [EVERYWHERE, Scope(areas=("JBJB",)), Scope(areas=(ground.code("BW"),)), Scope(partner_id=ground.mine)]
    without = [Scope(areas=(ground.code("AE"),)), Scope(partner_id=ground.theirs), Scope(outlet_id=own)]
    async with ground.stage.pool.acquire() as connection:
        assert all([await partner_within(connection, ground.mine, scope) for scope in within])
        assert not any([await partner_within(connection, ground.mine, scope) for scope in without])
