"""What people type to find an outlet, and what it means. Pure."""

from typing import Literal

import msgspec

from konter.platform.ids import Msisdn, OutletId, PartnerId
from konter.subscriber.msisdn import parse_msisdn

PAGE_MAX = 50
WANTED_CHARS_MAX = 80
PREFIX_CHARS_MIN = 2
Way = Literal["code", "number", "name"]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet in a list of results. `way` tells by what it was found."""

    id: OutletId
    code: str
    name: str
    kind: str
    status: str
    partner_id: PartnerId
    partner_name: str
    area: str
    district: str | None
    rs_msisdn: Msisdn | None
    sort_name: str
    way: Way

    @property
    def after(self) -> tuple[str, int]:
        """Where the next page begins: behind this."""
        return self.sort_name, self.id


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a text may be: a code, a number, the beginning of a name; None where it cannot be that."""

    code: str | None
    msisdn: Msisdn | None
    prefix: str | None


def wanted_of(typed: str) -> Wanted:
    """What somebody may have meant. Letters count without case; a name is asked for from two letters on."""
    words = " ".join(typed.split())[:WANTED_CHARS_MAX]
    if not words or not words.isprintable():
        return Wanted(code=None, msisdn=None, prefix=None)
    return Wanted(
        code=words.upper() if " " not in words else None,
        msisdn=parse_msisdn(words),
        prefix=words if len(words) >= PREFIX_CHARS_MIN else None,
    )
