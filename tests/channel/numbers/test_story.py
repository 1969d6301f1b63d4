"""The whole story of a number, and all that an outlet has; three queries each, in the looker's scope."""

from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk

from konter.access.model import User
from konter.channel.numbers.read import NumberStory, OutletNumbers, number_story, number_within, outlet_numbers
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import Msisdn, OutletId


@pytest.mark.requirement("D-26", "D-31", "D-32")
async def test_it_works(desk: Desk, stage: Stage) -> None:
    conflict, number, older, newer = await desk.conflict()
    stage.clock.advance(timedelta(hours=1))
    await desk.settle(conflict, newer)
    user = await stage.user(newer, nn_msisdn=number, nn_type="RESELLER")
    async with desk.counted(3) as connection:
        story = await number_story(connection, number, scope=EVERYWHERE)
    assert isinstance(story, NumberStory)
    assert (story.number.held_by, story.number.reseller_at) == (newer, newer)
    told = {(each.registration.kind, each.registration.outlet_id): each for each in story.stretches}
    assert told["RS", older].registration.ended_why == "disabled"
    assert told["RS", older].registration.ended_by == "staff:7"
    assert told["NN", newer].user_name == "Siti Kasir"
    assert told["NN", newer].registration.user_id == user.id
    assert told["RS", newer].outlet_name.startswith("Sukses Cell")
    assert [each.state for each in story.conflicts] == ["settled"]


async def test_a_partner_sees_only_what_happened_at_its_outlets(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    await desk.opened(reseller_msisdn=number)
    stranger = Scope(partner_id=await stage.other_partner())
    assert code_of(await desk.story(number, scope=stranger)) == "NUMBER_NOT_FOUND"
    mine = await desk.story(number, scope=Scope(partner_id=stage.partner_id))
    assert isinstance(mine, NumberStory)
    assert len(mine.stretches) == 1


async def rs_of(stage: Stage, user: User) -> Msisdn:
    return await stage.pool.fetchval("SELECT rs_msisdn FROM outlet WHERE id = $1", user.outlet_id)


@pytest.mark.requirement("D-57")
async def test_a_number_is_seen_where_its_outlet_is_and_everywhere_once_it_is_let_go(desk: Desk, stage: Stage) -> None:
    user, elsewhere = await stage.user(), Scope(areas=("ATLANTIS",))
    for number in (user.nn_msisdn, await rs_of(stage, user)):
        async with stage.pool.acquire() as connection:
            assert not await number_within(connection, number, scope=elsewhere)
            assert await number_within(connection, number, scope=Scope(areas=("JBJB",)))
    await desk.link(user.id, None)
    async with stage.pool.acquire() as connection:
        assert await number_within(connection, user.nn_msisdn, scope=elsewhere)
        assert await number_within(connection, await stage.number(), scope=elsewhere)


async def test_a_number_that_never_was_in_the_channel(desk: Desk, stage: Stage) -> None:
    assert code_of(await desk.story(await stage.number())) == "NUMBER_NOT_FOUND"


@pytest.mark.requirement("D-19", "D-22", "D-27", "D-28")
async def test_all_that_an_outlet_has(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    outlet = (await desk.opened(reseller_msisdn=number)).id
    owner = await stage.user(outlet, name="Ani", role="OUTLET_OWNER", nn_type="OWNER")
    seller, left = await stage.user(outlet, name="Budi"), await stage.user(outlet)
    await desk.end(left.id)
    await desk.link(seller.id, None)
    async with desk.counted(3) as connection:
        found = await outlet_numbers(connection, outlet, scope=Scope(outlet_id=outlet))
    async with stage.pool.acquire() as connection:
        for scope in (Scope(outlet_id=OutletId(256)), Scope(partner_id=await stage.other_partner())):
            assert code_of(await outlet_numbers(connection, outlet, scope=scope)) == "OUTLET_NOT_FOUND"
    assert isinstance(found, OutletNumbers)
    assert (found.rs_msisdn, found.status) == (number, "active")
    assert [(line.name, line.msisdn, line.type, line.status) for line in found.users] == [
        ("Ani", owner.nn_msisdn, "OWNER", "active"),
        ("Budi", None, None, "unlinked"),
    ]
