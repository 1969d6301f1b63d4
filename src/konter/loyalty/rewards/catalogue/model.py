"""Rewards: what each costs and gives, to whom, and why somebody may not have it. Pure. [P-20..P-24, P-42, G-P23]"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from konter.catalogue.model import Bucket
from konter.loyalty.rewards.refusals import (
    INSUFFICIENT_POINTS,
    NUMBER_NOT_ACTIVE,
    POINTS_IN_DEBT,
    REWARD_CLOSED,
    REWARD_NOT_FOR_SEGMENT,
    REWARD_NOT_FOR_TIER,
    REWARD_OUT_OF_STOCK,
    REWARD_QUOTA_REACHED,
    REWARD_QUOTA_USED,
)
from konter.loyalty.tiers.model import month_of, rank_of
from konter.platform.clock import business_day, day_start
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.model import State, Subscription

Kind = Literal["telco", "digital", "merchant"]
Per = Literal["day", "month", "year", "ever"]
Left = Literal["plenty", "few", "out"]
Stand = Literal["closed", "coming", "over", "out", "few", "open"]
BUCKETS_MAX = 8  # of one reward: a batch reserves ids for so many
FEW = 10  # so many left are told as few


class GivesBuckets(msgspec.Struct, frozen=True, kw_only=True, tag="buckets"):
    """Quotas of the customer's own, as a package has them. [P-21]"""

    buckets: tuple[Bucket, ...]


class GivesCode(msgspec.Struct, frozen=True, kw_only=True, tag="code"):
    """A code of those that were imported; a merchant burns it, or the customer enters it somewhere. [P-22, P-23]

    `days`: how long it is good after it was given, beside an end of its own.
    """

    merchant: str | None
    days: int | None


class GivesProvided(msgspec.Struct, frozen=True, kw_only=True, tag="provided"):
    """A ring-back tone, content, game: an outside provider activates the item for so many days. [P-22]"""

    provider: str
    item: str
    days: int


Gives = GivesBuckets | GivesCode | GivesProvided


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A reward as it is from a moment on. Empty `brands` and `kinds` mean any, an empty `tier` the lowest.

    `stock` counts all that are ever given since the reward is limited; `quota` so many a person and period.
    """

    reward: str
    kind: Kind
    valid_from: datetime
    valid_until: datetime | None
    name_id: str
    name_en: str
    sort: int
    points: int
    gives: Gives
    terms_id: str
    terms_en: str
    stock: int | None
    quota: int | None
    quota_per: Per | None
    brands: tuple[str, ...]
    kinds: tuple[Literal["prepaid", "postpaid"], ...]
    tier: str

    @property
    def counted(self) -> bool:
        """Whether there is only so much of it: its stock row is locked before one is taken."""
        return self.stock is not None or isinstance(self.gives, GivesCode)

    def over(self, now: datetime) -> bool:
        """Whether it has ended; `valid_until` is the first moment that is too late."""
        return self.valid_until is not None and self.valid_until <= now

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id

    def terms(self, locale: str) -> str:
        """The terms in the reader's language."""
        return self.terms_en if locale == "en" else self.terms_id


def merchant_of(offer: Offer) -> str | None:
    """Whose codes a reward gives, where a merchant burns them."""
    return offer.gives.merchant if isinstance(offer.gives, GivesCode) else None


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a reward a person has had, without what was refunded."""

    day: int = 0
    month: int = 0
    year: int = 0
    ever: int = 0

    def one_more(self) -> "Used":
        """After another one."""
        return Used(day=self.day + 1, month=self.month + 1, year=self.year + 1, ever=self.ever + 1)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as the programme sees one; `points` is below zero in a debt, `tier` empty where none is kept."""

    subscription: Subscription
    ended: bool
    tier: str
    points: int
    debt: int


class RewardLine(msgspec.Struct, frozen=True, kw_only=True):
    """A reward as every channel shows it; `refusal` is why this customer cannot have it now. [P-42]"""

    offer: Offer
    left: Left
    refusal: Refusal | None


def left_word(left: int | None) -> Left:
    """How much is left, for people; None is without limit."""
    if left is None or left > FEW:
        return "plenty"
    return "few" if left > 0 else "out"


def left_of(offer: Offer, *, taken: int, codes: int) -> int | None:
    """How many can still be had; `codes` are those at hand. None: without limit."""
    bounds = [] if offer.stock is None else [max(offer.stock - taken, 0)]
    if isinstance(offer.gives, GivesCode):
        bounds.append(codes)
    return min(bounds) if bounds else None


def open_refusal(offer: Offer, *, closed: bool, now: datetime) -> Refusal | None:
    """Whether the reward can be had by anybody at a moment."""
    return REWARD_CLOSED(reward=offer.reward) if closed or offer.over(now) else None


def member_refusal(
    offer: Offer, member: Member, used: Used, *, left: int | None, rules: Rules, now: datetime
) -> Refusal | None:
    """Why this customer cannot have an open reward now, the lasting reasons first. [P-29, G-P19]"""
    subscription = member.subscription
    if member.ended or subscription.state(now, rules.validity) is not State.ACTIVE:
        return NUMBER_NOT_ACTIVE()
    refusal = _segment_refusal(offer, member, rules) or quota_refusal(offer, used, rules=rules, now=now)
    if refusal is not None:
        return refusal
    if left == 0:
        return REWARD_OUT_OF_STOCK(reward=offer.reward)
    return _points_refusal(offer, member)


def _points_refusal(offer: Offer, member: Member) -> Refusal | None:
    """Whether the points suffice; in a debt there are none. [G-P19]"""
    if member.debt:
        return POINTS_IN_DEBT(balance=member.points, debt=member.debt)
    if member.points < offer.points:
        return INSUFFICIENT_POINTS(balance=member.points, points=offer.points, missing=offer.points - member.points)
    return None


def _segment_refusal(offer: Offer, member: Member, rules: Rules) -> Refusal | None:
    brand, kind = member.subscription.brand, member.subscription.kind
    if (offer.brands and brand not in offer.brands) or (offer.kinds and kind not in offer.kinds):
        return REWARD_NOT_FOR_SEGMENT(reward=offer.reward)
    if rank_of(member.tier, rules) < rank_of(offer.tier, rules):
        return REWARD_NOT_FOR_TIER(reward=offer.reward, tier=offer.tier)
    return None


def quota_refusal(offer: Offer, used: Used, *, rules: Rules, now: datetime) -> Refusal | None:
    """Whether a person has had all that the period allows, and when the next one begins."""
    if offer.quota is None or offer.quota_per is None or getattr(used, offer.quota_per) < offer.quota:
        return None
    if offer.quota_per == "ever":
        return REWARD_QUOTA_USED(reward=offer.reward, quota=offer.quota)
    today = business_day(now, ZoneInfo(rules.poin.time_zone))
    if offer.quota_per == "day":
        next_day = today + timedelta(days=1)
    elif offer.quota_per == "month":
        next_day = month_of(today, 1)
    else:
        next_day = date(today.year + 1, 1, 1)
    return REWARD_QUOTA_REACHED(
        reward=offer.reward,
        quota=offer.quota,
        opens=f"{next_day:%d/%m/%Y}",
        opens_at=day_start(next_day, ZoneInfo(rules.poin.time_zone)),
    )


def period_starts(rules: Rules, now: datetime) -> tuple[datetime, datetime, datetime]:
    """When the running day, month and year began where the programme is at home."""
    zone = ZoneInfo(rules.poin.time_zone)
    today = business_day(now, zone)
    return day_start(today, zone), day_start(month_of(today), zone), day_start(date(today.year, 1, 1), zone)


def lines_of(
    offers: Sequence[tuple[Offer, bool, int | None]],
    member: Member | None,
    used: dict[str, Used],
    *,
    rules: Rules,
    now: datetime,
) -> list[RewardLine]:
    """The catalogue in its order, from (offer, closed, left): without what is closed. [P-24, P-42]"""
    lines = []
    for offer, closed, left in sorted(offers, key=lambda each: (each[0].sort, each[0].reward)):
        if open_refusal(offer, closed=closed, now=now):
            continue
        refusal = REWARD_OUT_OF_STOCK(reward=offer.reward) if left == 0 else None
        if member is not None:
            had = used.get(offer.reward, Used())
            refusal = member_refusal(offer, member, had, left=left, rules=rules, now=now)
        lines.append(RewardLine(offer=offer, left=left_word(left), refusal=refusal))
    return lines
