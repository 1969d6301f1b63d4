"""The account: who, which devices are logged in or trusted, and ending one of them. [D-52, D-81, G-D03]"""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.devices.trust import forget_device, list_devices
from konter.access.sessions import SessionLine, list_sessions, revoke_other_sessions, revoke_session
from konter.platform.db import Connection
from konter.platform.ids import DeviceId, SessionId
from konter.web import views
from konter.web.app import AnyRequest, app_of
from konter.web.devices import device_name
from konter.web.outlet import access_views
from konter.web.outlet.login import refused
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, go, id_of, page, posted, words
from konter.web.visit import Visit, masked_number, visit

NOTICES = {"cabut": "account.revoked", "semua": "devices.all_revoked", "tepercaya": "account.forgotten"}


@get("/outlet/akun", include_in_schema=False)
async def account_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Who I am, and where I am logged in."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        view = await _view(request, connection, here, await seller(request, connection, here))
    if pesan in NOTICES:
        alert = views.Alert(tone="ok", sentence=words(request).t(NOTICES[pesan]))
        view = msgspec.structs.replace(view, alert=alert)
    return page(request, "outlet/account.html", view)


@post("/outlet/akun/sesi/{session_id:str}/cabut", include_in_schema=False)
async def revoke_post(request: AnyRequest, session_id: FromPath[str]) -> AnyPage:
    """End a device's session; from that moment on it sells nothing."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        wanted = SessionId(id_of(session_id))
        refusal = await revoke_session(connection, found.who, wanted, origin=here.origin, **here.step)
        if refusal is not None:
            view = await _view(request, connection, here, found)
            view = msgspec.structs.replace(view, alert=refused(request, refusal))
            return page(request, "outlet/account.html", view, status=refusal.status)
    return go("/outlet/akun?pesan=cabut")


@post("/outlet/akun/cabut-semua", include_in_schema=False)
async def revoke_others_post(request: AnyRequest) -> AnyPage:
    """End all of the own sessions but this one."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        step = await here.whole_step(connection)
        await revoke_other_sessions(connection, found.who, origin=here.origin, step=step)
    return go("/outlet/akun?pesan=semua")


@post("/outlet/akun/tepercaya/{device:str}/cabut", include_in_schema=False)
async def forget_post(request: AnyRequest, device: FromPath[str]) -> AnyPage:
    """Trust one of the own phones no longer. [G-D03]"""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        wanted, step = DeviceId(id_of(device)), await here.whole_step(connection)
        refusal = await forget_device(connection, found.who, wanted, origin=here.origin, step=step)
        if refusal is not None:
            view = await _view(request, connection, here, found)
            view = msgspec.structs.replace(view, alert=refused(request, refusal))
            return page(request, "outlet/account.html", view, status=refusal.status)
    return go("/outlet/akun?pesan=tepercaya")


async def _view(request: AnyRequest, connection: Connection, here: Visit, found: Seller) -> access_views.AccountView:
    who = found.who
    unknown = words(request).t("account.unknown_agent")
    sessions = await list_sessions(connection, who, now=here.now)
    trusting = here.rules.otp.trusted_device_days > 0
    devices = await list_devices(connection, who, now=here.now) if trusting else []
    return access_views.AccountView(
        user=who.name,
        username=who.username,
        outlet=who.outlet_name,
        outlet_code=who.outlet_code,
        number=masked_number(who.nn_msisdn),
        sessions=tuple(_session(line, unknown) for line in sessions),
        owner="OUTLET_OWNER" in who.roles,
        devices=tuple(
            access_views.DeviceLine(
                id=str(each.id),
                agent=device_name(each.agent) or unknown,
                created_at=each.created_at,
                expires_at=each.expires_at,
            )
            for each in devices
        ),
        zone=who.zone,
    )


def _session(line: SessionLine, unknown: str) -> views.SessionLine:
    return views.SessionLine(
        id=str(line.id),
        agent=device_name(line.agent) or unknown,
        address=line.address,
        created_at=line.created_at,
        mine=line.current,
    )
