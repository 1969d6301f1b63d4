"""Log in with user name and password; a right one sends an OTP (users of outlets) or opens a session (staff)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from konter.access import otps, queries
from konter.access.limits.queries import add_marks, read_marks
from konter.access.model import (
    Kind,
    LoginStarted,
    Origin,
    PasswordCheck,
    SessionOpened,
    User,
    app_refusal,
    check_password,
    initial_password_refusal,
    lock_of_unknown,
    normal_username,
    resend_refusal,
)
from konter.access.passwords import RETRY_AFTER_S, Passwords
from konter.access.refusals import BAD_CREDENTIALS
from konter.access.sessions import open_staff_session
from konter.access.staff import queries as staff_queries
from konter.access.step import IDS_MAX, Step
from konter.ledger.read import lock_owners
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool, retried
from konter.platform.ids import IdBlocks, StaffId, UserId
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

UNKNOWN_KEPT = timedelta(days=1)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says to be this user."""

    username: str
    password: str
    origin: Origin
    only: Kind | None = None  # a door for one kind of user: the other kind is a stranger there


async def log_in(
    pool: Pool, passwords: Passwords, attempt: Attempt, *, now: datetime, ids: IdBlocks, keys: Keys, rules: Rules
) -> Refusal | LoginStarted | SessionOpened:
    """Check a password; a wrong one sends nothing. An unknown name gets the same answers in about the same time.

    Asking again while the last OTP is fresh gives the same login and no second OTP, so that a retry on a poor line does
    no harm. The password is checked before any lock, with no connection held. [D-23, D-24, G-D02, G-D03]
    """
    name = normal_username(attempt.username)
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
            named = await queries.read_named(connection, name)
            if named is not None and attempt.only not in (None, named.kind):
                named = None
            stored = await _stored_hash(connection, named)
        right = await passwords.verify(stored, attempt.password)
    # A hash that changed in the meantime was not the one that fitted.
    fitted = stored if right else None
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        if named is None:
            return await _unknown_logs_in(connection, name, attempt, step)
        if named.kind == "staff":
            return await _staff_logs_in(connection, StaffId(named.user_id), fitted, attempt, step)
        return await _user_logs_in(connection, UserId(named.user_id), fitted, attempt, step)


async def _stored_hash(connection: Connection, named: queries.Named | None) -> str | None:
    if named is None:
        return None
    if named.kind == "staff":
        return await staff_queries.read_staff_hash(connection, named.user_id)
    return (await queries.read_user(connection, named.user_id)).password_hash


async def _user_logs_in(
    connection: Connection, user_id: UserId, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | LoginStarted:
    outlet_id = (await queries.read_user(connection, user_id)).outlet_id

    async def work() -> Refusal | LoginStarted:
        async with connection.transaction():
            await lock_owners(connection, owners=[outlet_id])
            user = await queries.read_user(connection, user_id)
            return await _decide_user(connection, user, fitted, attempt, step)

    return await retried(work)


async def _decide_user(
    connection: Connection, user: User, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | LoginStarted:
    actor = Actor("outlet_user", user.id, address=attempt.origin.address, agent=attempt.origin.agent)
    check = check_password(
        user.password_failures, user.locked_until, right=fitted == user.password_hash, now=step.now, rules=step.rules
    )
    await queries.write_password_counters(connection, user.id, failures=check.failures, locked_until=check.locked_until)
    refusal = check.refusal or app_refusal(user) or initial_password_refusal(user, step.now)
    limits = otps.budget(user, "login", attempt.origin.address, step.rules)
    if refusal is None:
        waiting = await queries.read_live_login(connection, user.id, purpose="login", now=step.now)
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


def _lock_notice(user: User, check: PasswordCheck, now: datetime) -> list[OutboxRow]:
    if not check.locked_now or user.status != "active":
        return []
    data = {"username": user.username, "until": check.locked_until, "zone": user.zone}
    return [sms("password_locked", to=user.nn_msisdn, locale=user.locale, at=now, data=data)]


async def _staff_logs_in(
    connection: Connection, staff_id: StaffId, fitted: str | None, attempt: Attempt, step: Step
) -> Refusal | SessionOpened:
    actor = Actor("staff", staff_id, address=attempt.origin.address, agent=attempt.origin.agent)
    async with connection.transaction():
        staff = await staff_queries.lock_staff(connection, staff_id)
        assert staff is not None, "a user name of staff without its row"
        right = fitted == staff.password_hash and staff.status == "active"
        check = check_password(staff.password_failures, staff.locked_until, right=right, now=step.now, rules=step.rules)
        await staff_queries.write_staff_counters(
            connection, staff_id, failures=check.failures, locked_until=check.locked_until
        )
        if check.refusal is not None:
            await step.audit(connection, actor, "login.refused", staff_id, {"code": check.refusal.code})
            return check.refusal
        opened = await open_staff_session(connection, staff_id, attempt.origin, step)
        await step.audit(connection, actor, "session.opened", staff_id, {"session": str(opened.session_id)})
    return opened


async def _unknown_logs_in(connection: Connection, name: str, attempt: Attempt, step: Step) -> Refusal:
    """Count as for a known user, under a hash of the name: people type passwords into the wrong field."""
    key = f"login:unknown:{step.keys.pepper_hash('unknown-name', name.encode('utf-8', 'replace')).hex()[:32]}"
    actor = Actor("anonymous", 0, address=attempt.origin.address, agent=attempt.origin.agent)
    async with connection.transaction():
        marks: Mapping[str, list[datetime]] = await read_marks(connection, [key], since=step.now - UNKNOWN_KEPT)
        failures = len(marks[key]) % step.rules.auth.password_max_tries
        check = check_password(
            failures, lock_of_unknown(marks[key], step.rules), right=False, now=step.now, rules=step.rules
        )
        if check.locked_now or check.failures != failures:
            await add_marks(connection, [key], at=step.now)
        refusal = check.refusal or BAD_CREDENTIALS()
        await step.audit(connection, actor, "login.refused", 0, {"code": refusal.code})
    return refusal
