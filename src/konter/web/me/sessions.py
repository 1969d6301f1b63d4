"""Where the number is logged in, and how to end it. [P-30]"""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.customers.model import Customer
from konter.access.customers.sessions import end_all_customer_sessions, end_customer_session, list_customer_sessions
from konter.platform.db import Connection
from konter.platform.ids import SessionId
from konter.web.app import AnyRequest, app_of
from konter.web.devices import device_name
from konter.web.me.views import SessionsView
from konter.web.me.visit import LOG_IN, ME_COOKIE, customer
from konter.web.pages import AnyPage, cookie, go, id_of, page, posted, words
from konter.web.views import Alert, SessionLine
from konter.web.visit import Visit, visit


@get("/saya/perangkat", include_in_schema=False)
async def sessions_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Each phone or computer on which the number is logged in."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        view = await _view(request, connection, here, await customer(request, connection, here))
    if pesan == "cabut":
        alert = Alert(tone="ok", sentence=words(request).t("account.revoked"))
        view = msgspec.structs.replace(view, alert=alert)
    return page(request, "me/sessions.html", view)


@post("/saya/perangkat/{session_id:str}/cabut", include_in_schema=False)
async def end_post(request: AnyRequest, session_id: FromPath[str]) -> AnyPage:
    """End one."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        step = await here.whole_step(connection)
        wanted = SessionId(id_of(session_id))
        refusal = await end_customer_session(connection, who, wanted, origin=here.origin, step=step)
        if refusal is not None:
            view = await _view(request, connection, here, who)
            alert = Alert(tone="error", sentence=words(request).sentence(refusal))
            shown = msgspec.structs.replace(view, alert=alert)
            return page(request, "me/sessions.html", shown, status=refusal.status)
    return go("/saya/perangkat?pesan=cabut")


@post("/saya/perangkat/cabut-semua", include_in_schema=False)
async def end_all_post(request: AnyRequest) -> AnyPage:
    """Log out everywhere, here too."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        step = await here.whole_step(connection)
        await end_all_customer_sessions(connection, who, origin=here.origin, step=step)
    return go(f"{LOG_IN}?pesan=semua", cookies=[cookie(app_of(request), ME_COOKIE, "", max_age_s=0)])


async def _view(request: AnyRequest, connection: Connection, here: Visit, who: Customer) -> SessionsView:
    unknown = words(request).t("account.unknown_agent")
    lines = await list_customer_sessions(connection, who, now=here.now)
    return SessionsView(
        sessions=tuple(
            SessionLine(
                id=str(line.id),
                agent=device_name(line.agent) or unknown,
                address=line.address,
                created_at=line.created_at,
                mine=line.current,
            )
            for line in lines
        )
    )


SESSION_ROUTES = [sessions_page, end_post, end_all_post]
