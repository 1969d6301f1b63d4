"""Log in with user name and password; a right one sends an OTP (users) or asks for the app's code (staff)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from konter.access import otps
from konter.access.devices.trust import use_trust
from konter.access.failures import (
    Failures,
    is_known_origin,
    known_key,
    read_failures,
    unknown_key,
    write_failures,
)
from konter.access.limits.queries import hold_key
from konter.access.locks import lock_user
from konter.access.model import (
    Kind,
    LoginStarted,
    Origin,
    PasswordCheck,
    SessionOpened,
    User,
    UserKind,
    app_refusal,
    check_password,
    initial_password_refusal,
    normal_username,
    resend_refusal,
)
from konter.access.passwords import RETRY_AFTER_S, Passwords
from konter.access.queries import logins as login_queries
from konter.access.queries import names as name_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import BAD_CREDENTIALS
from konter.access.sessions import open_user_session
from konter.access.staff import queries as staff_queries
from konter.access.staff.login import TotpStarted, go_on
from konter.access.step import IDS_MAX, Step, actor_of_user
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool, retried
from konter.platform.ids import IdBlocks, StaffId
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

T = TypeVar("T")


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says to be this user."""

    username: str
    password: str
    origin: Origin
    device: str = ""  # the token of a device that is trusted
    only: Kind | None = None  # a door for one kind of user: the other kind is a stranger there


async def log_in(
    pool: Pool, passwords: Passwords, attempt: Attempt, *, now: datetime, ids: IdBlocks, keys: Keys, rules: Rules
) -> Refusal | LoginStarted | TotpStarted | SessionOpened:
    """Check a password; a wrong one sends nothing. An unknown name gets the same answers in about the same time.

    Asking again while the last OTP is fresh gives the same login and no second OTP, so that a retry on a poor line does
    no harm. The password is checked before any lock, with no connection held. [D-23, D-24, G-D02, G-D03]
    """
    name = normal_username(attempt.username)
    known = await _verify(pool, passwords, attempt, name)
    if isinstance(known, Refusal):
        return known
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        if known.named is None:
            return await _unknown_logs_in(connection, name, attempt, step)
        if known.named.kind == "staff":
            return await _staff_logs_in(connection, StaffId(known.named.user_id), known.fitted, attempt, step)
        return await _user_logs_in(connection, known.named, known.named.kind, known.fitted, attempt, step)


async def with_password(
    pool: Pool,
    passwords: Passwords,
    attempt: Attempt,
    then: Callable[[Connection, User, Step], Awaitable[Refusal | T]],
    *,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | T:
    """Do something for a user who proves to be it by the password alone, counted and refused as at a log-in.

    It runs within the transaction, under the user's lock, whatever else stands against a log-in: whoever has lost the
    phone gets no OTP. Staff and names that nobody has are the same strangers.
    """
    name = normal_username(attempt.username)
    known = await _verify(pool, passwords, attempt, name)
    if isinstance(known, Refusal):
        return known
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        named = known.named
        if named is None or named.kind == "staff":
            return await _unknown_logs_in(connection, name, attempt, step)
        kind: UserKind = named.kind
        outlet_id = (await user_queries.read_user(connection, named.user_id, kind)).outlet_id

        async def work() -> Refusal | T:
            async with connection.transaction():
                await lock_user(connection, kind, named.user_id, outlet_id)
                user = await user_queries.read_user(connection, named.user_id, kind)
                check = await _count(connection, user, known.fitted, attempt, step)
                if check.refusal is not None:
                    await write_outbox(connection, step.ids, _lock_notice(user, check, step.now))
                    actor = actor_of_user(user, attempt.origin)
                    await step.audit(connection, actor, "password.refused", user.id, {"code": check.refusal.code})
                    return check.refusal
                return await then(connection, user, step)

        return await retried(work)


class Verified(msgspec.Struct, frozen=True):
    """Whom a name belongs to, and the stored hash if the password fitted it."""

    named: name_queries.Named | None
    fitted: str | None


async def _verify(pool: Pool, passwords: Passwords, attempt: Attempt, name: str) -> Refusal | Verified:
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
            named = await name_queries.read_named(connection, name)
            if named is not None and attempt.only not in (None, named.kind):
                named = None
            stored = await _stored_hash(connection, named)
        right = await passwords.verify(stored, attempt.password)
    # A hash that changed in the meantime was not the one that fitted.
    return Verified(named, stored if right else None)


async def _stored_hash(connection: Connection, named: name_queries.Named | None) -> str | None:
    if named is None:
        return None
    if named.kind == "staff":
        return await staff_queries.read_staff_hash(connection, named.user_id)
    return (await user_queries.read_user(connection, named.user_id, named.kind)).password_hash


async def _user_logs_in(
    connection: Connection, named: name_queries.Named, kind: UserKind, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | LoginStarted | SessionOpened:
    outlet_id = (await user_queries.read_user(connection, named.user_id, kind)).outlet_id

    async def work() -> Refusal | LoginStarted | SessionOpened:
        async with connection.transaction():
            await lock_user(connection, kind, named.user_id, outlet_id)
            user = await user_queries.read_user(connection, named.user_id, kind)
            return await _decide_user(connection, user, fitted, attempt, step)

    return await retried(work)


async def _decide_user(
    connection: Connection, user: User, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | LoginStarted | SessionOpened:
    actor = actor_of_user(user, attempt.origin)
    check = await _count(connection, user, fitted, attempt, step)
    refusal = check.refusal or app_refusal(user) or initial_password_refusal(user, step.now)
    limits = otps.budget(user, "login", attempt.origin.address, step.rules)
    device = await use_trust(connection, user, attempt.device, step) if refusal is None and attempt.device else None
    if device is not None:
        opened = await open_user_session(connection, user, attempt.origin, step)
        said = {"session": str(opened.session_id), "way": "trusted_device"}
        await step.audit(connection, actor, "session.opened", user.id, said)
        return msgspec.structs.replace(opened, device=device)
    if refusal is None:
        waiting = await login_queries.read_live_login(connection, user.id, purpose="login", now=step.now)
        if waiting is not None and resend_refusal(waiting.otp_sent_at, now=step.now, rules=step.rules):
            return otps.started(waiting, step)
        refusal = await otps.budget_refusal(connection, limits, step.now)
    if refusal is not None:
        rows = _lock_notice(user, check, step.now)
        await write_outbox(connection, step.ids, rows)
        await step.audit(connection, actor, "login.refused", user.id, {"code": refusal.code})
        return refusal
    login, row = await otps.start_login(connection, user, "login", limits=limits, step=step)
    await write_outbox(connection, step.ids, [row])
    await step.audit(connection, actor, "login.otp_sent", user.id, {"login": str(login.id), "number": login.msisdn})
    return otps.started(login, step)


async def _count(connection: Connection, user: User, fitted: str | None, attempt: Attempt, step: Step) -> PasswordCheck:
    before = await _failures(connection, user.kind, user, attempt.origin, step)
    right = fitted == user.password_hash
    check = check_password(before.count, before.locked_until, right=right, now=step.now, rules=step.rules)
    await _write_failures(connection, user.kind, user.id, before, check, step)
    return check


def _lock_notice(user: User, check: PasswordCheck, now: datetime) -> list[OutboxRow]:
    if not check.locked_now or user.status != "active":
        return []
    data = {"username": user.username, "until": check.locked_until, "zone": user.zone}
    return [sms("password_locked", to=user.nn_msisdn, locale=user.locale, at=now, data=data)]


async def _staff_logs_in(
    connection: Connection, staff_id: StaffId, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | TotpStarted | SessionOpened:
    actor = Actor("staff", staff_id, address=attempt.origin.address, agent=attempt.origin.agent)
    async with connection.transaction():
        staff = await staff_queries.lock_staff(connection, staff_id)
        assert staff is not None, "a user name of staff without its row"
        right = fitted == staff.password_hash and staff.status == "active"
        before = await _failures(connection, "staff", staff, attempt.origin, step)
        check = check_password(before.count, before.locked_until, right=right, now=step.now, rules=step.rules)
        await _write_failures(connection, "staff", staff_id, before, check, step)
        if check.refusal is not None:
            await step.audit(connection, actor, "login.refused", staff_id, {"code": check.refusal.code})
            return check.refusal
        return await go_on(connection, staff, attempt.origin, step)


async def _failures(
    connection: Connection, kind: Kind, user: User | staff_queries.Staff, origin: Origin, step: Step
) -> Failures:
    """Those of strangers, or those from where the user has lately had a session: there strangers lock nobody out."""
    if await is_known_origin(connection, kind, user.id, origin, step.now):
        return await read_failures(connection, known_key(kind, user.id), step)
    return Failures(key=None, count=user.password_failures, locked_until=user.locked_until)


async def _write_failures(
    connection: Connection, kind: Kind, user_id: int, before: Failures, check: PasswordCheck, step: Step
) -> None:
    if before.key is not None:
        await write_failures(connection, before, check, step)
        return
    failures, until = check.failures, check.locked_until
    if kind == "staff":
        await staff_queries.write_staff_counters(connection, user_id, failures=failures, locked_until=until)
    else:
        await user_queries.write_password_counters(connection, kind, user_id, failures=failures, locked_until=until)


async def _unknown_logs_in(connection: Connection, name: str, attempt: Attempt, step: Step) -> Refusal:
    """Count as for a known user, one after the other too: more answers at once would tell that nobody has the name."""
    key = unknown_key(step.keys, name)
    actor = Actor("anonymous", 0, address=attempt.origin.address, agent=attempt.origin.agent)
    async with connection.transaction():
        await hold_key(connection, key)
        before = await read_failures(connection, key, step)
        check = check_password(before.count, before.locked_until, right=False, now=step.now, rules=step.rules)
        await write_failures(connection, before, check, step)
        refusal = check.refusal or BAD_CREDENTIALS()
        await step.audit(connection, actor, "login.refused", 0, {"code": refusal.code})
    return refusal
