"""A user goes to another outlet of the same owner, with number and secrets."""

from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk

from konter.channel.numbers.model import UserMoved
from konter.channel.numbers.move import join_outlets
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import OutletId, UserId


async def branches(desk: Desk, stage: Stage) -> tuple[OutletId, OutletId]:
    """Two outlets of one owner."""
    one, two = await stage.outlet(), await stage.outlet()
    assert await desk.join(two, one) == one
    return one, two


@pytest.mark.requirement("D-26", "D-30")
async def test_it_works(desk: Desk, stage: Stage) -> None:
    one, two = await branches(desk, stage)
    user = await stage.user(one, nn_type="FAMILY")
    opened = await stage.session(user)
    moved = await desk.move(user.id, two)
    assert isinstance(moved, UserMoved)
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert await desk.where(user) == (two, moved.user_id, False)
    again = await stage.reread(moved.user_id)
    assert (again.outlet_id, again.username, again.nn_msisdn) == (two, user.username, user.nn_msisdn)
    who = await stage.principal(again)
    assert (who.outlet_id, who.next) == (two, "ready")
    assert (await stage.reread(user.id)).status == "ended"
    assert await desk.past(user.nn_msisdn) == [("NN", "added", "moved"), ("NN", "moved", None)]
    types = await stage.pool.fetchval("SELECT type FROM notification_number WHERE msisdn = $1", user.nn_msisdn)
    assert types == "FAMILY"
    assert (await stage.audit(user.id))[-1] == "user.moved"


@pytest.mark.requirement("D-30")
async def test_not_to_an_outlet_of_somebody_else(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    assert code_of(await desk.move(user.id, await stage.outlet())) == "NOT_SAME_PROPRIETOR"
    assert code_of(await desk.move(user.id, user.outlet_id)) == "NOT_SAME_PROPRIETOR"


@pytest.mark.requirement("D-31", "G-D05")
async def test_the_reseller_number_stays_where_it_is_registered(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    one = (await desk.opened(reseller_msisdn=number)).id
    two = await stage.outlet()
    await desk.join(two, one)
    user = await stage.user(one, nn_msisdn=number, nn_type="RESELLER")
    assert code_of(await desk.move(user.id, two)) == "RS_ALREADY_REGISTERED"


async def test_each_no(desk: Desk, stage: Stage) -> None:
    one, two = await branches(desk, stage)
    user, left, unlinked = [await stage.user(one) for _ in range(3)]
    await desk.end(left.id)
    await desk.link(unlinked.id, None)
    assert code_of(await desk.move(UserId(256), two)) == "USER_NOT_FOUND"
    assert code_of(await desk.move(user.id, OutletId(256))) == "OUTLET_NOT_FOUND"
    assert code_of(await desk.move(left.id, two)) == "USER_ENDED"
    assert code_of(await desk.move(unlinked.id, two)) == "NN_RELEASED"
    await desk.set_outlet(two, "suspended")
    assert code_of(await desk.move(user.id, two)) == "OUTLET_NOT_ACTIVE"
    assert code_of(await desk.move(user.id, two, scope=Scope(outlet_id=one))) == "OUTLET_NOT_FOUND"


async def test_a_block_goes_along(desk: Desk, stage: Stage) -> None:
    one, two = await branches(desk, stage)
    user = await stage.user(one)
    await desk.set_user(user.id, "blocked")
    moved = await desk.move(user.id, two)
    assert (await stage.reread(moved.user_id)).status == "blocked"


@pytest.mark.requirement("D-26", "D-30")
async def test_wrong_guesses_and_a_cooling_off_go_along(desk: Desk, stage: Stage) -> None:
    """Whoever is locked out of one outlet is not let in by way of another."""
    one, two = await branches(desk, stage)
    user = await stage.user(one)
    columns = "password_failures, locked_until, pin_failures, pin_locked_at, lost_at, cooling_from"
    later = stage.now + timedelta(hours=1)
    await stage.pool.execute(
        "UPDATE outlet_user SET password_failures = 3, locked_until = $2, pin_failures = 2, pin_locked_at = $2,"
        " lost_at = $2, cooling_from = $2 WHERE id = $1",
        user.id,
        later,
    )
    moved = await desk.move(user.id, two)
    row = await stage.pool.fetchrow(f"SELECT {columns} FROM outlet_user WHERE id = $1", moved.user_id)
    assert tuple(row) == (3, later, 2, later, later, later)


async def test_moved_twice_the_first_row_has_ended(desk: Desk, stage: Stage) -> None:
    one, two = await branches(desk, stage)
    user = await stage.user(one)
    moved = await desk.move(user.id, two)
    assert code_of(await desk.move(user.id, two)) == "USER_ENDED"
    back = await desk.move(moved.user_id, one)
    assert await desk.where(user) == (one, back.user_id, False)


async def test_a_third_branch_joins_the_first(desk: Desk, stage: Stage) -> None:
    one, two = await branches(desk, stage)
    three = await stage.outlet()
    assert await desk.join(three, two) == one
    user = await stage.user(three)
    assert isinstance(await desk.move(user.id, one), UserMoved)
    assert code_of(await desk.join(three, two, scope=Scope(outlet_id=three))) == "OUTLET_NOT_FOUND"


@pytest.mark.requirement("D-30")
async def test_outlets_joined_in_one_batch_are_joined_as_one_after_the_other(desk: Desk, stage: Stage) -> None:
    first, second, third = [await stage.outlet() for _ in range(3)]
    pairs = [(second, first), (third, second)]
    outcomes = await desk.do(join_outlets, pairs, scope=EVERYWHERE, reason="satu pemilik")
    assert outcomes == [first, first]
    owners = await stage.pool.fetch("SELECT proprietor_id FROM outlet WHERE id = ANY($1)", [first, second, third])
    assert [row["proprietor_id"] for row in owners] == [first] * 3
