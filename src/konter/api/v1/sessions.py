"""Live sessions and trusted devices: the own, and those of an outlet's users; and how to end them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import PathParameter

from konter.access.devices.trust import forget_device, list_devices
from konter.access.model import Principal
from konter.access.refusals import DEVICE_NOT_FOUND, SESSION_NOT_FOUND
from konter.access.sessions import list_sessions, revoke_session
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require, step_of
from konter.channel.logged_in import end_logged_in, logged_in
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.platform.ids import DeviceId, OutletId, SessionId
from konter.platform.refusal import Refused

ID_MAX = 2**63 - 1
ID_DIGITS_MAX = 19
DevicePath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
OutletPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
SessionPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


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


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A trusted device: what it says of itself, since when and until when no OTP is asked for there."""

    id: str
    agent: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class DevicesView(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first, five at most."""

    items: list[DeviceView]


@get("/me/devices", tags=["access"], opt=says("beginner"))
async def get_devices(request: AnyRequest) -> DevicesView:
    """The caller's trusted devices. [G-D03]"""
    caller = require(await principal(request), "set_pin")
    app = app_of(request)
    async with app.connection() as connection:
        devices = await list_devices(connection, caller, now=app.clock.now())
    return DevicesView(items=[DeviceView(**{**msgspec.structs.asdict(each), "id": str(each.id)}) for each in devices])


@delete("/me/devices/{device:int}", status_code=204, tags=["access"], opt=says("beginner", DEVICE_NOT_FOUND))
async def delete_device(device: DevicePath, request: AnyRequest) -> None:
    """Trust one of the caller's devices no longer."""
    caller = require(await principal(request), "set_pin")
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        refusal = await forget_device(connection, caller, DeviceId(device), origin=origin_of(request), step=step)
    if refusal is not None:
        raise Refused(refusal)


class LoggedInView(msgspec.Struct, frozen=True, kw_only=True):
    """A live session of one of an outlet's users."""

    id: str
    user: str
    username: str
    name: str
    role: str
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime
    current: bool


class LoggedInList(msgspec.Struct, frozen=True):
    """Newest first, two hundred at most."""

    items: list[LoggedInView]


@get("/outlets/{outlet:int}/sessions", tags=["channel"], opt=says("beginner", OUTLET_NOT_FOUND))
async def get_outlet_sessions(outlet: OutletPath, request: AnyRequest) -> LoggedInList:
    """Who is logged in at an outlet: for its owner, its partner, and staff of its area. [D-81]"""
    caller, app = require(await principal(request), "set_pin"), app_of(request)
    async with app.connection() as connection:
        found = accepted(await logged_in(connection, OutletId(outlet), principal=caller, now=app.clock.now()))
    return LoggedInList(
        [
            LoggedInView(
                id=str(each.id),
                user=str(each.user_id),
                username=each.username,
                name=each.name,
                role=each.role,
                agent=each.agent,
                address=each.address,
                created_at=each.created_at,
                expires_at=each.expires_at,
                current=each.id == caller.session_id,
            )
            for each in found
        ]
    )


@delete(
    "/outlets/{outlet:int}/sessions/{session:int}",
    status_code=204,
    tags=["channel"],
    opt=says("beginner", OUTLET_NOT_FOUND, SESSION_NOT_FOUND),
)
async def delete_outlet_session(outlet: OutletPath, session: SessionPath, request: AnyRequest) -> None:
    """End a session of one of an outlet's users at once."""
    caller = require(await principal(request), "set_pin")
    async with app_of(request).connection() as connection:
        refusal = await end_logged_in(
            connection,
            OutletId(outlet),
            SessionId(session),
            principal=caller,
            actor=actor_of(caller, origin_of(request)),
            step=await step_of(request, connection),
        )
    if refusal is not None:
        raise Refused(refusal)


SESSION_ROUTES = [
    get_sessions,
    delete_session,
    log_out,
    get_devices,
    delete_device,
    get_outlet_sessions,
    delete_outlet_session,
]
