"""Sessions as a handset of the demo and of tests looks at them."""

from datetime import datetime

from konter.messaging.ussd import queries
from konter.messaging.ussd.queries import Session
from konter.platform.db import Connection
from konter.platform.ids import Msisdn

__all__ = ["Session", "newest_session", "session_to_answer"]


async def newest_session(connection: Connection, msisdn: Msisdn, *, now: datetime) -> Session | None:
    """The session that a number opened last, ended or not, while its time runs."""
    session = await queries.read_newest_session(connection, msisdn=msisdn)
    return None if session is None or now >= session.expires_at else session


async def session_to_answer(connection: Connection, msisdn: Msisdn, *, ref: str, now: datetime) -> Session | None:
    """The session that the network calls `ref`; without such a one, the one that is open on the phone."""
    known = await queries.read_session(connection, msisdn=msisdn, ref=ref) if ref else None
    if known is not None:
        return known
    newest = await newest_session(connection, msisdn, now=now)
    return None if newest is None or newest.ended_at is not None else newest
