"""Customers' sessions: who stands behind a token, which ones live, and ending them. [P-30]"""

from datetime import datetime, timedelta

from konter.access.customers import queries
from konter.access.customers.model import LIVE_SESSIONS_MAX, LIVES_AT_MOST, SLIDES_AFTER, Customer
from konter.access.customers.token import parse
from konter.access.model import Origin
from konter.access.refusals import SESSION_EXPIRED, SESSION_NOT_FOUND
from konter.access.sessions import SessionLine
from konter.access.step import Step
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import OwnerId, SessionId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.model import State, Subscription


async def authenticate_customer(
    connection: Connection, token: str, *, now: datetime, keys: Keys, rules: Rules
) -> Customer | Refusal:
    """Who stands behind a customer's token, in one query; the session's end moves on. SESSION_EXPIRED for any other
    token, and once the session, the subscription or its SIM is no longer the one that logged in.
    """
    claims = parse(keys, token)
    if claims is None:
        return SESSION_EXPIRED()
    row = await queries.read_session(
        connection,
        claims,
        now=now,
        until=now + timedelta(hours=rules.auth.customer_session_ttl_h),
        lasting=LIVES_AT_MOST,
        slides_after=SLIDES_AFTER,
    )
    found = Subscription(**dict(row)) if row is not None else None
    if found is None or found.state(now, rules.validity) is State.EXPIRED:
        return SESSION_EXPIRED()
    return Customer(
        subscription_id=found.id,
        session_id=claims.session_id,
        msisdn=found.msisdn,
        locale=found.locale,
        brand=found.brand,
        kind=found.kind,
    )


def actor_of_customer(customer: Customer, origin: Origin) -> Actor:
    """A customer as the audit names one: by the subscription. [D-81]"""
    return Actor("customer", customer.subscription_id, customer.session_id, origin.address, origin.agent)


async def list_customer_sessions(connection: Connection, customer: Customer, *, now: datetime) -> list[SessionLine]:
    """The customer's own live sessions, newest first, at most the ten there can be."""
    rows = await queries.read_live_sessions(connection, customer.subscription_id, now=now, limit=LIVE_SESSIONS_MAX)
    return [
        SessionLine(
            id=SessionId(row.id),
            agent=row.agent,
            address=row.address,
            created_at=row.created_at,
            expires_at=row.expires_at,
            current=row.id == customer.session_id,
        )
        for row in rows
    ]


async def end_customer_session(
    connection: Connection, customer: Customer, session_id: SessionId, *, origin: Origin, step: Step
) -> Refusal | None:
    """End one of the customer's own sessions, the current one included: that is how one logs out.

    SESSION_NOT_FOUND for anybody else's, as for one that does not exist.
    """
    actor = actor_of_customer(customer, origin)
    async with connection.transaction():
        await lock_owners(connection, owners=[OwnerId(customer.subscription_id)])
        ended = await queries.end_sessions(
            connection, customer.subscription_id, session_id=session_id, by=actor.text, at=step.now
        )
        if not ended:
            return SESSION_NOT_FOUND()
        await step.audit(connection, actor, "session.revoked", customer.subscription_id, {"session": str(session_id)})
    return None


async def end_all_customer_sessions(connection: Connection, customer: Customer, *, origin: Origin, step: Step) -> int:
    """Log out everywhere, here too; how many sessions ended."""
    actor = actor_of_customer(customer, origin)
    async with connection.transaction():
        await lock_owners(connection, owners=[OwnerId(customer.subscription_id)])
        ended = await queries.end_sessions(
            connection, customer.subscription_id, session_id=None, by=actor.text, at=step.now
        )
        if ended:
            await step.audit(connection, actor, "session.all_revoked", customer.subscription_id, {"sessions": ended})
    return ended
