"""One request to the outlet's pages: the moment, the rules, and who is asking."""

from datetime import UTC, datetime
from typing import TypedDict

import msgspec

from konter.access import tokens
from konter.access.model import STEP_REFUSALS, Next, Origin, Principal, TokenClaims
from konter.access.origin import origin_from
from konter.access.refusals import SESSION_EXPIRED
from konter.access.sessions import authenticate
from konter.access.step import IDS_MAX, Step
from konter.app import App
from konter.catalogue.model import Catalogue
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId
from konter.platform.refusal import Refusal, Refused
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.msisdn import masked
from konter.web.app import AnyRequest, app_of
from konter.web.modules import note_modules, require_module
from konter.web.pages import SESSION_COOKIE, Form
from konter.web.views import Sent

UNIX_DIGITS_MAX = 10
NUMBER_CHARS_MAX = 20


class StepArgs(TypedDict):
    """What every verb of access is given."""

    now: datetime
    ids: IdBlocks
    keys: Keys
    rules: Rules


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The application as it stands at the moment of a request."""

    app: App
    now: datetime
    rules: Rules
    catalogue: Catalogue
    origin: Origin

    @property
    def step(self) -> StepArgs:
        """For verbs of access: `**visit.step`."""
        return StepArgs(now=self.now, ids=self.app.ids, keys=self.app.keys, rules=self.rules)

    async def whole_step(self, connection: Connection) -> Step:
        """For those that take a step with ids of its own."""
        ids = await self.app.ids.reserve(connection, IDS_MAX)
        return Step(now=self.now, ids=ids, keys=self.app.keys, rules=self.rules)


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet whose session lives."""

    who: Principal
    outlet_id: OutletId


async def visit(request: AnyRequest, connection: Connection) -> Visit:
    """Rules and catalogue in force now, for this request."""
    app = app_of(request)
    rulebook, catalogue = await app.references.current(connection)
    now = app.clock.now()
    rules = rulebook.at(now)
    note_modules(request, rules)
    return Visit(app=app, now=now, rules=rules, catalogue=catalogue, origin=origin(request))


async def step_before_login(request: AnyRequest) -> StepArgs:
    """What a verb of access is given at the door, where no connection is held while a crowd waits."""
    app = app_of(request)
    now = app.clock.now()
    return StepArgs(now=now, ids=app.ids, keys=app.keys, rules=await app.rules_at_hand(now))


def origin(request: AnyRequest) -> Origin:
    """Address and device, for limits and the list of sessions."""
    peer = request.client.host if request.client else ""
    return origin_from(peer, request.headers, trusted_proxies=app_of(request).settings.trusted_proxies)


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


def sent(form: Form) -> Sent:
    """What a form says of an OTP on its way: only for showing again what was shown."""
    return sent_of(form.text("to"), form.text("until"))


def sent_of(number: str, until: str) -> Sent:
    """The same from the parts of an address."""
    known = until.isascii() and until.isdigit() and len(until) <= UNIX_DIGITS_MAX
    expires_at = datetime.fromtimestamp(int(until), UTC) if known else None
    return Sent(number=number[:NUMBER_CHARS_MAX], expires_at=expires_at)


def masked_number(msisdn: int | None) -> str:
    """A number for the screen; nothing for none."""
    return masked(msisdn) if msisdn is not None else ""
