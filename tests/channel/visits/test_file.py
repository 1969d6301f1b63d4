"""A visit is filed with its survey, once, by who the plan sends; what passed without one is overdue."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.access.people import Stage, code_of
from tests.channel.visits.test_visits import person, plan

from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.visits.file import file_visits
from konter.channel.visits.model import Filing, Visit, Visits
from konter.channel.visits.rounds import last_visits, planned_visits
from konter.platform.audit import SYSTEM
from konter.platform.ids import OutletId, UserId

WEEK = (1, 2, 3, 4, 5, 6, 7)


def filing(outlet: OutletId, who: UserId, ref: UUID | None = None, **changed) -> Filing:
    fields = {"display": "good", "starter_packs": 12, "vouchers": 30, "note": "ramai"}
    return Filing(outlet_id=outlet, field_sales_id=who, client_ref=ref or uuid4(), **{**fields, **changed})


async def file(stage: Stage, *filings: Filing) -> list:
    async with stage.pool.acquire() as connection:
        return await file_visits(connection, filings, actor=SYSTEM, now=stage.now, ids=stage.ids)


async def planned(stage: Stage, which: str, who: UserId, scope: Scope = EVERYWHERE) -> list:
    async with stage.pool.acquire() as connection:
        return await planned_visits(connection, which, scope=scope, now=stage.now, person=who)


@pytest.fixture
async def round_(stage: Stage) -> tuple[OutletId, UserId]:
    """An outlet that Budi visits every day."""
    outlet, budi = await stage.outlet(), await person(stage)
    await plan(stage, Visits(outlet_id=outlet, field_sales_id=budi, weekdays=WEEK))
    return outlet, budi


@pytest.mark.requirement("D-66")
async def test_it_works(stage: Stage, round_) -> None:
    outlet, budi = round_
    (visit,) = await file(stage, filing(outlet, budi))
    assert isinstance(visit, Visit), visit
    assert (visit.day, visit.display, visit.starter_packs, visit.vouchers) == (date(2026, 11, 21), "good", 12, 30)
    async with stage.pool.acquire() as connection:
        assert await last_visits(connection, outlet) == [visit]
    assert (await stage.audit(outlet))[-1] == "visits.filed"


@pytest.mark.requirement("D-66")
async def test_the_same_form_twice_is_one_visit_and_another_text_is_refused(stage: Stage, round_) -> None:
    outlet, budi = round_
    once = filing(outlet, budi)
    (first,), (again,) = await file(stage, once), await file(stage, once)
    assert first == again
    both = await file(stage, other := filing(outlet, budi), other)
    assert both[0] == both[1]
    (refused,) = await file(stage, msgspec.structs.replace(once, vouchers=1))
    assert code_of(refused) == "VISIT_REF_REUSED"
    assert await stage.pool.fetchval("SELECT count(*) FROM visit WHERE outlet_id = $1", outlet) == 2


async def test_only_who_the_plan_sends_files(stage: Stage, round_) -> None:
    outlet, budi = round_
    colleague, elsewhere = await person(stage), await stage.outlet()
    outcomes = await file(
        stage,
        filing(outlet, colleague),
        filing(elsewhere, budi),
        filing(OutletId(256), budi),
        filing(outlet, budi, starter_packs=-1),
        filing(outlet, budi, vouchers=100_001),
        filing(outlet, budi, note="x" * 201),
        filing(outlet, budi, note="\0"),
    )
    assert [code_of(each) for each in outcomes] == ["OUTLET_NOT_FOUND"] * 3 + ["INVALID_INPUT"] * 4


@pytest.mark.requirement("D-57", "D-66")
async def test_a_planned_day_without_a_visit_is_overdue_until_somebody_comes(stage: Stage) -> None:
    outlet, budi = await stage.outlet(), await person(stage)
    await plan(stage, Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(6,)))  # it is a Saturday
    assert [each.outlet_id for each in await planned(stage, "today", budi)] == [outlet]
    assert await planned(stage, "overdue", budi) == []
    stage.clock.advance(timedelta(days=1))
    (late,) = await planned(stage, "overdue", budi)
    assert late.overdue_since(stage.now) == date(2026, 11, 21)
    assert await planned(stage, "today", budi) == []
    await file(stage, filing(outlet, budi))
    assert await planned(stage, "overdue", budi) == []
    (one,) = await planned(stage, "all", budi)
    assert (one.last_day, one.overdue_since(stage.now)) == (date(2026, 11, 22), None)


async def test_a_day_before_the_plan_was_made_is_not_overdue(stage: Stage) -> None:
    outlet, budi = await stage.outlet(), await person(stage)
    await plan(stage, Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(5,)))
    assert await planned(stage, "overdue", budi) == []


async def test_database_and_model_say_the_same_of_what_is_overdue(stage: Stage) -> None:
    """For plans on every set of two days, over a week."""
    budi = await person(stage)
    outlets = {days: await stage.outlet() for days in [(1,), (2, 5), (3, 6), (7,), WEEK]}
    await plan(stage, *(Visits(outlet_id=each, field_sales_id=budi, weekdays=days) for days, each in outlets.items()))
    for n in range(8):
        every = await planned(stage, "all", budi)
        late = {each.outlet_id for each in await planned(stage, "overdue", budi)}
        assert late == {each.outlet_id for each in every if each.overdue_since(stage.now)}, n
        today = {each.outlet_id for each in await planned(stage, "today", budi)}
        assert today == {each.outlet_id for each in every if each.due_today(stage.now)}, n
        if n == 3:
            await file(stage, *(filing(each, budi) for each in list(outlets.values())[:2]))
        stage.clock.advance(timedelta(days=1))


async def test_another_partners_plan_is_not_seen(stage: Stage, round_) -> None:
    _, budi = round_
    assert await planned(stage, "all", budi, Scope(partner_id=await stage.other_partner())) == []
