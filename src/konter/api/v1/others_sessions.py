"""Other people's sessions for staff: of a partner's users and of the staff; also all at once of an outlet. [D-81]"""

from typing import Annotated

import msgspec
from litestar import delete, get
from litestar.params import PathParameter

from konter.access.model import Kind, Principal
from konter.access.refusals import SESSION_NOT_FOUND, STAFF_NOT_FOUND
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff, step_of
from konter.api.v1.sessions import LoggedInList, LoggedInView
from konter.channel.logged_in import ENDS, LOOKS, end_people_logged_in, people_logged_in
from konter.channel.partner_users.refusals import PARTNER_NOT_FOUND
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.platform.ids import SessionId

ID_MAX = 2**63 - 1
IdPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


async def _look(request: AnyRequest, kind: Kind, subject: int) -> LoggedInList:
    staff = require_staff(await principal(request), LOOKS[kind])
    app = app_of(request)
    async with app.connection() as connection:
        found = accepted(await people_logged_in(connection, kind, subject, principal=staff, now=app.clock.now()))
    return LoggedInList(
        [
            LoggedInView(
                id=str(each.id),
                user=str(each.user_id),
                current=each.id == staff.session_id,
                **{name: getattr(each, name) for name in SHOWN},
            )
            for each in found
        ]
    )


SHOWN = ("username", "name", "role", "agent", "address", "created_at", "expires_at")


class EndedView(msgspec.Struct, frozen=True):
    """How many sessions ended just now."""

    ended: int


async def _end(request: AnyRequest, kind: Kind, subject: int, session: int | None) -> EndedView:
    staff: Principal = require_staff(await principal(request), ENDS[kind])
    async with app_of(request).connection() as connection:
        ended = await end_people_logged_in(
            connection,
            kind,
            subject,
            session_id=SessionId(session) if session is not None else None,
            principal=staff,
            actor=actor_of(staff, origin_of(request)),
            step=await step_of(request, connection),
        )
    return EndedView(accepted(ended))


@delete("/outlets/{outlet:int}/sessions", status_code=200, tags=["channel"], opt=says("staff", OUTLET_NOT_FOUND))
async def delete_all_outlet_sessions(outlet: IdPath, request: AnyRequest) -> EndedView:
    """End every session at an outlet at once."""
    return await _end(request, "outlet", outlet, None)


@get("/partners/{partner:int}/sessions", tags=["channel"], opt=says("staff", PARTNER_NOT_FOUND))
async def get_partner_sessions(partner: IdPath, request: AnyRequest) -> LoggedInList:
    """Who of a partner's users is logged in."""
    return await _look(request, "partner", partner)


@delete("/partners/{partner:int}/sessions", status_code=200, tags=["channel"], opt=says("staff", PARTNER_NOT_FOUND))
async def delete_all_partner_sessions(partner: IdPath, request: AnyRequest) -> EndedView:
    """End every session of a partner's users at once."""
    return await _end(request, "partner", partner, None)


@delete(
    "/partners/{partner:int}/sessions/{session:int}",
    status_code=200,
    tags=["channel"],
    opt=says("staff", PARTNER_NOT_FOUND, SESSION_NOT_FOUND),
)
async def delete_partner_session(partner: IdPath, session: IdPath, request: AnyRequest) -> EndedView:
    """End one of them."""
    return await _end(request, "partner", partner, session)


@get("/staff/{staff:int}/sessions", tags=["staff"], opt=says("staff", STAFF_NOT_FOUND))
async def get_staff_sessions(staff: IdPath, request: AnyRequest) -> LoggedInList:
    """Where a member of staff is logged in."""
    return await _look(request, "staff", staff)


@delete("/staff/{staff:int}/sessions", status_code=200, tags=["staff"], opt=says("staff", STAFF_NOT_FOUND))
async def delete_all_staff_sessions(staff: IdPath, request: AnyRequest) -> EndedView:
    """End every session of a member of staff at once."""
    return await _end(request, "staff", staff, None)


@delete(
    "/staff/{staff:int}/sessions/{session:int}",
    status_code=200,
    tags=["staff"],
    opt=says("staff", STAFF_NOT_FOUND, SESSION_NOT_FOUND),
)
async def delete_staff_session(staff: IdPath, session: IdPath, request: AnyRequest) -> EndedView:
    """End one of them."""
    return await _end(request, "staff", staff, session)


OTHERS_SESSION_ROUTES = [
    delete_all_outlet_sessions,
    get_partner_sessions,
    delete_all_partner_sessions,
    delete_partner_session,
    get_staff_sessions,
    delete_all_staff_sessions,
    delete_staff_session,
]
