"""A customer comes in: the own number, the OTP that goes to it, a session. [P-30, G-D02, G-D04]

Nobody learns at this door whether a number is a customer's: one that is none, is over, has a fresh SIM or a lost phone
gets the same answers as any other, and a code that is never sent.
"""

from datetime import datetime, timedelta

from konter.access.customers import queries
from konter.access.customers.model import LIVE_SESSIONS_MAX, CustomerSessionOpened
from konter.access.customers.token import mint, parse
from konter.access.limits.asking import spend_otp
from konter.access.model import Locale, LoginStarted, Origin
from konter.access.proofs.enter import enter_code, lock_proof
from konter.access.proofs.model import Proof
from konter.access.proofs.send import awaited_proof, keep_unsent, resend_at, send_proof
from konter.access.proofs.ticket import ticket
from konter.access.refusals import LOGIN_NOT_FOUND, OTP_EXPIRED
from konter.access.step import IDS_MAX, Step
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, OwnerId, SessionId, SubscriptionId, make_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.model import State, Subscription

# Thousands of customers share an address behind the operator's own NAT. As every number gets the same answers, more of
# them teach a stranger nothing; what one number's owner may be bothered with stands in `otp.max_per_hour`.
ADDRESS_MAX_PER_HOUR = 600


async def ask_code(
    connection: Connection,
    msisdn: Msisdn,
    *,
    locale: Locale,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | LoginStarted:
    """Send an OTP to a number that has a live subscription; for any other say the same. The newest code alone fits.

    OTP_RESEND_TOO_SOON and OTP_TOO_MANY by number and address, whosever the number is.
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    limits = {
        f"otp:customer:number:{msisdn}": rules.otp.max_per_hour,
        f"otp:customer:address:{origin.address}": ADDRESS_MAX_PER_HOUR,
    }
    async with connection.transaction():
        if (refusal := await spend_otp(connection, limits, now=now, rules=rules)) is not None:
            return refusal
        reachable = await _reachable(connection, msisdn, since=now, step=step)
        sent: Refusal | Proof | None = None
        if reachable is not None:
            sent = await send_proof(
                connection, msisdn, purpose="customer", locale=reachable.locale, origin=origin, step=step
            )
        if sent is None or isinstance(sent, Refusal):
            sent = await keep_unsent(connection, msisdn, purpose="customer", locale=locale, origin=origin, step=step)
    return _started(sent, keys, rules)


async def ask_code_again(
    connection: Connection,
    login_id: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | LoginStarted:
    """Another OTP to the same number, under a new ticket. LOGIN_NOT_FOUND, OTP_RESEND_TOO_SOON, OTP_TOO_MANY."""
    proof = await lock_proof(connection, login_id, purpose="customer", keys=keys)
    if proof is None:
        return LOGIN_NOT_FOUND()
    return await ask_code(
        connection, proof.msisdn, locale=proof.locale, origin=origin, now=now, ids=ids, keys=keys, rules=rules
    )


async def still_awaited(
    connection: Connection, login_id: str, msisdn: Msisdn, *, now: datetime, keys: Keys, rules: Rules
) -> LoginStarted | None:
    """The log-in of this number whose code can still be entered, for whoever holds its ticket; None for others."""
    proof = await awaited_proof(connection, login_id, msisdn, purpose="customer", now=now, keys=keys)
    return _started(proof, keys, rules) if proof is not None else None


async def enter_customer_code(
    connection: Connection,
    login_id: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | CustomerSessionOpened:
    """Open a session for the right code, entered in time and only once. LOGIN_NOT_FOUND, OTP_WRONG, OTP_EXPIRED.

    OTP_EXPIRED too where the number has meanwhile another owner, another SIM or a lost phone.
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    async with connection.transaction():
        proof = await lock_proof(connection, login_id, purpose="customer", keys=keys)
        if proof is None:
            return LOGIN_NOT_FOUND()
        if (refusal := await enter_code(connection, proof, code, origin=origin, step=step)) is not None:
            return refusal
        subscription = await _reachable(connection, proof.msisdn, since=proof.sent_at, step=step)
        if subscription is None:
            return OTP_EXPIRED()
        return await _open(connection, subscription.id, origin, step)


async def _reachable(connection: Connection, msisdn: Msisdn, *, since: datetime, step: Step) -> Subscription | None:
    """Whose code it may be: in grace a number still receives texts, when expired no more. [T-11]"""
    row = await queries.read_reachable(connection, msisdn, since=since)
    found = Subscription(**dict(row)) if row is not None else None
    return found if found and found.state(step.now, step.rules.validity) is not State.EXPIRED else None


async def _open(
    connection: Connection, subscription_id: SubscriptionId, origin: Origin, step: Step
) -> CustomerSessionOpened:
    await lock_owners(connection, owners=[OwnerId(subscription_id)])
    session_id = SessionId(make_id(next(step.ids.take(1)), subscription_id & 255))
    token, _ = mint(step.keys, session_id, subscription_id)
    claims = parse(step.keys, token)
    assert claims is not None, "a token of our own"
    expires_at = step.now + timedelta(hours=step.rules.auth.customer_session_ttl_h)
    await queries.insert_session(
        connection, claims, agent=origin.agent, address=origin.address, at=step.now, expires_at=expires_at
    )
    await queries.end_oldest(connection, subscription_id, keep=LIVE_SESSIONS_MAX, at=step.now)
    actor = Actor("customer", subscription_id, session_id, origin.address, origin.agent)
    await step.audit(connection, actor, "session.opened", subscription_id, {"session": str(session_id)})
    return CustomerSessionOpened(
        token=token, session_id=session_id, subscription_id=subscription_id, expires_at=expires_at
    )


def _started(proof: Proof, keys: Keys, rules: Rules) -> LoginStarted:
    return LoginStarted(
        login_id=ticket(keys, proof.id),
        msisdn=proof.msisdn,
        expires_at=proof.expires_at,
        resend_at=resend_at(proof, rules),
    )
