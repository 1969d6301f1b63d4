import asyncio

import msgspec
import pytest
from tests.access.people import code_of
from tests.channel.territory.ground import BEJI, DEPOK, JAYAPURA, NOBODYS, Ground

from konter.channel.model import Outlet
from konter.channel.open_outlets import open_outlets
from konter.channel.territory.model import OutletMove, Territory
from konter.channel.territory.move import move_outlets
from konter.channel.territory.places import Position, distance_m, geofence_flag
from konter.channel.territory.read import outlets_by_area, outlets_of_area
from konter.platform.ids import OutletId, PartnerId

MONAS, BOGOR = Position(-6_175_392, 106_827_153), Position(-6_595_038, 106_816_635)


async def opened(ground: Ground, district: str, partner: PartnerId, **changed) -> Outlet:
    new = await ground.stage.new_outlet(partner_id=partner, district=district, **changed)
    (outlet,) = await ground.stage.open_outlets(new)
    return outlet


async def move(ground: Ground, *moves: OutletMove) -> list:
    async with ground.stage.pool.acquire() as connection:
        return await move_outlets(connection, moves, **ground.given)


@pytest.mark.requirement("D-57", "D-59", "D-64")
async def test_an_outlet_opens_where_its_partner_works_in_the_zone_of_the_place(ground: Ground) -> None:
    outlet = await opened(ground, JAYAPURA, ground.theirs, position=MONAS)
    row = await ground.stage.pool.fetchrow("SELECT district, zone, latitude_udeg FROM outlet WHERE id = $1", outlet.id)
    assert tuple(row) == (JAYAPURA, "Asia/Jayapura", MONAS.latitude_udeg)


@pytest.mark.requirement("D-57")
@pytest.mark.parametrize(
    ("district", "code"), [(JAYAPURA, "OUT_OF_AREA"), (NOBODYS, "OUT_OF_AREA"), ("99.99.99", "UNKNOWN_DISTRICT")]
)
async def test_a_partner_opens_nothing_outside_its_area(ground: Ground, district: str, code: str) -> None:
    assert code_of(await opened(ground, district, ground.mine)) == code


async def test_a_position_off_the_earth_is_refused(ground: Ground) -> None:
    assert code_of(await opened(ground, DEPOK, ground.mine, position=Position(90_000_001, 0))) == "INVALID_INPUT"


@pytest.mark.requirement("D-57", "D-64")
async def test_an_outlet_moves_to_who_serves_its_new_place(ground: Ground) -> None:
    outlet = (await opened(ground, DEPOK, ground.mine, position=MONAS)).id
    gone = OutletMove(outlet_id=outlet, partner_id=ground.theirs, district=JAYAPURA, address=" Jl. Pantai 1 ")
    assert await move(ground, gone) == [outlet]
    row = await ground.stage.pool.fetchrow(
        "SELECT partner_id, district, zone, address, latitude_udeg FROM outlet WHERE id = $1", outlet
    )
    assert tuple(row) == (ground.theirs, JAYAPURA, "Asia/Jayapura", "Jl. Pantai 1", None)
    assert await ground.stage.audit(outlet) == ["outlet.opened", "outlet.moved"]


async def test_each_wrong_move_is_refused_and_changes_nothing(ground: Ground) -> None:
    outlet = (await opened(ground, DEPOK, ground.mine)).id
    good = OutletMove(outlet_id=outlet, partner_id=ground.mine, district=BEJI)
    change = msgspec.structs.replace
    outcomes = await move(
        ground,
        change(good, district=JAYAPURA),
        change(good, partner_id=ground.theirs),
        change(good, partner_id=PartnerId(256)),
        change(good, outlet_id=OutletId(256)),
        change(good, address="x" * 201),
        change(good, position=Position(0, 180_000_001)),
    )
    assert [code_of(each) for each in outcomes] == [
        "OUT_OF_AREA",
        "OUT_OF_AREA",
        "PARTNER_NOT_ACTIVE",
        "OUTLET_NOT_FOUND",
        "INVALID_INPUT",
        "INVALID_INPUT",
    ]
    assert await ground.stage.audit(outlet) == ["outlet.opened"]


@pytest.mark.requirement("D-57")
async def test_an_opening_holds_the_territory_and_the_depot_it_rests_on(ground: Ground) -> None:
    stage = ground.stage
    new = await stage.new_outlet(partner_id=ground.mine, district=DEPOK)
    depot = next(area for area in ground.tree() if area.code == ground.code("DW"))
    async with stage.pool.acquire() as holder:
        async with holder.transaction():
            (outlet,) = await open_outlets(holder, [new], rules=stage.rules, **ground.given)
            assert isinstance(outlet, Outlet)
            others = [
                asyncio.create_task(ground.assign(Territory(district=DEPOK, cluster=ground.code("CE")))),
                asyncio.create_task(ground.set_areas(msgspec.structs.replace(depot, partner_id=ground.theirs))),
            ]
            await asyncio.sleep(0.3)
            assert not any(other.done() for other in others)
        assert await asyncio.gather(*others) == [[DEPOK], [depot.code]]
    (outcome,) = await stage.open_outlets(await stage.new_outlet(partner_id=ground.mine, district=DEPOK))
    assert code_of(outcome) == "OUT_OF_AREA"


async def test_outlets_are_counted_and_listed_by_area(ground: Ground) -> None:
    async def counted(parent: str | None = None) -> dict[str, tuple[int, int]]:
        async with ground.stage.pool.acquire() as connection:
            found = await outlets_by_area(connection, parent)
            return {each.area.code: (each.active, each.suspended) for each in found}

    async def listed(**wanted) -> list[OutletId]:
        async with ground.stage.pool.acquire() as connection:
            return [line.id for line in await outlets_of_area(connection, ground.code("AW"), limit=2, **wanted)]

    await ground.stage.pool.execute("UPDATE outlet SET district = NULL")
    places = ((DEPOK, ground.mine), (BEJI, ground.mine), (BEJI, ground.mine), (JAYAPURA, ground.theirs))
    made = [(await opened(ground, *place)).id for place in places]
    await ground.stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", made[0])
    tops = await counted()
    assert (tops[ground.code("AE")], tops[ground.code("AW")]) == ((1, 0), (2, 1))
    assert await counted(ground.code("CW")) == {ground.code("DW"): (2, 1)}
    first = await listed()
    assert first + await listed(after=first[-1]) == sorted(made[:3])
    assert await listed(partner_id=ground.theirs) == []


@pytest.mark.requirement("D-29", "G-D28")
def test_who_is_far_from_the_outlet_is_flagged_and_no_more(ground_rules) -> None:
    assert 46_000 < distance_m(MONAS, BOGOR) < 47_500
    assert geofence_flag(MONAS, BOGOR, ground_rules) == distance_m(MONAS, BOGOR)
    assert geofence_flag(MONAS, MONAS, ground_rules) is None
    assert geofence_flag(MONAS, None, ground_rules) is None
    assert geofence_flag(None, MONAS, ground_rules) is None
    assert geofence_flag(MONAS, BOGOR, msgspec.structs.replace(ground_rules, geofence_action="off")) is None
    edge = msgspec.structs.replace(ground_rules, geofence_m=distance_m(MONAS, BOGOR))
    assert geofence_flag(MONAS, BOGOR, edge) is None
