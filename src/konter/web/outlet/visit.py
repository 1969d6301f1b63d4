"""A seller's request: who is asking, and whether a step stands before the page."""

import msgspec

from konter.access import tokens
from konter.access.model import STEP_REFUSALS, Next, Principal, TokenClaims
from konter.access.refusals import SESSION_EXPIRED
from konter.access.sessions import authenticate
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.modules import note_modules, require_module
from konter.web.pages import SESSION_COOKIE
from konter.web.visit import Visit


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet whose session lives."""

    who: Principal
    outlet_id: OutletId


def claims(request: AnyRequest) -> TokenClaims:
    """What the session cookie says of itself. Raises Refused(SESSION_EXPIRED) for none, a bad one, or one of staff."""
    found = tokens.parse(app_of(request).keys, request.cookies.get(SESSION_COOKIE, ""))
    if found is None or found.outlet_id is None:
        raise Refused(SESSION_EXPIRED())
    return found


async def seller(request: AnyRequest, connection: Connection, here: Visit, *steps: Next) -> Seller:
    """Who is asking, if the step that is open for them is one of `steps` (none given: everything is done).

    Raises Refused: the session ended, the outlet is blocked, or another step stands before this page. [D-07, D-103]
    """
    given = claims(request)
    found = await authenticate(connection, given, now=here.now, rules=here.rules)
    if isinstance(found, Refusal):
        raise Refused(found)
    if found.next in (steps or ("ready",)) or found.next not in STEP_REFUSALS:
        assert given.outlet_id is not None
        note_modules(request, here.rules, area=found.area, segment=found.segment)
        require_module(request.route_handler, here.rules, area=found.area, segment=found.segment)
        return Seller(who=found, outlet_id=given.outlet_id)
    raise Refused(STEP_REFUSALS[found.next]())
