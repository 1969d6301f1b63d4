"""Applications to become a seller and the pure decisions on them. [D-01..D-06, D-19, D-56, D-82, G-D08, G-D09]"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from konter.access.model import Locale
from konter.channel.model import OutletKind
from konter.channel.numbers.model import Number, Numbers
from konter.channel.onboarding.refusals import (
    ALREADY_RECOMMENDED,
    APPLICATION_DECIDED,
    APPLICATION_INCOMPLETE,
    APPLICATION_NOT_FOUND,
    APPLICATION_RETURNED,
    APPLICATION_SENT,
    APPLICATION_WITHDRAWN,
    NOT_YET_RECOMMENDED,
    NUMBER_NOT_PROVED,
    OWN_APPLICATION,
    RS_MUST_DIFFER,
    SELLER_NUMBER_UNKNOWN,
)
from konter.platform.audit import Actor
from konter.platform.ids import ApplicationId, Msisdn, OutletId, PartnerId
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.rules.model import Rules
from konter.subscriber.msisdn import national

# draft: the applicant fills it, sends it, withdraws it, or lets it lapse. submitted: the partner of the place
# recommends. recommended: the branch approves, rejects, or finds a fault and it is a draft again. The rest is final.
State = Literal["draft", "submitted", "recommended", "approved", "rejected", "withdrawn", "lapsed"]
Capacity = Literal["owner", "authorised"]
Step = Literal["who", "where", "numbers", "photo", "declaration"]
STEPS: tuple[Step, ...] = ("who", "where", "numbers", "photo", "declaration")
FORM_VERSION = "1.0"
NOTE_CHARS_MAX = 300
ID_DIGITS_MAX = 19  # of a number of 63 bits
NEW_OUTLET = OutletId(0)  # one that is not there yet: whatever holds a number is elsewhere


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table, what names a person still sealed."""

    id: ApplicationId
    state: State
    msisdn: Msisdn | None
    numbers: tuple[Msisdn, ...]
    locale: Locale
    token_hash: bytes
    token_expires_at: datetime
    started_at: datetime
    kind: OutletKind | None
    outlet_name: str | None
    owner_sealed: str | None
    nik_sealed: str | None
    nik_key: str | None
    address_sealed: str | None
    district: str | None
    latitude_udeg: int | None
    longitude_udeg: int | None
    rs_msisdn: Msisdn | None
    nn_msisdn: Msisdn | None
    ussd_msisdn: Msisdn | None
    photo_at: datetime | None
    form_version: str | None
    signatory_sealed: str | None
    capacity: Capacity | None
    declared_at: datetime | None
    submit_ref: UUID | None
    submitted_at: datetime | None
    due_at: datetime | None
    partner_id: PartnerId | None
    recommended_at: datetime | None
    recommended_by: str | None
    supports: bool | None
    note: str | None
    returned_at: datetime | None
    returned_code: str | None
    decided_at: datetime | None
    reason: str | None
    outlet_id: OutletId | None
    erased_at: datetime | None

    @property
    def missing(self) -> tuple[Step, ...]:
        """The steps that are still to be taken before it can be sent, in the order of the form."""
        done: dict[Step, bool] = {
            "who": None not in (self.kind, self.outlet_name, self.owner_sealed, self.nik_sealed),
            "where": None not in (self.address_sealed, self.district),
            "numbers": None not in (self.rs_msisdn, self.nn_msisdn),
            "photo": self.photo_at is not None,
            "declaration": self.declared_at is not None,
        }
        return tuple(step for step in STEPS if not done[step])

    @property
    def given(self) -> tuple[Msisdn, ...]:
        """The numbers that the outlet shall have, the older channel's among them, as far as they are filled in."""
        numbers = (self.rs_msisdn, self.nn_msisdn, self.ussd_msisdn)
        return tuple(number for number in numbers if number is not None)

    @property
    def form_number(self) -> str:
        """The number of the User Application Form, by which people speak of it. [D-56]"""
        return form_number(self.id)


def form_number(application_id: int) -> str:
    """`FP-268812345`."""
    return f"FP-{application_id}"


def id_of_form(text: str) -> ApplicationId | None:
    """The application that a typed form number names; None when it can be none."""
    digits = text.strip().upper().removeprefix("FP").lstrip("- ")
    fits = digits.isascii() and digits.isdigit() and len(digits) <= ID_DIGITS_MAX and int(digits) < 1 << 63
    return ApplicationId(int(digits)) if fits else None


# ---------------------------------------------------------------------------------------------------------- judgement


class Reviewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who recommends or decides, in which roles, and the numbers that are their own: nobody judges an application of
    their own.
    """

    actor: Actor
    roles: tuple[str, ...] = ()
    own_numbers: frozenset[Msisdn] = frozenset()

    def recommends(self, rules: Rules) -> bool:
        """Whether the rules let one of these roles speak for the partner. [G-D09]"""
        return self.actor.kind == "partner" and rules.onboarding.recommend_role.upper() in self.roles

    def decides(self, rules: Rules) -> bool:
        """Whether the rules let one of these roles decide. [G-D09]"""
        return self.actor.kind == "staff" and rules.onboarding.approve_role in self.roles


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What the partner of the place says: for it or against it, with a note for the branch. [G-D09]"""

    application_id: ApplicationId
    supports: bool
    note: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the branch says. A rejection needs a reason that the applicant reads. [D-05]"""

    application_id: ApplicationId
    approve: bool
    reason: str = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an application; outlet and user name once it is approved."""

    application_id: ApplicationId
    state: State
    outlet_id: OutletId | None = None
    outlet_code: str = ""
    username: str = ""


def decide_recommendations(
    wanted: Sequence[Recommendation], known: Mapping[int, Application], reviewer: Reviewer
) -> list[Refusal | None]:
    """Accept (None) or refuse each, in order; `known` holds only what the reviewer may see. [G-D09]"""
    states: dict[int, State] = {}
    outcomes: list[Refusal | None] = []
    for each in wanted:
        found = known.get(each.application_id)
        if found is None:
            refusal: Refusal | None = APPLICATION_NOT_FOUND()
        elif (state := states.get(found.id, found.state)) == "recommended":
            refusal = ALREADY_RECOMMENDED()
        else:
            refusal = _ended_refusal(state) or _own_refusal(found, reviewer) or note_refusal("note", each.note)
            if not each.supports:
                refusal = refusal or reason_refusal("note", each.note)
        if refusal is None:
            states[each.application_id] = "recommended"
        outcomes.append(refusal)
    return outcomes


def decide_decisions(
    wanted: Sequence[Decision], known: Mapping[int, Application], reviewer: Reviewer
) -> list[Refusal | None]:
    """Accept (None) or refuse each, in order, by itself: numbers, NIK and partner are looked at after it. [D-05]"""
    states: dict[int, State] = {}
    outcomes: list[Refusal | None] = []
    for each in wanted:
        found = known.get(each.application_id)
        if found is None:
            refusal: Refusal | None = APPLICATION_NOT_FOUND()
        else:
            state = states.get(found.id, found.state)
            refusal = _ended_refusal(state) or _own_refusal(found, reviewer)
            if each.approve and state == "submitted":
                refusal = refusal or NOT_YET_RECOMMENDED()
            check = note_refusal if each.approve else reason_refusal
            refusal = refusal or check("reason", each.reason)
        if refusal is None:
            states[each.application_id] = "approved" if each.approve else "rejected"
        outcomes.append(refusal)
    return outcomes


def _ended_refusal(state: State) -> Refusal | None:
    if state == "draft":
        return APPLICATION_RETURNED()
    if state in ("withdrawn", "lapsed"):
        return APPLICATION_WITHDRAWN()
    return APPLICATION_DECIDED() if state in ("approved", "rejected") else None


def _own_refusal(found: Application, reviewer: Reviewer) -> Refusal | None:
    own = reviewer.own_numbers & {*found.numbers, found.rs_msisdn, found.nn_msisdn}
    return OWN_APPLICATION() if own or found.recommended_by == reviewer.actor.text else None


def note_refusal(field: str, text: str) -> Refusal | None:
    """A note may be empty and is never long."""
    if len(text) > NOTE_CHARS_MAX or not text.isprintable():
        return INVALID_INPUT(field=field, reason=f"0-{NOTE_CHARS_MAX}")
    return None


def reason_refusal(field: str, text: str) -> Refusal | None:
    """A reason is there and can be read."""
    if not text.strip() or note_refusal(field, text) is not None:
        return INVALID_INPUT(field=field, reason=f"1-{NOTE_CHARS_MAX}")
    return None


# ------------------------------------------------------------------------------------------------------ the applicant


def open_refusal(application: Application) -> Refusal | None:
    """Whether the form can still be filled. [D-03]"""
    if application.state == "draft":
        return None
    if application.state in ("withdrawn", "lapsed"):
        return APPLICATION_WITHDRAWN()
    return APPLICATION_SENT()


def numbers_refusal(
    application: Application, *, rs: Msisdn, nn: Msisdn, ussd: Msisdn | None, rules: Rules
) -> Refusal | None:
    """All of them were proved to be the applicant's. [D-19, D-20, G-D05]"""
    for number in (rs, nn, ussd):
        if number is not None and number not in application.numbers:
            return NUMBER_NOT_PROVED(msisdn=national(number))
    return RS_MUST_DIFFER() if rs == nn and not rules.outlet.rs_may_be_nn else None


def outlet_refusal(
    numbers: Numbers, *, rs: Msisdn, nn: Msisdn, ussd: Msisdn | None, now: datetime, rules: Rules
) -> Refusal | None:
    """Why a new outlet cannot have these numbers, or None. [D-19, D-20, D-26, D-33, G-D04..G-D06]"""
    refusal = numbers.reseller_refusal(rs, None, now=now, rules=rules)
    refusal = refusal or numbers.notification_refusal(nn, NEW_OUTLET, now=now, rules=rules)
    if ussd is None:
        return refusal
    if numbers.of(ussd).seller is None:
        return refusal or SELLER_NUMBER_UNKNOWN(msisdn=national(ussd))
    return refusal or numbers.seller_refusal(ussd, NEW_OUTLET, now=now)


def sells(number: Number) -> bool:
    """Whether a number is in use at an outlet; one that only cools down is not."""
    linked = number.link is not None and number.link.free_from is None
    return linked or number.reseller_at is not None or (number.held_by is not None and not number.only_cools())


def incomplete_refusal(application: Application) -> Refusal | None:
    """Whether steps are missing. [D-03, D-56, D-82]"""
    return APPLICATION_INCOMPLETE(steps=", ".join(application.missing)) if application.missing else None


def due_at(submitted_at: datetime, rules: Rules) -> datetime:
    """Until when partner and branch have answered: 2 x 24 h by default. [G-D09]"""
    return submitted_at + timedelta(hours=rules.onboarding.sla_h)
