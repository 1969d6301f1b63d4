"""How staff come to see a number: written down first, and only within their area. [D-58, D-81]"""

from konter.channel.numbers.read import number_within
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.look_up import look_up
from konter.subscriber.model import SubscriberView
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN, UNKNOWN_SUBSCRIBER
from konter.web.desk.frame import Member

NUMBER_CHARS_MAX = 30


async def seen_number(connection: Connection, found: Member, number: str) -> SubscriberView:
    """The number of an address, as it is now; the look stands in the audit. Raises Refused."""
    here, msisdn = found.here, parse_msisdn(number[:NUMBER_CHARS_MAX])
    if msisdn is None:
        raise Refused(BAD_MSISDN(msisdn=number[:NUMBER_CHARS_MAX]))
    seen = await look_up(connection, msisdn, actor=found.actor, now=here.now, ids=here.app.ids, rules=here.rules)
    if isinstance(seen, Refusal):
        raise Refused(seen)
    if not await number_within(connection, msisdn, scope=scope_of(found.who)):
        raise Refused(UNKNOWN_SUBSCRIBER(msisdn=str(msisdn)))
    return seen
