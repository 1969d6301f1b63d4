"""A forgotten or locked password: an OTP to the notification number sets another one.

Nobody needs to be logged in, so a name that nobody has, or whose owner is blocked, gets the same answers as any other:
the same waiting times, a ticket of the same shape, and the same countdown of wrong OTPs.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from konter.access import otps, tokens
from konter.access.change_password import weak
from konter.access.devices.queries import revoke_devices
from konter.access.enter_otp import count_code, with_login
from konter.access.failures import is_known_origin, lift_locks
from konter.access.limits.queries import add_marks, hold_key, read_marks
from konter.access.locks import lock_user
from konter.access.model import (
    HOUR,
    Login,
    LoginStarted,
    Origin,
    User,
    UserKind,
    app_refusal,
    normal_username,
    otp_budget_refusal,
    resend_refusal,
    wrong_code,
)
from konter.access.passwords import RETRY_AFTER_S, Passwords
from konter.access.queries import logins as login_queries
from konter.access.queries import names as name_queries
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import LOGIN_NOT_FOUND, OTP_EXPIRED
from konter.access.step import IDS_MAX, Step, actor_of_user
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, LoginId, OutletId, cell_of_text, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

PRETENCE_KEPT = timedelta(days=1)
NOBODY = 0  # no user has it; asked about all the same, so that an unknown name takes as long as a known one


async def ask_password_reset(
    connection: Connection,
    username: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | LoginStarted:
    """Send an OTP to the notification number of an active user; the answer does not tell whether there is one."""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    name = normal_username(username)
    named = await name_queries.read_named(connection, name)
    kind: UserKind = named.kind if named is not None and named.kind != "staff" else "outlet"
    user_id = named.user_id if named is not None and named.kind != "staff" else NOBODY
    known = await is_known_origin(connection, kind, user_id, origin, now)
    limits = {f"otp:reset:known:{user_id}": rules.otp.max_per_hour} if known else _strangers(keys, name, origin, rules)
    # Looked at before the lock too, so that a stranger who asks without end never stands in a shop's way.
    if (refusal := await _asked_too_often(connection, limits, step)) is not None:
        return refusal
    async with connection.transaction():
        # For every name, as an outlet's lock would let known ones alone through one by one.
        await hold_key(connection, next(iter(limits)))
        if (refusal := await _asked_too_often(connection, limits, step)) is not None:
            return refusal
        await add_marks(connection, list(limits), at=now)
        if named is not None and user_id != NOBODY:
            await lock_user(connection, kind, user_id, OutletId(named.outlet_id) if named.outlet_id else None)
        user = await user_queries.read_user(connection, user_id, kind) if user_id != NOBODY else None
        if user is None or app_refusal(user) is not None:
            return await _pretend(connection, name, origin, step)
        return await _send(connection, user, origin, step)


def _strangers(keys: Keys, name: str, origin: Origin, rules: Rules) -> dict[str, int]:
    """What strangers may use up of a name; whoever asks from where its user has lately been logged in has as much."""
    name_hash = keys.pepper_hash("reset-name", name.encode("utf-8", "replace")).hex()[:32]
    return {
        f"otp:reset:name:{name_hash}": rules.otp.max_per_hour,
        f"otp:reset:address:{origin.address}": otps.ADDRESS_MAX_PER_HOUR["password_reset"],
    }


async def _asked_too_often(connection: Connection, limits: dict[str, int], step: Step) -> Refusal | None:
    asked = await read_marks(connection, list(limits), since=step.now - HOUR)
    by_name = next(iter(asked.values()))
    too_soon = resend_refusal(by_name[-1], now=step.now, rules=step.rules) if by_name else None
    return too_soon or otp_budget_refusal(asked, limits, step.now)


async def _send(connection: Connection, user: User, origin: Origin, step: Step) -> LoginStarted:
    login, row = await otps.start_login(connection, user, "password_reset", limits={}, step=step)
    await write_outbox(connection, step.ids, [row])
    await step.audit(connection, actor_of_user(user, origin), "password.reset_asked", user.id, {"login": str(login.id)})
    return otps.started(login, step, tell_number=False)


async def _pretend(connection: Connection, name: str, origin: Origin, step: Step) -> LoginStarted:
    login_id = LoginId(make_id(next(step.ids.take(1)), cell_of_text(name)))
    await add_marks(connection, [_pretence_key(login_id)], at=step.now)
    actor = Actor("anonymous", 0, address=origin.address, agent=origin.agent)
    await step.audit(connection, actor, "password.reset_asked", 0)
    return LoginStarted(
        login_id=tokens.ticket(step.keys, login_id),
        msisdn=None,
        expires_at=step.now + timedelta(seconds=step.rules.otp.ttl_s),
        resend_at=step.now + timedelta(seconds=step.rules.otp.resend_after_s),
    )


def _pretence_key(login_id: LoginId) -> str:
    return f"otp:pretence:{login_id}"


async def check_reset_code(
    connection: Connection,
    login_id: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """Whether the OTP of a password reset is right, before a new password is asked for; both are then sent together."""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(login: Login, user: User) -> Refusal | bool:
        refusal = await _count_reset_code(connection, login, user, code, origin, step)
        if refusal is None:
            await login_queries.write_login_state(connection, login, tries=login.tries, state="passed")
        return refusal or True

    outcome = await _with_reset(connection, login_id, step, work)
    return outcome if isinstance(outcome, Refusal) else None


async def finish_password_reset(
    pool: Pool,
    passwords: Passwords,
    login_id: str,
    *,
    code: str,
    new: str,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """Set another password for the right OTP; locks and counters are lifted and every session of the user ends.

    A weak password is refused before the OTP is used. The initial password, too, is replaced this way. [D-07, G-D01]
    """
    if (refusal := weak(new, old=None, username="", rules=rules)) is not None:
        return refusal
    if tokens.open_ticket(keys, login_id) is None:
        return LOGIN_NOT_FOUND()
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        new_hash = await passwords.hash(new)
    async with pool.acquire() as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

        async def work(login: Login, user: User) -> Refusal | bool:
            refusal = await _count_reset_code(connection, login, user, code, origin, step)
            refusal = refusal or weak(new, old=None, username=user.username, rules=rules)
            if refusal is not None:
                return refusal
            await _write(connection, login, user, new_hash, origin, step)
            return True

        outcome = await _with_reset(connection, login_id, step, work)
    return outcome if isinstance(outcome, Refusal) else None


async def _with_reset(
    connection: Connection, login_id: str, step: Step, work: Callable[[Login, User], Awaitable[Refusal | bool]]
) -> Refusal | bool:
    row_id = tokens.open_ticket(step.keys, login_id)
    if row_id is not None and await login_queries.read_login(connection, row_id) is None:
        return await _count_pretended(connection, row_id, step)
    return await with_login(connection, login_id, step.keys, work)


async def _count_pretended(connection: Connection, login_id: LoginId, step: Step) -> Refusal:
    key = _pretence_key(login_id)
    async with connection.transaction():
        await hold_key(connection, key)
        marks = (await read_marks(connection, [key], since=step.now - PRETENCE_KEPT))[key]
        if not marks:
            return LOGIN_NOT_FOUND()
        tries = len(marks) - 1
        lapsed = marks[0] + timedelta(seconds=step.rules.otp.ttl_s) <= step.now
        if lapsed or tries >= step.rules.otp.max_tries:
            return OTP_EXPIRED()
        await add_marks(connection, [key], at=step.now)
        check = wrong_code(tries, "sent", locks=False, now=step.now, rules=step.rules)
        assert check.refusal is not None, "a wrong code is refused"
        actor = Actor("anonymous", 0)
        await step.audit(connection, actor, "otp.refused", 0, {"code": check.refusal.code, "login": str(login_id)})
    return check.refusal


async def _count_reset_code(
    connection: Connection, login: Login, user: User, code: str, origin: Origin, step: Step
) -> Refusal | None:
    if login.purpose != "password_reset":
        return LOGIN_NOT_FOUND()
    return await count_code(connection, login, user, code, origin=origin, step=step)


async def _write(connection: Connection, login: Login, user: User, new_hash: str, origin: Origin, step: Step) -> None:
    actor = actor_of_user(user, origin)
    await user_queries.write_own_password(connection, user.kind, user.id, new_hash)
    await login_queries.write_login_state(connection, login, tries=login.tries, state="used")
    await login_queries.end_logins(connection, [user.id], purposes=["login", "password_reset", "pin_reset"])
    await lift_locks(connection, user.kind, [user.id])
    await revoke_devices(connection, [user.id], by=actor.text, at=step.now)
    await session_queries.revoke_sessions(connection, [user.id], but=None, by=actor.text, at=step.now)
    data = {"username": user.username, "at": step.now, "zone": user.zone}
    row = sms("password_changed", to=user.nn_msisdn, locale=user.locale, at=step.now, data=data)
    await write_outbox(connection, step.ids, [row])
    await step.audit(connection, actor, "password.reset", user.id)
