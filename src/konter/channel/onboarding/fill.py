"""Fill the form, a step at a time, in any order; each is kept as soon as it is right. [D-03, D-56, D-82]"""

from datetime import datetime
from typing import Any

import msgspec

from konter.access.model import Origin
from konter.access.step import IDS_MAX, Step
from konter.channel.geography.find import districts_by_code
from konter.channel.model import ADDRESS_CHARS_MAX, OutletKind, name_refusal
from konter.channel.numbers.holding import read_state
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import (
    FORM_VERSION,
    Application,
    Capacity,
    numbers_refusal,
    open_refusal,
    outlet_refusal,
    sells,
)
from konter.channel.onboarding.nik import read_nik
from konter.channel.onboarding.prove import prove
from konter.channel.onboarding.refusals import (
    BLACKLISTED,
    DECLARATION_NEEDED,
    NO_PARTNER_IN_DISTRICT,
    NUMBER_ALREADY_SELLS,
    NUMBER_IN_APPLICATION,
)
from konter.channel.onboarding.start import actor_of
from konter.channel.onboarding.visitor import Visitor, visiting
from konter.channel.territory.places import Position, position_refusal
from konter.channel.territory.read import default_partners
from konter.channel.territory.refusals import UNKNOWN_DISTRICT
from konter.conduct.blacklist import is_blacklisted
from konter.conduct.model import Suspects, nik_key
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import ApplicationId, IdBlocks, Msisdn
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.msisdn import national

NUMBERS_MAX = 5


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of seller, and whose. A NIK that was given before may be left out. [D-01, D-55]"""

    kind: OutletKind
    outlet_name: str
    owner_name: str
    nik: str = ""


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The address, its district by the state's code, and exactly where if the phone knows. [D-29, G-D08]"""

    address: str
    district: str
    position: Position | None = None


class WhichNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Reseller and notification number, and the seller number of the older USSD channel if there is one: all proved to
    be the applicant's. [D-19, D-20, D-22]
    """

    rs: Msisdn
    nn: Msisdn
    ussd: Msisdn | None = None


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs, in which capacity, and that all of it is true. [D-56, D-82]"""

    signatory: str
    capacity: Capacity
    declared: bool
    version: str = FORM_VERSION


Filled = Who | Where | WhichNumbers | Declaration
_NAMES: dict[type, str] = {Who: "who", Where: "where", WhichNumbers: "numbers", Declaration: "declaration"}


async def save(
    connection: Connection,
    token: str,
    filled: Filled,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ApplicationId:
    """Keep a step of a draft. What is wrong is refused with its field, and nothing of the step is kept."""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | ApplicationId:
        application = who.application
        if (refusal := open_refusal(application)) is not None:
            return refusal
        values = await _values(connection, application, filled, step)
        if isinstance(values, Refusal):
            return values
        await queries.write_application(connection, application.id, values, at=now)
        actor = actor_of(application.id, origin)
        await step.audit(connection, actor, "application.saved", application.id, {"step": _NAMES[type(filled)]})
        return application.id

    return await visiting(connection, token, step, work)


async def add_number(
    connection: Connection,
    token: str,
    proof_id: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | Msisdn:
    """Another number of the applicant's own, by its proof, for RS or NN. It stands in one open application at a time:
    of two who prove it at once one gets NUMBER_IN_APPLICATION. [D-02, D-19, D-26]
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | Msisdn:
        application = who.application
        if (refusal := open_refusal(application)) is not None:
            return refusal
        proof = await prove(connection, proof_id, code, origin=origin, step=step)
        if isinstance(proof, Refusal):
            return proof
        number = proof.msisdn
        if number in application.numbers:
            return number
        if (refusal := await _joining_refusal(connection, application, number, step)) is not None:
            return refusal
        await queries.insert_number(connection, number, application_id=application.id, at=now)
        values = {"numbers": [*application.numbers, number]}
        await queries.write_application(connection, application.id, values, at=now)
        actor = actor_of(application.id, origin)
        await step.audit(connection, actor, "application.number_proved", application.id, {"number": number})
        return number

    return await visiting(connection, token, step, work)


async def _joining_refusal(
    connection: Connection, application: Application, number: Msisdn, step: Step
) -> Refusal | None:
    if len(application.numbers) >= NUMBERS_MAX:
        return INVALID_INPUT(field="numbers", reason=f"1-{NUMBERS_MAX}")
    if number in await queries.read_holders(connection, [number]):
        return NUMBER_IN_APPLICATION(msisdn=national(number))
    known = await read_state(connection, [number], now=step.now, rules=step.rules)
    return NUMBER_ALREADY_SELLS(msisdn=national(number)) if sells(known.of(number)) else None


async def _values(
    connection: Connection, application: Application, filled: Filled, step: Step
) -> Refusal | dict[str, Any]:
    if isinstance(filled, Who):
        return await _who(connection, application, filled, step)
    if isinstance(filled, Where):
        return await _where(connection, filled, step)
    if isinstance(filled, WhichNumbers):
        return await _numbers(connection, application, filled, step)
    return _declaration(filled, step)


async def _who(connection: Connection, application: Application, filled: Who, step: Step) -> Refusal | dict[str, Any]:
    refusal = name_refusal("outlet_name", filled.outlet_name) or name_refusal("owner_name", filled.owner_name)
    if refusal is not None:
        return refusal
    values: dict[str, Any] = {
        "kind": filled.kind,
        "outlet_name": " ".join(filled.outlet_name.split()),
        "owner_sealed": step.keys.protect(" ".join(filled.owner_name.split())),
    }
    if application.nik_sealed is not None and not filled.nik.strip():
        return values
    nik = read_nik(filled.nik, today=business_day(step.now))
    if isinstance(nik, Refusal):
        return nik
    (entries,) = await is_blacklisted(connection, [Suspects(niks=(nik.digits,))], keys=step.keys)
    if entries:
        return BLACKLISTED()
    return {**values, "nik_sealed": step.keys.protect(nik.digits), "nik_key": nik_key(step.keys, nik.digits)}


async def _where(connection: Connection, filled: Where, step: Step) -> Refusal | dict[str, Any]:
    refusal = name_refusal("address", filled.address, ADDRESS_CHARS_MAX) or position_refusal(filled.position)
    if refusal is not None:
        return refusal
    if filled.district not in await districts_by_code(connection, [filled.district]):
        return UNKNOWN_DISTRICT(district=filled.district[:20])
    if filled.district not in await default_partners(connection, [filled.district], rules=step.rules):
        return NO_PARTNER_IN_DISTRICT()
    return {
        "address_sealed": step.keys.protect(filled.address.strip()),
        "district": filled.district,
        "latitude_udeg": filled.position.latitude_udeg if filled.position else None,
        "longitude_udeg": filled.position.longitude_udeg if filled.position else None,
    }


async def _numbers(
    connection: Connection, application: Application, filled: WhichNumbers, step: Step
) -> Refusal | dict[str, Any]:
    rs, nn, ussd = filled.rs, filled.nn, filled.ussd
    refusal = numbers_refusal(application, rs=rs, nn=nn, ussd=ussd, rules=step.rules)
    if refusal is None:
        given = [number for number in (rs, nn, ussd) if number is not None]
        known = await read_state(connection, given, now=step.now, rules=step.rules)
        refusal = outlet_refusal(known, rs=rs, nn=nn, ussd=ussd, now=step.now, rules=step.rules)
    return refusal or {"rs_msisdn": filled.rs, "nn_msisdn": filled.nn, "ussd_msisdn": filled.ussd}


def _declaration(filled: Declaration, step: Step) -> Refusal | dict[str, Any]:
    if (refusal := name_refusal("signatory", filled.signatory)) is not None:
        return refusal
    if not filled.declared or filled.version != FORM_VERSION:
        return DECLARATION_NEEDED()
    return {
        "signatory_sealed": step.keys.protect(" ".join(filled.signatory.split())),
        "capacity": filled.capacity,
        "form_version": FORM_VERSION,
        "declared_at": step.now,
    }
