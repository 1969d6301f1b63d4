"""An outlet ends for good: its users, sessions, OTPs and numbers end with it at that moment. [D-52, D-71]"""

from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage, code_of

from konter.access.model import LoginStarted, Principal
from konter.access.reset_password import ask_password_reset
from konter.channel.terminate import terminate_outlets
from konter.platform.audit import SYSTEM
from konter.platform.ids import OutletId


async def terminate(stage: Stage, *outlet_ids: OutletId):
    args = {"reason": "closed", "actor": SYSTEM, "now": stage.now, "ids": stage.ids, "rules": stage.rules}
    async with stage.pool.acquire() as connection:
        return await terminate_outlets(connection, outlet_ids, **args)


@pytest.mark.requirement("D-52", "D-71")
async def test_it_works(stage: Stage) -> None:
    user = await stage.user()
    token = (await stage.session(user)).token
    stage.clock.advance(timedelta(minutes=2))
    login = await stage.log_in(user.username)
    assert isinstance(login, LoginStarted)
    code = await stage.last_otp(user.nn_msisdn)
    sent = len(await stage.texts(user.nn_msisdn))
    assert await terminate(stage, user.outlet_id) == [user.outlet_id]
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.enter(login.login_id, code)) == "APP_BLOCKED"
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    async with stage.pool.acquire() as connection:
        await ask_password_reset(connection, user.username, origin=HOME, **stage.given)
    assert len(await stage.texts(user.nn_msisdn)) == sent
    row = await stage.pool.fetchrow(
        "SELECT o.status, o.rs_msisdn, u.status AS user_status, n.free_from FROM outlet o"
        " JOIN outlet_user u ON u.outlet_id = o.id JOIN notification_number n ON n.user_id = u.id WHERE o.id = $1",
        user.outlet_id,
    )
    assert (row["status"], row["rs_msisdn"], row["user_status"]) == ("terminated", None, "ended")
    assert row["free_from"] == stage.now + timedelta(hours=24)
    assert (await stage.audit(user.outlet_id)).count("outlet.terminated") == 1


async def test_the_dead_login_stays_dead(stage: Stage) -> None:
    user = await stage.user()
    login = await stage.log_in(user.username)
    await terminate(stage, user.outlet_id)
    assert await stage.pool.fetchval("SELECT state FROM login WHERE user_id = $1", user.id) == "dead"
    assert isinstance(login, LoginStarted)


async def test_twice_and_unknown(stage: Stage) -> None:
    outlet = await stage.outlet()
    await terminate(stage, outlet)
    outcomes = await terminate(stage, outlet, OutletId(256))
    assert [code_of(outcome) for outcome in outcomes] == ["OUTLET_TERMINATED", "OUTLET_NOT_FOUND"]


async def test_of_another_outlet_nothing_is_touched(stage: Stage) -> None:
    user, other = await stage.user(), await stage.user()
    token = (await stage.session(other)).token
    await terminate(stage, user.outlet_id)
    assert isinstance(await stage.who(token), Principal)
