"""A customer comes in by the own number: the code, the session, and whatever ends it."""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage, code_of, wrong

from konter.access.customers.log_in import (
    ADDRESS_MAX_PER_HOUR,
    ask_code,
    ask_code_again,
    enter_customer_code,
    still_awaited,
)
from konter.access.customers.model import LIVE_SESSIONS_MAX, LIVES_AT_MOST, Customer, CustomerSessionOpened
from konter.access.customers.sessions import (
    authenticate_customer,
    end_all_customer_sessions,
    end_customer_session,
    list_customer_sessions,
)
from konter.access.limits.queries import add_marks
from konter.access.model import LoginStarted, Origin
from konter.access.proofs.model import ProofStarted
from konter.access.tokens import parse as parse_user_token
from konter.channel.onboarding.prove import ask_proof, prove
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.open import NewSubscription, open_subscriptions

NOBODYS = Msisdn(6285700000000)
ELSEWHERE = Origin("198.51.100.9", "Mozilla/5.0 (Linux; Android 9)")


class Door:
    """The door as a customer meets it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def ask(self, number: Msisdn, *, origin: Origin = HOME) -> Refusal | LoginStarted:
        async with self.stage.pool.acquire() as connection:
            return await ask_code(connection, number, locale="id", origin=origin, **self.stage.given)

    async def again(self, login_id: str) -> Refusal | LoginStarted:
        async with self.stage.pool.acquire() as connection:
            return await ask_code_again(connection, login_id, origin=HOME, **self.stage.given)

    async def enter(self, login_id: str, code: str) -> Refusal | CustomerSessionOpened:
        async with self.stage.pool.acquire() as connection:
            return await enter_customer_code(connection, login_id, code, origin=HOME, **self.stage.given)

    async def come_in(self, number: Msisdn) -> CustomerSessionOpened:
        started = await self.ask(number)
        assert isinstance(started, LoginStarted), started
        opened = await self.enter(started.login_id, await self.stage.last_otp(number))
        assert isinstance(opened, CustomerSessionOpened), opened
        return opened

    async def who(self, token: str) -> Refusal | Customer:
        given = {"now": self.stage.now, "keys": self.stage.keys, "rules": self.stage.rules}
        async with self.stage.pool.acquire() as connection:
            return await authenticate_customer(connection, token, **given)

    async def customer(self, number: Msisdn) -> Customer:
        found = await self.who((await self.come_in(number)).token)
        assert isinstance(found, Customer)
        return found

    async def sessions(self, who: Customer) -> list[int]:
        async with self.stage.pool.acquire() as connection:
            return [each.id for each in await list_customer_sessions(connection, who, now=self.stage.now)]

    async def change(self, number: Msisdn, column: str) -> None:
        """`ended_at` or `sim_changed_at` is this moment."""
        await self.stage.pool.execute(
            f"UPDATE subscription SET {column} = $2 WHERE msisdn = $1", number, self.stage.now
        )

    async def lose(self, number: Msisdn) -> None:
        await self.stage.pool.execute(
            """
            INSERT INTO lost_phone (id, cell, msisdn, way, note, reported_by, reported_at)
            SELECT nextval('id_block') << 8 | cell, cell, msisdn, 'staff', '', 'staff:1', $2
            FROM subscription WHERE msisdn = $1
            """,
            number,
            self.stage.now,
        )


@pytest.fixture
def door(stage: Stage) -> Door:
    return Door(stage)


@pytest.mark.requirement("P-30")
async def test_it_works(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    who = await door.who(opened.token)
    assert isinstance(who, Customer)
    assert (who.msisdn, who.brand, who.kind, who.locale) == (number, "nusa", "prepaid", "id")
    assert who.subscription_id == opened.subscription_id
    assert await door.stage.audit(who.subscription_id) == ["session.opened"]
    (text,) = await door.stage.texts(number)
    assert text["purpose"] == "customer"


async def test_a_number_in_grace_comes_in_too(door: Door) -> None:
    assert (await door.come_in(await door.stage.number(active=False))).token


@pytest.mark.requirement("P-30")
async def test_nobody_learns_whether_a_number_is_ours(door: Door) -> None:
    """Not from the answer, not from codes that are entered, not from asking again, not from the limits."""
    ours, over, fresh, lost = [await door.stage.number() for _ in range(4)]
    await door.change(over, "ended_at")
    await door.change(fresh, "sim_changed_at")
    await door.lose(lost)
    told = []
    for place, number in enumerate((ours, NOBODYS, over, fresh, lost)):
        said, origin = [], Origin(f"192.0.2.{place}", "x")
        started = await door.ask(number, origin=origin)
        assert isinstance(started, LoginStarted)
        said += [len(started.login_id), started.msisdn == number, started.expires_at, started.resend_at]
        said.append(code_of(await door.ask(number, origin=origin)))
        said.append(code_of(await door.again(started.login_id)))
        texts = await door.stage.texts(number)
        assert len(texts) == (number == ours)
        miss = wrong(texts[0]["code"]) if texts else "000000"
        tries = [await door.enter(started.login_id, miss) for _ in range(door.stage.rules.otp.max_tries + 1)]
        said += [(code_of(each), each.data) for each in tries]
        told.append(said)
    assert all(each == told[0] for each in told), told
    assert told[0][4:7] == ["OTP_RESEND_TOO_SOON", "OTP_RESEND_TOO_SOON", ("OTP_WRONG", {"tries_left": 4})]
    assert told[0][-2:] == [("OTP_EXPIRED", {}), ("OTP_EXPIRED", {})]


async def test_a_wrong_code_opens_nothing_and_the_right_one_still_does(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    assert code_of(await door.enter(started.login_id, wrong(code))) == "OTP_WRONG"
    assert isinstance(await door.enter(started.login_id, code), CustomerSessionOpened)


async def test_after_too_many_the_right_code_is_none(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    for _ in range(door.stage.rules.otp.max_tries):
        await door.enter(started.login_id, wrong(code))
    assert code_of(await door.enter(started.login_id, code)) == "OTP_EXPIRED"


async def test_a_code_ends_in_time(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    door.stage.clock.advance(timedelta(seconds=door.stage.rules.otp.ttl_s))
    assert code_of(await door.enter(started.login_id, await door.stage.last_otp(number))) == "OTP_EXPIRED"


async def test_a_code_opens_one_session(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    first, second = await asyncio.gather(door.enter(started.login_id, code), door.enter(started.login_id, code))
    assert sorted(code_of(each) if isinstance(each, Refusal) else "" for each in (first, second)) == ["", "OTP_EXPIRED"]
    assert await door.stage.pool.fetchval("SELECT count(*) FROM customer_session c JOIN subscription u ON"
                                          " u.id = c.subscription_id WHERE u.msisdn = $1", number) == 1  # fmt: skip


async def test_the_newest_code_alone_fits(door: Door) -> None:
    number = await door.stage.number()
    first = await door.ask(number)
    old = await door.stage.last_otp(number)
    door.stage.clock.advance(timedelta(seconds=door.stage.rules.otp.resend_after_s))
    second = await door.again(first.login_id)
    assert code_of(await door.enter(first.login_id, old)) == "OTP_EXPIRED"
    new = await door.stage.last_otp(number)
    assert isinstance(await door.enter(second.login_id, new), CustomerSessionOpened)


async def test_codes_are_not_sent_without_end(door: Door) -> None:
    number = await door.stage.number()
    for _ in range(door.stage.rules.otp.max_per_hour):
        assert isinstance(await door.ask(number), LoginStarted)
        door.stage.clock.advance(timedelta(seconds=door.stage.rules.otp.resend_after_s))
    assert code_of(await door.ask(number)) == "OTP_TOO_MANY"
    assert isinstance(await door.ask(await door.stage.number()), LoginStarted)


async def test_an_address_asks_for_so_many_numbers(door: Door) -> None:
    address = Origin("198.51.100.77", "x")
    async with door.stage.pool.acquire() as connection:
        key = f"otp:customer:address:{address.address}"
        await add_marks(connection, [key], at=door.stage.now, times=ADDRESS_MAX_PER_HOUR)
    number = await door.stage.number()
    assert code_of(await door.ask(number, origin=address)) == "OTP_TOO_MANY"
    assert isinstance(await door.ask(number), LoginStarted)


async def test_anothers_log_in_is_not_found(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    for ticket in ("x", "A" * 32, started.login_id[:-1] + ("A" if started.login_id[-1] != "A" else "B")):
        assert code_of(await door.enter(ticket, code)) == "LOGIN_NOT_FOUND"
        assert code_of(await door.again(ticket)) == "LOGIN_NOT_FOUND"


async def test_a_code_for_one_door_opens_no_other(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    async with door.stage.pool.acquire() as connection:
        step = await door.stage.step(connection)
        assert code_of(await prove(connection, started.login_id, code, origin=HOME, step=step)) == "PROOF_NOT_FOUND"
        applied = await ask_proof(connection, number, locale="id", origin=HOME, **door.stage.given)
        assert isinstance(applied, ProofStarted)
    assert code_of(await door.enter(applied.proof_id, await door.stage.last_otp(number))) == "LOGIN_NOT_FOUND"
    assert isinstance(await door.enter(started.login_id, code), CustomerSessionOpened)  # and ends none of the other


async def test_whoever_holds_the_ticket_finds_the_way_back(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    given = {"now": door.stage.now, "keys": door.stage.keys, "rules": door.stage.rules}
    async with door.stage.pool.acquire() as connection:
        assert await still_awaited(connection, started.login_id, number, **given) == started
        assert await still_awaited(connection, started.login_id, NOBODYS, **given) is None
        assert await still_awaited(connection, "x", number, **given) is None


@pytest.mark.requirement("P-30")
async def test_a_number_that_ends_is_out(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    await door.change(number, "ended_at")
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def test_a_number_whose_grace_is_over_is_out(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    over = door.stage.now - timedelta(days=door.stage.rules.validity.grace_days)
    await door.stage.pool.execute("UPDATE subscription SET active_until = $2 WHERE msisdn = $1", number, over)
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def given_on(stage: Stage, number: Msisdn) -> None:
    """The number ends and somebody else gets it."""
    await stage.pool.execute("UPDATE subscription SET ended_at = $2 WHERE msisdn = $1", number, stage.now)
    stage.clock.advance(timedelta(seconds=1))
    new = NewSubscription(msisdn=number, brand="nusa", active_until=stage.now + timedelta(days=30))
    async with stage.pool.acquire() as connection:
        await open_subscriptions(connection, [new], now=stage.now, ids=stage.ids)


@pytest.mark.requirement("P-30")
async def test_a_number_that_somebody_else_has_now_is_theirs_alone(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    await given_on(door.stage, number)
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"
    door.stage.clock.advance(timedelta(minutes=2))
    assert (await door.customer(number)).subscription_id != opened.subscription_id


async def test_a_code_to_the_owner_before_lets_nobody_in(door: Door) -> None:
    number = await door.stage.number()
    started = await door.ask(number)
    code = await door.stage.last_otp(number)
    await given_on(door.stage, number)
    assert code_of(await door.enter(started.login_id, code)) == "OTP_EXPIRED"


async def test_another_sim_ends_what_the_one_before_opened(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    door.stage.clock.advance(timedelta(minutes=1))
    await door.change(number, "sim_changed_at")
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def test_a_lost_phone_is_out(door: Door) -> None:
    number = await door.stage.number()
    opened = await door.come_in(number)
    await door.lose(number)
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def test_a_session_lives_while_it_is_used_yet_not_for_ever(door: Door) -> None:
    number = await door.stage.number()
    await door.stage.pool.execute(
        "UPDATE subscription SET active_until = $2 WHERE msisdn = $1", number, door.stage.now + timedelta(days=400)
    )
    opened = await door.come_in(number)
    begun, idle = door.stage.now, timedelta(hours=door.stage.rules.auth.customer_session_ttl_h)
    while door.stage.now + idle / 2 < begun + LIVES_AT_MOST:
        door.stage.clock.advance(idle / 2)
        assert isinstance(await door.who(opened.token), Customer)
    door.stage.clock.advance(begun + LIVES_AT_MOST - door.stage.now)
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def test_a_session_that_is_not_used_ends(door: Door) -> None:
    opened = await door.come_in(await door.stage.number())
    door.stage.clock.advance(timedelta(hours=door.stage.rules.auth.customer_session_ttl_h))
    assert code_of(await door.who(opened.token)) == "SESSION_EXPIRED"


async def test_no_other_token_passes(door: Door) -> None:
    opened = await door.come_in(await door.stage.number())
    seller = await door.stage.session(await door.stage.user())
    for token in ("", "x", seller.token, opened.token[:-2] + "AA", "A" * 68):
        assert code_of(await door.who(token)) == "SESSION_EXPIRED"
    assert parse_user_token(door.stage.keys, opened.token) is None


async def end(door: Door, who: Customer, session_id: int) -> Refusal | None:
    async with door.stage.pool.acquire() as connection:
        step = await door.stage.step(connection)
        return await end_customer_session(connection, who, session_id, origin=HOME, step=step)


async def test_own_sessions_are_listed_and_ended(door: Door) -> None:
    number = await door.stage.number()
    first = await door.customer(number)
    door.stage.clock.advance(timedelta(minutes=2))
    second = await door.customer(number)
    assert await door.sessions(second) == [second.session_id, first.session_id]
    assert await end(door, second, first.session_id) is None
    assert code_of(await end(door, second, first.session_id)) == "SESSION_NOT_FOUND"
    assert await door.sessions(second) == [second.session_id]


async def test_anothers_session_is_not_found(door: Door) -> None:
    mine, theirs = await door.customer(await door.stage.number()), await door.customer(await door.stage.number())
    assert code_of(await end(door, mine, theirs.session_id)) == "SESSION_NOT_FOUND"
    assert await door.sessions(theirs) == [theirs.session_id]


async def test_out_everywhere_is_out_here_too(door: Door) -> None:
    number = await door.stage.number()
    first = await door.come_in(number)
    door.stage.clock.advance(timedelta(minutes=2))
    second = await door.come_in(number)
    who, other = await door.who(second.token), await door.come_in(await door.stage.number())
    async with door.stage.pool.acquire() as connection:
        step = await door.stage.step(connection)
        assert await end_all_customer_sessions(connection, who, origin=HOME, step=step) == 2
        assert await end_all_customer_sessions(connection, who, origin=HOME, step=step) == 0
    assert [code_of(await door.who(each.token)) for each in (first, second)] == ["SESSION_EXPIRED"] * 2
    assert isinstance(await door.who(other.token), Customer)
    assert (await door.stage.audit(who.subscription_id)).count("session.all_revoked") == 1


async def test_the_oldest_session_makes_room(door: Door) -> None:
    number = await door.stage.number()
    first = await door.come_in(number)
    for _ in range(LIVE_SESSIONS_MAX):
        door.stage.clock.advance(timedelta(minutes=20))
        last = await door.customer(number)
    assert code_of(await door.who(first.token)) == "SESSION_EXPIRED"
    assert len(await door.sessions(last)) == LIVE_SESSIONS_MAX
