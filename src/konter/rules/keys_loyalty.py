"""Rules of the loyalty programme; the shape is that of `keys.py`."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from konter.platform.forms import whole
from konter.rules.keys import Code, Count, Days, Dial, Group, Hours, Months, MonthsOrNone, Positive, ShortNumber


class PoinPrepaid(Group, frozen=True):
    """Points on recharges of a calendar month. [P-03, P-05, P-07, P-09, P-15, G-P01..G-P04, G-P07]

    A month stands alone: what it leaves over after the last whole step is dropped.
    """

    per_step: Positive
    min_idr: Count
    grant_h: Hours
    rounding_on: Literal["month_sum", "recharge"]
    counts: tuple[Literal["electronic", "voucher"], ...]
    value: Literal["face"]
    backfill_on_minimum: bool
    carry_remainder: Literal[False]
    vintage_by: Literal["recharge"]


class PoinPostpaid(Group, frozen=True):
    """Points on bills. [P-02, P-04, P-06, P-08, P-14, G-P01, G-P05..G-P07]"""

    per_step: Positive
    min_idr: Count
    grant_h: Hours
    rounding_on: Literal["bill"]
    basis_with_tax: bool
    on: Literal["issue", "payment"]
    vintage_by: Literal["period_end", "issue"]


class PoinHybrid(Group, frozen=True):
    """Reloads in the prepaid mode of a hybrid plan. [P-12, G-P10]"""

    reload_earns: bool
    reload_counts: bool


class Poin(Group, frozen=True):
    """Points: earning, owning, ending. [P-10..P-20, P-26, P-28, P-38, G-P08, G-P09, G-P17..G-P19, G-P22, G-P24]

    `tier_multipliers` are aligned with `tier.names`, `brand_multipliers` go by the brand's code, 1 for one without;
    `expiry_date` is the last valid day, MM-DD of the year after; so many days before it customers are told.
    """

    start_date: date
    step_idr: Positive
    tier_multipliers: tuple[Positive, ...]
    brand_multipliers: dict[Code, Positive]
    expiry_date: Annotated[str, msgspec.Meta(pattern=whole(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"))]
    expiry_notice_days: tuple[Days, ...]
    expiry_time: Annotated[str, msgspec.Meta(pattern=whole(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"))]
    time_zone: Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
    corporate_segments: tuple[Code, ...]
    owner: Literal["subscription"]
    on_subscription_end: Literal["forfeit"]
    on_owner_change: Literal["forfeit"]
    on_reversal: Literal["take_back", "keep"]
    negative_allowed: bool
    migrate_to_prepaid: Literal["keep", "forfeit"]
    sms_number: ShortNumber
    sms_keyword: Annotated[str, msgspec.Meta(pattern=whole(r"[A-Z]{2,12}"))]
    sms_price_idr: Count
    ussd_code: Dial
    prepaid: PoinPrepaid
    postpaid: PoinPostpaid
    hybrid: PoinHybrid


class Tier(Group, frozen=True):
    """Classes of customers. [P-31..P-40, G-P11..G-P16, G-P25..G-P28]

    `names` go from low to high. `threshold` holds `<name>_idr` for each but the lowest, ascending with the names;
    `min_tenure_months` is aligned with the names. Nobody enters at once where `red_entry_min_idr` is 0.
    """

    names: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    threshold: dict[str, Positive]
    min_tenure_months: tuple[MonthsOrNone, ...]
    average_divisor: Positive
    window_months: Months
    evaluation_day: Annotated[int, msgspec.Meta(ge=1, le=28)]
    basis: Literal["points_basis"]
    validity_months: Months
    validity_round_up: Literal["month_end", "none"]
    upgrade_restarts_validity: bool
    downgrade_to: Literal["earned", "one_below"]
    red_entry_min_idr: Count
    red_entry_validity_months: Months
    red_entry_window: Literal["calendar_month"]
    migration_validity_months: Months
    migration_basis: Literal["postpaid_only", "both"]
