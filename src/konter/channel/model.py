"""Partners, outlets, users and their numbers, and the pure decisions on who may be added."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.access.model import Locale, normal_username
from konter.access.passwords import NO_PASSWORD
from konter.access.refusals import USERNAME_TAKEN
from konter.channel.numbers.model import Numbers, NumberType
from konter.channel.refusals import (
    OUTLET_CODE_TAKEN,
    OUTLET_NOT_ACTIVE,
    OUTLET_NOT_FOUND,
    PARTNER_CODE_TAKEN,
    PARTNER_NOT_ACTIVE,
    UNKNOWN_AREA,
)
from konter.channel.territory.places import Grounds, Position, position_refusal
from konter.platform.ids import Msisdn, OutletId, PartnerId, UserId
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.rules.model import Rules

AreaLevel = Literal["area", "region", "branch", "cluster", "depot"]
OutletKind = Literal["outlet", "individual"]
Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
Role = Literal["OUTLET_OWNER", "FRONTLINER"]
WALLET = "wallet"  # account kind: an outlet's selling balance
WALLET_ASSET = "IDR"
NAME_CHARS_MAX = 80
ADDRESS_CHARS_MAX = 200
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
# Control and format characters, halves of letters, what is private or nothing at all; joiners make letters and emoji.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs for Unicode, spaces for the eye
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


class NewArea(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the tree of areas; its parent is known or stands before it in the batch. A depot has a partner."""

    code: str
    name: str
    level: AreaLevel
    parent: str | None = None
    partner_id: PartnerId | None = None


class NewPartner(msgspec.Struct, frozen=True, kw_only=True):
    """A strategic business partner, who supplies and answers for outlets. [D-57]"""

    code: str
    name: str
    area: str


class NewOutlet(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet or an individual seller, each with a reseller number of its own. [D-01, D-19, D-31, D-33, D-59]

    Without one it is opened suspended, and cannot be made active before it has one.

    `area` is where prices are looked up; `district` is the state's code of the kecamatan, whose zone overrides `zone`.
    """

    code: str
    name: str
    partner_id: PartnerId
    area: str
    reseller_msisdn: Msisdn | None
    kind: OutletKind = "outlet"
    segment: str = "retail"
    zone: Zone = "Asia/Jakarta"
    address: str = ""
    district: str | None = None
    position: Position | None = None


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet that was opened; `wallet_id` is its account of selling balance."""

    id: OutletId
    code: str
    wallet_id: int


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet with the one notification number of its own. [D-22, D-28, D-30]

    Without a password hash nobody can log in until `issue_credentials`. Whoever brings users along from elsewhere gives
    their hashes: `password_hash` from `Passwords.hash`, `pin_hash` from `pins.pin_hash` with `pin_salt`.
    """

    outlet_id: OutletId
    username: str
    name: str
    role: Role
    nn_msisdn: Msisdn
    nn_type: NumberType
    locale: Locale = "id"
    password_hash: str = NO_PASSWORD
    password_initial: bool = True
    pin_salt: bytes = b""
    pin_hash: bytes | None = None


class OutletState(msgspec.Struct, kw_only=True):
    """What decides whether outlets may be opened; sets grow with what is accepted before in the same batch."""

    partners_active: set[int]
    grounds: Grounds
    areas: set[str]
    codes_taken: set[str]
    numbers: Numbers

    def refusal_for(self, new: NewOutlet, *, now: datetime, rules: Rules) -> Refusal | None:
        """Why this outlet may not be opened, or None. [D-31, D-33, D-34, D-59, G-D05, G-D08]"""
        words = code_refusal("code", new.code) or name_refusal("name", new.name)
        if new.address:
            words = words or name_refusal("address", new.address, ADDRESS_CHARS_MAX)
        words = words or self._place_refusal(new)
        if words is not None or new.reseller_msisdn is None:
            return words
        return self.numbers.reseller_refusal(new.reseller_msisdn, None, now=now, rules=rules)

    def _place_refusal(self, new: NewOutlet) -> Refusal | None:
        if new.partner_id not in self.partners_active:
            return PARTNER_NOT_ACTIVE()
        if new.area not in self.areas:
            return UNKNOWN_AREA(area=new.area)
        if new.code in self.codes_taken:
            return OUTLET_CODE_TAKEN(outlet=new.code)
        return position_refusal(new.position) or self.grounds.refusal_for(new.partner_id, new.district)

    def accept(self, new: NewOutlet, outlet_id: OutletId) -> None:
        """Count an accepted outlet for those that follow."""
        self.codes_taken.add(new.code)
        if new.reseller_msisdn is not None:
            self.numbers.give_reseller(new.reseller_msisdn, outlet_id)


class UserState(msgspec.Struct, kw_only=True):
    """What decides whether users may be added; it grows with what is accepted before in the same batch."""

    outlets: Mapping[int, str]  # id -> status
    names_taken: set[str]
    numbers: Numbers

    def refusal_for(self, new: NewUser, *, now: datetime, rules: Rules) -> Refusal | None:
        """Why this user may not be added, or None. [D-22, D-25, D-26, G-D04, G-D05, G-D06]"""
        if (refusal := username_refusal(new.username) or name_refusal("name", new.name)) is not None:
            return refusal
        status = self.outlets.get(new.outlet_id)
        if status is None:
            return OUTLET_NOT_FOUND()
        if status != "active":
            return OUTLET_NOT_ACTIVE()
        if normal_username(new.username) in self.names_taken:
            return USERNAME_TAKEN(username=normal_username(new.username))
        return self.numbers.notification_refusal(new.nn_msisdn, new.outlet_id, now=now, rules=rules)

    def accept(self, new: NewUser, user_id: UserId) -> None:
        """Count an accepted user for those that follow."""
        self.names_taken.add(normal_username(new.username))
        self.numbers.give_notification(new.nn_msisdn, new.outlet_id, user_id)


def decide_partners(new: Sequence[NewPartner], *, areas: set[str], codes_taken: set[str]) -> list[Refusal | None]:
    """Accept (None) or refuse each partner, in order."""
    taken = set(codes_taken)
    outcomes: list[Refusal | None] = []
    for each in new:
        refusal = code_refusal("code", each.code) or name_refusal("name", each.name)
        if refusal is None and each.area not in areas:
            refusal = UNKNOWN_AREA(area=each.area)
        if refusal is None and each.code in taken:
            refusal = PARTNER_CODE_TAKEN(partner=each.code)
        if refusal is None:
            taken.add(each.code)
        outcomes.append(refusal)
    return outcomes


def code_refusal(field: str, code: str) -> Refusal | None:
    """Codes are said over the telephone: capital letters, digits and hyphens."""
    return None if _CODE.fullmatch(code) else INVALID_INPUT(field=field, reason="A-Z 0-9 -, 2-20")


def username_refusal(username: str) -> Refusal | None:
    """User names are typed on small phones: letters, digits, dot, hyphen, underscore."""
    known = _USERNAME.fullmatch(normal_username(username))
    return None if known else INVALID_INPUT(field="username", reason="a-z 0-9 . _ -, 3-32")


def name_refusal(field: str, name: str, length_max: int = NAME_CHARS_MAX) -> Refusal | None:
    """Any script and emoji are welcome in a name; what cannot be seen is not, nor what turns the text around it, and
    neither is emptiness.
    """
    if not name.strip() or len(name) > length_max:
        return INVALID_INPUT(field=field, reason=f"1-{length_max}")
    if name.isascii() and name.isprintable():  # almost every name is, and a look at each letter is dear in a file
        return None
    if any(unicodedata.category(each) in _UNSEEN for each in name if each not in _JOINERS):
        return INVALID_INPUT(field=field, reason="control character")
    if not any(unicodedata.category(each)[0] in "LNPS" for each in name if each not in _BLANKS):
        return INVALID_INPUT(field=field, reason=f"1-{length_max}")
    return None
