"""Staff log in with password and the code of an authenticator app."""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, wrong

from konter.access.change_password import change_password
from konter.access.model import Principal, SessionOpened
from konter.access.staff import totp
from konter.access.staff.add import NewStaff, add_staff
from konter.access.staff.login import TotpStarted, enter_totp
from konter.access.step import IDS_MAX, Step
from konter.platform.audit import SYSTEM
from konter.platform.ids import StaffId
from konter.platform.refusal import Refusal

STEP = timedelta(seconds=totp.STEP_S)


async def member(stage: Stage, **changed) -> tuple[StaffId, str]:
    """Id and user name of a new member of staff who must give a code."""
    username = f"staf{(await stage.number()) % 10**8}"
    fields = {"username": username, "name": "Dewi", "roles": ("care",), **changed}
    new = NewStaff(password_hash=await stage.passwords.hash(PASSWORD), **fields)
    async with stage.pool.acquire() as connection:
        (staff_id,) = await add_staff(connection, [new], actor=SYSTEM, now=stage.now, ids=stage.ids)
    assert not isinstance(staff_id, Refusal), staff_id
    return staff_id, username


async def enter(stage: Stage, login_id: str, code: str) -> Refusal | SessionOpened:
    async with stage.pool.acquire() as connection:
        own = await stage.ids.reserve(connection, IDS_MAX)
        step = Step(now=stage.now, ids=own, keys=stage.keys, rules=stage.rules)
        return await enter_totp(connection, login_id, code, origin=HOME, step=step)


async def enrolled(stage: Stage) -> tuple[StaffId, str, str]:
    """Id, user name and secret of somebody whose app is set up, some steps ago."""
    staff_id, username = await member(stage)
    started = await stage.log_in(username)
    assert isinstance(started, TotpStarted)
    assert started.enrolment is not None
    secret = started.enrolment.secret
    assert isinstance(await enter(stage, started.login_id, totp.code_at(secret, stage.now)), SessionOpened)
    stage.clock.advance(3 * STEP)
    return staff_id, username, secret


async def test_it_works(stage: Stage) -> None:
    staff_id, username = await member(stage)
    started = await stage.log_in(username)
    assert isinstance(started, TotpStarted)
    assert started.enrolment is not None
    secret = started.enrolment.secret
    assert started.enrolment.uri == f"otpauth://totp/Konter:{username}?secret={secret}&issuer=Konter"
    opened = await enter(stage, started.login_id, totp.code_at(secret, stage.now))
    assert isinstance(opened, SessionOpened)
    assert opened.next == "ready"
    assert await stage.audit(staff_id) == ["staff.added", "login.totp_asked", "totp.enrolled", "session.opened"]
    sealed = await stage.pool.fetchval("SELECT totp_secret FROM staff_user WHERE id = $1", staff_id)
    assert secret not in sealed
    assert stage.keys.unseal(sealed) == secret


async def test_the_secret_is_shown_until_an_app_has_it_and_never_again(stage: Stage) -> None:
    _, username = await member(stage)
    first = await stage.log_in(username)
    second = await stage.log_in(username)
    assert first.enrolment.secret != second.enrolment.secret
    assert code_of(await enter(stage, first.login_id, totp.code_at(first.enrolment.secret, stage.now))) == "OTP_EXPIRED"
    code = totp.code_at(second.enrolment.secret, stage.now)
    assert isinstance(await enter(stage, second.login_id, code), SessionOpened)
    third = await stage.log_in(username)
    assert third.enrolment is None


async def test_a_time_step_fits_once(stage: Stage) -> None:
    _, username, secret = await enrolled(stage)
    code = totp.code_at(secret, stage.now)
    started = await stage.log_in(username)
    assert isinstance(await enter(stage, started.login_id, code), SessionOpened)
    again = await stage.log_in(username)
    assert code_of(await enter(stage, again.login_id, code)) == "OTP_WRONG"
    assert code_of(await enter(stage, again.login_id, totp.code_at(secret, stage.now - STEP))) == "OTP_WRONG"
    assert isinstance(await enter(stage, again.login_id, totp.code_at(secret, stage.now + STEP)), SessionOpened)


async def test_twins_with_one_code_open_one_session(stage: Stage) -> None:
    _, username, secret = await enrolled(stage)
    started = await stage.log_in(username)
    code = totp.code_at(secret, stage.now)
    outcomes = await asyncio.gather(*(enter(stage, started.login_id, code) for _ in range(5)))
    assert sum(isinstance(outcome, SessionOpened) for outcome in outcomes) == 1


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_off(stage: Stage, steps: int, fits: bool) -> None:
    _, username, secret = await enrolled(stage)
    started = await stage.log_in(username)
    outcome = await enter(stage, started.login_id, totp.code_at(secret, stage.now + steps * STEP))
    assert isinstance(outcome, SessionOpened) is fits


async def test_wrong_codes_lock_over_all_log_ins(stage: Stage) -> None:
    """Whoever has the password may begin as many log-ins as they like, and gets no more tries for it."""
    _, username, secret = await enrolled(stage)
    codes = []
    for _ in range(5):
        started = await stage.log_in(username)
        codes.append(code_of(await enter(stage, started.login_id, wrong(totp.code_at(secret, stage.now)))))
    assert codes == ["OTP_WRONG"] * 4 + ["ACCOUNT_LOCKED"]
    started = await stage.log_in(username)
    assert code_of(await enter(stage, started.login_id, totp.code_at(secret, stage.now))) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    started = await stage.log_in(username)
    assert isinstance(await enter(stage, started.login_id, totp.code_at(secret, stage.now)), SessionOpened)


async def test_a_login_lapses_is_used_once_and_is_nobody_elses(stage: Stage) -> None:
    _, username, secret = await enrolled(stage)
    started = await stage.log_in(username)
    assert code_of(await enter(stage, "A" * 32, totp.code_at(secret, stage.now))) == "LOGIN_NOT_FOUND"
    assert code_of(await stage.enter(started.login_id, totp.code_at(secret, stage.now))) == "LOGIN_NOT_FOUND"
    stage.clock.advance(timedelta(minutes=5))
    assert code_of(await enter(stage, started.login_id, totp.code_at(secret, stage.now))) == "OTP_EXPIRED"


async def test_who_leaves_between_password_and_code_stays_out(stage: Stage) -> None:
    staff_id, username, secret = await enrolled(stage)
    started = await stage.log_in(username)
    await stage.pool.execute("UPDATE staff_user SET status = 'ended' WHERE id = $1", staff_id)
    assert code_of(await enter(stage, started.login_id, totp.code_at(secret, stage.now))) == "OTP_EXPIRED"


async def test_a_given_password_lapses_and_must_be_changed(stage: Stage) -> None:
    _, username = await member(stage, password_lapses_at=stage.now + timedelta(hours=24))
    started = await stage.log_in(username)
    opened = await enter(stage, started.login_id, totp.code_at(started.enrolment.secret, stage.now))
    assert opened.next == "change_password"
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    args = {"origin": HOME, **stage.given}
    assert await change_password(stage.pool, stage.passwords, who, old=PASSWORD, new="teh-manis-7", **args) is None
    assert (await stage.who(opened.token)).next == "ready"
    _, late = await member(stage, password_lapses_at=stage.now + timedelta(hours=24))
    stage.clock.advance(timedelta(hours=24))
    assert code_of(await stage.log_in(late)) == "STAFF_PASSWORD_LAPSED"


async def test_a_live_instance_asks_also_those_that_need_no_code(own_stage: Stage) -> None:
    _, username = await member(own_stage, totp_required=False)
    assert isinstance(await own_stage.log_in(username), SessionOpened)
    await own_stage.pool.execute(
        "INSERT INTO instance (mode, created_at) VALUES ('live', $1)"
        " ON CONFLICT (is_only) DO UPDATE SET mode = excluded.mode",
        own_stage.now,
    )
    assert isinstance(await own_stage.log_in(username), TotpStarted)


def test_the_qr_code_is_an_element_without_style_or_script() -> None:
    svg = totp.qr_svg(totp.uri(totp.new_secret(), "dewi"))
    assert svg.startswith("<svg ")
    assert "style" not in svg
    assert "script" not in svg


async def test_unknown_roles_and_areas_are_refused(stage: Stage) -> None:
    new = [
        NewStaff(username="raja", name="Raja", roles=("king",), password_hash="x"),
        NewStaff(username="jauh", name="Jauh", roles=("branch",), area="BULAN", password_hash="x"),
    ]
    async with stage.pool.acquire() as connection:
        outcomes = await add_staff(connection, new, actor=SYSTEM, now=stage.now, ids=stage.ids)
    assert [code_of(outcome) for outcome in outcomes] == ["UNKNOWN_ROLE", "UNKNOWN_STAFF_AREA"]
