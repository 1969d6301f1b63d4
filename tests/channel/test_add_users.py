import asyncio
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import Stage, code_of

from konter.access.model import Principal
from konter.channel.add_users import end_users
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn, UserId


async def end(stage: Stage, *user_ids: UserId):
    async with stage.pool.acquire() as connection:
        return await end_users(connection, user_ids, actor=SYSTEM, now=stage.now, ids=stage.ids, rules=stage.rules)


@pytest.mark.requirement("D-27", "D-28", "D-30", "D-60")
async def test_an_outlet_may_have_many_users_each_with_a_number(stage: Stage) -> None:
    outlet = await stage.outlet()
    new = [
        await stage.new_user(outlet, role="OUTLET_OWNER", nn_type="OWNER"),
        await stage.new_user(outlet),
        await stage.new_user(outlet, nn_type="FAMILY"),
        await stage.new_user(outlet, nn_type="OWNER_OTHER"),
        await stage.new_user(outlet, nn_type="RESELLER"),
    ]
    added = await stage.add_users(*new)
    assert all(isinstance(user_id, int) for user_id in added)
    rows = await stage.pool.fetch(
        "SELECT user_id, type FROM notification_number WHERE outlet_id = $1 ORDER BY user_id", outlet
    )
    assert [row["type"] for row in rows] == ["OWNER", "FRONTLINER", "FAMILY", "OWNER_OTHER", "RESELLER"]


@pytest.mark.requirement("D-22", "D-26")
async def test_a_number_is_one_users_at_one_outlet(stage: Stage) -> None:
    first = await stage.new_user(await stage.outlet())
    second = await stage.new_user(await stage.outlet(), nn_msisdn=first.nn_msisdn)
    same_outlet = await stage.new_user(first.outlet_id, nn_msisdn=first.nn_msisdn)
    added, *refusals = await stage.add_users(first, second, same_outlet)
    assert isinstance(added, int)
    assert [code_of(refusal) for refusal in refusals] == ["NN_ALREADY_LINKED"] * 2
    assert code_of((await stage.add_users(second))[0]) == "NN_ALREADY_LINKED"


@pytest.mark.requirement("D-26")
async def test_twins_linking_the_same_number(stage: Stage) -> None:
    first = await stage.new_user(await stage.outlet())
    others = [await stage.new_user(await stage.outlet(), nn_msisdn=first.nn_msisdn) for _ in range(4)]
    async with stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", first.outlet_id)
        twins = [asyncio.create_task(stage.add_users(new)) for new in (first, *others)]
        await asyncio.sleep(0.2)
    outcomes = [outcome for (outcome,) in await asyncio.gather(*twins)]
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert {code_of(o) for o in outcomes if not isinstance(o, int)} == {"NN_ALREADY_LINKED"}
    rows = await stage.pool.fetch("SELECT user_id FROM notification_number WHERE msisdn = $1", first.nn_msisdn)
    assert [row["user_id"] for row in rows] == [outcome for outcome in outcomes if isinstance(outcome, int)]


@pytest.mark.requirement("D-25", "G-D04")
async def test_a_number_is_an_active_one_of_the_operator(stage: Stage) -> None:
    outlet = await stage.outlet()
    numbers = [Msisdn(6281712345678), await stage.number(active=False), Msisdn(6281299999998)]
    new = [await stage.new_user(outlet, nn_msisdn=number) for number in numbers]
    assert [code_of(refusal) for refusal in await stage.add_users(*new)] == ["NN_NOT_OPERATOR"] * 3


@pytest.mark.requirement("G-D04")
async def test_where_the_prefix_decides_the_registry_is_not_asked(stage: Stage) -> None:
    numbering = msgspec.structs.replace(stage.rules.numbering, ownership_source="prefix")
    stage.rules = msgspec.structs.replace(stage.rules, numbering=numbering)
    outlet = await stage.outlet()
    (added,) = await stage.add_users(await stage.new_user(outlet, nn_msisdn=Msisdn(6281298989898)))
    assert isinstance(added, int)


@pytest.mark.requirement("G-D05")
async def test_the_reseller_number_may_notify_at_its_own_outlet_only(stage: Stage) -> None:
    first, second = await stage.new_outlet(), await stage.new_outlet()
    here, there = await stage.open_outlets(first, second)
    (refusal,) = await stage.add_users(await stage.new_user(there.id, nn_msisdn=first.reseller_msisdn))
    assert code_of(refusal) == "NN_ALREADY_LINKED"
    own = await stage.new_user(here.id, nn_msisdn=first.reseller_msisdn, nn_type="RESELLER")
    outlet_rules = msgspec.structs.replace(stage.rules.outlet, rs_may_be_nn=False)
    allowed, stage.rules = stage.rules, msgspec.structs.replace(stage.rules, outlet=outlet_rules)
    assert code_of((await stage.add_users(own))[0]) == "NN_ALREADY_LINKED"
    stage.rules = allowed
    assert isinstance((await stage.add_users(own))[0], int)


@pytest.mark.requirement("D-26", "G-D06")
async def test_a_released_number_cools_down_a_day(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    assert await end(stage, user.id) == [user.id]
    assert code_of((await end(stage, user.id))[0]) == "USER_ENDED"
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    new = await stage.new_user(await stage.outlet(), nn_msisdn=user.nn_msisdn)
    stage.clock.advance(timedelta(hours=23, minutes=30))
    (refusal,) = await stage.add_users(new)
    assert (code_of(refusal), refusal.data["hours"]) == ("NN_COOLING_DOWN", 1)
    stage.clock.advance(timedelta(minutes=30))
    assert isinstance((await stage.add_users(new))[0], int)
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"


async def test_user_names_are_unique_without_case(stage: Stage) -> None:
    outlet = await stage.outlet()
    first = await stage.new_user(outlet)
    second = await stage.new_user(outlet, username=first.username.upper())
    added, refusal = await stage.add_users(first, second)
    assert isinstance(added, int)
    assert code_of(refusal) == "USERNAME_TAKEN"


@pytest.mark.parametrize("username", ["", "ab", "a b", "kasir😀", "x" * 33, "kasir\x00"])
async def test_odd_user_names_are_refused(stage: Stage, username: str) -> None:
    (refusal,) = await stage.add_users(await stage.new_user(await stage.outlet(), username=username))
    assert code_of(refusal) == "INVALID_INPUT"


async def test_no_user_at_an_unknown_or_suspended_outlet(stage: Stage) -> None:
    outlet = await stage.outlet()
    new = await stage.new_user(outlet)
    await stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", outlet)
    nowhere = msgspec.structs.replace(new, outlet_id=256)
    assert [code_of(refusal) for refusal in await stage.add_users(new, nowhere)] == [
        "OUTLET_NOT_ACTIVE",
        "OUTLET_NOT_FOUND",
    ]


async def test_without_credentials_nobody_gets_in(stage: Stage) -> None:
    new = await stage.new_user(await stage.outlet())
    await stage.add_users(new)
    for password in ("", "!", "nobody has this password"):
        assert code_of(await stage.log_in(new.username, password)) == "BAD_CREDENTIALS"


async def test_users_of_one_outlet_do_not_see_each_others_sessions(stage: Stage) -> None:
    outlet = await stage.outlet()
    one, two = await stage.user(outlet), await stage.user(outlet)
    first, second = await stage.session(one), await stage.session(two)
    assert await end(stage, one.id) == [one.id]
    assert code_of(await stage.who(first.token)) == "SESSION_EXPIRED"
    assert isinstance(await stage.who(second.token), Principal)
