"""Users of partners log in as users of outlets do: password, then an OTP to their number. [D-24, D-60]"""

from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, wrong

from konter.access.change_password import change_password
from konter.access.enter_otp import resend_otp
from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted, Principal, SessionOpened
from konter.access.reset_password import ask_password_reset, finish_password_reset
from konter.access.reset_pin import ask_pin_reset
from konter.access.sessions import list_sessions, revoke_session
from konter.access.set_pin import set_pin


@pytest.mark.requirement("D-23", "D-24", "D-60")
async def test_it_works(stage: Stage) -> None:
    user = await stage.partner_user()
    who = await stage.principal(user)
    assert (who.kind, who.roles, who.partner_id, who.outlet_id) == ("partner", ("SBP_ADMIN",), stage.partner_id, None)
    assert (who.partner_name, who.area, who.areas, who.next) == ("Mitra Jaya", "JBJB", (), "ready")
    assert await stage.audit(user.id) == ["partner_user.added", "login.otp_sent", "session.opened"]


@pytest.mark.requirement("D-07", "D-24", "D-103")
async def test_the_first_steps(stage: Stage) -> None:
    user = await stage.partner_user(password_initial=True)
    who = await stage.principal(user)
    assert who.next == "change_password"
    args = {"origin": HOME, **stage.given}
    assert await change_password(stage.pool, stage.passwords, who, old=PASSWORD, new="teh-manis-7", **args) is None
    assert len(await stage.texts(user.nn_msisdn, "password_changed")) == 1
    await stage.pool.execute("DELETE FROM acceptance WHERE user_id = $1", user.id)
    assert isinstance(await stage.log_in(user.username, "teh-manis-7"), LoginStarted)
    started = await stage.log_in(user.username, "teh-manis-7")
    opened = await stage.enter(started.login_id, await stage.last_otp(user.nn_msisdn))
    assert opened.next == "accept_terms"


async def test_an_initial_password_lapses(stage: Stage) -> None:
    user = await stage.partner_user(password_initial=True)
    stage.clock.advance(timedelta(hours=24))
    assert code_of(await stage.log_in(user.username)) == "INITIAL_PASSWORD_EXPIRED"


async def test_a_wrong_password_sends_nothing_and_locks(stage: Stage) -> None:
    user = await stage.partner_user()
    codes = [code_of(await stage.log_in(user.username, "salah-sekali")) for _ in range(5)]
    assert codes == ["BAD_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"]
    assert await stage.texts(user.nn_msisdn) == []
    assert len(await stage.texts(user.nn_msisdn, "password_locked")) == 1
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"


async def test_an_otp_fits_once_and_wrong_ones_lock(stage: Stage) -> None:
    user = await stage.partner_user()
    started = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    assert isinstance(await stage.enter(started.login_id, code), SessionOpened)
    assert code_of(await stage.enter(started.login_id, code)) == "OTP_EXPIRED"
    stage.clock.advance(timedelta(minutes=2))
    started = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    codes = [code_of(await stage.enter(started.login_id, wrong(code))) for _ in range(5)]
    assert codes == ["OTP_WRONG"] * 4 + ["ACCOUNT_LOCKED"]


async def test_another_otp_can_be_asked_for(stage: Stage) -> None:
    user = await stage.partner_user()
    started = await stage.log_in(user.username)
    stage.clock.advance(timedelta(minutes=1))
    async with stage.pool.acquire() as connection:
        again = await resend_otp(connection, started.login_id, origin=HOME, **stage.given)
    assert isinstance(again, LoginStarted)
    assert isinstance(await stage.enter(started.login_id, await stage.last_otp(user.nn_msisdn)), SessionOpened)


async def test_a_forgotten_password_is_set_by_otp(stage: Stage) -> None:
    user = await stage.partner_user()
    token = (await stage.session(user)).token
    async with stage.pool.acquire() as connection:
        reset = await ask_password_reset(connection, user.username, origin=HOME, **stage.given)
    code = await stage.last_otp(user.nn_msisdn)
    args = {"code": code, "new": "teh-manis-7", "origin": HOME, **stage.given}
    assert await finish_password_reset(stage.pool, stage.passwords, reset.login_id, **args) is None
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert isinstance(await stage.log_in(user.username, "teh-manis-7"), LoginStarted)


async def test_own_sessions_are_listed_and_ended_and_nobody_elses(stage: Stage) -> None:
    user, other = await stage.partner_user(), await stage.partner_user()
    who, stranger = await stage.principal(user), await stage.principal(other)
    args = {"origin": HOME, **stage.given}
    async with stage.pool.acquire() as connection:
        (line,) = await list_sessions(connection, who, now=stage.now)
        assert (line.id, line.current) == (who.session_id, True)
        refused = await revoke_session(connection, stranger, who.session_id, **args)
        assert code_of(refused) == "SESSION_NOT_FOUND"
        assert await revoke_session(connection, who, who.session_id, **args) is None
        assert await list_sessions(connection, who, now=stage.now) == []


async def test_there_is_no_pin(stage: Stage) -> None:
    who = await stage.principal(await stage.partner_user())
    assert isinstance(who, Principal)
    args = {"origin": HOME, **stage.given}
    async with stage.pool.acquire() as connection:
        assert code_of(await set_pin(connection, who, "739164", **args)) == "FORBIDDEN"
    reset = await ask_pin_reset(stage.pool, stage.passwords, who, password=PASSWORD, **args)
    assert code_of(reset) == "FORBIDDEN"


async def test_the_door_of_outlets_does_not_know_partners(stage: Stage) -> None:
    user = await stage.partner_user()
    attempt = Attempt(username=user.username, password=PASSWORD, origin=HOME, only="outlet")
    assert code_of(await log_in(stage.pool, stage.passwords, attempt, **stage.given)) == "BAD_CREDENTIALS"
