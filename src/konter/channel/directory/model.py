"""Outlets, their people and partners as lists and pages show them. Pure."""

from datetime import UTC, datetime
from typing import Literal

import msgspec

from konter.platform.ids import Msisdn, OutletId, PartnerId, UserId
from konter.subscriber.msisdn import parse_msisdn

PREFIX_MIN = 3
TEXT_CHARS_MAX = 60
LAST_SIGN = "\U0010ffff"  # sorts behind whatever a name goes on with
CODE_CHARS_MAX = 60
ID_DIGITS_MAX = 18
OutletStatus = Literal["active", "suspended", "terminated"]
Way = Literal["code", "number", "id", "name"]
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
    """An outlet in a list; `way` tells by what it was found."""

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
    rs_msisdn: Msisdn | None
    sort_name: str
    way: Way


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a text may be: a code, a number, an id, the beginning of a name; None where it cannot be that."""

    code: str | None = None
    msisdn: Msisdn | None = None
    id: OutletId | None = None
    prefix: str | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it may name one outlet, in which case that one comes first."""
        return self.code is not None or self.msisdn is not None or self.id is not None


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


def id_of(text: str) -> int | None:
    """An id as somebody types it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX else None


def wanted_of(typed: str) -> Wanted:
    """What somebody may have meant. Letters count without case; nothing typed is the beginning of every name."""
    words = " ".join(typed.split())
    if not words:
        return Wanted(prefix="") if typed.isprintable() else Wanted()
    if not words.isprintable():
        return Wanted()
    number, id_ = parse_msisdn(words), id_of(words)
    return Wanted(
        code=words.upper() if " " not in words and len(words) <= CODE_CHARS_MAX else None,
        msisdn=number,
        id=OutletId(id_) if id_ is not None else None,
        prefix=prefix_of(words) if number is None else None,
    )
