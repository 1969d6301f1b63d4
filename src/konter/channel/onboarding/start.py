"""Begin an application, or go on with one, by the proof of a number; on this phone or another. [D-02, D-03]"""

from datetime import datetime, timedelta

import msgspec

from konter.access.model import Origin
from konter.access.proofs.model import Proof
from konter.access.step import IDS_MAX, Step
from konter.channel.numbers.holding import read_state
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import Application, sells
from konter.channel.onboarding.prove import prove
from konter.channel.onboarding.refusals import (
    APPLICATION_SENT,
    BLACKLISTED,
    NUMBER_ALREADY_SELLS,
)
from konter.channel.onboarding.token import new_token
from konter.channel.onboarding.visitor import Visitor, visiting
from konter.conduct.blacklist import is_blacklisted
from konter.conduct.model import Suspects
from konter.platform.audit import Actor
from konter.platform.db import Connection, retried
from konter.platform.ids import ApplicationId, IdBlocks, Msisdn, cell_of_msisdn, make_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.msisdn import national
from konter.terms.history import version_in_force
from konter.terms.model import APPLICANT_TERMS


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An application is open on this phone; the token is shown once. The token of any other phone opens it no more."""

    token: str
    application_id: ApplicationId
    resumed: bool
    expires_at: datetime


def actor_of(application_id: ApplicationId, origin: Origin) -> Actor:
    """An applicant, who has no account yet."""
    return Actor("applicant", application_id, address=origin.address, agent=origin.agent)


async def start(
    connection: Connection,
    proof_id: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | Opened:
    """Use up a proof: the application in which its number stands goes on, a rejected one can be read, else a new one
    begins. A number that sells already, or is blacklisted, begins none. [D-02, D-03, D-26, D-96]
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work() -> Refusal | Opened:
        async with connection.transaction():
            proof = await prove(connection, proof_id, code, origin=origin, step=step)
            if isinstance(proof, Refusal):
                return proof
            found = await _application_of(connection, proof.msisdn)
            if found is not None:
                return await _resume(connection, found, origin, step)
            if (refusal := await _beginning_refusal(connection, proof.msisdn, step)) is not None:
                return refusal
            return await _begin(connection, proof, origin, step)

    return await retried(work)


async def begin_again(
    connection: Connection, token: str, *, origin: Origin, now: datetime, ids: IdBlocks, keys: Keys, rules: Rules
) -> Refusal | Opened:
    """After a rejection: a new draft for the number of the old application, without another OTP."""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | Opened:
        old = who.application
        if old.state != "rejected" or old.msisdn is None:
            return APPLICATION_SENT()
        open_one = (await queries.read_holders(connection, [old.msisdn])).get(old.msisdn)
        if open_one is not None:
            found = (await queries.lock_applications(connection, [open_one]))[open_one]
            return await _resume(connection, found, origin, step)
        if (refusal := await _beginning_refusal(connection, old.msisdn, step)) is not None:
            return refusal
        return await _write(connection, old.msisdn, old.locale, origin, step)

    return await visiting(connection, token, step, work)


async def _application_of(connection: Connection, msisdn: Msisdn) -> Application | None:
    """The open one in which the number stands, or the one that it began last if that was rejected; locked."""
    holder = (await queries.read_holders(connection, [msisdn])).get(msisdn)
    if holder is None:
        newest = await queries.read_newest(connection, msisdn)
        holder = newest.id if newest is not None and newest.state == "rejected" else None
    return (await queries.lock_applications(connection, [holder])).get(holder) if holder is not None else None


async def _beginning_refusal(connection: Connection, msisdn: Msisdn, step: Step) -> Refusal | None:
    known = await read_state(connection, [msisdn], now=step.now, rules=step.rules)
    if sells(known.of(msisdn)):
        return NUMBER_ALREADY_SELLS(msisdn=national(msisdn))
    (entries,) = await is_blacklisted(connection, [Suspects(numbers=(msisdn,))], keys=step.keys)
    return BLACKLISTED() if entries else None


async def _begin(connection: Connection, proof: Proof, origin: Origin, step: Step) -> Opened:
    return await _write(connection, proof.msisdn, proof.locale, origin, step)


async def _write(connection: Connection, msisdn: Msisdn, locale: str, origin: Origin, step: Step) -> Opened:
    application_id = ApplicationId(make_id(next(step.ids.take(1)), cell_of_msisdn(msisdn)))
    token, token_hash = new_token(step.keys, application_id)
    expires_at = _token_end(step)
    await queries.insert_number(connection, msisdn, application_id=application_id, at=step.now)
    await queries.insert_application(
        connection,
        application_id=application_id,
        msisdn=msisdn,
        locale=locale,
        token_hash=token_hash,
        token_expires_at=expires_at,
        terms_version=await version_in_force(connection, APPLICANT_TERMS, at=step.now),
        at=step.now,
    )
    await step.audit(connection, actor_of(application_id, origin), "application.started", application_id)
    return Opened(token=token, application_id=application_id, resumed=False, expires_at=expires_at)


async def _resume(connection: Connection, found: Application, origin: Origin, step: Step) -> Opened:
    token, token_hash = new_token(step.keys, found.id)
    expires_at = _token_end(step)
    values = {"token_hash": token_hash, "token_expires_at": expires_at}
    await queries.write_application(connection, found.id, values, at=step.now)
    await step.audit(connection, actor_of(found.id, origin), "application.resumed", found.id)
    return Opened(token=token, application_id=found.id, resumed=True, expires_at=expires_at)


def _token_end(step: Step) -> datetime:
    return step.now + timedelta(hours=step.rules.auth.session_ttl_h)
