"""A desk's page as an answer: the frame around it, the policy, the cookies; and who is asking."""

from typing import Any

import msgspec
from litestar import MediaType, Response

from konter.access import tokens
from konter.access.model import STEP_REFUSALS, Next, Principal, TokenClaims
from konter.access.refusals import SESSION_EXPIRED
from konter.access.sessions import authenticate
from konter.access.staff.roles import Permission, Role, may
from konter.access.step import actor_of
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.refusal import FORBIDDEN, NOT_FOUND, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.csrf import csrf_token
from konter.web.desk.door import Desk, Place
from konter.web.desk.views import Frame
from konter.web.desk.words import DeskWords
from konter.web.modules import note_modules, off_for, require_module
from konter.web.pages import HEADERS, POLICY, Form, form_seed, locale, packed, posted, way_back
from konter.web.render import rendered
from konter.web.views import Alert, View
from konter.web.visit import Visit, visit

# Tabler draws ticks and arrows as images inside its style sheet; an image runs nothing.
DESK_HEADERS = {**HEADERS, "Content-Security-Policy": POLICY.replace("img-src 'self'", "img-src 'self' data:")}
Q_CHARS_MAX = 60
WIB = "Asia/Jakarta"
WHO = "desk_who"  # kept with the request, so that a page that says no still has its frame


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at a desk, and the application at this moment."""

    desk: Desk
    here: Visit
    who: Principal
    words: DeskWords

    @property
    def actor(self) -> Actor:
        """For the audit. [D-81]"""
        return actor_of(self.who, self.here.origin)

    def may(self, *wanted: Permission | Role) -> bool:
        """Whether they have one of these rights."""
        return may(self.who.roles, *wanted)


def words_of(request: AnyRequest, zone: str = WIB) -> DeskWords:
    """How to speak to this visitor."""
    return DeskWords(locale(request), zone)


def claims_at(request: AnyRequest, desk: Desk) -> TokenClaims:
    """What the desk's cookie says of itself. Raises Refused(SESSION_EXPIRED) for none, a bad one, or another kind's."""
    found = tokens.parse(app_of(request).keys, request.cookies.get(desk.door.session, ""))
    if found is None or found.kind != desk.kind:
        raise Refused(SESSION_EXPIRED())
    return found


async def member(
    request: AnyRequest, connection: Connection, desk: Desk, place: Place | None = None, *steps: Next
) -> Member:
    """Who is asking, if they may enter the place, and the step that is open for them is one of `steps` (none given:
    everything is done). Raises Refused: SESSION_EXPIRED, FORBIDDEN (NOT_FOUND for a hidden place), or the step before.
    """
    here = await visit(request, connection)
    found = await authenticate(connection, claims_at(request, desk), now=here.now, rules=here.rules)
    if isinstance(found, Refusal):
        raise Refused(found)
    if found.next not in (steps or ("ready",)) and found.next in STEP_REFUSALS:
        raise Refused(STEP_REFUSALS[found.next]())
    request.scope["state"][WHO] = found
    note_modules(request, here.rules, area=found.area, segment=found.segment)
    require_module(request.route_handler, here.rules, area=found.area, segment=found.segment)
    if place is not None and not place.open_to(found.roles):
        raise Refused(NOT_FOUND() if place.hidden else FORBIDDEN())
    return Member(desk=desk, here=here, who=found, words=words_of(request))


async def desk_form(request: AnyRequest, desk: Desk) -> Form:
    """The form of a post from this desk's own page."""
    return await posted(request, desk.door)


def refused_alert(words: DeskWords, refusal: Refusal) -> Alert:
    """A refusal as a box above what it is about."""
    return Alert(tone="error", sentence=words.sentence(refusal))


def desk_page(
    request: AnyRequest,
    desk: Desk,
    template: str,
    view: View,
    *,
    zone: str = WIB,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """A page with the desk's frame around it; the visitor's own data, so that nothing keeps it."""
    app = app_of(request)
    seed, cookies = form_seed(request, app, desk.door)
    words = words_of(request, zone)
    who: Principal | None = request.scope["state"].get(WHO)
    frame = Frame(
        root=desk.root,
        title=words.t(desk.title_key),
        areas=desk.areas(who, request.url.path, words, off_for(request)),
        user=who.name if who else "",
        role=roles_text(words, who.roles) if who else "",
        now=app.clock.now(),
        moved=app.clock.moved,
        q=str(request.query_params.get("q", ""))[:Q_CHARS_MAX],
        csrf=csrf_token(app.keys, seed),
        path=way_back(request, desk.door),
    )
    response = Response(
        content=rendered(template, words, view=view, frame=frame, desk=desk).encode(),
        status_code=status,
        media_type=MediaType.HTML,
        headers={**DESK_HEADERS, "Cache-Control": "no-store", **(headers or {})},
        cookies=cookies,
    )
    return packed(request, response)


def roles_text(words: DeskWords, roles: tuple[str, ...]) -> str:
    """Roles as people call them; one that no text names yet is its code."""
    return ", ".join(words.known(f"desk.role.{role}", role) for role in roles)


def is_htmx(request: AnyRequest) -> bool:
    """Whether a script asks for a part of the page that stands there."""
    return bool(request.headers.get("hx-request"))


def no_nul(*texts: Any) -> bool:
    """Whether PostgreSQL takes these texts."""
    return not any("\0" in str(each) for each in texts)
