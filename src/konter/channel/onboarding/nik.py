"""Whether sixteen digits can be a NIK. Pure. docs/adr says why by this library. [D-55]"""

from datetime import date

import msgspec

from konter.channel.onboarding.refusals import NIK_INVALID
from konter.platform.refusal import Refusal

DIGITS = 16
SHOWN = 4
# A NIK keeps the codes it was issued with through every split of a region, so one that is not known is no fault.
_PLACES = {"province", "wilayah"}


class Nik(msgspec.Struct, frozen=True):
    """A NIK that can be one; `region` is the district's code in it, known or not."""

    digits: str
    region: str


def read_nik(typed: str, *, today: date) -> Refusal | Nik:
    """Sixteen digits with a real date of birth (day + 40 for women) and a serial that is not 0000.

    Blanks, dots and hyphens are welcome. Whether somebody has it only the civil registry knows.
    """
    from lokal.nik import parse_nik  # the whole library comes along, and not every process reads a NIK

    found = parse_nik(typed.strip()[: 2 * DIGITS], reference_date=today)
    faults = [issue.code for issue in found.errors if issue.code not in _PLACES]
    if faults or found.nik is None or found.district_code is None:
        return NIK_INVALID(reason=faults[0] if faults else "format")
    return Nik(found.nik, found.district_code)


def masked_nik(digits: str) -> str:
    """`3273************`, as it is shown. [D-55]"""
    return digits[:SHOWN] + "*" * (DIGITS - SHOWN)
