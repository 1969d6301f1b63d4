from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of

from konter.access.model import LoginStarted, Principal
from konter.channel.suspensions import set_outlets, set_users
from konter.channel.terminate import terminate_outlets
from konter.platform.audit import SYSTEM
from konter.platform.ids import OutletId, UserId


async def users(stage: Stage, status: str, *user_ids: UserId):
    args = {"reason": "lost phone", "actor": SYSTEM, "now": stage.now, "ids": stage.ids}
    async with stage.pool.acquire() as connection:
        return await set_users(connection, user_ids, status, **args)


async def outlets(stage: Stage, status: str, *outlet_ids: OutletId):
    args = {"reason": "under review", "actor": SYSTEM, "now": stage.now, "ids": stage.ids}
    async with stage.pool.acquire() as connection:
        return await set_outlets(connection, outlet_ids, status, **args)


@pytest.mark.requirement("D-52")
async def test_a_lost_number_neither_logs_in_nor_gets_an_otp_and_its_sessions_end(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    stage.clock.advance(timedelta(minutes=2))
    login = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    sent = len(await stage.texts(user.nn_msisdn))
    assert await users(stage, "blocked", user.id) == [user.id]
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await stage.enter(login.login_id, code)) == "APP_BLOCKED"
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    assert len(await stage.texts(user.nn_msisdn)) == sent
    assert await users(stage, "active", user.id) == [user.id]
    stage.clock.advance(timedelta(minutes=2))
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"


async def test_a_suspended_outlet_is_refused_from_that_moment_and_may_come_back(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    assert await outlets(stage, "suspended", user.outlet_id) == [user.outlet_id]
    assert code_of(await stage.who(opened.token)) == "APP_BLOCKED"
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    await outlets(stage, "active", user.outlet_id)
    assert isinstance(await stage.who(opened.token), Principal)


async def test_termination_is_final(stage: Stage) -> None:
    outlet = await stage.outlet()
    args = {"reason": "closed", "actor": SYSTEM, "now": stage.now, "ids": stage.ids, "rules": stage.rules}
    async with stage.pool.acquire() as connection:
        assert await terminate_outlets(connection, [outlet], **args) == [outlet]
    outcomes = await outlets(stage, "active", outlet, OutletId(256))
    assert [code_of(outcome) for outcome in outcomes] == ["OUTLET_TERMINATED", "OUTLET_NOT_FOUND"]


async def test_unknown_and_ended_users_are_refused(stage: Stage) -> None:
    user = await stage.user()
    await stage.pool.execute("UPDATE outlet_user SET status = 'ended' WHERE id = $1", user.id)
    outcomes = await users(stage, "active", user.id, UserId(256))
    assert [code_of(outcome) for outcome in outcomes] == ["USER_ENDED", "USER_NOT_FOUND"]
