from datetime import timedelta

import pytest
from tests.access.people import PASSWORD, Stage, code_of

from konter.access.model import LoginStarted
from konter.channel.credentials import issue_credentials
from konter.platform.audit import SYSTEM
from konter.platform.ids import UserId


async def issue(stage: Stage, *user_ids: UserId):
    return await issue_credentials(stage.pool, stage.passwords, user_ids, actor=SYSTEM, **stage.given)


@pytest.mark.requirement("D-06", "D-07")
async def test_it_works(stage: Stage) -> None:
    new = [await stage.new_user(await stage.outlet()) for _ in range(3)]
    user_ids = await stage.add_users(*new)
    assert await issue(stage, *user_ids) == user_ids
    for each in new:
        (text,) = await stage.texts(each.nn_msisdn, "credentials")
        assert text["username"] == each.username
        assert isinstance(await stage.log_in(each.username, text["password"]), LoginStarted)
    opened = await stage.enter(
        (
            await stage.log_in(new[0].username, (await stage.texts(new[0].nn_msisdn, "credentials"))[0]["password"])
        ).login_id,
        await stage.last_otp(new[0].nn_msisdn),
    )
    assert opened.next == "change_password"


async def test_the_password_is_nowhere_in_clear(stage: Stage) -> None:
    new = await stage.new_user(await stage.outlet())
    (user_id,) = await stage.add_users(new)
    await issue(stage, user_id)
    (text,) = await stage.texts(new.nn_msisdn, "credentials")
    for table in ("outbox", "audit", "outlet_user"):
        assert (
            await stage.pool.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{text['password']}%")
            == 0
        )


@pytest.mark.requirement("G-D01")
async def test_it_lapses_after_a_day_and_can_be_issued_again(stage: Stage) -> None:
    new = await stage.new_user(await stage.outlet())
    (user_id,) = await stage.add_users(new)
    await issue(stage, user_id)
    stage.clock.advance(timedelta(hours=24))
    old, *_ = await stage.texts(new.nn_msisdn, "credentials")
    assert code_of(await stage.log_in(new.username, old["password"])) == "INITIAL_PASSWORD_EXPIRED"
    await issue(stage, user_id)
    *_, fresh = await stage.texts(new.nn_msisdn, "credentials")
    assert code_of(await stage.log_in(new.username, old["password"])) == "BAD_CREDENTIALS"
    assert isinstance(await stage.log_in(new.username, fresh["password"]), LoginStarted)


async def test_issued_again_it_lifts_every_lock_and_ends_every_session(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    stage.clock.advance(timedelta(minutes=2))
    login = await stage.log_in(user.username)
    for _ in range(5):
        await stage.log_in(user.username, "salah-sekali")
    await stage.pool.execute(
        "UPDATE outlet_user SET pin_failures = 3, pin_locked_at = $2 WHERE id = $1", user.id, stage.now
    )
    await issue(stage, user.id)
    kept = await stage.reread(user.id)
    assert (kept.locked_until, kept.pin_hash, kept.pin_failures, kept.pin_locked_at) == (None, None, 0, None)
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await stage.enter(login.login_id, await stage.last_otp(user.nn_msisdn))) == "OTP_EXPIRED"
    assert code_of(await stage.log_in(user.username, PASSWORD)) == "BAD_CREDENTIALS"


async def test_unknown_and_ended_users_get_none(stage: Stage) -> None:
    user = await stage.user()
    await stage.pool.execute("UPDATE outlet_user SET status = 'ended' WHERE id = $1", user.id)
    outcomes = await issue(stage, UserId(256), user.id)
    assert [code_of(outcome) for outcome in outcomes] == ["USER_NOT_FOUND", "USER_ENDED"]
    assert await stage.texts(user.nn_msisdn, "credentials") == []
