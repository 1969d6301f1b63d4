"""Outlets, their people and partners as lists and pages show them. Pure."""

from datetime import UTC, datetime
from typing import Literal

import msgspec

from konter.platform.ids import Msisdn, OutletId, PartnerId, UserId

PREFIX_MIN = 3
TEXT_CHARS_MAX = 60
LAST_SIGN = "\U0010ffff"  # sorts behind whatever a name goes on with
OutletStatus = Literal["active", "suspended", "terminated"]
OrderBy = Literal["name", "code", "since"]
Start = tuple[str | datetime, int]
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_ID_MAX = 2**63 - 1


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """By what a list of outlets or partners is sorted: name, code, or since when it has been open."""

    by: OrderBy = "name"
    down: bool = False

    @property
    def start(self) -> Start:
        """The place before the first line."""
        if self.by == "since":
            return (_LAST, _ID_MAX) if self.down else (_FIRST, 0)
        return (LAST_SIGN, _ID_MAX) if self.down else ("", 0)

    def place(self, line: "OutletFound | PartnerFound") -> Start:
        """The place behind a line, where the next page begins."""
        keys: dict[OrderBy, str | datetime] = {"name": line.sort_name, "code": line.code, "since": line.opened_at}
        return keys[self.by], line.id


BY_NAME = Order()


class OutletFound(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet in a list. `sort_name` and `id` are where the next page begins."""

    id: OutletId
    code: str
    name: str
    kind: str
    status: str
    segment: str
    partner_id: PartnerId
    partner_name: str
    area: str
    district: str | None
    opened_at: datetime
    sort_name: str


class OutletCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that stands with an outlet itself. `numbers` are its reseller numbers, the oldest first; `place` is
    its district with what that lies in, empty where nobody has said.
    """

    id: OutletId
    code: str
    name: str
    kind: str
    status: str
    segment: str
    zone: str
    address: str
    hold_s: int
    opened_at: datetime
    partner_id: PartnerId
    partner_code: str
    partner_name: str
    area: str
    area_name: str
    place: str
    numbers: tuple[Msisdn, ...]


class OutletPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet."""

    id: UserId
    username: str
    name: str
    role: str
    nn_msisdn: Msisdn
    status: str
    opened_at: datetime
    locked_until: datetime | None
    pin_locked_at: datetime | None


class PartnerFound(msgspec.Struct, frozen=True, kw_only=True):
    """A partner in a list."""

    id: PartnerId
    code: str
    name: str
    area: str
    area_name: str
    status: str
    opened_at: datetime
    sort_name: str


class PartnerCard(msgspec.Struct, frozen=True, kw_only=True):
    """A partner and how many outlets it answers for, by status."""

    id: PartnerId
    code: str
    name: str
    area: str
    area_name: str
    status: str
    opened_at: datetime
    active: int
    suspended: int
    terminated: int


class ProvinceCount(msgspec.Struct, frozen=True, kw_only=True):
    """Outlets of a province by status; those whose district nobody has said stand under the code ``."""

    code: str
    name: str
    active: int
    suspended: int
    terminated: int


def prefix_of(text: str) -> str | None:
    """What names are compared with: blanks made one, capitals away; None where it is too short to look for."""
    wanted = " ".join(text.split())[:TEXT_CHARS_MAX].lower()
    return wanted if len(wanted) >= PREFIX_MIN and wanted.isprintable() else None
