"""Whoever is logged in is asked for the password again, before what an unattended phone must not do."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from konter.access.failures import read_failures, session_key, write_failures
from konter.access.limits.queries import forget_marks
from konter.access.locks import lock_principal
from konter.access.model import Origin, Principal, check_password
from konter.access.passwords import RETRY_AFTER_S, Passwords
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import SESSION_EXPIRED, WRONG_PASSWORD
from konter.access.staff import queries as staff_queries
from konter.access.step import IDS_MAX, Step, actor_of
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

T = TypeVar("T")


async def with_own_password(
    pool: Pool,
    passwords: Passwords,
    principal: Principal,
    then: Callable[[Connection, Step, str], Awaitable[T]],
    *,
    old: str,
    new: str = "",
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | T:
    """Do something for the right password, in the transaction that counts it, under the lock of whoever it is; it is
    given the hash of `new`, empty where there is none. WRONG_PASSWORD, SESSION_EXPIRED with the last that is allowed,
    TOO_MANY_REQUESTS. Both are hashed before any lock, and no connection is held meanwhile.
    """
    with passwords.place() as admitted:
        if not admitted:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        async with pool.acquire() as connection:
            stored = await _stored_hash(connection, principal)
        right = await passwords.verify(stored, old)
        new_hash = await passwords.hash(new) if right and new else ""
    async with pool.acquire() as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        async with connection.transaction():
            refusal = await _count(connection, principal, stored if right else None, origin, step)
            return refusal if refusal is not None else await then(connection, step, new_hash)


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
    """Nothing but the question, for a step that follows in a transaction of its own. The same refusals."""

    async def nothing(_connection: Connection, _step: Step, _new_hash: str) -> None:
        return None

    return await with_own_password(
        pool, passwords, principal, nothing, old=password, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


async def _stored_hash(connection: Connection, principal: Principal) -> str | None:
    """The hash that a principal's password is checked against."""
    if principal.kind == "staff":
        return await staff_queries.read_staff_hash(connection, principal.user_id)
    return (await user_queries.read_user(connection, principal.user_id, principal.kind)).password_hash


async def _count(
    connection: Connection, principal: Principal, fitted: str | None, origin: Origin, step: Step
) -> Refusal | None:
    """Lock, then count a password of somebody who is logged in. `fitted` is the hash that it was found to fit.

    Counted apart from log-ins, where strangers can lock: they must not keep whoever is in from going on. Who guesses
    here holds the phone, so the last wrong one ends the session instead.
    """
    await lock_principal(connection, principal)
    stored = await _stored_hash(connection, principal)
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
