"""A forgotten or locked PIN: the password and an OTP set another one. Lock-out is never a dead end."""

from datetime import datetime

from konter.access import otps
from konter.access.enter_otp import count_code, with_login
from konter.access.model import Login, LoginStarted, Origin, Principal, User, app_refusal, resend_refusal
from konter.access.own_password import end_guessed_session, with_own_password
from konter.access.passwords import Passwords
from konter.access.queries import logins as login_queries
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import LOGIN_NOT_FOUND, SESSION_EXPIRED
from konter.access.set_pin import weak_pin, write_new_pin
from konter.access.step import IDS_MAX, Step, actor_of
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks
from konter.platform.outbox import write_outbox
from konter.platform.refusal import FORBIDDEN, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules


async def ask_pin_reset(
    pool: Pool,
    passwords: Passwords,
    principal: Principal,
    *,
    password: str,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | LoginStarted:
    """Send an OTP for the right password; a wrong one sends nothing, and the last that is allowed ends the session.

    A log-in that strangers locked does not stand in the way. [G-D02]
    """
    if principal.outlet_id is None:
        return FORBIDDEN()

    async def work(connection: Connection, step: Step, _new_hash: str) -> Refusal | LoginStarted:
        return await _send(connection, principal, origin, step)

    return await with_own_password(
        pool, passwords, principal, work, old=password, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


async def _send(connection: Connection, principal: Principal, origin: Origin, step: Step) -> Refusal | LoginStarted:
    user = await user_queries.read_user(connection, principal.user_id)
    actor = actor_of(principal, origin)
    limits = otps.budget(user, "pin_reset", origin.address, step.rules)
    waiting = await login_queries.read_live_login(connection, user.id, purpose="pin_reset", now=step.now)
    if waiting is not None and resend_refusal(waiting.otp_sent_at, now=step.now, rules=step.rules):
        return otps.started(waiting, step)
    refusal = app_refusal(user) or await otps.budget_refusal(connection, limits, step.now)
    if refusal is not None:
        await step.audit(connection, actor, "pin.reset_refused", user.id, {"code": refusal.code})
        return refusal
    login, row = await otps.start_login(connection, user, "pin_reset", limits=limits, step=step)
    await write_outbox(connection, step.ids, [row])
    await step.audit(connection, actor, "pin.reset_asked", user.id, {"login": str(login.id)})
    return otps.started(login, step)


async def finish_pin_reset(
    connection: Connection,
    principal: Principal,
    login_id: str,
    *,
    code: str,
    pin: str,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """Set another PIN for the right OTP; counter and lock are lifted. A weak PIN is refused before the OTP is used."""
    if (refusal := weak_pin(pin)) is not None:
        return refusal
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(login: Login, user: User) -> Refusal | bool:
        if login.purpose != "pin_reset" or user.id != principal.user_id:
            return LOGIN_NOT_FOUND()
        if not await session_queries.is_live_session(connection, principal.session_id, now=now):
            return SESSION_EXPIRED()
        refusal = await count_code(connection, login, user, code, origin=origin, step=step)
        if refusal is not None:
            if refusal.code == "ACCOUNT_LOCKED":  # with the password known, a live session would just ask for more OTPs
                await end_guessed_session(connection, principal, origin, step)
            return refusal
        await login_queries.write_login_state(connection, login, tries=login.tries, state="used")
        await write_new_pin(connection, user, pin, actor_of(principal, origin), step)
        return True

    outcome = await with_login(connection, login_id, keys, work)
    return outcome if isinstance(outcome, Refusal) else None
