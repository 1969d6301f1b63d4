"""A reseller number found at two outlets: kept as an item of work, settled once."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk, codes
from tests.channel.territory.ground import DEPOK, Ground

from konter.channel.conflicts.model import Settled
from konter.channel.conflicts.queue import conflict_counts, conflict_queue
from konter.channel.conflicts.settle import settle_due_conflicts
from konter.channel.inactivity.queries import read_sellers
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import OutletId


async def settle_due(stage: Stage) -> int:
    async with stage.pool.acquire() as connection:
        return await settle_due_conflicts(connection, now=stage.now, ids=stage.ids, rules=stage.rules)


def disabling_the(stage: Stage, which: str) -> None:
    rules = msgspec.structs.replace(stage.rules.outlet, rs_conflict_disable=which)
    stage.rules = msgspec.structs.replace(stage.rules, outlet=rules)


@pytest.mark.requirement("D-32", "G-D07")
async def test_by_the_rule_the_newest_registration_is_disabled(desk: Desk, stage: Stage) -> None:
    conflict, number, older, newer = await desk.conflict()
    settled = await desk.settle(conflict, None)
    assert isinstance(settled, Settled)
    assert (settled.kept, await desk.rs_of(older), await desk.rs_of(newer)) == (older, number, None)
    assert (await desk.status_of(older), await desk.status_of(newer)) == ("active", "suspended")
    assert code_of(await desk.set_outlet(newer, "active")) == "OUTLET_NEEDS_RS"
    assert await desk.past(number) == [("RS", "opened", None), ("RS", "imported", "disabled")]
    assert ((await stage.audit(older))[-1], "outlet.rs_disabled" in await stage.audit(newer)) == (
        "outlet.rs_kept",
        True,
    )


@pytest.mark.requirement("D-32", "G-D07")
async def test_staff_may_choose_the_other(desk: Desk, stage: Stage) -> None:
    conflict, number, older, newer = await desk.conflict()
    assert isinstance(await desk.settle(conflict, newer), Settled)
    assert (await desk.rs_of(older), await desk.rs_of(newer)) == (None, number)
    assert (await desk.status_of(older), await desk.status_of(newer)) == ("suspended", "active")
    assert await desk.past(number) == [("RS", "opened", "disabled"), ("RS", "settled", None)]


@pytest.mark.requirement("D-32")
async def test_an_outlet_that_staff_stopped_has_its_number_and_stays_stopped(desk: Desk, stage: Stage) -> None:
    """Suspended it is either way: for want of a number, and because somebody said so with a reason."""
    conflict, number, _, newer = await desk.conflict()
    await desk.set_outlet(newer, "suspended")
    assert isinstance(await desk.settle(conflict, newer), Settled)
    assert (await desk.rs_of(newer), await desk.status_of(newer)) == (number, "suspended")
    assert await desk.set_outlet(newer, "active") == newer
    assert await desk.status_of(newer) == "active"


@pytest.mark.requirement("D-32", "D-71")
async def test_the_days_of_an_outlet_that_waited_are_counted_from_when_it_may_sell(desk: Desk, stage: Stage) -> None:
    conflict, _, _, newer = await desk.conflict()
    stage.clock.advance(timedelta(days=20))
    try:
        assert isinstance(await desk.settle(conflict, newer), Settled)
        async with stage.pool.acquire() as connection:
            seller = (await read_sellers(connection, [newer]))[newer]
        assert seller.last(None).at == stage.now
    finally:
        stage.clock.advance(timedelta(days=-20))


@pytest.mark.requirement("D-32")
async def test_settling_twice_is_refused(desk: Desk, stage: Stage) -> None:
    conflict, _, older, newer = await desk.conflict()
    await desk.settle(conflict, older)
    assert code_of(await desk.settle(conflict, newer)) == "CONFLICT_SETTLED"


@pytest.mark.requirement("D-32")
async def test_twins_who_settle_it_differently(desk: Desk, stage: Stage) -> None:
    conflict, _, older, newer = await desk.conflict()
    async with desk.held(older, newer):
        twins = [asyncio.create_task(desk.settle(conflict, keeps)) for keeps in (older, newer)]
    assert codes(await asyncio.gather(*twins)) == ["CONFLICT_SETTLED", "ok"]


@pytest.mark.requirement("G-D07")
@pytest.mark.parametrize("which", ["newest", "oldest"])
async def test_when_it_is_due_the_rule_settles_it(desk: Desk, stage: Stage, which: str) -> None:
    disabling_the(stage, which)
    _, number, older, newer = await desk.conflict()
    stage.clock.advance(timedelta(hours=71, minutes=59))
    await settle_due(stage)
    assert await desk.rs_of(older) == number
    assert await stage.pool.fetchval("SELECT state FROM number_conflict WHERE msisdn = $1", number) == "open"
    stage.clock.advance(timedelta(minutes=1))
    assert await settle_due(stage) >= 1
    assert await desk.rs_of(older if which == "newest" else newer) == number
    why = await stage.pool.fetchval("SELECT settled_why FROM number_conflict WHERE msisdn = $1", number)
    assert why == f"outlet.rs_conflict_disable={which}"


async def test_each_no(desk: Desk, stage: Stage) -> None:
    conflict, _, older, newer = await desk.conflict()
    assert code_of(await desk.settle(256, None)) == "CONFLICT_NOT_FOUND"
    assert code_of(await desk.settle(conflict, OutletId(256))) == "INVALID_INPUT"
    stranger = Scope(partner_id=await stage.other_partner())
    assert code_of(await desk.settle(conflict, older, scope=stranger)) == "CONFLICT_NOT_FOUND"
    await desk.register(newer, await stage.number())
    assert code_of(await desk.settle(conflict, newer)) == "OUTLET_HAS_RS"
    assert isinstance(await desk.settle(conflict, None), Settled)


async def test_a_number_that_the_older_has_given_up_goes_to_whoever_was_chosen(desk: Desk, stage: Stage) -> None:
    conflict, number, older, newer = await desk.conflict()
    await desk.register(older, await stage.number())
    assert isinstance(await desk.settle(conflict, newer), Settled)
    assert (await desk.rs_of(newer), await desk.status_of(older)) == (number, "active")


async def test_three_outlets_with_one_number_are_two_conflicts(desk: Desk, stage: Stage) -> None:
    """The second settlement of the same batch sees what the first has done."""
    first, number, older, newer = await desk.conflict()
    third = await desk.waiting_outlet()
    await stage.pool.execute(
        "INSERT INTO number_conflict SELECT id + 256, cell, msisdn, older_outlet_id, older_at, $2, newer_at, source,"
        " found_at, due_at, state FROM number_conflict WHERE id = $1",
        first,
        third,
    )
    assert isinstance(await desk.settle(first, newer), Settled)
    assert code_of(await desk.settle(first + 256, third)) == "RS_ALREADY_REGISTERED"
    assert isinstance(await desk.settle(first + 256, older), Settled)
    assert await desk.rs_of(newer) == number


@pytest.mark.requirement("D-32")
async def test_the_queue_tells_what_is_due_and_pages_by_key(desk: Desk, stage: Stage) -> None:
    mine = Scope(partner_id=stage.partner_id)
    made = []
    for _ in range(3):
        made.append((await desk.conflict())[0])
        stage.clock.advance(timedelta(hours=1))
    async with desk.counted(2) as connection:
        page = await conflict_queue(connection, scope=mine, limit=2)
    async with stage.pool.acquire() as connection:
        last = page[-1].conflict
        rest = await conflict_queue(connection, scope=mine, after=(last.due_at, last.id), limit=2)
        counts = await conflict_counts(connection, scope=mine, now=stage.now + timedelta(hours=70))
        stranger = Scope(partner_id=await stage.other_partner())
        assert await conflict_queue(connection, scope=stranger) == []
        assert (await conflict_counts(connection, scope=stranger, now=stage.now)).open == 0
    assert [line.conflict.id for line in (*page, *rest)] == made
    assert (counts.open, counts.overdue) == (3, 2)
    await desk.settle(made[0], None)
    async with stage.pool.acquire() as connection:
        (line,) = await conflict_queue(connection, scope=mine, state="settled")
        assert line.conflict.settled_by == "staff:7"
        assert len(await conflict_queue(connection, scope=EVERYWHERE, state="open", limit=500)) >= 2


@pytest.mark.requirement("D-32", "D-57")
async def test_whoever_reaches_one_outlet_only_settles_nothing(desk: Desk, stage: Stage) -> None:
    """One of the two may lose its number, and with it the right to sell."""
    conflict, number, older, newer = await desk.conflict()
    ground = await Ground(stage).set()
    await stage.pool.execute("UPDATE outlet SET district = $2 WHERE id = $1", newer, DEPOK)
    half = Scope(areas=(ground.code("BW"),))
    for keeps in (older, newer, None):
        assert code_of(await desk.settle(conflict, keeps, scope=half)) == "CONFLICT_ELSEWHERE"
    assert (await desk.rs_of(older), await desk.status_of(newer)) == (number, "suspended")
    await stage.pool.execute("UPDATE outlet SET district = $2 WHERE id = $1", older, DEPOK)
    assert isinstance(await desk.settle(conflict, newer, scope=half), Settled)
