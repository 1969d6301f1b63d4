"""One request to any page of ours: the moment, the rules, who calls from where, and an OTP on its way."""

from datetime import UTC, datetime

import msgspec

from konter.access.model import Origin
from konter.access.origin import origin_from
from konter.access.step import IDS_MAX, Given, Step, StepArgs
from konter.app import App
from konter.catalogue.model import Catalogue
from konter.platform.db import Connection
from konter.rules.model import Rules
from konter.subscriber.msisdn import masked
from konter.web.app import AnyRequest, app_of
from konter.web.modules import note_modules
from konter.web.pages import Form
from konter.web.views import Sent

UNIX_DIGITS_MAX = 10
NUMBER_CHARS_MAX = 20


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

    @property
    def given(self) -> Given:
        """For verbs that also ask from where: `**visit.given`."""
        return Given(origin=self.origin, **self.step)

    async def whole_step(self, connection: Connection) -> Step:
        """For those that take a step with ids of its own."""
        ids = await self.app.ids.reserve(connection, IDS_MAX)
        return Step(now=self.now, ids=ids, keys=self.app.keys, rules=self.rules)


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
