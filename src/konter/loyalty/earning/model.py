"""How many points recharges and bills are worth. Pure: amounts in rupiah, points as whole numbers, always rounded down.

Points of a month, or of a bill, are a function of all that counts in it. What was granted before is no input: whoever
grants writes the difference, so that a second run changes nothing and late or reversed facts correct what stands.

`worth_of_month` and `worth_of_bill` are what the rules mean, one customer at a time, and nothing calls them where
millions are reckoned: `earning/queries` says the same in SQL and `whole_base/points` in Ibis. Change all three; tests
hold them to each other (`tests/loyalty/earning/test_same_as_model.py`, `tests/loyalty/whole_base`).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.vintages import expires_at, vintage_of
from konter.platform.ids import GrantId, SubscriptionId
from konter.rules.keys import Brands
from konter.rules.keys_loyalty import Poin
from konter.rules.model import Rules

Why = Literal["earned", "below_minimum", "before_start", "brand", "segment", "hybrid_reload", "not_paid", "cancelled"]


# Which transfers of the ledger are recharges of a kind; what was delivered late stands there as an adjustment. [G-P02]
TRANSFER_KINDS = {"electronic": ("recharge", "adjustment"), "voucher": ("voucher_recharge",)}


class Recharge(msgspec.Struct, frozen=True, kw_only=True):
    """A recharge of a customer's own number that stands: a reversed one is none. `brand` is the number's at that
    moment, and says whether recharges earn at all. [P-01, P-03, G-P02]
    """

    id: int
    at: datetime
    face_rp: int
    brand: str
    kind: Literal["electronic", "voucher", "bonus", "transfer", "reward"] = "electronic"


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """An issued bill; `segment` is the corporate account's, empty for a person's. `total_rp` is with PPN, `net_rp`
    without. [P-02, P-06]
    """

    issued_at: datetime
    paid_at: datetime | None
    period_end: date
    total_rp: int
    net_rp: int
    brand: str
    segment: str = ""
    cancelled: bool = False


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What a month or a bill is worth, and why: `basis_rp` counted, in steps of `step_rp` with so many points each.

    `counted_rp` is what counts for the tier, without the minimum. [G-P28]
    """

    points: int
    counted_rp: int
    basis_rp: int
    steps: int
    per_step: int
    multiplier: int
    vintage: int
    due_at: datetime | None  # by when the first points must be granted; None where there are none
    why: Why


class Programme:
    """The rules of the month or the bill that is reckoned, and what follows from them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.earning_brands = earning_brands(rules.poin, rules.brand)
        self.counting_brands = counting_brands(rules.poin, rules.brand)
        self.transfer_kinds = tuple(kind for each in rules.poin.prepaid.counts for kind in TRANSFER_KINDS[each])

    def expires_at(self, vintage: int) -> datetime:
        """The first moment at which points of a vintage are no longer valid."""
        return expires_at(vintage, self.rules.poin)


def earning_brands(poin: Poin, brands: Brands) -> frozenset[str]:
    """The brands whose recharges earn: those of the programme with prepaid, and hybrids where the rule says so.
    [P-01, P-12, G-P10, G-P21]
    """
    return _reloading(brands, hybrid=poin.hybrid.reload_earns)


def counting_brands(poin: Poin, brands: Brands) -> frozenset[str]:
    """The brands whose recharges count for the tier. [G-P10, G-P28]"""
    return _reloading(brands, hybrid=poin.hybrid.reload_counts)


def _reloading(brands: Brands, *, hybrid: bool) -> frozenset[str]:
    kinds = {"prepaid", "hybrid"} if hybrid else {"prepaid"}
    return frozenset(each.code for each in brands.table if each.code in brands.earns_points and each.kind in kinds)


def multiplier_of(tier: str, brand: str, *, names: Sequence[str], poin: Poin) -> int:
    """By how much points are multiplied, by the tier and brand with which a month or a bill's period began. `names` are
    the tiers from low to high; a tier that the rules do not name any more is taken for the lowest.
    """
    rank = names.index(tier) if tier in names else 0
    return poin.tier_multipliers[rank] * poin.brand_multipliers.get(brand, 1)


def worth_of_month(recharges: Sequence[Recharge], *, month: date, multiplier: int, poin: Poin, brands: Brands) -> Worth:
    """What the recharges of one subscription in a calendar month are worth; `month` is its first day.

    floor(sum / step) x per_step x multiplier, 0 below the minimum; what a month leaves over is dropped.
    [P-03, P-05, P-07, P-09, P-12, P-15, G-P01..G-P04]
    """
    earning_in, counting_in = earning_brands(poin, brands), counting_brands(poin, brands)
    in_month = [each for each in sorted(recharges, key=lambda each: (each.at, each.id)) if _counts(each, month, poin)]
    counted = [each for each in in_month if each.brand in earning_in]
    amounts = [each.face_rp for each in counted]
    reached = _reached(amounts, poin.prepaid.min_idr)
    earning = amounts if poin.prepaid.backfill_on_minimum or reached is None else amounts[reached:]
    basis, step = sum(earning), poin.step_idr
    steps = basis // step if poin.prepaid.rounding_on == "month_sum" else sum(each // step for each in earning)
    why: Why = "earned" if reached is not None else "below_minimum"
    if in_month and not counted:
        why = "hybrid_reload" if in_month[-1].brand in brands.earns_points else "brand"
    return Worth(
        points=steps * poin.prepaid.per_step * multiplier if why == "earned" else 0,
        counted_rp=sum(each.face_rp for each in in_month if each.brand in counting_in),
        basis_rp=basis,
        steps=steps,
        per_step=poin.prepaid.per_step,
        multiplier=multiplier,
        vintage=month.year,
        due_at=None if reached is None else counted[reached].at + timedelta(hours=poin.prepaid.grant_h),
        why=why,
    )


def _counts(recharge: Recharge, month: date, poin: Poin) -> bool:
    day = recharge.at.astimezone(ZoneInfo(poin.time_zone)).date()
    in_month = (day.year, day.month) == (month.year, month.month)
    return in_month and day >= poin.start_date and recharge.kind in poin.prepaid.counts


def _reached(amounts: Sequence[int], minimum_rp: int) -> int | None:
    """Which recharge brought the sum to the minimum; None where none did. Without a minimum the first does."""
    total = 0
    for place, amount in enumerate(amounts):
        total += amount
        if total >= minimum_rp:
            return place
    return None


def worth_of_bill(bill: Bill, *, multiplier: int, poin: Poin, brands: Brands) -> Worth:
    """What a bill is worth: floor(amount / step) x per_step x multiplier, 0 below the minimum. Corporate accounts earn
    in the segments that the rule names. [P-02, P-04, P-06, P-08, P-11, P-14, G-P05..G-P07, G-P09]
    """
    rule = poin.postpaid
    basis = bill.total_rp if rule.basis_with_tax else bill.net_rp
    steps = basis // poin.step_idr
    since = bill.issued_at if rule.on == "issue" else bill.paid_at
    why: Why = "earned"
    if bill.cancelled:
        why = "cancelled"
    elif bill.brand not in brands.earns_points:
        why = "brand"
    elif bill.segment and bill.segment not in poin.corporate_segments:
        why = "segment"
    elif bill.period_end < poin.start_date:
        why = "before_start"
    elif since is None:
        why = "not_paid"
    elif bill.total_rp < rule.min_idr:
        why = "below_minimum"
    by_issue = rule.vintage_by == "issue"
    return Worth(
        points=steps * rule.per_step * multiplier if why == "earned" else 0,
        counted_rp=basis if why in ("earned", "below_minimum") else 0,
        basis_rp=basis,
        steps=steps,
        per_step=rule.per_step,
        multiplier=multiplier,
        vintage=vintage_of(bill.issued_at, poin) if by_issue else bill.period_end.year,
        due_at=since + timedelta(hours=rule.grant_h) if why == "earned" and since is not None else None,
        why=why,
    )


class Unbooked(msgspec.Struct, frozen=True):
    """A grant that is written and still to be booked: `points` more or fewer, in the vintage that ends then."""

    subscription_id: SubscriptionId
    points: int
    grant_id: GrantId
    expires_at: datetime


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """How long points waited for their grant: how many grants came in time and late, by what was promised, and the
    longest wait in seconds. [P-14, P-15]
    """

    grants: int = 0
    in_time: int = 0
    late: int = 0
    longest_s: int = 0

    def __add__(self, other: "Waited") -> "Waited":
        return Waited(
            grants=self.grants + other.grants,
            in_time=self.in_time + other.in_time,
            late=self.late + other.late,
            longest_s=max(self.longest_s, other.longest_s),
        )


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch came to: how long its grants waited, and those of them that are still to be booked."""

    waited: Waited
    unbooked: list[Unbooked]
