"""What pages show of applications: queues, counts, one application with what speaks for and against it. [D-05, D-55]"""

from datetime import datetime
from typing import Literal

import msgspec

from konter.channel.geography.model import District
from konter.channel.model import OutletKind
from konter.channel.onboarding.model import Application, Capacity, State, Step
from konter.channel.onboarding.nik import masked_nik
from konter.channel.territory.places import Position
from konter.platform.cursor import Cursor
from konter.platform.ids import ApplicationId, Msisdn, OutletId, PartnerId
from konter.platform.secrets import Keys

QueueState = Literal["submitted", "recommended"]
QUEUE_STATES: tuple[QueueState, ...] = ("recommended", "submitted")
PAGE_MAX = 200


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """An application that waits; names nobody. `overdue`: its answer is late. [G-D09]"""

    id: ApplicationId
    state: QueueState
    kind: OutletKind
    outlet_name: str
    district: str
    district_name: str
    regency_name: str
    partner_id: PartnerId
    partner_name: str
    submitted_at: datetime
    due_at: datetime
    supports: bool | None
    overdue: bool

    @property
    def cursor(self) -> Cursor:
        """Where the next page goes on."""
        return self.due_at, self.id


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many applications wait for the partner and for the branch, and how many of those are late. [G-D09]"""

    submitted: int = 0
    submitted_overdue: int = 0
    recommended: int = 0
    recommended_overdue: int = 0


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """An application as it is shown. `owner_name`, `address` and `signatory` are clear for the applicant alone; for
    everybody else masked, as the NIK is for all. [D-55, D-56]
    """

    id: ApplicationId
    form_number: str
    form_version: str | None
    state: State
    missing: tuple[Step, ...]
    numbers: tuple[Msisdn, ...]
    kind: OutletKind | None
    outlet_name: str
    owner_name: str
    nik_masked: str
    address: str
    district: District | None
    position: Position | None
    rs: Msisdn | None
    nn: Msisdn | None
    ussd: Msisdn | None
    photo_at: datetime | None
    signatory: str
    capacity: Capacity | None
    declared_at: datetime | None
    started_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    recommended_at: datetime | None
    supports: bool | None
    note: str | None
    returned_at: datetime | None
    returned_code: str | None
    decided_at: datetime | None
    reason: str | None
    outlet_id: OutletId | None
    partner_id: PartnerId | None
    partner_name: str


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """An application for whoever judges it, with what a person should know first.

    `same_nik` are other applications by the same NIK; `nik_region` is the district in the NIK, empty if none is known
    by that code, which is a warning and no more; `blacklisted` are reasons on the blacklist.
    """

    form: Form
    same_nik: tuple[ApplicationId, ...]
    nik_region: str
    blacklisted: tuple[str, ...]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What names the person, in the clear: whoever gets this was written down. [D-55]"""

    nik: str
    owner_name: str
    address: str
    signatory: str


def form_of(application: Application, *, district: District | None, partner_name: str, keys: Keys, clear: bool) -> Form:
    """A row as it is shown; `clear` to the applicant alone."""

    def told(sealed: str | None) -> str:
        if sealed is None:
            return ""
        return keys.reveal(sealed) if clear else masked_name(keys.reveal(sealed))

    latitude, longitude = application.latitude_udeg, application.longitude_udeg
    return Form(
        id=application.id,
        form_number=application.form_number,
        form_version=application.form_version,
        state=application.state,
        missing=application.missing if application.state == "draft" else (),
        numbers=application.numbers,
        kind=application.kind,
        outlet_name=application.outlet_name or "",
        owner_name=told(application.owner_sealed),
        nik_masked=masked_nik(keys.reveal(application.nik_sealed)) if application.nik_sealed else "",
        address=told(application.address_sealed),
        district=district,
        position=Position(latitude, longitude) if latitude is not None and longitude is not None else None,
        rs=application.rs_msisdn,
        nn=application.nn_msisdn,
        ussd=application.ussd_msisdn,
        photo_at=application.photo_at,
        signatory=told(application.signatory_sealed),
        capacity=application.capacity,
        declared_at=application.declared_at,
        started_at=application.started_at,
        submitted_at=application.submitted_at,
        due_at=application.due_at,
        recommended_at=application.recommended_at,
        supports=application.supports,
        note=application.note,
        returned_at=application.returned_at,
        returned_code=application.returned_code,
        decided_at=application.decided_at,
        reason=application.reason,
        outlet_id=application.outlet_id,
        partner_id=application.partner_id,
        partner_name=partner_name,
    )


def masked_name(name: str) -> str:
    """`S*** C***`: enough to tell two people apart, too little to know one."""
    return " ".join(f"{word[0]}***" for word in name.split())


def identity_of(application: Application, keys: Keys) -> Identity:
    """What names the person; empty once it was erased."""
    fields = {
        "nik": application.nik_sealed,
        "owner_name": application.owner_sealed,
        "address": application.address_sealed,
        "signatory": application.signatory_sealed,
    }
    return Identity(**{name: keys.reveal(sealed) if sealed else "" for name, sealed in fields.items()})
