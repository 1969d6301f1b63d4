"""An outlet's reseller number: registered, replaced, let go."""

import msgspec
import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk

from konter.channel.model import Outlet
from konter.channel.numbers.model import RsChanged
from konter.channel.scope import Scope


@pytest.mark.requirement("D-19", "D-31", "D-33")
async def test_it_works(desk: Desk, stage: Stage) -> None:
    outlet = await desk.waiting_outlet()
    assert code_of(await desk.set_outlet(outlet, "active")) == "OUTLET_NEEDS_RS"
    number = await stage.number()
    assert await desk.register(outlet, number) == RsChanged(outlet_id=outlet, was=None, msisdn=number)
    assert await desk.set_outlet(outlet, "active") == outlet
    assert (await desk.rs_of(outlet), await desk.status_of(outlet)) == (number, "active")
    assert (await stage.audit(outlet))[-2:] == ["outlet.rs_registered", "outlet.active"]


@pytest.mark.requirement("D-31")
async def test_another_takes_the_place_of_the_one_before_which_is_free_at_once(desk: Desk, stage: Stage) -> None:
    first, second = await stage.number(), await stage.number()
    outlet = (await desk.opened(reseller_msisdn=first)).id
    assert await desk.register(outlet, second) == RsChanged(outlet_id=outlet, was=first, msisdn=second)
    assert await desk.rs_of(outlet) == second
    other = await desk.opened(reseller_msisdn=first)
    assert isinstance(other, Outlet)
    assert await desk.past(first) == [("RS", "opened", "replaced"), ("RS", "opened", None)]
    assert await desk.past(second) == [("RS", "replaced", None)]


async def test_twice_with_the_same_number_is_no_change(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    outlet = (await desk.opened(reseller_msisdn=number)).id
    assert await desk.register(outlet, number) == RsChanged(outlet_id=outlet, was=number, msisdn=number)
    assert await desk.past(number) == [("RS", "opened", None)]
    assert "outlet.rs_replaced" not in await stage.audit(outlet)


@pytest.mark.requirement("D-19")
async def test_only_an_outlet_that_does_not_sell_lets_its_number_go(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    outlet = (await desk.opened(reseller_msisdn=number)).id
    assert code_of(await desk.register(outlet, None)) == "OUTLET_NEEDS_RS"
    await desk.set_outlet(outlet, "suspended")
    assert await desk.register(outlet, None) == RsChanged(outlet_id=outlet, was=number, msisdn=None)
    assert await desk.past(number) == [("RS", "opened", "released")]
    assert await stage.pool.fetchval("SELECT count(*) FROM outlet_number WHERE msisdn = $1", number) == 0


@pytest.mark.requirement("D-33", "D-34")
async def test_a_number_of_another_outlet_is_refused_and_names_no_other(desk: Desk, stage: Stage) -> None:
    taken = await stage.number()
    await desk.opened(reseller_msisdn=taken)
    notifies = (await stage.user()).nn_msisdn
    outlet = await desk.waiting_outlet()
    for number in (taken, notifies):
        refusal = await desk.register(outlet, number)
        assert (code_of(refusal), set(refusal.data)) == ("RS_ALREADY_REGISTERED", {"msisdn"})


@pytest.mark.requirement("D-25", "G-D04")
async def test_a_number_that_is_not_in_use_is_refused(desk: Desk, stage: Stage) -> None:
    outlet = await desk.waiting_outlet()
    assert code_of(await desk.register(outlet, await stage.number(active=False))) == "RS_NOT_OPERATOR"


@pytest.mark.requirement("G-D05")
async def test_a_notification_number_of_the_outlet_may_be_its_reseller_number_where_the_rule_says_so(
    desk: Desk, stage: Stage
) -> None:
    user = await stage.user()
    allowed = stage.rules
    rules = msgspec.structs.replace(stage.rules.outlet, rs_may_be_nn=False)
    stage.rules = msgspec.structs.replace(stage.rules, outlet=rules)
    assert code_of(await desk.register(user.outlet_id, user.nn_msisdn)) == "RS_IS_NN"
    stage.rules = allowed
    assert isinstance(await desk.register(user.outlet_id, user.nn_msisdn), RsChanged)
    assert await desk.past(user.nn_msisdn) == [("NN", "added", None), ("RS", "replaced", None)]


async def test_a_terminated_outlet_gets_none_and_may_let_its_own_go(desk: Desk, stage: Stage) -> None:
    outlet = (await desk.opened()).id
    await desk.set_outlet(outlet, "terminated")
    assert code_of(await desk.register(outlet, await stage.number())) == "OUTLET_TERMINATED"
    assert isinstance(await desk.register(outlet, None), RsChanged)


async def test_another_partners_outlet_is_not_there(desk: Desk, stage: Stage) -> None:
    outlet = await stage.outlet()
    for scope in (Scope(partner_id=await stage.other_partner()), Scope(outlet_id=await stage.outlet())):
        assert code_of(await desk.register(outlet, await stage.number(), scope=scope)) == "OUTLET_NOT_FOUND"
    assert code_of(await desk.register(outlet, await stage.number(), scope=Scope(areas=("ATLANTIS",)))) == (
        "OUTLET_NOT_FOUND"
    )
    assert isinstance(await desk.register(outlet, await stage.number(), scope=Scope(areas=("JBJB",))), RsChanged)


async def test_an_outlet_without_a_number_is_opened_suspended(desk: Desk, stage: Stage) -> None:
    new = msgspec.structs.replace(await stage.new_outlet(), reseller_msisdn=None)
    (outlet,) = await stage.open_outlets(new)
    assert isinstance(outlet, Outlet)
    assert (await desk.status_of(outlet.id), await desk.rs_of(outlet.id)) == ("suspended", None)
