"""The second step of staff: the code of their authenticator app, which is set up at the first log-in."""

from datetime import datetime, timedelta

import msgspec

from konter.access import tokens
from konter.access.failures import read_failures, totp_key, write_failures
from konter.access.model import Origin, SessionOpened, check_password
from konter.access.refusals import LOGIN_NOT_FOUND, OTP_EXPIRED, OTP_WRONG, STAFF_PASSWORD_LAPSED
from konter.access.sessions import open_staff_session
from konter.access.staff import queries, totp
from konter.access.staff.queries import Staff, StaffLogin
from konter.access.step import Step
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import LoginId, cell_of_id, make_id
from konter.platform.refusal import Refusal


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator app is set up with, shown once: as text to type, and as the URI of a QR code."""

    secret: str
    uri: str


class TotpStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The password was right; the code is asked for now. `enrolment` is there until an app has been set up."""

    login_id: str
    expires_at: datetime
    enrolment: Enrolment | None


async def go_on(
    connection: Connection, staff: Staff, origin: Origin, step: Step
) -> Refusal | TotpStarted | SessionOpened:
    """What follows a right password, in the caller's transaction, under the lock of the staff row.

    An account that needs no code gets its session at once; the database says so of none in a live instance.
    """
    actor = actor_of_staff(staff, origin)
    if staff.password_expires_at is not None and staff.password_expires_at <= step.now:
        await step.audit(connection, actor, "login.refused", staff.id, {"code": STAFF_PASSWORD_LAPSED.__name__})
        return STAFF_PASSWORD_LAPSED()
    if not staff.totp_required and staff.totp_enrolled_at is None:
        return await _open(connection, staff, origin, step)
    login = StaffLogin(
        id=LoginId(make_id(next(step.ids.take(1)), cell_of_id(staff.id))),
        staff_id=staff.id,
        state="waiting",
        expires_at=step.now + timedelta(seconds=step.rules.otp.ttl_s),
    )
    await queries.end_staff_logins(connection, staff.id)
    await queries.insert_staff_login(connection, login, at=step.now)
    enrolment = await _enrol(connection, staff, step) if staff.totp_enrolled_at is None else None
    await step.audit(connection, actor, "login.totp_asked", staff.id, {"login": str(login.id)})
    return TotpStarted(login_id=tokens.ticket(step.keys, login.id), expires_at=login.expires_at, enrolment=enrolment)


async def _enrol(connection: Connection, staff: Staff, step: Step) -> Enrolment:
    """Another secret at every log-in, until a code has proven that an app has it: what was shown once is shown once."""
    secret = totp.new_secret()
    await queries.write_totp(connection, staff.id, secret=step.keys.seal(secret), enrolled_at=None, step=None)
    return Enrolment(secret=secret, uri=totp.uri(secret, staff.username))


async def enter_totp(
    connection: Connection, login_id: str, code: str, *, origin: Origin, step: Step
) -> Refusal | SessionOpened:
    """Open a session for the right code; each time step fits once. Wrong ones count over all log-ins of the account and
    lock it for a while, as wrong passwords do.
    """
    row_id = tokens.open_ticket(step.keys, login_id)
    known = await queries.read_staff_login(connection, row_id) if row_id is not None else None
    if known is None:
        return LOGIN_NOT_FOUND()
    async with connection.transaction():
        staff = await queries.lock_staff(connection, known.staff_id)
        login = await queries.read_staff_login(connection, known.id)
        assert staff is not None, "staff are never deleted"
        assert login is not None, "a login vanished under the lock"
        if login.state != "waiting" or login.expires_at <= step.now or staff.status != "active":
            return OTP_EXPIRED()
        refusal = await _count(connection, staff, code, origin, step)
        if refusal is not None:
            return refusal
        await queries.write_staff_login_state(connection, login.id, "used")
        return await _open(connection, staff, origin, step)


async def _count(connection: Connection, staff: Staff, code: str, origin: Origin, step: Step) -> Refusal | None:
    assert staff.totp_secret is not None, "a code is asked for where there is a secret"
    secret = step.keys.unseal(staff.totp_secret)
    fitting = totp.fitting_step(secret, code, now=step.now, used=staff.totp_step)
    before = await read_failures(connection, totp_key(staff.id), step)
    check = check_password(
        before.count,
        before.locked_until,
        right=fitting is not None,
        now=step.now,
        rules=step.rules,
        wrong=OTP_WRONG,
    )
    await write_failures(connection, before, check, step)
    actor = actor_of_staff(staff, origin)
    if check.refusal is not None:
        await step.audit(connection, actor, "totp.refused", staff.id, {"code": check.refusal.code})
        return check.refusal
    enrolled_at = staff.totp_enrolled_at or step.now
    await queries.write_totp(connection, staff.id, secret=staff.totp_secret, enrolled_at=enrolled_at, step=fitting)
    if staff.totp_enrolled_at is None:
        await step.audit(connection, actor, "totp.enrolled", staff.id)
    return None


async def _open(connection: Connection, staff: Staff, origin: Origin, step: Step) -> SessionOpened:
    opened = await open_staff_session(
        connection, staff.id, origin, step, following="change_password" if staff.password_initial else "ready"
    )
    actor = actor_of_staff(staff, origin)
    await step.audit(connection, actor, "session.opened", staff.id, {"session": str(opened.session_id)})
    return opened


def actor_of_staff(staff: Staff, origin: Origin) -> Actor:
    """A member of staff before there is a session."""
    return Actor("staff", staff.id, address=origin.address, agent=origin.agent)
