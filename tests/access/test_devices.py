"""Trusted devices: off by default; where the rules allow them, a log-in without an OTP until they lapse. [D-24, G-D03]"""

from datetime import timedelta

import msgspec
import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of

from konter.access.change_password import change_password
from konter.access.devices.trust import DEVICES_MAX, forget_device, list_devices
from konter.access.enter_otp import enter_otp
from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted, SessionOpened, User
from konter.access.reset_password import ask_password_reset, finish_password_reset
from konter.channel.credentials import issue_credentials
from konter.channel.lost_phones.report import report_lost
from konter.platform.audit import SYSTEM
from konter.platform.ids import DeviceId
from konter.platform.refusal import Refusal


@pytest.fixture
def trusting(stage: Stage) -> Stage:
    """Rules that trust a device for thirty days."""
    otp = msgspec.structs.replace(stage.rules.otp, trusted_device_days=30)
    stage.rules = msgspec.structs.replace(stage.rules, otp=otp)
    return stage


async def trusted(stage: Stage, user: User) -> str:
    """Log in with an OTP and have the device trusted; its token, "" where it is not."""
    stage.clock.advance(timedelta(minutes=2))
    started = await stage.log_in(user.username)
    assert isinstance(started, LoginStarted)
    code = await stage.last_otp(user.nn_msisdn)
    async with stage.pool.acquire() as connection:
        opened = await enter_otp(connection, started.login_id, code, origin=HOME, trust=True, **stage.given)
    assert isinstance(opened, SessionOpened), opened
    return opened.device or ""


async def again(stage: Stage, user: User, device: str, password: str = PASSWORD):
    stage.clock.advance(timedelta(minutes=2))
    attempt = Attempt(username=user.username, password=password, origin=HOME, device=device)
    return await log_in(stage.pool, stage.passwords, attempt, **stage.given)


@pytest.mark.requirement("G-D03")
async def test_it_works(trusting: Stage) -> None:
    user = await trusting.user()
    device = await trusted(trusting, user)
    sent = len(await trusting.texts(user.nn_msisdn))
    opened = await again(trusting, user, device)
    assert isinstance(opened, SessionOpened)
    assert len(await trusting.texts(user.nn_msisdn)) == sent
    assert opened.device not in (None, device), "another token from every log-in"
    assert isinstance(await again(trusting, user, device), LoginStarted), "a copy of the one before is worth nothing"
    assert isinstance(await again(trusting, user, opened.device), SessionOpened)
    trusting.clock.advance(timedelta(days=30))
    assert isinstance(await again(trusting, user, opened.device), LoginStarted)


@pytest.mark.requirement("D-24", "G-D03")
async def test_it_is_off_by_default_and_off_at_once(stage: Stage) -> None:
    user = await stage.user()
    assert await trusted(stage, user) == ""
    before = stage.rules
    otp = msgspec.structs.replace(before.otp, trusted_device_days=30)
    stage.rules = msgspec.structs.replace(before, otp=otp)
    device = await trusted(stage, user)
    stage.rules = before
    assert isinstance(await again(stage, user, device), LoginStarted)


async def test_the_password_is_asked_for_all_the_same(trusting: Stage) -> None:
    user = await trusting.user()
    device = await trusted(trusting, user)
    assert code_of(await again(trusting, user, device, "salah-sekali")) == "BAD_CREDENTIALS"


async def test_a_device_is_of_one_user(trusting: Stage) -> None:
    user, other = await trusting.user(), await trusting.user()
    device = await trusted(trusting, user)
    assert isinstance(await again(trusting, other, device), LoginStarted)
    assert isinstance(await again(trusting, user, device[:-1] + "é"), LoginStarted)
    partner = await trusting.partner_user()
    assert await trusted(trusting, partner) == ""


@pytest.mark.requirement("D-52")
@pytest.mark.parametrize("how", ["forget", "lost", "credentials", "reset", "change"])
async def test_what_ends_it(trusting: Stage, how: str) -> None:
    stage, user = trusting, await trusting.user()
    device = await trusted(stage, user)
    await end(stage, user, how)
    await stage.pool.execute("UPDATE outlet_user SET lost_at = NULL WHERE id = $1", user.id)
    await stage.pool.execute(
        "UPDATE outlet_user SET password_hash = $2, password_expires_at = NULL WHERE id = $1",
        user.id,
        user.password_hash,
    )
    assert isinstance(await again(stage, user, device), LoginStarted)


async def end(stage: Stage, user: User, how: str) -> None:
    stage.clock.advance(timedelta(minutes=2))
    who = await stage.principal(user) if how in ("forget", "change") else None
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        if how == "forget":
            (line,) = await list_devices(connection, who, now=stage.now)
            assert await forget_device(connection, who, line.id, origin=HOME, step=step) is None
            refused = await forget_device(connection, who, line.id, origin=HOME, step=step)
            assert code_of(refused) == "DEVICE_NOT_FOUND"
        if how == "lost":
            given = {"note": "", "principal": await stage.staff("care"), "origin": HOME, "step": step}
            assert not isinstance(await report_lost(connection, user.nn_msisdn, **given), Refusal)
        if how == "reset":
            reset = await ask_password_reset(connection, user.username, origin=HOME, **stage.given)
    if how == "credentials":
        args = {"actor": SYSTEM, **stage.given}
        await issue_credentials(stage.pool, stage.passwords, [user.id], **args)
    if how == "reset":
        code = await stage.last_otp(user.nn_msisdn)
        args = {"code": code, "new": "teh-manis-7", "origin": HOME, **stage.given}
        assert await finish_password_reset(stage.pool, stage.passwords, reset.login_id, **args) is None
    if how == "change":
        args = {"old": PASSWORD, "new": "teh-manis-7", "origin": HOME, **stage.given}
        assert await change_password(stage.pool, stage.passwords, who, **args) is None


async def test_nobody_forgets_a_strangers_device_and_five_are_the_most(trusting: Stage) -> None:
    stage, user = trusting, await trusting.user()
    for _ in range(DEVICES_MAX + 1):
        stage.clock.advance(timedelta(hours=1))
        last = await trusted(stage, user)
    stranger = await stage.principal(await stage.user())
    stage.clock.advance(timedelta(hours=1))
    who = await stage.principal(user)
    async with stage.pool.acquire() as connection:
        lines = await list_devices(connection, who, now=stage.now)
        assert len(lines) == DEVICES_MAX
        step = await stage.step(connection)
        refused = await forget_device(connection, stranger, DeviceId(lines[0].id), origin=HOME, step=step)
        assert code_of(refused) == "DEVICE_NOT_FOUND"
    assert isinstance(await again(stage, user, last), SessionOpened)
