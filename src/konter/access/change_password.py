"""A user changes the own password; after the initial one this is the only thing that is allowed. [D-07]"""

from datetime import datetime

from konter.access.devices.queries import revoke_devices
from konter.access.failures import lift_locks
from konter.access.model import Origin, Principal
from konter.access.own_password import with_own_password
from konter.access.passwords import LENGTH_MAX, Passwords, password_weakness
from konter.access.queries import logins as login_queries
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import WEAK_PASSWORD
from konter.access.staff import queries as staff_queries
from konter.access.step import Step, actor_of
from konter.messaging.model import sms
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, StaffId
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
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

    async def work(connection: Connection, step: Step, new_hash: str) -> None:
        await _write(connection, principal, new_hash, origin, step)

    return await with_own_password(
        pool, passwords, principal, work, old=old, new=new, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


def weak(new: str, *, old: str | None, username: str, rules: Rules) -> Refusal | None:
    """Whether a new password is too easy, or the old one again."""
    why = password_weakness(new, username=username, length_min=rules.auth.password_min_length)
    if why is None and new == old:
        why = "same"
    if why is None:
        return None
    return WEAK_PASSWORD(reason=why, length_min=rules.auth.password_min_length, length_max=LENGTH_MAX)


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
