"""A user changes the own password; after the initial one this is the only thing that is allowed. [D-07]"""

from datetime import datetime

from konter.access import queries
from konter.access.model import Origin, Principal, check_password
from konter.access.passwords import LENGTH_MAX, RETRY_AFTER_S, Passwords, password_weakness
from konter.access.refusals import WEAK_PASSWORD, WRONG_PASSWORD
from konter.access.staff import queries as staff_queries
from konter.access.step import IDS_MAX, Step, actor_of
from konter.ledger.read import lock_owners
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

    A wrong old password counts like one at login. Both are hashed before any lock, with no connection held.
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
    return (await queries.read_user(connection, principal.user_id)).password_hash


async def count_password(
    connection: Connection, principal: Principal, fitted: str | None, origin: Origin, step: Step
) -> Refusal | None:
    """Lock, then count a password of somebody who is logged in. `fitted` is the hash that it was found to fit."""
    failures, locked_until, stored = await _lock_and_read(connection, principal)
    check = check_password(
        failures,
        locked_until,
        right=fitted == stored,
        now=step.now,
        rules=step.rules,
        wrong=WRONG_PASSWORD,
    )
    write = queries.write_password_counters if principal.kind == "outlet" else staff_queries.write_staff_counters
    await write(connection, principal.user_id, failures=check.failures, locked_until=check.locked_until)
    if check.refusal is not None:
        actor = actor_of(principal, origin)
        await step.audit(connection, actor, "password.refused", principal.user_id, {"code": check.refusal.code})
    return check.refusal


async def _lock_and_read(connection: Connection, principal: Principal) -> tuple[int, datetime | None, str]:
    if principal.outlet_id is None:
        staff = await staff_queries.lock_staff(connection, principal.user_id)
        assert staff is not None, "a session of staff without its row"
        return staff.password_failures, staff.locked_until, staff.password_hash
    await lock_owners(connection, owners=[principal.outlet_id])
    user = await queries.read_user(connection, principal.user_id)
    return user.password_failures, user.locked_until, user.password_hash


async def _write(connection: Connection, principal: Principal, new_hash: str, origin: Origin, step: Step) -> None:
    actor = actor_of(principal, origin)
    if principal.kind == "staff":
        await staff_queries.write_staff_password(connection, StaffId(principal.user_id), new_hash)
    else:
        await queries.write_own_password(connection, principal.user_id, new_hash)
        await queries.end_logins(connection, [principal.user_id], purposes=["login", "password_reset", "pin_reset"])
        assert principal.nn_msisdn is not None, "a user of an outlet has a number"
        data = {"username": principal.username, "at": step.now, "zone": principal.zone}
        row = sms("password_changed", to=principal.nn_msisdn, locale=principal.locale, at=step.now, data=data)
        await write_outbox(connection, step.ids, [row])
    await queries.revoke_sessions(connection, [principal.user_id], but=principal.session_id, by=actor.text, at=step.now)
    await step.audit(connection, actor, "password.changed", principal.user_id)
