"""Bills as billing tells of them, and what may be said of one. Pure. Amounts in rupiah."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.bills.refusals import (
    BILL_CANCELLED,
    BILL_IN_THE_FUTURE,
    BILL_KNOWN_OTHERWISE,
    BILL_NOT_FOUND,
    BILL_OF_ANOTHER,
    BILL_PAID_OTHERWISE,
    BILL_PERIOD_WRONG,
    BILL_TAX_WRONG,
    BILL_TOO_OLD,
    BILL_TOTAL_WRONG,
    NUMBER_NOT_POSTPAID,
)
from konter.platform.clock import business_day
from konter.platform.ids import BillId, Msisdn, SubscriptionId
from konter.platform.refusal import Refusal
from konter.subscriber.model import Subscription
from konter.subscriber.refusals import UNKNOWN_SUBSCRIBER

PERIOD_DAYS_MAX = 62
# Older, or more, is a slip of the pen. One bill from before there were rules to reckon it by, or a sum that PostgreSQL
# cannot hold, would stop the points and tiers of everybody.
OLDEST = timedelta(days=3_660)
TOTAL_MAX_RP = 1_000_000_000_000
# Billing's own number of a bill, and the segment of a corporate account, whole; for files and for the API.
NUMBER_FORM = r"[A-Za-z0-9][A-Za-z0-9/_.\-]{0,39}"
SEGMENT_FORM = r"[a-z0-9_]{0,40}"


class NewBill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill that was issued: `number` is billing's own and tells it again; the period's days are both included.
    `total_rp` is with PPN; `segment` is the corporate account's, empty for a person's. [P-02, P-06, P-08, P-11]
    """

    msisdn: Msisdn
    number: str
    period_begin: date
    period_end: date
    total_rp: int
    tax_rp: int
    issued_at: datetime
    segment: str = ""


class KnownBill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as it is kept."""

    id: BillId
    subscription_id: SubscriptionId
    number: str
    period_begin: date
    period_end: date
    total_rp: int
    tax_rp: int
    issued_at: datetime
    segment: str
    paid_at: datetime | None
    cancelled_at: datetime | None
    points: int

    def says(self, bill: NewBill) -> bool:
        """Whether the bill told now is the one that stands."""
        fields = ("number", "period_begin", "period_end", "total_rp", "tax_rp", "issued_at", "segment")
        return all(getattr(self, field) == getattr(bill, field) for field in fields)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A bill that stands; `new` is false where it was told before."""

    id: BillId
    new: bool


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Who uses the number now and since when, and the brand and kind with which the billing period ended, and began."""

    subscription: Subscription
    since: datetime
    brand: str
    kind: str
    kind_before: str


def bill_refusal(bill: NewBill, payer: Payer | None, *, now: datetime, zone: ZoneInfo) -> Refusal | None:
    """Why a bill that is not known yet is not taken."""
    if payer is None:
        return UNKNOWN_SUBSCRIBER(msisdn=str(bill.msisdn))
    if (refusal := _days_refusal(bill, now=now, zone=zone) or _amounts_refusal(bill)) is not None:
        return refusal
    if bill.period_end < business_day(payer.since, zone) or bill.issued_at < payer.since:
        return BILL_OF_ANOTHER(msisdn=str(bill.msisdn), number=bill.number)
    if "postpaid" not in (payer.kind, payer.kind_before):
        return NUMBER_NOT_POSTPAID(msisdn=str(bill.msisdn))
    return None


def _days_refusal(bill: NewBill, *, now: datetime, zone: ZoneInfo) -> Refusal | None:
    if not 0 <= (bill.period_end - bill.period_begin).days <= PERIOD_DAYS_MAX:
        return BILL_PERIOD_WRONG(number=bill.number)
    if bill.issued_at < now - OLDEST or bill.period_begin < (now - OLDEST).date():
        return BILL_TOO_OLD(number=bill.number)
    if bill.issued_at > now or bill.period_end > business_day(bill.issued_at, zone):
        return BILL_IN_THE_FUTURE(number=bill.number)
    return None


def _amounts_refusal(bill: NewBill) -> Refusal | None:
    if not 0 <= bill.tax_rp <= bill.total_rp:
        return BILL_TAX_WRONG(number=bill.number)
    return BILL_TOTAL_WRONG(number=bill.number, max=TOTAL_MAX_RP) if bill.total_rp > TOTAL_MAX_RP else None


def known_refusal(bill: NewBill, known: KnownBill) -> Refusal | None:
    """A bill told again must say the same: what was issued is corrected by another bill, not by changing it."""
    return None if known.says(bill) else BILL_KNOWN_OTHERWISE(number=bill.number)


def payment_refusal(known: KnownBill | None, paid_at: datetime, number: str, *, now: datetime) -> Refusal | None:
    """Why a payment cannot be noted."""
    if known is None:
        return BILL_NOT_FOUND(number=number)
    if known.cancelled_at is not None:
        return BILL_CANCELLED(number=number)
    if known.paid_at is not None and known.paid_at != paid_at:
        return BILL_PAID_OTHERWISE(number=number)
    return BILL_IN_THE_FUTURE(number=number) if paid_at > now or paid_at < known.issued_at else None


Bills = Mapping[tuple[SubscriptionId, str], KnownBill]
