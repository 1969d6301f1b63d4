"""Everything that must be unique, wanted twice at once: one gets it, the other is refused in words. [D-22, D-26, D-31]"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk, codes
from tests.shop import Shop

from konter.access.model import Principal
from konter.channel.numbers.model import NnChanged


async def at_once(desk: Desk, owners: list[int], *wanted: Coroutine[Any, Any, Any]) -> list[Any]:
    """All wait for the same lock, then go."""
    async with desk.held(*owners):
        twins = [asyncio.create_task(each) for each in wanted]
        await asyncio.sleep(0.1)
        assert not any(twin.done() for twin in twins)
    return await asyncio.gather(*twins)


async def roles(stage: Stage, number: int) -> tuple[int, int, int]:
    """How many outlets have the number at all, as reseller number, and as notification number."""
    row = await stage.pool.fetchrow(
        """
        SELECT (SELECT count(*) FROM outlet_number WHERE msisdn = $1),
               (SELECT count(*) FROM outlet WHERE rs_msisdn = $1),
               (SELECT count(*) FROM outlet_user WHERE nn_msisdn = $1 AND nn_released_at IS NULL)
        """,
        number,
    )
    return tuple(row)


@pytest.mark.requirement("D-26")
async def test_one_number_for_users_of_two_outlets(desk: Desk, stage: Stage) -> None:
    users, number = [await stage.user() for _ in range(4)], await stage.number()
    homes = [user.outlet_id for user in users]
    outcomes = await at_once(desk, homes, *(desk.link(user.id, number) for user in users))
    assert codes(outcomes) == ["NN_ALREADY_LINKED"] * 3 + ["ok"]
    assert await roles(stage, number) == (1, 0, 1)


@pytest.mark.requirement("D-22")
async def test_one_number_for_two_users_of_one_outlet(desk: Desk, stage: Stage) -> None:
    outlet, number = await stage.outlet(), await stage.number()
    users = [await stage.user(outlet) for _ in range(3)]
    outcomes = await at_once(desk, [outlet], *(desk.link(user.id, number) for user in users))
    assert codes(outcomes) == ["NN_ALREADY_LINKED"] * 2 + ["ok"]
    assert await roles(stage, number) == (1, 0, 1)


@pytest.mark.requirement("D-31", "D-34")
async def test_one_reseller_number_for_two_outlets(desk: Desk, stage: Stage) -> None:
    outlets, number = [await stage.outlet() for _ in range(4)], await stage.number()
    outcomes = await at_once(desk, outlets, *(desk.register(outlet, number) for outlet in outlets))
    assert codes(outcomes) == ["RS_ALREADY_REGISTERED"] * 3 + ["ok"]
    assert await roles(stage, number) == (1, 1, 0)


@pytest.mark.requirement("D-26", "D-31", "G-D05")
async def test_a_reseller_number_here_and_a_notification_number_there(desk: Desk, stage: Stage) -> None:
    outlet, user, number = await stage.outlet(), await stage.user(), await stage.number()
    outcomes = await at_once(desk, [outlet, user.outlet_id], desk.register(outlet, number), desk.link(user.id, number))
    assert codes(outcomes) in (["NN_ALREADY_LINKED", "ok"], ["RS_ALREADY_REGISTERED", "ok"])
    held, reseller, notification = await roles(stage, number)
    assert (held, reseller + notification) == (1, 1)


@pytest.mark.requirement("D-26", "D-31", "G-D05")
@pytest.mark.parametrize("first", ["register", "link"])
async def test_the_same_where_both_have_found_the_number_free(desk: Desk, stage: Stage, first: str) -> None:
    """Each has read before the other wrote; only the key of the number stands between them."""
    outlet, user, number = await stage.outlet(), await stage.user(), await stage.number()
    async with desk.kept(number):
        wanted = [desk.register(outlet, number), desk.link(user.id, number)]
        twins = [asyncio.create_task(each) for each in (wanted if first == "register" else wanted[::-1])]
    assert codes(await asyncio.gather(*twins)) in (["NN_ALREADY_LINKED", "ok"], ["RS_ALREADY_REGISTERED", "ok"])
    held, reseller, notification = await roles(stage, number)
    assert (held, reseller + notification) == (1, 1)


@pytest.mark.requirement("D-26", "D-31")
@pytest.mark.parametrize("role", ["NN", "RS"])
async def test_two_of_a_kind_where_both_have_found_the_number_free(desk: Desk, stage: Stage, role: str) -> None:
    number = await stage.number()
    users, outlets = [await stage.user() for _ in range(2)], [await stage.outlet() for _ in range(2)]
    async with desk.kept(number):
        if role == "NN":
            twins = [asyncio.create_task(desk.link(user.id, number)) for user in users]
        else:
            twins = [asyncio.create_task(desk.register(outlet, number)) for outlet in outlets]
    assert codes(await asyncio.gather(*twins))[1] == "ok"
    assert sum(await roles(stage, number)) == 2


@pytest.mark.requirement("D-26", "G-D06")
async def test_released_here_and_wanted_there(desk: Desk, stage: Stage) -> None:
    """Before the release it is another user's, afterwards it cools down; it is never the stranger's at once."""
    user, stranger = await stage.user(), await stage.user()
    outcomes = await at_once(
        desk, [user.outlet_id, stranger.outlet_id], desk.link(user.id, None), desk.link(stranger.id, user.nn_msisdn)
    )
    assert isinstance(outcomes[0], NnChanged)
    assert code_of(outcomes[1]) in {"NN_ALREADY_LINKED", "NN_COOLING_DOWN"}


@pytest.mark.requirement("G-D06")
async def test_a_number_that_has_cooled_down_wanted_by_two_and_by_an_outlet(desk: Desk, stage: Stage) -> None:
    user, number = await stage.user(), await stage.number()
    free = user.nn_msisdn
    await desk.link(user.id, number)
    stage.clock.advance(timedelta(days=1))
    others, outlet = [await stage.user() for _ in range(2)], await stage.outlet()
    outcomes = await at_once(
        desk,
        [*(other.outlet_id for other in others), outlet],
        *(desk.link(other.id, free) for other in others),
        desk.register(outlet, free),
    )
    assert codes(outcomes).count("ok") == 1
    held, reseller, notification = await roles(stage, free)
    assert (held, reseller + notification) == (1, 1)


@pytest.mark.requirement("D-31")
async def test_let_go_here_and_wanted_there(desk: Desk, stage: Stage) -> None:
    """A reseller number is free at once, so either outcome is right; there is never one at two outlets."""
    number = await stage.number()
    has, wants = (await desk.opened(reseller_msisdn=number)).id, await stage.outlet()
    outcomes = await at_once(desk, [has, wants], desk.register(has, await stage.number()), desk.register(wants, number))
    assert codes(outcomes) in (["ok", "ok"], ["RS_ALREADY_REGISTERED", "ok"])
    assert sum(await roles(stage, number)) in (0, 2)


@pytest.mark.requirement("D-22")
async def test_one_user_name_at_two_outlets(desk: Desk, stage: Stage) -> None:
    outlets = [await stage.outlet() for _ in range(3)]
    new = [await stage.new_user(outlet, username="serba.ada") for outlet in outlets]
    outcomes = await at_once(desk, outlets, *(stage.add_users(each) for each in new))
    assert codes([outcome for (outcome,) in outcomes]) == ["USERNAME_TAKEN"] * 2 + ["ok"]
    refused = [each.nn_msisdn for each, (outcome,) in zip(new, outcomes, strict=True) if not isinstance(outcome, int)]
    assert [await roles(stage, number) for number in refused] == [(0, 0, 0)] * 2


@pytest.mark.requirement("D-30")
async def test_a_user_who_moves_to_two_branches(desk: Desk, stage: Stage) -> None:
    home, left, right = [await stage.outlet() for _ in range(3)]
    await desk.join(left, home)
    await desk.join(right, home)
    user = await stage.user(home)
    outcomes = await at_once(desk, [home, left, right], desk.move(user.id, left), desk.move(user.id, right))
    assert codes(outcomes) == ["USER_ENDED", "ok"]
    assert await roles(stage, user.nn_msisdn) == (1, 0, 1)


@pytest.mark.requirement("D-30")
async def test_a_user_who_moves_while_the_number_is_released(desk: Desk, stage: Stage) -> None:
    home, branch = await stage.outlet(), await stage.outlet()
    await desk.join(branch, home)
    user = await stage.user(home)
    outcomes = await at_once(desk, [home, branch], desk.move(user.id, branch), desk.link(user.id, None))
    assert codes(outcomes) in (["USER_ENDED", "ok"], ["NN_RELEASED", "ok"])


@pytest.mark.requirement("D-21", "D-22")
async def test_a_sale_that_waits_behind_the_release_is_refused(desk: Desk, shop: Shop) -> None:
    before = await shop.balance()
    async with desk.held(shop.user.outlet_id):
        releasing = asyncio.create_task(desk.link(shop.user.id, None))
        await asyncio.sleep(0.2)
        selling = asyncio.create_task(shop.sell())
    assert isinstance(await releasing, NnChanged)
    outcome = await selling
    assert outcome.refusal is not None
    assert outcome.refusal.code in {"SESSION_EXPIRED", "APP_BLOCKED"}
    assert await shop.balance() == before


@pytest.mark.requirement("D-22", "D-24")
async def test_a_login_and_a_release_at_once_leave_nobody_in(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    login = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    _, entered = await at_once(desk, [user.outlet_id], desk.link(user.id, None), stage.enter(login.login_id, code))
    if hasattr(entered, "token"):
        assert not isinstance(await stage.who(entered.token), Principal)
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
