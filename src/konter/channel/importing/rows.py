"""What the rows of each kind of file say. Pure: a row is a value, or its faults."""

from typing import cast

import msgspec

from konter.channel.importing.sheet import Fault, Line
from konter.channel.model import NewOutlet, NewPartner, NewUser, OutletKind, Zone
from konter.channel.numbers.model import NumberType
from konter.platform.ids import Msisdn, OutletId, PartnerId

KINDS = ("outlet", "individual")
TYPES = ("OWNER", "RESELLER", "FRONTLINER", "FAMILY", "OWNER_OTHER")
DEFAULT_ZONE: Zone = "Asia/Jakarta"
DEFAULT_SEGMENT = "retail"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The owner of an outlet as a file names one."""

    username: str
    name: str
    msisdn: Msisdn
    type: NumberType

    def user_of(self, outlet_id: OutletId) -> NewUser:
        """The user that this person becomes; without a password until credentials are issued."""
        return NewUser(
            outlet_id=outlet_id,
            username=self.username,
            name=self.name,
            role="OUTLET_OWNER",
            nn_msisdn=self.msisdn,
            nn_type=self.type,
        )


class OutletRow(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet as a file has it. `zone` None: that of its district, or WIB."""

    line: int
    code: str
    name: str
    kind: OutletKind
    partner: str
    area: str
    district: str | None
    segment: str
    zone: Zone | None
    address: str
    reseller: Msisdn
    seller: Msisdn | None
    person: Person | None

    def new_outlet(self, partner_id: PartnerId, *, reseller: Msisdn | None) -> NewOutlet:
        """The outlet to open; without the number it waits for it."""
        return NewOutlet(
            code=self.code,
            name=self.name,
            partner_id=partner_id,
            area=self.area,
            reseller_msisdn=reseller,
            kind=self.kind,
            segment=self.segment,
            zone=self.zone or DEFAULT_ZONE,
            address=self.address,
            district=self.district,
        )


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet as it stands."""

    id: OutletId
    code: str
    name: str
    kind: str
    partner_id: PartnerId
    area: str
    district: str | None
    segment: str
    zone: str
    address: str
    reseller: Msisdn | None

    def differs(self, row: OutletRow, partner_id: PartnerId | None) -> list[str]:
        """The columns in which a file says something else. What it leaves open differs in nothing."""
        pairs = {
            "name": (row.name, self.name),
            "kind": (row.kind, self.kind),
            "partner": (partner_id, self.partner_id),
            "area": (row.area, self.area),
            "district": (row.district or self.district, self.district),
            "segment": (row.segment, self.segment),
            "zone": (row.zone if row.zone is not None and row.district is None else self.zone, self.zone),
            "address": (row.address or self.address, self.address),
            "reseller_number": (row.reseller, self.reseller),
        }
        return [column for column, (said, stands) in pairs.items() if said != stands]


def outlet_of(line: Line) -> OutletRow | list[Fault]:
    """An outlet, or what is wrong with its row."""
    code, name = line.required("code"), line.required("name")
    partner, area = line.required("partner"), line.required("area")
    reseller = line.number_of("reseller_number", blank=False)
    seller = line.number_of("seller_number", blank=True)
    kind, zone = line.one_of("kind", KINDS, "outlet"), line.zone()
    person = _person(line)
    if line.faults or reseller is None:
        return line.faults
    return OutletRow(
        line=line.number,
        code=code,
        name=name,
        kind=cast("OutletKind", kind),
        partner=partner,
        area=area,
        district=line.text("district") or None,
        segment=line.text("segment") or DEFAULT_SEGMENT,
        zone=zone,
        address=line.text("address"),
        reseller=reseller,
        seller=seller,
        person=person,
    )


def _person(line: Line) -> Person | None:
    if not (line.text("username") or line.text("user_name") or line.text("notification_number")):
        return None
    username, name = line.required("username"), line.required("user_name")
    msisdn = line.number_of("notification_number", blank=False)
    type_ = cast("NumberType", line.one_of("number_type", TYPES, "OWNER"))
    return Person(username=username, name=name, msisdn=msisdn, type=type_) if msisdn is not None else None


def partner_of(line: Line) -> NewPartner | list[Fault]:
    """A partner, or what is wrong with its row."""
    code, name, area = line.required("code"), line.required("name"), line.required("area")
    return line.faults or NewPartner(code=code, name=name, area=area)


def seller_of(line: Line) -> tuple[Msisdn, str] | list[Fault]:
    """A seller number with its name, or what is wrong with its row."""
    msisdn, name = line.number_of("seller_number", blank=False), line.required("name")
    return line.faults if line.faults or msisdn is None else (msisdn, name)
