import asyncpg
import msgspec
import pytest
from tests.access.people import code_of
from tests.channel.territory.ground import BEJI, DEPOK, Ground

from konter.channel.model import NewArea
from konter.channel.territory.model import Territory
from konter.channel.territory.read import areas_under, clusters_of, default_partners, path_of_area
from konter.platform.ids import PartnerId


@pytest.mark.requirement("D-57")
async def test_it_works(ground: Ground) -> None:
    async with ground.stage.pool.acquire() as connection:
        path = await path_of_area(connection, ground.code("DW"))
        assert [area.level for area in path] == ["area", "region", "branch", "cluster", "depot"]
        assert path[-1].partner_id == ground.mine
        assert [area.code for area in await areas_under(connection, ground.code("RW"))] == [ground.code("BW")]
        assert ground.code("AE") in {area.code for area in await areas_under(connection)}
        assert [area.code for area in await clusters_of(connection, ground.mine)] == [ground.code("CW")]
        assert await path_of_area(connection, "NOWHERE") == []
    assert await ground.stage.audit(ground.mine) == ["partner.opened", "area.set", *["territory.assigned"] * 2]


async def test_what_stands_already_is_left_alone(ground: Ground) -> None:
    again = await ground.set_areas(*ground.tree())
    assert again == [area.code for area in ground.tree()]
    assert (await ground.stage.audit(ground.mine)).count("area.set") == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"parent": "CW"}, "AREA_PARENT_WRONG"),  # of its own level
        ({"parent": "DW"}, "AREA_PARENT_WRONG"),  # below it
        ({"parent": "AW"}, "AREA_PARENT_WRONG"),  # two levels up
        ({"parent": None}, "AREA_PARENT_WRONG"),
        ({"parent": "XX"}, "AREA_PARENT_WRONG"),
        ({"level": "branch", "parent": "RW"}, "AREA_LEVEL_FIXED"),
        ({"name": " "}, "INVALID_INPUT"),
        ({"partner_id": PartnerId(256)}, "AREA_PARTNER_WRONG"),
    ],
)
async def test_a_wrong_place_in_the_tree_is_refused(ground: Ground, changed: dict, code: str) -> None:
    """A circle is only ever a parent of a wrong level."""
    cluster = next(area for area in ground.tree() if area.code == ground.code("CW"))
    parent = changed.get("parent", "BW")
    wrong = msgspec.structs.replace(cluster, **{**changed, "parent": parent and ground.code(parent)})
    assert [code_of(outcome) for outcome in await ground.set_areas(wrong)] == [code]


async def test_a_depot_needs_an_active_partner_and_stays_in_its_cluster(ground: Ground) -> None:
    depot = next(area for area in ground.tree() if area.code == ground.code("DW"))
    outcomes = await ground.set_areas(
        msgspec.structs.replace(depot, partner_id=None),
        msgspec.structs.replace(depot, partner_id=PartnerId(256)),
        msgspec.structs.replace(depot, parent=ground.code("CE")),
    )
    assert [code_of(each) for each in outcomes] == [
        "AREA_PARTNER_WRONG",
        "PARTNER_NOT_ACTIVE",
        "DEPOT_OF_OTHER_CLUSTER",
    ]


async def test_a_parent_refused_in_a_batch_is_no_parent(ground: Ground) -> None:
    bad = NewArea(code=ground.code("NEW"), name="", level="area")
    child = NewArea(code=ground.code("CHILD"), name="Anak", level="region", parent=bad.code)
    assert [code_of(each) for each in await ground.set_areas(bad, child)] == ["INVALID_INPUT", "AREA_PARENT_WRONG"]


async def test_the_schema_itself_holds_the_levels(ground: Ground) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await ground.stage.pool.execute(
            "UPDATE area SET parent = $2 WHERE code = $1", ground.code("CW"), ground.code("AW")
        )


async def test_a_district_belongs_to_one_cluster_and_depot(ground: Ground) -> None:
    outcomes = await ground.assign(
        Territory(district="99.99.99", cluster=ground.code("CW")),
        Territory(district="32.76", cluster=ground.code("CW")),
        Territory(district=DEPOK, cluster=ground.code("BW")),
        Territory(district=DEPOK, cluster=ground.code("CW"), depot=ground.code("DE")),
        Territory(district=DEPOK, cluster=ground.code("CE"), depot=ground.code("DE")),
    )
    assert [code_of(each) for each in outcomes[:4]] == [
        "UNKNOWN_DISTRICT",
        "UNKNOWN_DISTRICT",
        "UNKNOWN_CLUSTER",
        "DEPOT_OF_OTHER_CLUSTER",
    ]
    assert outcomes[4] == DEPOK
    row = await ground.stage.pool.fetchrow("SELECT cluster, depot FROM territory WHERE district = $1", DEPOK)
    assert tuple(row) == (ground.code("CE"), ground.code("DE"))


@pytest.mark.requirement("D-59", "G-D08")
async def test_a_seller_without_a_partner_gets_that_of_the_district(ground: Ground) -> None:
    await ground.assign(Territory(district=BEJI, cluster=ground.code("CW")))
    by_district, by_cluster = (
        ground.stage.rules,
        msgspec.structs.replace(
            ground.stage.rules, seller=msgspec.structs.replace(ground.stage.rules.seller, default_sbp_by="cluster")
        ),
    )
    async with ground.stage.pool.acquire() as connection:
        found = await default_partners(connection, [DEPOK, BEJI, "99.99.99"], rules=by_district)
        assert found == {DEPOK: ground.mine}
        found = await default_partners(connection, [DEPOK, BEJI, "99.99.99"], rules=by_cluster)
        assert found == {DEPOK: ground.mine, BEJI: ground.mine}
