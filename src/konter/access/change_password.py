"""A user changes the own password; after the initial one this is the only thing that is allowed. [D-07]"""

from datetime import datetime

from konter.access.devices.queries import revoke_devices
from konter.access.failures import lift_locks, read_failures, session_key, write_failures
from konter.access.limits.queries import forget_marks
from konter.access.locks import lock_principal
from konter.access.model import Origin, Principal, check_password
from konter.access.passwords import LENGTH_MAX, RETRY_AFTER_S, Passwords, password_weakness
from konter.access.queries import logins as login_queries
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import SESSION_EXPIRED, WEAK_PASSWORD, WRONG_PASSWORD
from konter.access.staff import queries as staff_queries
from konter.access.step import IDS_MAX, Step, actor_of
from konter.messaging.model import sms
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, StaffId
from konter.platform.outbox import write_outbox
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules


async def change_password(
    pool: Pool,
    passwords: Passwords,
    principal: Principal,
    *,
    old: str,
    new: str,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """Set another password for the right old one; every other session of the user ends. [D-07, G-D01]

    The last wrong old password that is allowed ends the session. Both are hashed before any lock, and no connection is
    held meanwhile.
    """
    if (refusal := weak(new, old=old, username=principal.username, rules=rules)) is not None:
        return refusal
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        async with pool.acquire() as connection:
            stored = await stored_hash(connection, principal)
        right = await passwords.verify(stored, old)
        new_hash = await passwords.hash(new) if right else ""
    async with pool.acquire() as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        async with connection.transaction():
            refusal = await count_password(connection, principal, stored if right else None, origin, step)
            if refusal is not None:
                return refusal
            await _write(connection, principal, new_hash, origin, step)
    return None


async def confirm_password(
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
) -> Refusal | None:
    """Ask somebody who is logged in for the password before a step that an unattended phone must not take. Wrong ones
    are counted as when it is changed: WRONG_PASSWORD, and SESSION_EXPIRED with the last.
    """
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        async with pool.acquire() as connection:
            stored = await stored_hash(connection, principal)
        right = await passwords.verify(stored, password)
    async with pool.acquire() as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        async with connection.transaction():
            return await count_password(connection, principal, stored if right else None, origin, step)


def weak(new: str, *, old: str | None, username: str, rules: Rules) -> Refusal | None:
    """Whether a new password is too easy, or the old one again."""
    why = password_weakness(new, username=username, length_min=rules.auth.password_min_length)
    if why is None and new == old:
        why = "same"
    if why is None:
        return None
    return WEAK_PASSWORD(reason=why, length_min=rules.auth.password_min_length, length_max=LENGTH_MAX)


async def stored_hash(connection: Connection, principal: Principal) -> str | None:
    """The hash that a principal's password is checked against."""
    if principal.kind == "staff":
        return await staff_queries.read_staff_hash(connection, principal.user_id)
    return (await user_queries.read_user(connection, principal.user_id, principal.kind)).password_hash


async def count_password(
    connection: Connection, principal: Principal, fitted: str | None, origin: Origin, step: Step
) -> Refusal | None:
    """Lock, then count a password of somebody who is logged in. `fitted` is the hash that it was found to fit.

    Counted apart from log-ins, where strangers can lock: they must not keep whoever is in from going on. Who guesses
    here holds the phone, so the last wrong one ends the session instead.
    """
    await lock_principal(connection, principal)
    stored = await stored_hash(connection, principal)
    if not await session_queries.is_live_session(connection, principal.session_id, now=step.now):
        return SESSION_EXPIRED()
    before = await read_failures(connection, session_key(principal.kind, principal.user_id), step)
    check = check_password(
        before.count, None, right=fitted == stored, now=step.now, rules=step.rules, wrong=WRONG_PASSWORD
    )
    if check.refusal is None:
        await write_failures(connection, before, check, step)
        return None
    actor = actor_of(principal, origin)
    await step.audit(connection, actor, "password.refused", principal.user_id, {"code": check.refusal.code})
    if not check.locked_now:
        await write_failures(connection, before, check, step)
        return check.refusal
    await end_guessed_session(connection, principal, origin, step)
    return SESSION_EXPIRED()


async def end_guessed_session(connection: Connection, principal: Principal, origin: Origin, step: Step) -> None:
    """Too many wrong secrets: whoever is there logs in again, or is not the one. The next session counts anew."""
    actor = actor_of(principal, origin)
    await session_queries.revoke_session(
        connection, principal.session_id, user_id=principal.user_id, by=actor.text, at=step.now
    )
    await forget_marks(connection, [session_key(principal.kind, principal.user_id)])
    await step.audit(connection, actor, "session.revoked", principal.user_id, {"session": str(principal.session_id)})


async def _write(connection: Connection, principal: Principal, new_hash: str, origin: Origin, step: Step) -> None:
    actor = actor_of(principal, origin)
    if principal.kind == "staff":
        await staff_queries.write_staff_password(connection, StaffId(principal.user_id), new_hash)
    else:
        await user_queries.write_own_password(connection, principal.kind, principal.user_id, new_hash)
        await login_queries.end_logins(
            connection, [principal.user_id], purposes=["login", "password_reset", "pin_reset"]
        )
        assert principal.nn_msisdn is not None, "a user has a number"
        data = {"username": principal.username, "at": step.now, "zone": principal.zone}
        row = sms("password_changed", to=principal.nn_msisdn, locale=principal.locale, at=step.now, data=data)
        await write_outbox(connection, step.ids, [row])
    await lift_locks(connection, principal.kind, [principal.user_id])
    await revoke_devices(connection, [principal.user_id], by=actor.text, at=step.now)
    await session_queries.revoke_sessions(
        connection, [principal.user_id], but=principal.session_id, by=actor.text, at=step.now
    )
    await step.audit(connection, actor, "password.changed", principal.user_id)
