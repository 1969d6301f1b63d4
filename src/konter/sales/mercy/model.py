"""Wrong-number mercy, decided: which numbers a slip of the finger makes, and whether a held sale may be taken back."""

from datetime import datetime

import msgspec

from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.sales.delivery.model import CANCELLED, Result
from konter.sales.model import Sale
from konter.sales.refusals import TOO_LATE_TO_CANCEL

COUNTRY_DIGITS = 3  # 62 8: the country, and the digit that every mobile number has
DIGITS = "0123456789"
HOLD_MAX_S = 600


class Meant(msgspec.Struct, frozen=True):
    """A number that this outlet has sold to, one slip away from the one that was typed, and when it last did."""

    msisdn: Msisdn
    at: datetime


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A sale under its outlet's lock. `waits`: nobody has taken it from the work list yet, so nothing was sent."""

    sale: Sale
    waits: bool


def slips(msisdn: Msisdn) -> list[Msisdn]:
    """The numbers from which one slip makes this one: one digit is another, or two neighbours changed places.

    About 110 for a number of usual length; never the number itself. A missing or doubled digit is not looked for: it
    changes the length, and mostly the result is no number of ours.
    """
    text = str(msisdn)
    digits = range(COUNTRY_DIGITS, len(text))
    found = {text[:at] + digit + text[at + 1 :] for at in digits for digit in DIGITS}
    found |= {text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in digits[:-1]}
    return [Msisdn(int(each)) for each in sorted(found - {text})]


def decide_cancel(held: Held, *, now: datetime) -> Result | Sale | Refusal:
    """How a sale is to end, or that it has: money that has come back is what the seller wanted, however often asked.

    The moment alone does not decide. Whoever sends takes the sale from the work list first; from then on the customer
    may have it, whatever the clocks of two machines say.
    """
    sale = held.sale
    if sale.status == "refunded":
        return sale
    if sale.status == "checking" and held.waits and sale.hold_until is not None and now < sale.hold_until:
        return Result(sale=sale, reason=CANCELLED)
    return TOO_LATE_TO_CANCEL(code=sale.code, held=sale.hold_until is not None)
