from datetime import UTC, datetime

import msgspec
import pytest
from tests.access.people import Stage, code_of
from tests.channel.territory.ground import DEPOK, JAYAPURA, Ground

from konter.channel.partner_users.stop import set_partner_users
from konter.channel.territory.model import OutletMove
from konter.channel.territory.move import move_outlets
from konter.channel.visits.model import Visits, bits, days
from konter.channel.visits.plan import assign_visits, hand_over, stop_visits
from konter.channel.visits.rounds import round_of, stops_of, visits_of
from konter.platform.audit import SYSTEM
from konter.platform.ids import OutletId, UserId

MONDAY, TUESDAY = 1, 2
SUNDAY_23_30_WIB = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # Monday half past one in Jayapura


async def plan(stage: Stage, *visits: Visits) -> list:
    async with stage.pool.acquire() as connection:
        return await assign_visits(connection, visits, actor=SYSTEM, now=stage.now, ids=stage.ids)


async def person(stage: Stage, **changed) -> UserId:
    return (await stage.partner_user(role="SBP_FIELD_SALES", **changed)).id


@pytest.mark.requirement("D-57", "D-60")
async def test_it_works(stage: Stage) -> None:
    outlet, budi = await stage.outlet(), await person(stage)
    wanted = Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(2, 5))
    assert await plan(stage, wanted) == [outlet]
    async with stage.pool.acquire() as connection:
        assert await visits_of(connection, [outlet]) == {outlet: wanted}
        (stop,) = await stops_of(connection, budi)
    assert (stop.outlet_id, stop.weekdays) == (outlet, (2, 5))
    assert await stage.audit(outlet) == ["outlet.opened", "visits.planned"]


@pytest.mark.requirement("D-57", "D-60")
async def test_only_field_sales_of_the_outlets_own_partner_come(stage: Stage) -> None:
    outlet, budi = await stage.outlet(), await person(stage)
    admin = (await stage.partner_user(role="SBP_ADMIN")).id
    blocked = await person(stage)
    async with stage.pool.acquire() as connection:
        given = {"actor": SYSTEM, "now": stage.now, "ids": stage.ids}
        await set_partner_users(connection, [blocked], "blocked", reason="leave", **given)
    stranger = await person(await Stage(stage.pool, stage.ids, stage.keys, stage.clock, stage.passwords).set())
    good = Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(1,))
    change = msgspec.structs.replace
    outcomes = await plan(
        stage,
        *(change(good, field_sales_id=who) for who in (admin, blocked, stranger, UserId(256))),
        change(good, outlet_id=OutletId(256)),
        *(change(good, weekdays=wrong) for wrong in ((), (0,), (8,))),
    )
    assert [code_of(each) for each in outcomes] == [
        *["FIELD_SALES_NOT_FOUND"] * 4,
        "OUTLET_NOT_FOUND",
        *["INVALID_INPUT"] * 3,
    ]
    async with stage.pool.acquire() as connection:
        assert await visits_of(connection, [outlet]) == {}


async def test_an_outlet_has_one_person_and_the_last_word_counts(stage: Stage) -> None:
    outlet, budi, wati = await stage.outlet(), await person(stage), await person(stage)
    first = Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(1,))
    second = Visits(outlet_id=outlet, field_sales_id=wati, weekdays=(3,))
    assert await plan(stage, first, second) == [outlet, outlet]
    async with stage.pool.acquire() as connection:
        assert await visits_of(connection, [outlet]) == {outlet: second}
        assert await stops_of(connection, budi) == []
        ended = await stop_visits(connection, [outlet, OutletId(256)], actor=SYSTEM, now=stage.now, ids=stage.ids)
        assert (ended[0], code_of(ended[1])) == (outlet, "OUTLET_NOT_FOUND")
        assert await visits_of(connection, [outlet]) == {}


@pytest.mark.requirement("D-64", "D-66")
async def test_a_round_goes_by_the_day_that_it_is_at_the_outlet(stage: Stage) -> None:
    budi = await person(stage)
    west, east = await stage.outlet(), await stage.outlet(zone="Asia/Jayapura")
    gone = await stage.outlet(zone="Asia/Jayapura")
    await stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", gone)
    await plan(stage, *(Visits(outlet_id=each, field_sales_id=budi, weekdays=(MONDAY,)) for each in (west, east, gone)))
    async with stage.pool.acquire() as connection:
        assert [stop.outlet_id for stop in await round_of(connection, budi, now=SUNDAY_23_30_WIB)] == [east]
        later = SUNDAY_23_30_WIB.replace(hour=17)
        assert {stop.outlet_id for stop in await round_of(connection, budi, now=later)} == {west, east}


@pytest.mark.requirement("D-60")
async def test_all_outlets_of_one_person_go_to_a_colleague(stage: Stage) -> None:
    budi, wati, admin = await person(stage), await person(stage), (await stage.partner_user(role="SBP_ADMIN")).id
    outlets = [await stage.outlet() for _ in range(3)]
    await plan(stage, *(Visits(outlet_id=each, field_sales_id=budi, weekdays=(1, 4)) for each in outlets))
    given = {"actor": SYSTEM, "now": stage.now, "ids": stage.ids}
    async with stage.pool.acquire() as connection:
        for wrong in (admin, budi, UserId(256)):
            assert code_of(await hand_over(connection, budi, wrong, **given)) == "FIELD_SALES_NOT_FOUND"
        await set_partner_users(connection, [budi], "blocked", reason="left", **given)
        assert await hand_over(connection, budi, wati, **given) == 3
        assert await hand_over(connection, budi, wati, **given) == 0
        moved = await stops_of(connection, wati)
    assert {(stop.outlet_id, stop.weekdays) for stop in moved} == {(each, (1, 4)) for each in outlets}
    assert (await stage.audit(outlets[0]))[-1] == "visits.handed_over"


@pytest.mark.requirement("D-57")
async def test_an_outlet_that_goes_to_another_partner_loses_its_visits(stage: Stage) -> None:
    ground = await Ground(stage).set()
    outlet = await stage.outlet(partner_id=ground.mine, district=DEPOK)
    budi = await person(stage, partner_id=ground.mine)
    await plan(stage, Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(1,)))
    async with stage.pool.acquire() as connection:
        move = OutletMove(outlet_id=outlet, partner_id=ground.theirs, district=JAYAPURA)
        assert await move_outlets(connection, [move], **ground.given) == [outlet]
        assert await visits_of(connection, [outlet]) == {}


def test_days_are_kept_as_bits() -> None:
    assert bits((1, 7, 7)) == 65
    assert days(65) == (1, 7)
    assert days(127) == tuple(range(1, 8))
