import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, PIN, Stage, code_of, wrong

from konter.access.change_password import change_password
from konter.access.model import LoginStarted, Principal
from konter.access.pins import pin_hash
from konter.access.reset_pin import ask_pin_reset, finish_pin_reset
from konter.access.set_pin import set_pin
from konter.platform.refusal import Refusal

NEW = "teh-manis-pagi-7"


async def change(stage: Stage, who: Principal, old: str = PASSWORD, new: str = NEW) -> Refusal | None:
    return await change_password(stage.pool, stage.passwords, who, old=old, new=new, origin=HOME, **stage.given)


async def give_pin(stage: Stage, who: Principal, pin: str, old: str | None = None) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        return await set_pin(connection, who, pin, old=old, origin=HOME, **stage.given)


async def ask_pin(stage: Stage, who: Principal, password: str = PASSWORD) -> Refusal | LoginStarted:
    return await ask_pin_reset(stage.pool, stage.passwords, who, password=password, origin=HOME, **stage.given)


async def finish_pin(stage: Stage, who: Principal, login_id: str, code: str, pin: str) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        return await finish_pin_reset(connection, who, login_id, code=code, pin=pin, origin=HOME, **stage.given)


@pytest.mark.requirement("D-07", "G-D01")
async def test_a_changed_password_ends_the_initial_one_and_other_sessions(stage: Stage) -> None:
    user = await stage.newcomer()
    other = await stage.session(user)
    stage.clock.advance(timedelta(minutes=2))
    opened = await stage.session(user)
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    assert await change(stage, who) is None
    assert (await stage.who(opened.token)).next == "accept_terms"
    assert code_of(await stage.who(other.token)) == "SESSION_EXPIRED"
    stage.clock.advance(timedelta(days=2))
    assert code_of(await stage.log_in(user.username)) == "BAD_CREDENTIALS"
    assert isinstance(await stage.log_in(user.username, NEW), LoginStarted)
    assert len(await stage.texts(user.nn_msisdn, "password_changed")) == 1


@pytest.mark.requirement("G-D02")
async def test_the_fifth_wrong_old_password_ends_the_session_and_locks_nothing(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    first = await change(stage, who, old="salah-sekali")
    assert (code_of(first), first.data["tries_left"]) == ("WRONG_PASSWORD", 4)
    for _ in range(3):
        assert code_of(await ask_pin(stage, who, "salah-sekali")) == "WRONG_PASSWORD"
    assert code_of(await change(stage, who, old="salah-sekali")) == "SESSION_EXPIRED"
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert (await stage.audit(user.id))[-1] == "session.revoked"
    stage.clock.advance(timedelta(minutes=2))
    again = await stage.principal(user)
    assert code_of(await change(stage, again, old="salah-sekali")) == "WRONG_PASSWORD"
    assert await change(stage, again) is None


async def test_a_right_password_in_a_session_clears_its_count(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    stage.clock.advance(timedelta(minutes=2))
    for _ in range(4):
        await change(stage, who, old="salah-sekali")
    assert isinstance(await ask_pin(stage, who), LoginStarted)
    refusal = await change(stage, who, old="salah-sekali")
    assert refusal.data["tries_left"] == 4


async def test_guesses_at_once_in_a_session_are_no_more_than_five(stage: Stage) -> None:
    who = await stage.principal(await stage.user())
    outcomes = await asyncio.gather(*(change(stage, who, old="salah-sekali") for _ in range(20)))
    codes = [code_of(outcome) for outcome in outcomes]
    assert (codes.count("WRONG_PASSWORD"), codes.count("SESSION_EXPIRED")) == (4, 16)
    assert code_of(await change(stage, who)) == "SESSION_EXPIRED"


@pytest.mark.requirement("G-D02")
async def test_five_wrong_otps_of_a_pin_reset_end_the_session_and_lock_where_it_was(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    stage.clock.advance(timedelta(minutes=2))
    login = await ask_pin(stage, who)
    code = wrong(await stage.last_otp(user.nn_msisdn))
    codes = [code_of(await finish_pin(stage, who, login.login_id, code, "480275")) for _ in range(6)]
    assert codes == ["OTP_WRONG"] * 4 + ["ACCOUNT_LOCKED", "SESSION_EXPIRED"]
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    assert isinstance(await stage.log_in(user.username), LoginStarted)


@pytest.mark.parametrize(
    "new", ["pendek1", "12345678", "aaaaaaaaaa", PASSWORD, "kasir-{username}-1", "x" * 129, "abc\x00defgh"]
)
async def test_a_weak_password_is_refused(stage: Stage, new: str) -> None:
    user = await stage.user()
    refusal = await change(stage, await stage.principal(user), new=new.replace("{username}", user.username))
    assert code_of(refusal) == "WEAK_PASSWORD"
    assert isinstance(await stage.who((await stage.session(user)).token), Principal)


@pytest.mark.requirement("D-103")
async def test_the_first_pin(stage: Stage) -> None:
    user = await stage.user(pin_hash=None)
    opened = await stage.session(user)
    who = await stage.who(opened.token)
    assert who.next == "set_pin"
    assert code_of(await give_pin(stage, who, "123456")) == "WEAK_PIN"
    assert await give_pin(stage, who, PIN) is None
    assert (await stage.who(opened.token)).next == "ready"
    kept = await stage.reread(user.id)
    assert kept.pin_hash == pin_hash(stage.keys, kept.pin_salt, PIN)
    assert code_of(await give_pin(stage, who, "480275")) == "PIN_ALREADY_SET"


async def test_another_pin_for_the_old_one(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    assert await give_pin(stage, who, "480275", old=PIN) is None
    kept = await stage.reread(user.id)
    assert kept.pin_hash == pin_hash(stage.keys, kept.pin_salt, "480275")
    assert kept.pin_salt != user.pin_salt
    assert len(await stage.texts(user.nn_msisdn, "pin_changed")) == 1


async def test_three_wrong_old_pins_lock_and_password_and_otp_open_again(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    codes = [code_of(await give_pin(stage, who, "480275", old="905538")) for _ in range(3)]
    assert codes == ["WRONG_PIN", "WRONG_PIN", "PIN_LOCKED"]
    assert code_of(await give_pin(stage, who, "480275", old=PIN)) == "PIN_LOCKED"
    assert len(await stage.texts(user.nn_msisdn, "pin_locked")) == 1
    stage.clock.advance(timedelta(minutes=2))
    login = await ask_pin(stage, who)
    assert isinstance(login, LoginStarted)
    code = await stage.last_otp(user.nn_msisdn)
    assert code_of(await finish_pin(stage, who, login.login_id, wrong(code), "480275")) == "OTP_WRONG"
    assert code_of(await finish_pin(stage, who, login.login_id, code, "111111")) == "WEAK_PIN"
    assert await finish_pin(stage, who, login.login_id, code, "480275") is None
    kept = await stage.reread(user.id)
    assert (kept.pin_failures, kept.pin_locked_at) == (0, None)
    assert code_of(await finish_pin(stage, who, login.login_id, code, "905538")) == "OTP_EXPIRED"


async def test_a_pin_reset_needs_the_password(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    assert code_of(await ask_pin(stage, who, "salah-sekali")) == "WRONG_PASSWORD"
    assert len(await stage.texts(user.nn_msisdn)) == 1  # only that of the login


async def test_a_pin_reset_of_somebody_else_or_a_login_is_not_found(stage: Stage) -> None:
    user, stranger = await stage.user(), await stage.user()
    who, thief = await stage.principal(user), await stage.principal(stranger)
    stage.clock.advance(timedelta(minutes=2))
    login = await ask_pin(stage, who)
    code = await stage.last_otp(user.nn_msisdn)
    assert code_of(await finish_pin(stage, thief, login.login_id, code, "480275")) == "LOGIN_NOT_FOUND"
    assert code_of(await stage.enter(login.login_id, code)) == "LOGIN_NOT_FOUND"
    started = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    assert code_of(await finish_pin(stage, who, started.login_id, code, "480275")) == "LOGIN_NOT_FOUND"


async def test_twins_with_the_same_pin_reset_set_one_pin(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    stage.clock.advance(timedelta(minutes=2))
    login = await ask_pin(stage, who)
    code = await stage.last_otp(user.nn_msisdn)
    outcomes = await asyncio.gather(
        *(finish_pin(stage, who, login.login_id, code, pin) for pin in ("480275", "905538"))
    )
    assert sorted(outcome is None for outcome in outcomes) == [False, True]
