from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, wrong

from konter.access.model import LoginStarted, Principal
from konter.access.reset_password import ask_password_reset, check_reset_code, finish_password_reset
from konter.platform.refusal import Refusal

NEW = "teh-manis-pagi-7"


async def ask(stage: Stage, username: str) -> Refusal | LoginStarted:
    async with stage.pool.acquire() as connection:
        return await ask_password_reset(connection, username, origin=HOME, **stage.given)


async def check(stage: Stage, login_id: str, code: str) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        return await check_reset_code(connection, login_id, code, origin=HOME, **stage.given)


async def finish(stage: Stage, login_id: str, code: str, new: str = NEW) -> Refusal | None:
    return await finish_password_reset(
        stage.pool, stage.passwords, login_id, code=code, new=new, origin=HOME, **stage.given
    )


@pytest.fixture(autouse=True)
def no_address_limit(monkeypatch) -> None:
    monkeypatch.setattr("konter.access.otps.ADDRESS_MAX_PER_HOUR", {"login": 9999, "password_reset": 9999})


@pytest.mark.requirement("G-D02")
async def test_it_works(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    for _ in range(5):
        await stage.log_in(user.username, "salah-sekali")
    login = await ask(stage, user.username)
    assert isinstance(login, LoginStarted)
    assert login.msisdn is None
    assert (await stage.texts(user.nn_msisdn))[-1]["purpose"] == "password_reset"
    code = await stage.last_otp(user.nn_msisdn)
    assert await check(stage, login.login_id, code) is None
    assert code_of(await finish(stage, login.login_id, code, new="12345678")) == "WEAK_PASSWORD"
    assert await finish(stage, login.login_id, code) is None
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await finish(stage, login.login_id, code, new="lagi-lagi-lagi-3")) == "OTP_EXPIRED"
    assert code_of(await stage.log_in(user.username, PASSWORD)) == "BAD_CREDENTIALS"
    stage.clock.advance(timedelta(minutes=2))
    assert isinstance(await stage.log_in(user.username, NEW), LoginStarted)


@pytest.mark.requirement("D-07")
async def test_a_lapsed_initial_password_is_replaced(stage: Stage) -> None:
    user = await stage.newcomer()
    stage.clock.advance(timedelta(days=3))
    login = await ask(stage, user.username)
    assert await finish(stage, login.login_id, await stage.last_otp(user.nn_msisdn)) is None
    started = await stage.log_in(user.username, NEW)
    opened = await stage.enter(started.login_id, await stage.last_otp(user.nn_msisdn))
    assert opened.next == "accept_terms"


async def test_a_passed_code_alone_sets_nothing_without_itself(stage: Stage) -> None:
    user = await stage.user()
    login = await ask(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    assert await check(stage, login.login_id, code) is None
    assert code_of(await finish(stage, login.login_id, wrong(code))) == "OTP_WRONG"


async def test_nobody_can_tell_an_unknown_name_from_a_known_one(stage: Stage) -> None:
    user = await stage.user()
    blocked = await stage.user()
    await stage.pool.execute("UPDATE outlet_user SET status = 'blocked' WHERE id = $1", blocked.id)
    seen = []
    for name in (user.username, blocked.username, f"{user.username}-x"):
        login = await ask(stage, name)
        again = await ask(stage, name)
        answers = [await finish(stage, login.login_id, "000000") for _ in range(7)]
        seen.append((len(login.login_id), login.msisdn, login.expires_at, login.resend_at, again, answers))
    assert seen[0] == seen[1] == seen[2]
    assert code_of(seen[0][4]) == "OTP_RESEND_TOO_SOON"
    assert [code_of(answer) for answer in seen[0][5]] == ["OTP_WRONG"] * 4 + ["OTP_EXPIRED"] * 3
    assert len(await stage.texts(user.nn_msisdn)) == 1
    assert await stage.texts(blocked.nn_msisdn) == []


async def test_a_stranger_locks_nobody_out(stage: Stage) -> None:
    user = await stage.user()
    for _ in range(5):
        login = await ask(stage, user.username)
        for _ in range(5):
            await finish(stage, login.login_id, "000000")
        stage.clock.advance(timedelta(seconds=61))
    assert code_of(await ask(stage, user.username)) == "OTP_TOO_MANY"
    assert isinstance(await stage.log_in(user.username), LoginStarted)


async def test_a_reset_opens_no_session(stage: Stage) -> None:
    user = await stage.user()
    login = await ask(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    assert code_of(await stage.enter(login.login_id, code)) == "LOGIN_NOT_FOUND"
    opened = await stage.session(user)
    assert isinstance(await stage.who(opened.token), Principal)
