"""Whoever knows a user name can keep its owner out of nothing where the owner has been before, nor out of a session."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, rules, wrong
from tests.access.test_reset_password import NEW, ask, finish
from tests.access.test_secrets import ask_pin, change
from tests.access.test_staff import staff

from konter.access.ending import replace_secrets
from konter.access.failures import KNOWN_FOR
from konter.access.model import LoginStarted, Origin, Principal, SessionOpened, User, count_failures
from konter.access.reset_password import ask_password_reset, check_reset_code
from konter.platform.refusal import Refusal

STRANGE = Origin("198.51.100.66", "curl")
T0 = datetime(2026, 11, 21, tzinfo=UTC)


async def lock_out(stage: Stage, username: str, *, origin: Origin = STRANGE) -> None:
    for _ in range(5):
        refusal = await stage.log_in(username, "salah-sekali", origin=origin)
    assert code_of(refusal) == "ACCOUNT_LOCKED"


async def ask_from(stage: Stage, username: str, origin: Origin) -> Refusal | LoginStarted:
    async with stage.pool.acquire() as connection:
        return await ask_password_reset(connection, username, origin=origin, **stage.given)


async def seen(stage: Stage) -> User:
    """Somebody who has had a session at home."""
    user = await stage.user()
    await stage.session(user)
    stage.clock.advance(timedelta(minutes=2))
    return user


@pytest.mark.requirement("G-D02")
async def test_a_live_session_goes_on_while_strangers_lock_the_log_in(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    stage.clock.advance(timedelta(minutes=2))
    await lock_out(stage, user.username)
    assert isinstance(await ask_pin(stage, who), LoginStarted)
    assert await change(stage, who) is None


@pytest.mark.requirement("G-D02")
async def test_the_owner_logs_in_from_where_there_was_a_session(stage: Stage) -> None:
    user = await seen(stage)
    await lock_out(stage, user.username)
    assert code_of(await stage.log_in(user.username, origin=STRANGE)) == "ACCOUNT_LOCKED"
    assert isinstance(await stage.session(user), SessionOpened)
    assert code_of(await stage.log_in(user.username, origin=STRANGE)) == "ACCOUNT_LOCKED"


@pytest.mark.parametrize("origin", [Origin(HOME.address, "curl"), Origin("198.51.100.66", HOME.agent)])
async def test_address_or_device_alone_is_a_strangers(stage: Stage, origin: Origin) -> None:
    user = await seen(stage)
    await lock_out(stage, user.username)
    assert code_of(await stage.log_in(user.username, origin=origin)) == "ACCOUNT_LOCKED"


async def test_somebody_elses_session_makes_no_place_known(stage: Stage) -> None:
    await seen(stage)
    user = await stage.user()
    await lock_out(stage, user.username)
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"


async def test_after_ninety_days_a_place_is_strange_again(stage: Stage) -> None:
    user = await seen(stage)
    stage.clock.advance(KNOWN_FOR)
    await lock_out(stage, user.username)
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"


@pytest.mark.requirement("G-D02")
async def test_a_known_place_has_a_lock_of_its_own_and_new_credentials_lift_it(stage: Stage) -> None:
    user = await seen(stage)
    await lock_out(stage, user.username, origin=HOME)
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"
    assert isinstance(await stage.log_in(user.username, origin=STRANGE), LoginStarted)
    stage.clock.advance(timedelta(minutes=15))
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    await lock_out(stage, user.username, origin=HOME)
    async with stage.pool.acquire() as connection, connection.transaction():
        initial = [(user.id, user.password_hash)]
        await replace_secrets(connection, initial, expires_at=stage.now + timedelta(days=1))
    assert isinstance(await stage.log_in(user.username), LoginStarted)


async def test_a_right_password_clears_the_count_of_a_known_place(stage: Stage) -> None:
    user = await seen(stage)
    for _ in range(2):
        for _ in range(4):
            assert code_of(await stage.log_in(user.username, "salah-sekali")) == "BAD_CREDENTIALS"
        assert isinstance(await stage.log_in(user.username), LoginStarted)


@pytest.mark.requirement("G-D02")
async def test_five_wrong_otps_lock_a_known_place_too(stage: Stage) -> None:
    user = await seen(stage)
    login = await stage.log_in(user.username)
    assert isinstance(login, LoginStarted)
    code = wrong(await stage.last_otp(user.nn_msisdn))
    codes = [code_of(await stage.enter(login.login_id, code)) for _ in range(5)]
    assert codes == ["OTP_WRONG"] * 4 + ["ACCOUNT_LOCKED"]
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"
    assert code_of(await stage.log_in(user.username, origin=STRANGE)) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    assert isinstance(await stage.log_in(user.username), LoginStarted)


@pytest.mark.requirement("G-D02")
async def test_strangers_resets_use_up_nothing_of_the_owners(stage: Stage) -> None:
    user = await seen(stage)
    for _ in range(5):
        assert isinstance(await ask_from(stage, user.username, STRANGE), LoginStarted)
        stage.clock.advance(timedelta(seconds=61))
    assert code_of(await ask_from(stage, user.username, STRANGE)) == "OTP_TOO_MANY"
    for _ in range(5):
        assert isinstance(await ask(stage, user.username), LoginStarted)
        stage.clock.advance(timedelta(seconds=61))
    assert code_of(await ask(stage, user.username)) == "OTP_TOO_MANY"


async def test_a_strangers_reset_does_not_end_that_of_the_owner(stage: Stage) -> None:
    user = await seen(stage)
    login = await ask(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    strange = await ask_from(stage, user.username, STRANGE)
    assert await finish(stage, login.login_id, code, NEW) is None
    async with stage.pool.acquire() as connection:
        last = await stage.last_otp(user.nn_msisdn)
        dead = await check_reset_code(connection, strange.login_id, last, origin=STRANGE, **stage.given)
    assert code_of(dead) == "OTP_EXPIRED"


async def test_staff_log_in_from_where_they_have_been(stage: Stage) -> None:
    name = f"sari{stage.partner_id}"
    await staff(stage, name)
    who = await stage.who((await stage.log_in(name)).token)
    assert isinstance(who, Principal)
    await lock_out(stage, name)
    assert isinstance(await stage.log_in(name), SessionOpened)
    assert await change(stage, who) is None
    assert code_of(await stage.log_in(name, PASSWORD)) == "BAD_CREDENTIALS"


def test_two_marks_that_land_on_the_fifth_together_lock_all_the_same() -> None:
    moments = [T0 + timedelta(seconds=second) for second in (0, 1, 2, 3, 3, 3)]
    count, until = count_failures(moments, rules())
    assert (count, until) == (0, T0 + timedelta(minutes=15, seconds=3))


def test_failures_after_a_lock_count_anew() -> None:
    lock = [T0] * 5
    assert count_failures(lock, rules()) == (0, T0 + timedelta(minutes=15))
    assert count_failures([*lock, T0 + timedelta(minutes=14)], rules()) == (0, T0 + timedelta(minutes=15))
    assert count_failures([*lock, T0 + timedelta(minutes=15)], rules()) == (1, None)
