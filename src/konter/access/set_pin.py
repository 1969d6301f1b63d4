"""A user sets the transaction PIN, first or again."""

import secrets
from datetime import datetime

from konter.access.model import Origin, Principal, User, check_pin
from konter.access.pins import pin_hash, pin_weakness
from konter.access.queries import users as user_queries
from konter.access.refusals import PIN_ALREADY_SET, PIN_NOT_SET, WEAK_PIN
from konter.access.step import IDS_MAX, Step, actor_of
from konter.ledger.read import lock_owners
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.outbox import write_outbox
from konter.platform.refusal import FORBIDDEN, Refusal
from konter.platform.secrets import Keys, equal
from konter.rules.model import Rules

SALT_BYTES = 16


async def set_pin(
    connection: Connection,
    principal: Principal,
    pin: str,
    *,
    old: str | None = None,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """Set the first PIN, or another one for the right old one; a wrong old one counts like one at a sale.

    Without the old one a set PIN is never compared with anything, or this would be a place to guess it uncounted.
    """
    if principal.outlet_id is None:
        return FORBIDDEN()
    if (refusal := weak_pin(pin)) is not None:
        return refusal
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    actor = actor_of(principal, origin)
    async with connection.transaction():
        await lock_owners(connection, owners=[principal.outlet_id])
        user = await user_queries.read_user(connection, principal.user_id)
        refusal = await _count_old(connection, user, old, step)
        if refusal is not None:
            await step.audit(connection, actor, "pin.refused", user.id, {"code": refusal.code})
            return refusal
        await write_new_pin(connection, user, pin, actor, step)
    return None


def weak_pin(pin: str) -> Refusal | None:
    """Whether a new PIN is too easy."""
    why = pin_weakness(pin)
    return WEAK_PIN(reason=why) if why else None


async def _count_old(connection: Connection, user: User, old: str | None, step: Step) -> Refusal | None:
    if user.pin_hash is None:
        return PIN_NOT_SET() if old is not None else None
    if old is None:
        return PIN_ALREADY_SET()
    right = equal(user.pin_hash, pin_hash(step.keys, user.pin_salt, old))
    check = check_pin(user, right=right, now=step.now, rules=step.rules)
    await user_queries.write_pin_counters(connection, user.id, failures=check.failures, locked_at=check.locked_at)
    if check.locked_at is not None and user.pin_locked_at is None:
        await _tell(connection, user, "pin_locked", step)
    return check.refusal


async def write_new_pin(connection: Connection, user: User, pin: str, actor: Actor, step: Step) -> None:
    """Write the PIN under a new salt, with its notice and its audit row; every counter and lock is lifted."""
    salt = secrets.token_bytes(SALT_BYTES)
    await user_queries.write_pin(connection, user.id, salt=salt, pin_hash=pin_hash(step.keys, salt, pin))
    if user.pin_hash is not None:
        await _tell(connection, user, "pin_changed", step)
    await step.audit(connection, actor, "pin.changed" if user.pin_hash else "pin.set", user.id)


async def _tell(connection: Connection, user: User, template: str, step: Step) -> None:
    data = {"username": user.username, "at": step.now, "zone": user.zone}
    row = sms(template, to=user.nn_msisdn, locale=user.locale, at=step.now, data=data)
    await write_outbox(connection, step.ids, [row])
