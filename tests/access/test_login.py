import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, wrong

from konter.access.enter_otp import resend_otp
from konter.access.model import LoginStarted, Origin, Principal, SessionOpened


async def started(stage: Stage, username: str) -> LoginStarted:
    outcome = await stage.log_in(username)
    assert isinstance(outcome, LoginStarted), outcome
    return outcome


@pytest.mark.requirement("D-23", "D-24", "G-D03")
async def test_it_works(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, f" {user.username.upper()} ")
    assert login.msisdn == user.nn_msisdn
    (otp,) = await stage.texts(user.nn_msisdn)
    assert len(otp["code"]) == 6
    opened = await stage.enter(login.login_id, otp["code"])
    assert isinstance(opened, SessionOpened)
    assert opened.next == "ready"
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    assert (who.username, who.nn_msisdn, who.roles) == (user.username, user.nn_msisdn, ("FRONTLINER",))


@pytest.mark.requirement("D-23")
async def test_the_otp_is_due_at_once_and_never_stored_in_clear(stage: Stage) -> None:
    user = await stage.user()
    await started(stage, user.username)
    row = await stage.pool.fetchrow("SELECT * FROM outbox WHERE body->>'to' = $1", str(user.nn_msisdn))
    assert row["due_at"] == stage.now
    assert (await stage.last_otp(user.nn_msisdn)) not in str(dict(row))


@pytest.mark.requirement("D-24")
async def test_a_wrong_password_sends_no_otp(stage: Stage) -> None:
    user = await stage.user()
    assert code_of(await stage.log_in(user.username, "salah-sekali")) == "BAD_CREDENTIALS"
    assert await stage.texts(user.nn_msisdn) == []
    assert await stage.audit(user.id) == ["user.added", "login.refused"]


async def test_an_unknown_name_gets_the_same_answers(stage: Stage) -> None:
    user = await stage.user()
    known = [await stage.log_in(user.username, "salah-sekali") for _ in range(7)]
    unknown = [await stage.log_in(f"{user.username}-x", "salah-sekali") for _ in range(7)]
    assert known == unknown
    assert code_of(known[3]) == "BAD_CREDENTIALS"
    assert code_of(known[4]) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    assert await stage.log_in(user.username, "salah") == await stage.log_in(f"{user.username}-x", "salah")


@pytest.mark.parametrize("name", ["", "\x00", "a\x00b", "\ud800", "x" * 5000, "' OR 1=1 --", "😀"])
async def test_odd_names_are_just_unknown(stage: Stage, name: str) -> None:
    assert code_of(await stage.log_in(name, "apa saja")) in {"BAD_CREDENTIALS", "ACCOUNT_LOCKED"}


async def test_odd_passwords_are_just_wrong(stage: Stage) -> None:
    user = await stage.user()
    for password in ("", "\x00", "\ud800", "x" * 100_000):
        assert code_of(await stage.log_in(user.username, password)) == "BAD_CREDENTIALS"


@pytest.mark.requirement("G-D02")
async def test_five_wrong_passwords_lock_even_the_right_one_for_a_while(stage: Stage) -> None:
    user = await stage.user()
    for _ in range(4):
        assert code_of(await stage.log_in(user.username, "salah-sekali")) == "BAD_CREDENTIALS"
    assert code_of(await stage.log_in(user.username, "salah-sekali")) == "ACCOUNT_LOCKED"
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"
    assert len(await stage.texts(user.nn_msisdn, "password_locked")) == 1
    stage.clock.advance(timedelta(minutes=15))
    await started(stage, user.username)


async def test_a_right_password_clears_the_count(stage: Stage) -> None:
    user = await stage.user()
    for _ in range(4):
        await stage.log_in(user.username, "salah-sekali")
    await started(stage, user.username)
    assert (await stage.reread(user.id)).password_failures == 0


@pytest.mark.requirement("G-D02")
async def test_asking_again_at_once_is_the_same_login_and_no_second_otp(stage: Stage) -> None:
    user = await stage.user()
    first = await started(stage, user.username)
    stage.clock.advance(timedelta(seconds=59))
    assert (await started(stage, user.username)).login_id == first.login_id
    assert len(await stage.texts(user.nn_msisdn)) == 1
    stage.clock.advance(timedelta(seconds=1))
    assert (await started(stage, user.username)).login_id != first.login_id
    assert len(await stage.texts(user.nn_msisdn)) == 2


async def test_a_newer_login_ends_the_older(stage: Stage) -> None:
    user = await stage.user()
    first = await started(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    stage.clock.advance(timedelta(seconds=60))
    await started(stage, user.username)
    assert code_of(await stage.enter(first.login_id, code)) == "OTP_EXPIRED"


@pytest.mark.requirement("G-D02")
async def test_an_otp_lives_five_minutes(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    stage.clock.advance(timedelta(seconds=300))
    assert code_of(await stage.enter(login.login_id, await stage.last_otp(user.nn_msisdn))) == "OTP_EXPIRED"


@pytest.mark.requirement("G-D02")
async def test_five_wrong_otps_lock_for_fifteen_minutes(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    left = [await stage.enter(login.login_id, wrong(code)) for _ in range(5)]
    assert [refusal.data.get("tries_left") for refusal in left] == [4, 3, 2, 1, None]
    assert code_of(left[4]) == "ACCOUNT_LOCKED"
    assert code_of(await stage.enter(login.login_id, code)) == "OTP_EXPIRED"
    assert code_of(await stage.log_in(user.username)) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    await started(stage, user.username)


@pytest.mark.requirement("G-D02")
async def test_at_most_five_otps_an_hour(stage: Stage) -> None:
    user = await stage.user()
    for _ in range(5):
        await started(stage, user.username)
        stage.clock.advance(timedelta(seconds=61))
    refusal = await stage.log_in(user.username)
    assert code_of(refusal) == "OTP_TOO_MANY"
    assert refusal.data["minutes"] == 55
    assert len(await stage.texts(user.nn_msisdn)) == 5
    stage.clock.advance(timedelta(minutes=55))
    await started(stage, user.username)


async def test_an_address_has_a_limit_of_its_own(stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr("konter.access.otps.ADDRESS_MAX_PER_HOUR", {"login": 2})
    cafe = Origin("198.51.100.9", "x")
    users = [await stage.user() for _ in range(3)]
    outcomes = [await stage.log_in(user.username, origin=cafe) for user in users]
    assert [isinstance(outcome, LoginStarted) for outcome in outcomes] == [True, True, False]
    assert code_of(outcomes[2]) == "OTP_TOO_MANY"
    home = Origin("198.51.100.10", "x")
    assert isinstance(await stage.log_in(users[2].username, origin=home), LoginStarted)


async def resend(stage: Stage, login_id: str):
    async with stage.pool.acquire() as connection:
        return await resend_otp(connection, login_id, origin=HOME, **stage.given)


@pytest.mark.requirement("G-D02")
async def test_resend_after_a_minute_replaces_the_otp(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    first = await stage.last_otp(user.nn_msisdn)
    stage.clock.advance(timedelta(seconds=59))
    refusal = await resend(stage, login.login_id)
    assert (code_of(refusal), refusal.data["retry_after_s"]) == ("OTP_RESEND_TOO_SOON", 1)
    stage.clock.advance(timedelta(seconds=1))
    assert (await resend(stage, login.login_id)).login_id == login.login_id
    second = await stage.last_otp(user.nn_msisdn)
    if first != second:
        assert code_of(await stage.enter(login.login_id, first)) == "OTP_WRONG"
    assert isinstance(await stage.enter(login.login_id, second), SessionOpened)


@pytest.mark.requirement("G-D02")
async def test_a_resend_gives_no_new_tries(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    first = await stage.last_otp(user.nn_msisdn)
    left = [await stage.enter(login.login_id, wrong(first)) for _ in range(4)]
    stage.clock.advance(timedelta(seconds=60))
    assert isinstance(await resend(stage, login.login_id), LoginStarted)
    left.append(await stage.enter(login.login_id, wrong(await stage.last_otp(user.nn_msisdn))))
    assert [refusal.data.get("tries_left") for refusal in left] == [4, 3, 2, 1, None]
    assert code_of(left[4]) == "ACCOUNT_LOCKED"


async def test_resends_count_in_the_hour(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    for _ in range(4):
        stage.clock.advance(timedelta(seconds=60))
        assert isinstance(await resend(stage, login.login_id), LoginStarted)
    stage.clock.advance(timedelta(seconds=60))
    assert code_of(await resend(stage, login.login_id)) == "OTP_TOO_MANY"


async def test_an_otp_is_used_once(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    assert isinstance(await stage.enter(login.login_id, code), SessionOpened)
    assert code_of(await stage.enter(login.login_id, code)) == "OTP_EXPIRED"


async def test_twins_with_the_same_otp_get_one_session(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    code = await stage.last_otp(user.nn_msisdn)
    async with stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", user.outlet_id)
        twins = [asyncio.create_task(stage.enter(login.login_id, code)) for _ in range(4)]
        await asyncio.sleep(0.2)
        assert not any(twin.done() for twin in twins)
    outcomes = await asyncio.gather(*twins)
    assert sum(isinstance(outcome, SessionOpened) for outcome in outcomes) == 1
    assert await stage.pool.fetchval("SELECT count(*) FROM session WHERE user_id = $1", user.id) == 1


async def test_a_bare_or_forged_login_id_is_not_found(stage: Stage) -> None:
    user = await stage.user()
    login = await started(stage, user.username)
    bare = str(await stage.pool.fetchval("SELECT id FROM login WHERE user_id = $1", user.id))
    for forged in (bare, "", "A" * 32, login.login_id[:-1] + ("A" if login.login_id[-1] != "A" else "B")):
        assert code_of(await stage.enter(forged, "123456")) == "LOGIN_NOT_FOUND"


@pytest.mark.requirement("D-07", "G-D01")
async def test_an_initial_password_lapses_after_a_day(stage: Stage) -> None:
    user = await stage.newcomer()
    stage.clock.advance(timedelta(hours=24))
    assert code_of(await stage.log_in(user.username)) == "INITIAL_PASSWORD_EXPIRED"
    assert await stage.texts(user.nn_msisdn) == []


@pytest.mark.requirement("D-07", "D-103")
async def test_a_newcomer_must_change_the_password_first(stage: Stage) -> None:
    user = await stage.newcomer()
    opened = await stage.session(user)
    assert opened.next == "change_password"
    who = await stage.who(opened.token)
    assert who.next == "change_password"
    assert [ref.document for ref in who.missing_documents] == ["seller-terms", "terms-of-use", "privacy-policy"]


async def test_the_eleventh_session_ends_the_first(stage: Stage) -> None:
    user = await stage.user()
    opened = []
    for _ in range(11):
        opened.append(await stage.session(user))
        stage.clock.advance(timedelta(minutes=13))
    assert code_of(await stage.who(opened[0].token)) == "SESSION_EXPIRED"
    assert isinstance(await stage.who(opened[1].token), Principal)


async def test_a_full_queue_answers_429_and_holds_nothing(stage: Stage) -> None:
    user = await stage.user()
    outcomes = await asyncio.gather(*(stage.log_in(user.username, PASSWORD) for _ in range(300)))
    codes = {"ok" if isinstance(outcome, LoginStarted) else outcome.code for outcome in outcomes}
    assert codes == {"ok", "TOO_MANY_REQUESTS"}
    assert len(await stage.texts(user.nn_msisdn)) == 1
    assert isinstance(await stage.log_in(user.username), LoginStarted)


async def test_a_login_from_a_strange_device_is_told_to_the_number(stage: Stage) -> None:
    user = await stage.user()
    await stage.session(user)
    assert await stage.texts(user.nn_msisdn, "new_login") == []  # the first device is nobody's surprise
    stage.clock.advance(timedelta(minutes=2))
    await stage.session(user, origin=Origin("198.51.100.4", "Another phone"))
    (told,) = await stage.texts(user.nn_msisdn, "new_login")
    assert told["agent"] == "Another phone"
    stage.clock.advance(timedelta(minutes=2))
    await stage.session(user)
    assert len(await stage.texts(user.nn_msisdn, "new_login")) == 1
