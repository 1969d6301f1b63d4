"""Send an application in, or take it back. [D-03, D-05, D-96, G-D08, G-D09]"""

from datetime import datetime
from uuid import UUID

from konter.access.model import Origin
from konter.access.step import IDS_MAX, Step
from konter.channel.numbers.holding import read_state
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import (
    Application,
    due_at,
    incomplete_refusal,
    numbers_refusal,
    open_refusal,
    outlet_refusal,
)
from konter.channel.onboarding.photo.queries import delete_photos
from konter.channel.onboarding.refusals import (
    APPLICATION_DECIDED,
    APPLICATION_WITHDRAWN,
    BLACKLISTED,
    NIK_ALREADY_APPLIED,
    NIK_ALREADY_SELLS,
    NO_PARTNER_IN_DISTRICT,
)
from konter.channel.onboarding.start import actor_of
from konter.channel.onboarding.visitor import Visitor, visiting
from konter.channel.territory.read import default_partners
from konter.conduct.blacklist import is_blacklisted
from konter.conduct.model import Suspects
from konter.messaging.model import sms
from konter.platform.db import Connection
from konter.platform.ids import ApplicationId, IdBlocks, PartnerId
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules


async def submit(
    connection: Connection,
    token: str,
    *,
    client_ref: UUID,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ApplicationId:
    """To the partner of the place, who answers with the branch within the SLA. The same ref again is no harm.

    One application of a person at a time waits for an answer; an individual sells once. [D-01, D-03, D-33, G-D09]
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | ApplicationId:
        application = who.application
        if application.submit_ref == client_ref and application.state != "draft":
            return application.id
        refusal = open_refusal(application) or incomplete_refusal(application)
        refusal = refusal or await _standing_refusal(connection, application, step)
        if refusal is not None:
            return refusal
        assert application.district is not None, "a complete form has a district"
        partners = await default_partners(connection, [application.district], rules=rules)
        if application.district not in partners:
            return NO_PARTNER_IN_DISTRICT()
        await _write(connection, application, partners[application.district], client_ref, origin, step)
        return application.id

    return await visiting(connection, token, step, work)


async def _standing_refusal(connection: Connection, application: Application, step: Step) -> Refusal | None:
    rs, nn, key = application.rs_msisdn, application.nn_msisdn, application.nik_key
    assert rs is not None, "a complete form has a reseller number"
    assert nn is not None, "a complete form has a notification number"
    assert key is not None, "a complete form has a NIK"
    ussd = application.ussd_msisdn
    if (refusal := numbers_refusal(application, rs=rs, nn=nn, ussd=ussd, rules=step.rules)) is not None:
        return refusal
    known = await read_state(connection, application.given, now=step.now, rules=step.rules)
    refusal = outlet_refusal(known, rs=rs, nn=nn, ussd=ussd, now=step.now, rules=step.rules)
    if refusal is not None:
        return refusal
    held = await queries.read_nik_keys(connection, [key])
    if (key, "open") in held:
        return NIK_ALREADY_APPLIED()
    if application.kind == "individual" and (key, "individual") in held:
        return NIK_ALREADY_SELLS()
    assert application.nik_sealed is not None, "a complete form has a NIK"
    suspects = Suspects(niks=(step.keys.reveal(application.nik_sealed),), numbers=application.given)
    (entries,) = await is_blacklisted(connection, [suspects], keys=step.keys)
    return BLACKLISTED() if entries else None


async def _write(
    connection: Connection, application: Application, partner_id: PartnerId, ref: UUID, origin: Origin, step: Step
) -> None:
    assert application.nik_key is not None, "a complete form has a NIK"
    assert application.msisdn is not None, "an open application has its number"
    due = due_at(step.now, step.rules)
    await queries.insert_nik_keys(connection, [(application.nik_key, application.id)], purpose="open")
    values = {
        "state": "submitted",
        "submit_ref": ref,
        "submitted_at": step.now,
        "due_at": due,
        "partner_id": partner_id,
        "recommended_at": None,
        "recommended_by": None,
        "supports": None,
        "note": None,
    }
    await queries.write_application(connection, application.id, values, at=step.now)
    data = {"form": application.form_number, "until": due}
    row = sms("application_received", to=application.msisdn, locale=application.locale, at=step.now, data=data)
    await write_outbox(connection, step.ids, [row])
    actor = actor_of(application.id, origin)
    facts = {"partner": str(partner_id), "form": application.form_number, "version": application.form_version}
    await step.audit(connection, actor, "application.submitted", application.id, facts)


async def withdraw(
    connection: Connection,
    token: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ApplicationId:
    """The applicant does not want it any more: numbers and NIK are free, and what was filled in is erased. [D-55]"""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | ApplicationId:
        application = who.application
        if application.state in ("approved", "rejected"):
            return APPLICATION_DECIDED()
        if application.state in ("withdrawn", "lapsed"):
            return APPLICATION_WITHDRAWN()
        await queries.delete_numbers(connection, application.numbers)
        if application.nik_key is not None and application.state != "draft":
            await queries.delete_nik_keys(connection, [application.nik_key])
        await delete_photos(connection, [application.id])
        await queries.empty_withdrawn(connection, application.id, at=now)
        await step.audit(connection, actor_of(application.id, origin), "application.withdrawn", application.id)
        return application.id

    return await visiting(connection, token, step, work)
