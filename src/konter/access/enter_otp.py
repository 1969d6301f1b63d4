"""The second step of a login: the OTP, once; or another one."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from konter.access import otps, tokens
from konter.access.devices.trust import trust_device
from konter.access.failures import is_known_origin, known_key, lock_key
from konter.access.locks import lock_user
from konter.access.model import (
    CodeCheck,
    Login,
    LoginStarted,
    Origin,
    SessionOpened,
    User,
    app_refusal,
    check_code,
    resend_refusal,
)
from konter.access.queries import logins as login_queries
from konter.access.queries import users as user_queries
from konter.access.refusals import LOGIN_NOT_FOUND, OTP_EXPIRED
from konter.access.sessions import open_user_session
from konter.access.step import IDS_MAX, Step, actor_of_user
from konter.messaging.model import sms
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

T = TypeVar("T")


async def enter_otp(
    connection: Connection,
    login_id: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
    trust: bool = False,
) -> Refusal | SessionOpened:
    """Open a session for the right OTP, entered in time and only once. [D-23, D-24, G-D02]

    With `trust` the device is asked for no OTP for a while, where the rules allow it. [G-D03]
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(login: Login, user: User) -> Refusal | SessionOpened:
        if login.purpose != "login":
            return LOGIN_NOT_FOUND()
        refusal = await count_code(connection, login, user, code, origin=origin, step=step)
        if refusal is not None:
            return refusal
        await login_queries.write_login_state(connection, login, tries=login.tries, state="used")
        opened = await open_user_session(connection, user, origin, step)
        actor = actor_of_user(user, origin)
        await step.audit(connection, actor, "session.opened", user.id, {"session": str(opened.session_id)})
        device = await trust_device(connection, user, origin, step) if trust else None
        return msgspec.structs.replace(opened, device=device)

    return await with_login(connection, login_id, keys, work)


async def resend_otp(
    connection: Connection,
    login_id: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | LoginStarted:
    """Send another OTP for a login or PIN reset that waits for one; the old one fits no longer. [G-D02]"""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(login: Login, user: User) -> Refusal | LoginStarted:
        if login.purpose == "password_reset":
            return LOGIN_NOT_FOUND()  # asked for anew by user name, so that unknown names look the same
        limits = otps.budget(user, login.purpose, origin.address, rules)
        refusal = (
            (OTP_EXPIRED() if login.state != "sent" else None)
            or app_refusal(user)
            or resend_refusal(login.otp_sent_at, now=now, rules=rules)
            or await otps.budget_refusal(connection, limits, now)
        )
        actor = actor_of_user(user, origin)
        if refusal is not None:
            await step.audit(connection, actor, "login.resend_refused", user.id, {"code": refusal.code})
            return refusal
        renewed, row = await otps.renew_otp(connection, login, user, limits=limits, step=step)
        await write_outbox(connection, step.ids, [row])
        await step.audit(connection, actor, "login.otp_sent", user.id, {"login": str(login.id)})
        return otps.started(renewed, step)

    return await with_login(connection, login_id, keys, work)


async def with_login(
    connection: Connection, login_id: str, keys: Keys, work: Callable[[Login, User], Awaitable[Refusal | T]]
) -> Refusal | T:
    """Run a step on the login that a ticket names, in one transaction under its user's lock, freshly read."""
    row_id = tokens.open_ticket(keys, login_id)
    known = await login_queries.read_login(connection, row_id) if row_id is not None else None
    if known is None:
        return LOGIN_NOT_FOUND()
    async with connection.transaction():
        await lock_user(connection, known.kind, known.user_id, known.outlet_id)
        login = await login_queries.read_login(connection, known.id)
        assert login is not None, "a login vanished under the lock"
        return await work(login, await user_queries.read_user(connection, login.user_id, login.kind))


async def count_code(
    connection: Connection, login: Login, user: User, code: str, *, origin: Origin, step: Step
) -> Refusal | None:
    """Check an OTP and keep count; the last wrong one locks the user for a while and tells the phone. [G-D02]"""
    if (refusal := app_refusal(user)) is not None:
        return refusal
    check = check_code(login, right=otps.code_fits(step.keys, login, code), now=step.now, rules=step.rules)
    if check.refusal is None:
        return None
    await login_queries.write_login_state(connection, login, tries=check.tries, state=check.state)
    if check.locked_until is not None:
        await _lock(connection, user, check, origin, step)
    actor = actor_of_user(user, origin)
    await step.audit(connection, actor, "otp.refused", user.id, {"code": check.refusal.code, "login": str(login.id)})
    return check.refusal


async def _lock(connection: Connection, user: User, check: CodeCheck, origin: Origin, step: Step) -> None:
    assert check.locked_until is not None, "a lock has an end"
    if await is_known_origin(connection, user.kind, user.id, origin, step.now):
        await lock_key(connection, known_key(user.kind, user.id), check.locked_until, step)
    await user_queries.write_password_counters(
        connection, user.kind, user.id, failures=0, locked_until=check.locked_until
    )
    data = {"username": user.username, "until": check.locked_until, "zone": user.zone}
    row = sms("password_locked", to=user.nn_msisdn, locale=user.locale, at=step.now, data=data)
    await write_outbox(connection, step.ids, [row])
