"""What follows an approval: the outlet, its owner and the credentials, or why not, in the transaction of the decision.

[D-01, D-06, D-19, D-26, D-33, D-59, D-96, G-D08]
"""

from collections.abc import Sequence

import msgspec

from konter.access.names import taken_names
from konter.access.step import Step
from konter.channel.add_users import add_users
from konter.channel.model import NewUser, Outlet
from konter.channel.numbers.holding import Moment, NumberGiven, hold_sellers, read_state
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import (
    Application,
    Decision,
    Judged,
    Reviewer,
    numbers_refusal,
    outlet_refusal,
)
from konter.channel.onboarding.opening import new_outlet, new_user, usernames_of
from konter.channel.onboarding.refusals import BLACKLISTED, NIK_ALREADY_SELLS
from konter.channel.open_outlets import open_outlets
from konter.channel.territory.read import default_partners
from konter.conduct.blacklist import is_blacklisted
from konter.conduct.model import Suspects
from konter.messaging.model import sms
from konter.platform.audit import AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, PartnerId, UserId, cell_of_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import Refusal

# The place is no longer the partner's: not the applicant's fault, so another partner is asked and nothing is sent back.
_OTHER_PARTNER = {"PARTNER_NOT_ACTIVE", "OUT_OF_AREA"}


# The numbers are gone: the applicant gives others.
_APPLICANTS = {
    "RS_NOT_OPERATOR",
    "RS_ALREADY_REGISTERED",
    "NN_NOT_OPERATOR",
    "NN_ALREADY_LINKED",
    "NN_COOLING_DOWN",
    "NN_REPORTED_LOST",
    "RS_IS_NN",
    "RS_MUST_DIFFER",
    "SELLER_NUMBER_LINKED",
    "SELLER_NUMBER_UNKNOWN",
}


class TakenError(Exception):
    """A number was linked between our look and our own link: all of it is undone and looked at again."""


class _Opened(msgspec.Struct, frozen=True):
    """An application that became an outlet with its owner."""

    application: Application
    outlet: Outlet
    user_id: UserId
    user: NewUser
    decision: Decision


async def approve(
    connection: Connection,
    approving: Sequence[tuple[Decision, str, str]],
    known: dict[int, Application],
    reviewer: Reviewer,
    ids: IdBlocks,
    step: Step,
) -> dict[int, Refusal | Judged]:
    """Open what can be opened, send the rest back; by application."""
    if not approving:
        return {}
    found = [known[decision.application_id] for decision, _, _ in approving]
    refusals = await _standing(connection, found, step)
    sound = [each for each in approving if each[0].application_id not in refusals]
    opened = await _open(connection, sound, known, refusals, reviewer, ids, step)
    await _link_sellers(connection, opened, reviewer, step)
    await _send_back(connection, [(known[id_], refusal) for id_, refusal in refusals.items()], reviewer, step)
    await _write_opened(connection, opened, {d.application_id: word for d, word, _ in approving}, reviewer, step)
    judged: dict[int, Refusal | Judged] = dict(refusals)
    for each in opened:
        judged[each.application.id] = Judged(
            application_id=each.application.id,
            state="approved",
            outlet_id=each.outlet.id,
            outlet_code=each.outlet.code,
            username=each.user.username,
        )
    return judged


async def _standing(connection: Connection, found: Sequence[Application], step: Step) -> dict[int, Refusal]:
    """What is against an approval now, by application: blacklist, the NIK, the numbers. Five queries for all."""
    numbers = [number for each in found for number in each.given]
    known = await read_state(connection, numbers, now=step.now, rules=step.rules)
    held = await queries.read_nik_keys(connection, [each.nik_key for each in found if each.nik_key])
    suspects = [
        Suspects(
            niks=(step.keys.reveal(each.nik_sealed),) if each.nik_sealed else (),
            numbers=each.given,
        )
        for each in found
    ]
    entries = await is_blacklisted(connection, suspects, keys=step.keys)
    refusals: dict[int, Refusal] = {}
    persons: set[str] = set()
    for each, against in zip(found, entries, strict=True):
        assert each.rs_msisdn is not None, "what was sent is complete"
        assert each.nn_msisdn is not None, "what was sent is complete"
        assert each.nik_key is not None, "what was sent is complete"
        refusal = BLACKLISTED() if against else None
        if each.kind == "individual":
            if (each.nik_key, "individual") in held or each.nik_key in persons:
                refusal = refusal or NIK_ALREADY_SELLS()
            persons.add(each.nik_key)
        rs, nn, ussd = each.rs_msisdn, each.nn_msisdn, each.ussd_msisdn
        # The rules may be others than on the day it was sent, so all that was asked then is asked again.
        refusal = refusal or numbers_refusal(each, rs=rs, nn=nn, ussd=ussd, rules=step.rules)
        refusal = refusal or outlet_refusal(known, rs=rs, nn=nn, ussd=ussd, now=step.now, rules=step.rules)
        if refusal is not None:
            refusals[each.id] = refusal
    return refusals


async def _link_sellers(connection: Connection, opened: Sequence[_Opened], reviewer: Reviewer, step: Step) -> None:
    """Link seller numbers of the older channel, none made twice; a reseller number that is one is already. [D-20]"""
    linking = [each for each in opened if each.application.ussd_msisdn not in (None, each.application.rs_msisdn)]
    if not linking:
        return
    numbers = [each.application.ussd_msisdn for each in linking if each.application.ussd_msisdn is not None]
    known = await read_state(connection, numbers, now=step.now, rules=step.rules)
    given = [
        NumberGiven(number, each.outlet.id, known.of(number)) for number, each in zip(numbers, linking, strict=True)
    ]
    await hold_sellers(connection, given, Moment(step.now, reviewer.actor, step.ids))


async def _open(
    connection: Connection,
    sound: Sequence[tuple[Decision, str, str]],
    known: dict[int, Application],
    refusals: dict[int, Refusal],
    reviewer: Reviewer,
    ids: IdBlocks,
    step: Step,
) -> list[_Opened]:
    """Outlets with their owners; an outlet that is refused joins `refusals`, an owner who is undoes everything."""
    found = [known[decision.application_id] for decision, _, _ in sound]
    areas = await queries.read_areas_above(connection, [each.district for each in found if each.district])
    new = [new_outlet(each, areas, step.keys) for each in found]
    outcomes = await open_outlets(connection, new, actor=reviewer.actor, now=step.now, ids=ids, rules=step.rules)
    refusals.update(
        (each.id, outcome) for each, outcome in zip(found, outcomes, strict=True) if isinstance(outcome, Refusal)
    )
    open_now = [
        (each, outcome, decision, password_hash)
        for each, outcome, (decision, _, password_hash) in zip(found, outcomes, sound, strict=True)
        if isinstance(outcome, Outlet)
    ]
    tried = [name for each, *_ in open_now for name in usernames_of(each.id)]
    taken = await taken_names(connection, tried) if tried else set()
    users = [
        new_user(each, outlet.id, _free_name(each, taken), password_hash, step.keys)
        for each, outlet, _, password_hash in open_now
    ]
    added = await add_users(connection, users, actor=reviewer.actor, now=step.now, ids=ids, rules=step.rules)
    opened = []
    for (each, outlet, decision, _), user, user_id in zip(open_now, users, added, strict=True):
        if isinstance(user_id, Refusal):
            raise TakenError(user_id.code)
        opened.append(_Opened(each, outlet, user_id, user, decision))
    return opened


def _free_name(application: Application, taken: set[str]) -> str:
    names = usernames_of(application.id)
    return next((name for name in names if name not in taken), names[-1])


async def _write_opened(
    connection: Connection, opened: Sequence[_Opened], words: dict[int, str], reviewer: Reviewer, step: Step
) -> None:
    """The applications' end, and each owner's user name and initial password by SMS from 1818. [D-06]"""
    if not opened:
        return
    rows = [(int(each.application.id), int(each.outlet.id), int(each.user_id), each.decision.reason) for each in opened]
    await queries.write_approvals(connection, rows, by=reviewer.actor.text, at=step.now)
    await release(connection, [each.application for each in opened])
    individuals = [
        (each.application.nik_key, int(each.application.id))
        for each in opened
        if each.application.kind == "individual" and each.application.nik_key is not None
    ]
    await queries.delete_ended_sellers(connection, [nik_key for nik_key, _ in individuals])
    await queries.insert_nik_keys(connection, individuals, purpose="individual")
    ttl_h = step.rules.auth.initial_password_ttl_h
    texts = [
        sms(
            "credentials",
            to=each.user.nn_msisdn,
            locale=each.user.locale,
            at=step.now,
            data={
                "outlet": each.application.outlet_name or "",
                "username": each.user.username,
                "password": words[each.application.id],
                "ttl_h": ttl_h,
            },
            keys=step.keys,
        )
        for each in opened
    ]
    await write_outbox(connection, step.ids, texts)
    await write_audit(connection, step.ids, [row for each in opened for row in _audit_opened(each, reviewer, step)])


def _audit_opened(each: _Opened, reviewer: Reviewer, step: Step) -> list[AuditRow]:
    id_, outlet = each.application.id, str(each.outlet.id)
    data = {"outlet": outlet, "user": str(each.user_id), "reason": each.decision.reason.strip()}
    return [
        AuditRow(cell_of_id(id_), step.now, reviewer.actor, "application.approved", id_, data),
        AuditRow(cell_of_id(each.user_id), step.now, reviewer.actor, "credentials.issued", each.user_id, {}),
    ]


async def _send_back(
    connection: Connection, back: Sequence[tuple[Application, Refusal]], reviewer: Reviewer, step: Step
) -> None:
    """To the applicant, whose numbers have gone; to another partner, where the place has changed hands. What neither
    can mend stays where it is, for the branch to reject.
    """
    moved = [each for each, refusal in back if refusal.code in _OTHER_PARTNER]
    partners = await default_partners(connection, [each.district or "" for each in moved], rules=step.rules)
    to_partner: list[tuple[int, PartnerId]] = [
        (int(each.id), partners[each.district])
        for each in moved
        if each.district in partners and partners[each.district] != each.partner_id
    ]
    returned = [(each, refusal) for each, refusal in back if refusal.code in _APPLICANTS]
    await queries.write_partners(connection, to_partner)
    await queries.write_returns(connection, [(int(each.id), refusal.code) for each, refusal in returned], at=step.now)
    await queries.delete_nik_keys(connection, [each.nik_key for each, _ in returned if each.nik_key])
    await write_outbox(connection, step.ids, [text_to("application_returned", each, step) for each, _ in returned])
    audit = [
        AuditRow(cell_of_id(each.id), step.now, reviewer.actor, "application.returned", each.id, {"code": refusal.code})
        for each, refusal in returned
    ] + [
        AuditRow(cell_of_id(id_), step.now, reviewer.actor, "application.rerouted", id_, {"partner": str(partner_id)})
        for id_, partner_id in to_partner
    ]
    await write_audit(connection, step.ids, audit)


async def release(connection: Connection, ended: Sequence[Application]) -> None:
    """Numbers and NIKs of ended applications stand in the way of nobody."""
    await queries.delete_numbers(connection, [number for each in ended for number in each.numbers])
    await queries.delete_nik_keys(connection, [each.nik_key for each in ended if each.nik_key])


def text_to(template: str, application: Application, step: Step, **more: str) -> OutboxRow:
    assert application.msisdn is not None, "an open application has its number"
    data = {"form": application.form_number, **more}
    return sms(template, to=application.msisdn, locale=application.locale, at=step.now, data=data)
