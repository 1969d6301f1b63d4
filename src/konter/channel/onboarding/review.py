"""How a log-in by somebody who only applied is answered. [D-05]"""

from konter.access.refusals import BAD_CREDENTIALS
from konter.channel.onboarding import queries
from konter.channel.onboarding.refusals import APPLICATION_UNDER_REVIEW
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn


async def explained(connection: Connection, refusal: Refusal, username: str) -> Refusal:
    """APPLICATION_UNDER_REVIEW where the name is a number that was sent in with an application; else the same refusal.

    That says to whoever knows the number that it has applied, and nothing more; guesses count as at any log-in.
    """
    msisdn = parse_msisdn(username) if refusal.code == BAD_CREDENTIALS().code else None
    if msisdn is None:
        return refusal
    holder = (await queries.read_holders(connection, [msisdn])).get(msisdn)
    found = await queries.read_application(connection, holder) if holder is not None else None
    under_review = found is not None and found.state in ("submitted", "recommended")
    return APPLICATION_UNDER_REVIEW() if under_review else refusal
