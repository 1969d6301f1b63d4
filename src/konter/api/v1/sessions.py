"""The own live sessions, and how to end them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import PathParameter

from konter.access.model import Principal
from konter.access.refusals import SESSION_NOT_FOUND
from konter.access.sessions import list_sessions, revoke_session
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require
from konter.platform.ids import SessionId
from konter.platform.refusal import Refused

ID_MAX = 2**63 - 1
ID_DIGITS_MAX = 19


class SessionLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A live session: from which device and address, since when and until when."""

    id: str
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime
    current: bool


class SessionsView(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first, ten at most."""

    items: list[SessionLineView]


@get("/me/sessions", tags=["access"], opt=says("beginner"))
async def get_sessions(request: AnyRequest) -> SessionsView:
    """The caller's live sessions."""
    caller = require(await principal(request), "set_pin")
    app = app_of(request)
    async with app.connection() as connection:
        lines = await list_sessions(connection, caller, now=app.clock.now())
    return SessionsView(
        items=[
            SessionLineView(
                id=str(line.id),
                agent=line.agent,
                address=line.address,
                created_at=line.created_at,
                expires_at=line.expires_at,
                current=line.current,
            )
            for line in lines
        ]
    )


@delete("/me/sessions/{session_id:str}", status_code=204, tags=["access"], opt=says("beginner", SESSION_NOT_FOUND))
async def delete_session(
    session_id: Annotated[str, PathParameter(max_length=20, description="`id` from the list")], request: AnyRequest
) -> None:
    """End one of the caller's sessions; it is refused from this moment on, also by a sale."""
    caller = require(await principal(request), "set_pin")
    if not (
        session_id.isascii() and session_id.isdigit() and len(session_id) <= ID_DIGITS_MAX and int(session_id) <= ID_MAX
    ):
        raise Refused(SESSION_NOT_FOUND())
    await _end(request, caller, SessionId(int(session_id)))


@post("/logout", status_code=204, tags=["access"], opt=says("somebody"))
async def log_out(request: AnyRequest) -> None:
    """End the session that the token names."""
    caller = await principal(request)
    await _end(request, caller, caller.session_id)


async def _end(request: AnyRequest, caller: Principal, session_id: SessionId) -> None:
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        accepted(
            await revoke_session(
                connection,
                caller,
                session_id,
                origin=origin_of(request),
                now=now,
                ids=app.ids,
                keys=app.keys,
                rules=await app.rules(connection, now),
            )
        )


SESSION_ROUTES = [get_sessions, delete_session, log_out]
