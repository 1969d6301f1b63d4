"""How the API shows applications: to the applicant, and masked to whoever judges them. [D-55, D-56]"""

from datetime import datetime

import msgspec

from konter.channel.onboarding.queues.model import Counts, Dossier, Form, Identity, QueueLine
from konter.platform.cursor import cursor_text


class DistrictView(msgspec.Struct, frozen=True, kw_only=True):
    """A district (kecamatan) with what it lies in."""

    code: str
    name: str
    regency: str
    province: str


class ApplicationView(msgspec.Struct, frozen=True, kw_only=True):
    """An application. `state`: draft, submitted, recommended, approved, rejected, withdrawn, lapsed; `missing` are
    steps of a draft: who, where, numbers, photo, declaration. Names and address are clear to the applicant alone.

    `returned_code` is why it came back to be corrected, a refusal's code; `reason` is the branch's.
    """

    id: str
    form_number: str
    form_version: str | None
    state: str
    missing: tuple[str, ...]
    numbers: tuple[str, ...]
    kind: str | None
    outlet_name: str
    owner_name: str
    nik: str
    address: str
    district: DistrictView | None
    reseller: str | None
    notification: str | None
    seller: str | None
    has_photo: bool
    signatory: str
    capacity: str | None
    declared_at: datetime | None
    submitted_at: datetime | None
    due_at: datetime | None
    recommended_at: datetime | None
    returned_at: datetime | None
    returned_code: str | None
    decided_at: datetime | None
    reason: str | None
    partner: str

    @classmethod
    def of(cls, form: Form) -> "ApplicationView":
        """A form as it is told."""
        district = form.district
        return cls(
            id=str(form.id),
            form_number=form.form_number,
            form_version=form.form_version,
            state=form.state,
            missing=form.missing,
            numbers=tuple(str(number) for number in form.numbers),
            kind=form.kind,
            outlet_name=form.outlet_name,
            owner_name=form.owner_name,
            nik=form.nik_masked,
            address=form.address,
            district=DistrictView(
                code=district.code, name=district.name, regency=district.regency, province=district.province
            )
            if district
            else None,
            reseller=str(form.rs) if form.rs is not None else None,
            notification=str(form.nn) if form.nn is not None else None,
            seller=str(form.ussd) if form.ussd is not None else None,
            has_photo=form.photo_at is not None,
            signatory=form.signatory,
            capacity=form.capacity,
            declared_at=form.declared_at,
            submitted_at=form.submitted_at,
            due_at=form.due_at,
            recommended_at=form.recommended_at,
            returned_at=form.returned_at,
            returned_code=form.returned_code,
            decided_at=form.decided_at,
            reason=form.reason,
            partner=form.partner_name,
        )


class DossierView(msgspec.Struct, frozen=True, kw_only=True):
    """An application for whoever judges it. `same_nik`: other applications by the same NIK; `nik_region`: the district
    in the NIK, empty if none is known by that code; `blacklisted`: reasons on the blacklist.
    """

    application: ApplicationView
    supports: bool | None
    note: str
    same_nik: tuple[str, ...]
    nik_region: str
    blacklisted: tuple[str, ...]

    @classmethod
    def of(cls, dossier: Dossier) -> "DossierView":
        """A dossier as it is told."""
        return cls(
            application=ApplicationView.of(dossier.form),
            supports=dossier.form.supports,
            note=dossier.form.note or "",
            same_nik=tuple(str(each) for each in dossier.same_nik),
            nik_region=dossier.nik_region,
            blacklisted=dossier.blacklisted,
        )


class IdentityView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an application is about, in the clear; that the caller looked was written down."""

    nik: str
    owner_name: str
    address: str
    signatory: str

    @classmethod
    def of(cls, identity: Identity) -> "IdentityView":
        """An identity as it is told."""
        return cls(**msgspec.structs.asdict(identity))


class QueueLineView(msgspec.Struct, frozen=True, kw_only=True):
    """An application that waits. `overdue`: its answer is late."""

    id: str
    state: str
    kind: str
    outlet_name: str
    district: str
    regency: str
    partner: str
    submitted_at: datetime
    due_at: datetime
    supports: bool | None
    overdue: bool

    @classmethod
    def of(cls, line: QueueLine) -> "QueueLineView":
        """A line as it is told."""
        return cls(
            id=str(line.id),
            state=line.state,
            kind=line.kind,
            outlet_name=line.outlet_name,
            district=line.district_name,
            regency=line.regency_name,
            partner=line.partner_name,
            submitted_at=line.submitted_at,
            due_at=line.due_at,
            supports=line.supports,
            overdue=line.overdue,
        )


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """What waits, the earliest due first, and how much of it. `next` asks for the page after it; empty: none."""

    items: list[QueueLineView]
    next: str
    submitted: int
    submitted_overdue: int
    recommended: int
    recommended_overdue: int

    @classmethod
    def of(cls, lines: list[QueueLine], counts: Counts, *, full: bool) -> "QueueView":
        """A page of a queue as it is told."""
        after = cursor_text(*lines[-1].cursor) if lines and full else ""
        return cls(items=[QueueLineView.of(line) for line in lines], next=after, **msgspec.structs.asdict(counts))
