"""Reports of lost phones, and who may make one."""

from datetime import datetime
from typing import Literal

import msgspec

from konter.access.model import Principal, UserKind
from konter.access.staff.roles import may
from konter.platform.ids import LostPhoneId, Msisdn, OutletId, PartnerId, UserId

Way = Literal["self", "owner", "partner", "staff", "client"]
NOTE_CHARS_MAX = 500


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose number it is: a user of an outlet or of a partner."""

    kind: UserKind
    user_id: UserId
    outlet_id: OutletId | None
    partner_id: PartnerId | None


class LostPhone(msgspec.Struct, frozen=True, kw_only=True):
    """A report. Lifted by the replacement of the SIM, or by staff with a reason."""

    id: LostPhoneId
    msisdn: Msisdn
    way: Way
    note: str
    reported_by: str
    reported_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_why: str | None


def way_of(who: Principal, holder: Holder, *, within: bool) -> Way | None:
    """By which way this person may report the holder's phone, or None where it is none of theirs. `within`: whether the
    holder's outlet or partner is in the person's scope. [D-52]
    """
    if who.user_id == holder.user_id:
        return "self"
    if not within:
        return None
    if who.kind == "outlet":
        return "owner" if holder.kind == "outlet" and "OUTLET_OWNER" in who.roles else None
    if who.kind == "partner":
        return "partner" if holder.kind == "outlet" or "SBP_ADMIN" in who.roles else None
    return "staff" if may(who.roles, "phones.report") else None
