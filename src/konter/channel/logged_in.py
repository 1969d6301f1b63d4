"""Who may see who is logged in at an outlet, and end them: its owner, its partner, staff of its area. [D-57, D-81]"""

from collections.abc import Mapping
from datetime import datetime

from konter.access.model import Kind, Principal
from konter.access.overview.model import OutletSession
from konter.access.overview.people import end_sessions_of_people, sessions_of_people
from konter.access.staff.accounts import find_staff
from konter.access.staff.roles import Permission, may
from konter.access.step import Step
from konter.channel.partner_users.refusals import PARTNER_NOT_FOUND
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import outlet_within, partner_within, scope_of
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import OutletId, SessionId
from konter.platform.refusal import FORBIDDEN, Refusal

LOOKS: Mapping[Kind, Permission] = {"outlet": "sessions.look", "partner": "sessions.look", "staff": "staff.look"}
ENDS: Mapping[Kind, Permission] = {"outlet": "sessions.end", "partner": "sessions.end", "staff": "staff.propose"}


async def logged_in(
    connection: Connection, outlet_id: OutletId, *, principal: Principal, now: datetime
) -> Refusal | list[OutletSession]:
    """Live sessions of all users of an outlet, newest first, in two queries. OUTLET_NOT_FOUND for a stranger's outlet,
    FORBIDDEN for whoever belongs there and may not.
    """
    if (refusal := await _refusal(connection, outlet_id, principal, "sessions.look")) is not None:
        return refusal
    return await sessions_of_people(connection, "outlet", outlet_id, now=now)


async def end_logged_in(
    connection: Connection,
    outlet_id: OutletId,
    session_id: SessionId,
    *,
    principal: Principal,
    actor: Actor,
    step: Step,
) -> Refusal | None:
    """End one of them at once. OUTLET_NOT_FOUND, FORBIDDEN, SESSION_NOT_FOUND."""
    if (refusal := await _refusal(connection, outlet_id, principal, "sessions.end")) is not None:
        return refusal
    ended = await end_sessions_of_people(connection, "outlet", outlet_id, session_id=session_id, actor=actor, step=step)
    return ended if isinstance(ended, Refusal) else None


async def end_others_logged_in(
    connection: Connection, outlet_id: OutletId, *, principal: Principal, actor: Actor, step: Step
) -> Refusal | int:
    """End all of them but the caller's own session at once; how many. OUTLET_NOT_FOUND, FORBIDDEN."""
    if (refusal := await _refusal(connection, outlet_id, principal, "sessions.end")) is not None:
        return refusal
    return await end_sessions_of_people(
        connection, "outlet", outlet_id, but=principal.session_id, actor=actor, step=step
    )


async def _refusal(
    connection: Connection, outlet_id: OutletId, who: Principal, permission: Permission
) -> Refusal | None:
    if who.kind == "staff" and not may(who.roles, permission):
        return FORBIDDEN()
    if not await outlet_within(connection, outlet_id, scope_of(who)):
        return OUTLET_NOT_FOUND()
    return FORBIDDEN() if who.kind == "outlet" and "OUTLET_OWNER" not in who.roles else None


async def people_logged_in(
    connection: Connection, kind: Kind, subject_id: int, *, principal: Principal, now: datetime
) -> Refusal | list[OutletSession]:
    """For staff: who is logged in of an outlet's or a partner's users, or of the staff. FORBIDDEN, or as if it did not
    exist: OUTLET_NOT_FOUND, PARTNER_NOT_FOUND, STAFF_NOT_FOUND. [D-81]
    """
    if (refusal := await _people_refusal(connection, kind, subject_id, principal, LOOKS[kind])) is not None:
        return refusal
    return await sessions_of_people(connection, kind, subject_id, now=now)


async def end_people_logged_in(
    connection: Connection,
    kind: Kind,
    subject_id: int,
    *,
    session_id: SessionId | None,
    principal: Principal,
    actor: Actor,
    step: Step,
) -> Refusal | int:
    """End one of these sessions, or all of them; how many. The same refusals, and SESSION_NOT_FOUND."""
    if (refusal := await _people_refusal(connection, kind, subject_id, principal, ENDS[kind])) is not None:
        return refusal
    return await end_sessions_of_people(connection, kind, subject_id, session_id=session_id, actor=actor, step=step)


async def _people_refusal(
    connection: Connection, kind: Kind, subject_id: int, who: Principal, permission: Permission
) -> Refusal | None:
    if who.kind != "staff" or not may(who.roles, permission):
        return FORBIDDEN()
    if kind == "staff":
        found = await find_staff(connection, subject_id)
        return found if isinstance(found, Refusal) else None
    if kind == "outlet":
        return None if await outlet_within(connection, subject_id, scope_of(who)) else OUTLET_NOT_FOUND()
    return None if await partner_within(connection, subject_id, scope_of(who)) else PARTNER_NOT_FOUND()
