"""Users of partners, and the pure decision on who may be added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from konter.access.model import Locale, normal_username
from konter.access.passwords import NO_PASSWORD
from konter.access.refusals import USERNAME_TAKEN
from konter.channel.model import name_refusal, username_refusal
from konter.channel.partner_users.refusals import AREA_NOT_OF_PARTNER, PARTNER_NUMBER_TAKEN
from konter.channel.refusals import (
    NN_NOT_OPERATOR,
    NN_REPORTED_LOST,
    PARTNER_NOT_ACTIVE,
    UNKNOWN_AREA,
    USER_ENDED,
    USER_NOT_FOUND,
)
from konter.platform.ids import Msisdn, PartnerId, UserId
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.subscriber.msisdn import national

PartnerRole = Literal["SBP_ADMIN", "SBP_FIELD_SALES"]
# active and blocked: whoever looks after the user, from one to the other. ended: the same, or the partner's own end;
# final, and the number is anybody's again.
Status = Literal["active", "blocked", "ended"]
AREAS_MAX = 50


class NewPartnerUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user of a partner; OTPs go to `msisdn`. `areas`: the clusters that a field-sales person works in, none for all
    of the partner's. Without a password hash nobody can log in until `issue_partner_credentials`. [D-57, D-60]
    """

    partner_id: PartnerId
    username: str
    name: str
    role: PartnerRole
    msisdn: Msisdn
    areas: tuple[str, ...] = ()
    locale: Locale = "id"
    password_hash: str = NO_PASSWORD
    password_initial: bool = True


class PartnerUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user of a partner as others see it."""

    id: UserId
    partner_id: PartnerId
    partner_name: str
    username: str
    name: str
    role: PartnerRole
    areas: tuple[str, ...]
    msisdn: Msisdn
    locale: Locale
    status: Status
    opened_at: datetime


class PartnerUserState(msgspec.Struct, kw_only=True):
    """What decides whether users may be added; sets grow with what is accepted before in the same batch.

    `areas` names for each area itself and all above it.
    """

    partners: Mapping[int, str]  # the active ones: id -> the area that the partner works in
    areas: Mapping[str, set[str]]
    names_taken: set[str]
    numbers_taken: set[Msisdn]
    numbers_active: set[Msisdn]
    numbers_lost: set[Msisdn]

    def refusal_for(self, new: NewPartnerUser) -> Refusal | None:
        """Why this user may not be added, or None."""
        if (refusal := username_refusal(new.username) or name_refusal("name", new.name)) is not None:
            return refusal
        if new.partner_id not in self.partners:
            return PARTNER_NOT_ACTIVE()
        if normal_username(new.username) in self.names_taken:
            return USERNAME_TAKEN(username=normal_username(new.username))
        return self._area_refusal(new) or self._number_refusal(new)

    def _area_refusal(self, new: NewPartnerUser) -> Refusal | None:
        if len(new.areas) > AREAS_MAX or (new.areas and new.role != "SBP_FIELD_SALES"):
            return INVALID_INPUT(field="areas", reason=f"SBP_FIELD_SALES, 0-{AREAS_MAX}")
        for area in new.areas:
            if area not in self.areas:
                return UNKNOWN_AREA(area=area)
            if self.partners[new.partner_id] not in self.areas[area]:
                return AREA_NOT_OF_PARTNER(area=area)
        return None

    def _number_refusal(self, new: NewPartnerUser) -> Refusal | None:
        if new.msisdn not in self.numbers_active:
            return NN_NOT_OPERATOR(msisdn=national(new.msisdn))
        if new.msisdn in self.numbers_taken:
            return PARTNER_NUMBER_TAKEN(msisdn=national(new.msisdn))
        return NN_REPORTED_LOST(msisdn=national(new.msisdn)) if new.msisdn in self.numbers_lost else None

    def accept(self, new: NewPartnerUser) -> None:
        """Count an accepted user for those that follow."""
        self.names_taken.add(normal_username(new.username))
        self.numbers_taken.add(new.msisdn)


def change_refusal(user: PartnerUser | None) -> Refusal | None:
    """Whether a user is there to be blocked, given credentials or ended."""
    if user is None:
        return USER_NOT_FOUND()
    return USER_ENDED() if user.status == "ended" else None
