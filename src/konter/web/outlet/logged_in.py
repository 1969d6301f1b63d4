"""Who is logged in at the outlet, and ending one of them or all others at once: for its owner. [D-52, D-81]"""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.overview.model import OutletSession
from konter.access.step import actor_of
from konter.channel.logged_in import end_logged_in, end_others_logged_in, logged_in
from konter.platform.ids import SessionId
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.devices import device_name
from konter.web.outlet.people_views import LoggedInView, WhoLine
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, go, id_of, page, posted, words
from konter.web.views import Alert
from konter.web.visit import visit

LOGGED_IN = "/outlet/perangkat"
NOTICES = {"cabut": "account.revoked", "semua": "devices.all_revoked"}


@get(LOGGED_IN, include_in_schema=False)
async def logged_in_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Live sessions of all users of the outlet, newest first."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = (await seller(request, connection, here)).who
        assert who.outlet_id is not None, "a seller without an outlet"
        found = await logged_in(connection, who.outlet_id, principal=who, now=here.now)
    if isinstance(found, Refusal):
        raise Refused(found)
    unknown = words(request).t("account.unknown_agent")
    view = LoggedInView(
        lines=tuple(_line(each, unknown, mine=each.id == who.session_id) for each in found),
        zone=who.zone,
        alert=Alert(tone="ok", sentence=words(request).t(NOTICES[pesan])) if pesan in NOTICES else None,
    )
    return page(request, "outlet/logged_in.html", view)


@post(f"{LOGGED_IN}/{{session_id:str}}/cabut", include_in_schema=False)
async def end_post(request: AnyRequest, session_id: FromPath[str]) -> AnyPage:
    """End one of them; from that moment on it sells nothing."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = (await seller(request, connection, here)).who
        assert who.outlet_id is not None, "a seller without an outlet"
        wanted, actor = SessionId(id_of(session_id)), actor_of(who, here.origin)
        step = await here.whole_step(connection)
        refusal = await end_logged_in(connection, who.outlet_id, wanted, principal=who, actor=actor, step=step)
    if refusal is not None:
        raise Refused(refusal)
    return go(f"{LOGGED_IN}?pesan=cabut")


@post(f"{LOGGED_IN}/cabut-semua", include_in_schema=False)
async def end_others_post(request: AnyRequest) -> AnyPage:
    """End all of them but this one."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = (await seller(request, connection, here)).who
        assert who.outlet_id is not None, "a seller without an outlet"
        actor, step = actor_of(who, here.origin), await here.whole_step(connection)
        outcome = await end_others_logged_in(connection, who.outlet_id, principal=who, actor=actor, step=step)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return go(f"{LOGGED_IN}?pesan=semua")


def _line(each: OutletSession, unknown: str, *, mine: bool) -> WhoLine:
    return WhoLine(
        id=str(each.id),
        name=each.name,
        role_key=f"role.{each.role}",
        agent=device_name(each.agent) or unknown,
        address=each.address,
        created_at=each.created_at,
        mine=mine,
    )
