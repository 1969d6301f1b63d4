"""A user's notification number: linked, replaced, let go; and what ends with it."""

from datetime import timedelta

import msgspec
import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk
from tests.shop import Shop

from konter.access.model import LoginStarted, Principal
from konter.channel.numbers.model import NnChanged
from konter.channel.scope import Scope
from konter.platform.ids import UserId


@pytest.mark.requirement("D-21", "D-22", "D-28")
@pytest.mark.parametrize("type_", ["OWNER", "RESELLER", "FRONTLINER", "FAMILY", "OWNER_OTHER"])
async def test_it_works(desk: Desk, stage: Stage, type_: str) -> None:
    user, number = await stage.user(), await stage.number()
    assert await desk.link(user.id, number, type=type_) == NnChanged(user_id=user.id, was=user.nn_msisdn, msisdn=number)
    row = await stage.pool.fetchrow(
        "SELECT user_id, type, free_from FROM notification_number WHERE msisdn = $1", number
    )
    assert tuple(row) == (user.id, type_, None)
    assert await desk.past(user.nn_msisdn) == [("NN", "added", "replaced")]
    assert await desk.past(number) == [("NN", "replaced", None)]


@pytest.mark.requirement("D-22", "D-23")
async def test_from_that_moment_the_new_number_gets_the_otps_and_every_session_has_ended(
    desk: Desk, stage: Stage
) -> None:
    user, number = await stage.user(), await stage.number()
    opened = await stage.session(user)
    stage.clock.advance(timedelta(minutes=2))
    login = await stage.log_in(user.username)
    assert isinstance(login, LoginStarted)
    old_code = await stage.last_otp(user.nn_msisdn)
    await desk.link(user.id, number)
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await stage.enter(login.login_id, old_code)) == "OTP_EXPIRED"
    stage.clock.advance(timedelta(minutes=2))
    sent = len(await stage.texts(user.nn_msisdn))
    assert isinstance(await stage.session(await stage.reread(user.id)), object)
    assert (len(await stage.texts(user.nn_msisdn)), len(await stage.texts(number))) == (sent, 1)


async def test_both_numbers_hear_of_it_and_neither_is_told_in_full(desk: Desk, stage: Stage) -> None:
    user, number = await stage.user(), await stage.number()
    await desk.link(user.id, number)
    for phone in (user.nn_msisdn, number):
        (text,) = await stage.texts(phone, "nn_changed")
        assert text["number"].endswith(str(number)[-4:])
        assert "****" in text["number"]


@pytest.mark.requirement("D-22", "D-24")
async def test_whose_number_was_released_can_neither_log_in_nor_reset_nor_sell(desk: Desk, shop: Shop) -> None:
    stage, user = shop.stage, shop.user
    stage.clock.advance(timedelta(minutes=2))
    assert await desk.link(user.id, None) == NnChanged(user_id=user.id, was=user.nn_msisdn, msisdn=None)
    sent = len(await stage.texts(user.nn_msisdn))
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    outcome = await shop.sell()
    assert outcome.refusal is not None
    assert outcome.refusal.code in {"SESSION_EXPIRED", "APP_BLOCKED"}
    assert len(await stage.texts(user.nn_msisdn)) == sent
    assert (await stage.reread(user.id)).status == "unlinked"
    assert await desk.past(user.nn_msisdn) == [("NN", "added", "released")]


async def test_the_next_number_makes_the_user_active_again_and_a_block_stays(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    await desk.link(user.id, None)
    assert await desk.set_user(user.id, "active") == user.id
    assert (await stage.reread(user.id)).status == "unlinked"
    await desk.link(user.id, await stage.number())
    assert isinstance(await stage.principal(await stage.reread(user.id)), Principal)
    await desk.set_user(user.id, "blocked")
    await desk.link(user.id, None)
    await desk.link(user.id, await stage.number())
    assert (await stage.reread(user.id)).status == "blocked"


@pytest.mark.requirement("D-26", "G-D06")
async def test_a_released_number_is_nobodys_for_a_day_in_whatever_role(desk: Desk, stage: Stage) -> None:
    user, other = await stage.user(), await stage.user()
    await desk.link(user.id, None)
    waiting = await desk.waiting_outlet()
    stage.clock.advance(timedelta(hours=23, minutes=59))
    for again in (user, other):
        refusal = await desk.link(again.id, user.nn_msisdn)
        assert (code_of(refusal), refusal.data["hours"]) == ("NN_COOLING_DOWN", 1)
    assert code_of(await desk.register(waiting, user.nn_msisdn)) == "NN_COOLING_DOWN"
    stage.clock.advance(timedelta(minutes=1))
    assert isinstance(await desk.link(other.id, user.nn_msisdn), NnChanged)
    assert await desk.past(user.nn_msisdn) == [("NN", "added", "released"), ("NN", "replaced", None)]


@pytest.mark.requirement("G-D06")
async def test_without_a_cool_down_it_is_free_at_once(desk: Desk, stage: Stage) -> None:
    rules = msgspec.structs.replace(stage.rules.outlet, nn_cooldown_h=0)
    stage.rules = msgspec.structs.replace(stage.rules, outlet=rules)
    user, other = await stage.user(), await stage.user()
    await desk.link(user.id, None)
    assert isinstance(await desk.link(other.id, user.nn_msisdn), NnChanged)


@pytest.mark.requirement("D-22", "D-25", "D-26", "G-D04", "G-D05")
async def test_each_no(desk: Desk, stage: Stage) -> None:
    user, taken = await stage.user(), await stage.user()
    colleague = await stage.user(user.outlet_id)
    elsewhere = await stage.number()
    await desk.opened(reseller_msisdn=elsewhere)
    wanted = {
        taken.nn_msisdn: "NN_ALREADY_LINKED",
        colleague.nn_msisdn: "NN_ALREADY_LINKED",
        elsewhere: "NN_ALREADY_LINKED",
        await stage.number(active=False): "NN_NOT_OPERATOR",
        await stage.number(prefix="62817"): "NN_NOT_OPERATOR",
    }
    for number, code in wanted.items():
        assert code_of(await desk.link(user.id, number)) == code
    assert code_of(await desk.link(UserId(256), await stage.number())) == "USER_NOT_FOUND"
    await desk.end(taken.id)
    assert code_of(await desk.link(taken.id, await stage.number())) == "USER_ENDED"
    await desk.set_outlet(user.outlet_id, "terminated")
    assert code_of(await desk.link(user.id, await stage.number())) == "USER_ENDED"


async def test_the_reseller_number_of_the_outlet_keeps_that_role_when_it_notifies_no_more(
    desk: Desk, stage: Stage
) -> None:
    number = await stage.number()
    outlet = (await desk.opened(reseller_msisdn=number)).id
    user = await stage.user(outlet, nn_msisdn=number, nn_type="RESELLER")
    await desk.link(user.id, None)
    stage.clock.advance(timedelta(days=2))
    stranger = await stage.user()
    assert code_of(await desk.link(stranger.id, number)) == "NN_ALREADY_LINKED"
    assert isinstance(await desk.link(user.id, number, type="RESELLER"), NnChanged)


async def test_twice_is_no_change(desk: Desk, stage: Stage) -> None:
    user, number = await stage.user(), await stage.number()
    await desk.link(user.id, number)
    assert await desk.link(user.id, number) == NnChanged(user_id=user.id, was=number, msisdn=number)
    assert await desk.past(number) == [("NN", "replaced", None)]
    await desk.link(user.id, None)
    assert await desk.link(user.id, None) == NnChanged(user_id=user.id, was=None, msisdn=None)


async def test_a_user_of_another_outlet_is_not_there(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    mine = Scope(outlet_id=await stage.outlet())
    assert code_of(await desk.link(user.id, await stage.number(), scope=mine)) == "USER_NOT_FOUND"
    assert code_of(await desk.link(user.id, None, scope=mine)) == "USER_NOT_FOUND"
    assert isinstance(await desk.link(user.id, None, scope=Scope(partner_id=stage.partner_id)), NnChanged)


async def test_who_leaves_takes_the_number_along_into_the_cool_down(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    await desk.end(user.id)
    assert await desk.past(user.nn_msisdn) == [("NN", "added", "left")]
    assert await desk.where(user) == (user.outlet_id, user.id, True)
