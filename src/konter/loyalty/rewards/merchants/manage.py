"""Let merchants in and out: by name, by the numbers that speak for them, by the machine that burns codes. [P-23]"""

from datetime import datetime

from asyncpg import UniqueViolationError

from konter.access.clients.manage import client_line
from konter.access.clients.model import ClientLine
from konter.catalogue.sheet import CODE, NAME_MAX, name_fault
from konter.loyalty.rewards.catalogue.queries import lock_rewards
from konter.loyalty.rewards.merchants import queries
from konter.loyalty.rewards.merchants.model import BURN_SCOPE
from konter.loyalty.rewards.refusals import (
    CLIENT_MAY_NOT_BURN,
    MERCHANT_CLIENT_TAKEN,
    MERCHANT_EXISTS,
    MERCHANT_HAS_REWARDS,
    MERCHANT_NOT_FOUND,
    MERCHANT_NUMBER_TAKEN,
    MERCHANT_NUMBER_UNKNOWN,
)
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import ClientId, IdBlocks, Msisdn
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.subscriber.refusals import UNKNOWN_SUBSCRIBER
from konter.subscriber.view import find_subscription


async def open_merchant(
    connection: Connection, code: str, name: str, *, now: datetime, actor: Actor, ids: IdBlocks
) -> Refusal | None:
    """A merchant; a file of rewards can open one too. INVALID_INPUT, a code or name that no file may have either;
    MERCHANT_EXISTS.
    """
    if not CODE.fullmatch(code):
        return INVALID_INPUT(field="code", reason=code[:NAME_MAX])
    if (reason := name_fault(name)) is not None:
        return INVALID_INPUT(field="name", reason=reason)
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        if not await queries.insert_merchant(connection, code=code, name=name, at=now, by=actor.text):
            return MERCHANT_EXISTS(merchant=code)
        row = AuditRow(0, now, actor, "merchant.opened", 0, {"merchant": code, "name": name})
        await write_audit(connection, own, [row])
    return None


async def add_merchant_number(
    connection: Connection, merchant: str, msisdn: Msisdn, *, now: datetime, actor: Actor, ids: IdBlocks
) -> Refusal | None:
    """Have a number speak for a merchant by SMS and on the web, as long as whoever has it now has it.

    MERCHANT_NOT_FOUND; UNKNOWN_SUBSCRIBER, a number that nobody has; MERCHANT_NUMBER_TAKEN by another merchant.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        if not await queries.lock_merchant(connection, code=merchant):
            return MERCHANT_NOT_FOUND(merchant=merchant)
        if (owner := await find_subscription(connection, msisdn)) is None:
            return UNKNOWN_SUBSCRIBER(msisdn=str(msisdn))
        speaks_for = await queries.write_number(
            connection, msisdn=msisdn, subscription_id=owner.id, merchant=merchant, at=now, by=actor.text
        )
        if speaks_for != merchant:
            return MERCHANT_NUMBER_TAKEN()
        data = {"merchant": merchant, "msisdn": str(msisdn)}
        await write_audit(connection, own, [AuditRow(0, now, actor, "merchant.number_added", 0, data)])
    return None


async def remove_merchant_number(
    connection: Connection, merchant: str, msisdn: Msisdn, *, now: datetime, actor: Actor, ids: IdBlocks
) -> Refusal | None:
    """A number speaks for a merchant no longer. MERCHANT_NUMBER_UNKNOWN: it did not, and whatever it does goes on."""
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        if not await queries.delete_number(connection, msisdn=msisdn, merchant=merchant):
            return MERCHANT_NUMBER_UNKNOWN(merchant=merchant)
        data = {"merchant": merchant, "msisdn": str(msisdn)}
        await write_audit(connection, own, [AuditRow(0, now, actor, "merchant.number_removed", 0, data)])
    return None


async def set_merchant_client(
    connection: Connection, merchant: str, client_id: ClientId | None, *, now: datetime, actor: Actor, ids: IdBlocks
) -> Refusal | None:
    """The API client that burns for a merchant, or none. MERCHANT_NOT_FOUND; CLIENT_MAY_NOT_BURN, one that is not
    there, is revoked or lacks the scope; MERCHANT_CLIENT_TAKEN by another merchant.
    """
    if client_id is not None and not await _may_burn(connection, client_id):
        return CLIENT_MAY_NOT_BURN(scope=BURN_SCOPE)
    own = await ids.reserve(connection, 1)
    data = {"merchant": merchant, "client": str(client_id or "")}
    try:
        async with connection.transaction():
            if not await queries.lock_merchant(connection, code=merchant):
                return MERCHANT_NOT_FOUND(merchant=merchant)
            await queries.write_client(connection, code=merchant, client_id=client_id)
            await write_audit(connection, own, [AuditRow(0, now, actor, "merchant.client_set", 0, data)])
    except UniqueViolationError:
        return MERCHANT_CLIENT_TAKEN()
    return None


async def _may_burn(connection: Connection, client_id: ClientId) -> bool:
    line = await client_line(connection, client_id)
    return isinstance(line, ClientLine) and line.revoked_at is None and BURN_SCOPE in line.scopes


async def close_merchant(
    connection: Connection, merchant: str, *, clock: Clock, actor: Actor, ids: IdBlocks, reason: str = ""
) -> Refusal | None:
    """Close a merchant for good: it burns nothing any more, and its machine and numbers are free for others. The
    `reason` stands in the audit.

    MERCHANT_NOT_FOUND, also for one that is closed; MERCHANT_HAS_REWARDS while a reward of its codes is on offer or
    will be, so that nobody pays points for what nobody gives.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        await lock_rewards(connection)
        if not await queries.lock_merchant(connection, code=merchant):
            return MERCHANT_NOT_FOUND(merchant=merchant)
        now = clock.now()
        if (reward := await queries.find_offered(connection, merchant=merchant, now=now)) is not None:
            return MERCHANT_HAS_REWARDS(reward=reward)
        numbers = await queries.end_merchant(connection, code=merchant, at=now, by=actor.text)
        data = {"merchant": merchant, "numbers": numbers, "reason": reason}
        await write_audit(connection, own, [AuditRow(0, now, actor, "merchant.closed", 0, data)])
    return None


async def merchant_of_number(connection: Connection, msisdn: Msisdn) -> str | None:
    """The merchant that a number speaks for, if any; none once the number has another owner."""
    return await queries.find_merchant_of_number(connection, msisdn=msisdn)


async def merchant_of_client(connection: Connection, client_id: ClientId) -> str | None:
    """The merchant whose machine a client is, if any."""
    return await queries.find_merchant_of_client(connection, client_id=client_id)


async def merchant_name(connection: Connection, merchant: str) -> str:
    """What a merchant is called; its code where it is closed."""
    found = await queries.read_merchant(connection, code=merchant)
    return str(found["name"]) if found is not None else merchant
