"""The seller number that an outlet had in the older channel: found and linked, or a new reseller. [D-20]"""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk, codes

from konter.channel.numbers.model import RsChanged
from konter.channel.numbers.seller import SellerLink, SellerLinked, know_sellers, link_seller_numbers
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import Msisdn, OutletId


async def seller(stage: Stage, name: str = "Sukses Cell") -> Msisdn:
    """A number that the older channel knows."""
    number = await stage.number(prefix="62813")
    async with stage.pool.acquire() as connection:
        assert await know_sellers(connection, [(number, name)], now=stage.now) == 1
    return number


async def link(desk: Desk, outlet_id: OutletId, msisdn: Msisdn, scope: Scope = EVERYWHERE):
    links = [SellerLink(outlet_id, msisdn)]
    return (await desk.do(link_seller_numbers, links, scope=scope, rules=desk.stage.rules))[0]


async def linked_at(stage: Stage, msisdn: Msisdn) -> OutletId | None:
    return await stage.pool.fetchval("SELECT outlet_id FROM seller_number WHERE msisdn = $1", msisdn)


@pytest.mark.requirement("D-20")
async def test_it_works(desk: Desk, stage: Stage) -> None:
    outlet, number = await stage.outlet(), await seller(stage)
    linked = SellerLinked(outlet_id=outlet, msisdn=number, name="Sukses Cell")
    assert [await link(desk, outlet, number) for _ in range(2)] == [linked, linked]
    assert await linked_at(stage, number) == outlet
    assert await stage.pool.fetchval("SELECT count(*) FROM seller_number WHERE msisdn = $1", number) == 1
    assert (await stage.audit(outlet)).count("outlet.seller_linked") == 1


@pytest.mark.requirement("D-20")
async def test_a_number_that_nobody_knows_goes_the_way_of_a_new_reseller(desk: Desk, stage: Stage) -> None:
    outlet, number = await stage.outlet(), await stage.number()
    assert await link(desk, outlet, number) == SellerLinked(outlet_id=outlet, msisdn=number, name=None)
    assert await linked_at(stage, number) is None
    assert isinstance(await desk.register(outlet, number), RsChanged)


@pytest.mark.requirement("D-20")
async def test_registered_as_reseller_number_it_is_linked_with_it(desk: Desk, stage: Stage) -> None:
    number = await seller(stage)
    outlet = (await desk.opened(reseller_msisdn=number)).id
    assert await linked_at(stage, number) == outlet
    await desk.register(outlet, await stage.number())
    assert await linked_at(stage, number) is None


@pytest.mark.requirement("D-20", "D-34")
async def test_used_elsewhere_it_is_refused(desk: Desk, stage: Stage) -> None:
    outlet, number = await stage.outlet(), await seller(stage)
    await link(desk, await stage.outlet(), number)
    assert code_of(await link(desk, outlet, number)) == "SELLER_NUMBER_LINKED"
    waiting, user = await desk.waiting_outlet(), await stage.user()
    assert code_of(await desk.register(waiting, number)) == "RS_ALREADY_REGISTERED"
    assert code_of(await desk.link(user.id, number)) == "NN_ALREADY_LINKED"
    notifies = await seller(stage)
    await desk.link(user.id, notifies)
    assert code_of(await link(desk, outlet, notifies)) == "SELLER_NUMBER_LINKED"
    await desk.link(user.id, None)
    assert code_of(await link(desk, outlet, notifies)) == "NN_COOLING_DOWN"
    stage.clock.advance(timedelta(days=1))
    assert isinstance(await link(desk, outlet, notifies), SellerLinked)


@pytest.mark.requirement("D-20")
async def test_twins_who_say_to_have_had_it(desk: Desk, stage: Stage) -> None:
    outlets, number = [await stage.outlet() for _ in range(3)], await seller(stage)
    async with desk.kept(number):
        twins = [asyncio.create_task(link(desk, outlet, number)) for outlet in outlets]
    outcomes = await asyncio.gather(*twins)
    assert codes(outcomes) == ["SELLER_NUMBER_LINKED"] * 2 + ["ok"]
    assert await linked_at(stage, number) == next(o.outlet_id for o in outcomes if isinstance(o, SellerLinked))


@pytest.mark.requirement("D-20", "D-31")
async def test_linked_here_and_registered_there(desk: Desk, stage: Stage) -> None:
    here, there, number = await stage.outlet(), await stage.outlet(), await seller(stage)
    async with desk.kept(number):
        twins = [asyncio.create_task(each) for each in (link(desk, here, number), desk.register(there, number))]
    assert codes(await asyncio.gather(*twins)) in (["RS_ALREADY_REGISTERED", "ok"], ["SELLER_NUMBER_LINKED", "ok"])


async def test_strangers_and_terminated_outlets_get_none(desk: Desk, stage: Stage) -> None:
    outlet, number = await stage.outlet(), await seller(stage)
    stranger = Scope(partner_id=await stage.other_partner())
    assert code_of(await link(desk, outlet, number, stranger)) == "OUTLET_NOT_FOUND"
    await desk.set_outlet(outlet, "terminated")
    assert code_of(await link(desk, outlet, number)) == "OUTLET_TERMINATED"


async def test_a_file_loaded_again_changes_names_only(desk: Desk, stage: Stage) -> None:
    number = await seller(stage)
    outlet = await stage.outlet()
    await link(desk, outlet, number)
    async with stage.pool.acquire() as connection:
        assert await know_sellers(connection, [(number, "Sukses Cell")], now=stage.now) == 0
        assert await know_sellers(connection, [(number, "Sukses Baru")], now=stage.now) == 1
    assert await linked_at(stage, number) == outlet
