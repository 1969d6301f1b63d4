"""Trust a device: the next log-ins from it need no OTP until it lapses, where the rules allow it. [D-24, G-D03]

The token is the device's to keep. A lost phone, other credentials or another password end all of a user's devices.
"""

import re
import secrets
from datetime import datetime, timedelta

from konter.access.devices import queries
from konter.access.devices.queries import Device
from konter.access.locks import lock_principal
from konter.access.model import Origin, Principal, User
from konter.access.refusals import DEVICE_NOT_FOUND
from konter.access.step import Step, actor_of, actor_of_user
from konter.platform.db import Connection
from konter.platform.ids import DeviceId, make_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

DEVICES_MAX = 5
TOKEN_BYTES = 32
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


async def trust_device(connection: Connection, user: User, origin: Origin, step: Step) -> str | None:
    """Trust the device that has just given a right OTP; its token, or None where the rules trust none.

    In the caller's transaction, under the user's lock. Five at most: the oldest ends.
    """
    if user.kind != "outlet" or step.rules.otp.trusted_device_days == 0:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    id_ = DeviceId(make_id(next(step.ids.take(1)), user.cell))
    until = step.now + timedelta(days=step.rules.otp.trusted_device_days)
    await queries.insert_device(
        connection, id_, user.id, _hash(step.keys, token), agent=origin.agent, at=step.now, until=until
    )
    await queries.revoke_oldest_devices(connection, user.id, keep=DEVICES_MAX, at=step.now)
    await step.audit(connection, actor_of_user(user, origin), "device.trusted", user.id, {"device": str(id_)})
    return token


async def use_trust(connection: Connection, user: User, token: str, step: Step) -> str | None:
    """The token that the user's live device has from now on, or None for a device that is none; under the user's lock.

    A token works once, so that a copy of it is worth nothing after the device's next log-in. Until when the device is
    trusted does not move.
    """
    if user.kind != "outlet" or step.rules.otp.trusted_device_days == 0 or not _SHAPE.fullmatch(token):
        return None
    following = secrets.token_urlsafe(TOKEN_BYTES)
    used = await queries.use_device(
        connection, user.id, _hash(step.keys, token), next_hash=_hash(step.keys, following), now=step.now
    )
    return following if used is not None else None


def _hash(keys: Keys, token: str) -> bytes:
    return keys.pepper_hash("device", token.encode())


async def list_devices(connection: Connection, principal: Principal, *, now: datetime) -> list[Device]:
    """The user's own trusted devices, newest first, five at most."""
    return await queries.read_devices(connection, principal.user_id, now=now, limit=DEVICES_MAX)


async def forget_device(
    connection: Connection, principal: Principal, device_id: DeviceId, *, origin: Origin, step: Step
) -> Refusal | None:
    """Trust one of the own devices no longer. DEVICE_NOT_FOUND for anybody else's, as for one that does not exist."""
    actor = actor_of(principal, origin)
    async with connection.transaction():
        await lock_principal(connection, principal)
        if not await queries.revoke_device(connection, principal.user_id, device_id, by=actor.text, at=step.now):
            return DEVICE_NOT_FOUND()
        await step.audit(connection, actor, "device.forgotten", principal.user_id, {"device": str(device_id)})
    return None
