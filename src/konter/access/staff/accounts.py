"""Accounts of staff. What gives power takes two pairs of eyes; what takes it away takes one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from konter.access.failures import lift_locks, totp_key
from konter.access.four_eyes.kinds import Approved, Kinds, ProposalKind
from konter.access.limits.queries import forget_marks
from konter.access.model import Origin, Principal, normal_username
from konter.access.names import taken_names
from konter.access.queries import sessions as session_queries
from konter.access.refusals import LAST_ADMIN, STAFF_NOT_FOUND, USERNAME_TAKEN
from konter.access.staff import queries
from konter.access.staff.add import NewStaff, account_refusal, insert_new
from konter.access.staff.model import StaffLine
from konter.access.staff.queries import Staff
from konter.access.step import Step, actor_of
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import StaffId
from konter.platform.refusal import Refusal

ADMIN = "admin"
PAGE_MAX = 100


async def staff_lines(connection: Connection, *, after: int = 0, limit: int = PAGE_MAX) -> list[StaffLine]:
    """Members of staff by id, those who left included; the next page begins `after` the last one's. One query."""
    return await queries.read_staff_lines(connection, after=after, limit=min(limit, PAGE_MAX))


async def account_line(connection: Connection, staff_id: int) -> Refusal | StaffLine:
    """One account as the list has it, also one that has ended. STAFF_NOT_FOUND."""
    lines = await queries.read_staff_lines(connection, after=staff_id - 1, limit=1)
    return lines[0] if lines and lines[0].id == staff_id else STAFF_NOT_FOUND()


async def check_account(
    connection: Connection, *, roles: Sequence[str], area: str | None, username: str | None = None
) -> Refusal | None:
    """What can be said against an account before it is proposed: UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, USERNAME_TAKEN."""
    areas = await queries.read_known_areas(connection, [area] if area is not None else [])
    refusal = account_refusal(roles, area, areas)
    if refusal is None and username is not None and await taken_names(connection, [normal_username(username)]):
        return USERNAME_TAKEN(username=normal_username(username))
    return refusal


async def end_staff(
    connection: Connection, staff_id: StaffId, *, reason: str, principal: Principal, origin: Origin, step: Step
) -> Refusal | None:
    """Somebody leaves; sessions and log-ins are dead at once. STAFF_NOT_FOUND, LAST_ADMIN."""
    actor = actor_of(principal, origin)
    async with connection.transaction():
        staff = await _lock(connection, staff_id)
        if isinstance(staff, Refusal):
            return staff
        if await _is_last_admin(connection, staff):
            return LAST_ADMIN()
        await queries.write_account(connection, staff_id, roles=staff.roles, area=staff.area, status="ended")
        await _end_access(connection, staff_id, actor, step)
        await step.audit(connection, actor, "staff.ended", staff_id, {"reason": reason})
    return None


async def _lock(connection: Connection, staff_id: int) -> Refusal | Staff:
    """Hold a member of staff, and all admins with it, in order of id: of those one must be left."""
    await queries.lock_admins_and(connection, staff_id)
    staff = (await queries.read_staff(connection, [staff_id])).get(staff_id)
    return staff if staff is not None and staff.status == "active" else STAFF_NOT_FOUND()


async def _is_last_admin(connection: Connection, staff: Staff) -> bool:
    return ADMIN in staff.roles and not await queries.has_other_admin(connection, staff.id)


async def _end_access(connection: Connection, staff_id: StaffId, actor: Actor, step: Step) -> None:
    await queries.end_staff_logins(connection, staff_id)
    await session_queries.revoke_sessions(connection, [staff_id], but=None, by=actor.text, at=step.now)


# ------------------------------------------------------------------------------------- what an approval of two does


async def _add(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
    """The account that was proposed; its first password is shown to the approver, once."""
    data, step = approved.proposal.data, approved.step
    refusal = await check_account(connection, roles=data["roles"], area=data["area"], username=data["username"])
    if refusal is not None:
        return refusal
    new = NewStaff(
        username=data["username"],
        name=data["name"],
        roles=tuple(data["roles"]),
        area=data["area"],
        password_hash=approved.password_hash,
        password_lapses_at=step.now + timedelta(hours=step.rules.auth.initial_password_ttl_h),
    )
    added = [(StaffId(approved.proposal.subject_id), new)]
    await insert_new(connection, added, actor=approved.actor, now=step.now, ids=step.ids)
    return {"username": normal_username(new.username), "password": approved.password}


async def _set_account(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
    """Other roles, another area; sessions end, as they were opened with other powers."""
    data, step, staff_id = approved.proposal.data, approved.step, StaffId(approved.proposal.subject_id)
    refusal = await check_account(connection, roles=data["roles"], area=data["area"])
    staff = await _lock(connection, staff_id)
    if refusal is not None or isinstance(staff, Refusal):
        return refusal or STAFF_NOT_FOUND()
    if ADMIN not in data["roles"] and await _is_last_admin(connection, staff):
        return LAST_ADMIN()
    await queries.write_account(connection, staff_id, roles=data["roles"], area=data["area"], status=staff.status)
    await _end_access(connection, staff_id, approved.actor, step)
    said = {"roles": data["roles"], "area": data["area"], "before": list(staff.roles), "area_before": staff.area}
    await step.audit(connection, approved.actor, "staff.account_set", staff_id, said)
    return {}


async def _reset_totp(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
    """A lost phone: the next log-in sets up another app."""
    staff_id = StaffId(approved.proposal.subject_id)
    staff = await _lock(connection, staff_id)
    if isinstance(staff, Refusal):
        return staff
    await reset_totp(connection, staff_id, actor=approved.actor, step=approved.step)
    return {}


async def _reset_password(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
    """Another first password, shown to the approver, once."""
    staff_id = StaffId(approved.proposal.subject_id)
    staff = await _lock(connection, staff_id)
    if isinstance(staff, Refusal):
        return staff
    await reset_password(connection, staff_id, approved.password_hash, actor=approved.actor, step=approved.step)
    return {"username": staff.username, "password": approved.password}


async def reset_totp(connection: Connection, staff_id: StaffId, *, actor: Actor, step: Step) -> None:
    """Forget the app, under the lock of the row; for the second pair of eyes, and for whoever holds the machine."""
    await queries.write_totp(connection, staff_id, secret=None, enrolled_at=None, step=None)
    await forget_marks(connection, [totp_key(staff_id)])
    await _end_access(connection, staff_id, actor, step)
    await step.audit(connection, actor, "totp.reset", staff_id)


async def reset_password(
    connection: Connection, staff_id: StaffId, password_hash: str, *, actor: Actor, step: Step
) -> None:
    """A password that lapses and must be changed, under the lock of the row."""
    lapses_at = step.now + timedelta(hours=step.rules.auth.initial_password_ttl_h)
    await queries.write_staff_password(connection, staff_id, password_hash, lapses_at=lapses_at)
    await lift_locks(connection, "staff", [staff_id])
    await _end_access(connection, staff_id, actor, step)
    await step.audit(connection, actor, "password.given", staff_id)


async def let_back_in(
    connection: Connection, username: str, password_hash: str, *, actor: Actor, step: Step
) -> Refusal | None:
    """Another first password and another app in one go, for whoever holds the machine. STAFF_NOT_FOUND."""
    async with connection.transaction():
        found = await queries.find_staff(connection, normal_username(username))
        staff = await queries.lock_staff(connection, found) if found is not None else None
        if staff is None or staff.status != "active":
            return STAFF_NOT_FOUND()
        await reset_totp(connection, staff.id, actor=actor, step=step)
        await reset_password(connection, staff.id, password_hash, actor=actor, step=step)
    return None


STAFF_KINDS: Kinds = {
    name: ProposalKind(propose="staff.propose", decide="staff.decide", run=run)
    for name, run in (
        ("staff.add", _add),
        ("staff.account", _set_account),
        ("staff.totp_reset", _reset_totp),
        ("staff.password_reset", _reset_password),
    )
}


async def find_staff(connection: Connection, staff_id: int) -> Refusal | Staff:
    """A member of staff that has not left. STAFF_NOT_FOUND."""
    staff = (await queries.read_staff(connection, [staff_id])).get(staff_id)
    return staff if staff is not None and staff.status == "active" else STAFF_NOT_FOUND()
