"""A subscription, and what time and recharges make of it. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from konter.platform.clock import business_day, day_start
from konter.platform.ids import AccountId, Msisdn, SubscriptionId
from konter.rules.keys import Validity

MAIN = "main"  # account kind: the main balance, in rupiah
BUCKET = "bucket"  # account kind: a quota with its own expiry; the source says of what
MAIN_ASSET = "IDR"
VALIDITY_SOURCE = "validity"  # a bucket of DAYS from this source lengthens the active period instead of being kept


class State(StrEnum):
    """Where a prepaid number stands. It follows from `active_until` and the moment; no job moves it."""

    ACTIVE = "ACTIVE"  # recharge or time moves it on
    GRACE = "GRACE"  # receives only; a recharge brings it back, the end of grace expires it
    EXPIRED = "EXPIRED"  # final for the SIM


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's use of one number. `active_until` is the first moment at which it is no longer active."""

    id: SubscriptionId
    cell: int
    msisdn: Msisdn
    brand: str
    kind: Literal["prepaid", "postpaid"]
    locale: Literal["id", "en"]
    main_id: AccountId
    active_until: datetime

    def state(self, now: datetime, validity: Validity) -> State:
        """Where it stands at a moment; a postpaid number is active until it is ended. [T-11, G-T02, G-T03]"""
        if self.kind == "postpaid" or now < self.active_until:
            return State.ACTIVE
        return State.GRACE if now < self.active_until + timedelta(days=validity.grace_days) else State.EXPIRED


def recharge_days(amount_rp: int, validity: Validity) -> int:
    """Days that a recharge gives: those of the highest step not above it, 0 below the smallest. [T-11, G-T01]

    30,000, 40,000 and 75,000 are sold without a step of their own and take the next lower one.
    """
    days = 0
    for step_rp, step_days in validity.table:
        if amount_rp < step_rp:
            break
        days = step_days
    return days


def lengthen(active_until: datetime, *, days: int, now: datetime, validity: Validity) -> datetime:
    """The active period after a recharge of so many days. [T-11, G-T01]

    Where days accumulate: 20 days left + 45 -> 65, at most `cap_days` from today: 340 left + 45 -> 365. Where they do
    not: the longer of what is left and the new days. A period already beyond the cap is not shortened.
    """
    today = business_day(now)
    last = _last_day(active_until) if active_until > now else today
    if validity.accumulate:
        wanted = min(last + timedelta(days=days), today + timedelta(days=validity.cap_days))
    else:
        wanted = today + timedelta(days=days)
    return max(active_until, _after(wanted)) if days else active_until


def cover(active_until: datetime, *, package_until: datetime) -> datetime:
    """The active period after a package: the longer of the two; a package does not accumulate."""
    return max(active_until, package_until)


def bucket_expiry(days: int, now: datetime) -> datetime:
    """A bucket of so many days ends with the last of them, counted from tomorrow: bought any time today, 1 day lasts
    until the end of tomorrow. The result is the first moment at which it is gone.
    """
    return _after(business_day(now) + timedelta(days=days))


def _last_day(active_until: datetime) -> date:
    return business_day(active_until - timedelta(microseconds=1))


def _after(day: date) -> datetime:
    return day_start(day + timedelta(days=1))


class BucketView(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a quota, for pages and staff."""

    source: str
    asset: str
    balance: int
    expires_at: datetime | None


class SubscriberView(msgspec.Struct, frozen=True, kw_only=True):
    """A number as staff and its owner see it."""

    id: SubscriptionId
    msisdn: Msisdn
    brand: str
    kind: str
    state: State
    locale: Literal["id", "en"]
    active_until: datetime
    grace_until: datetime
    balance_rp: int
    buckets: list[BucketView]
