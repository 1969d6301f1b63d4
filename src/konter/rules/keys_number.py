"""Rules about the SIM, its registration, tariffs and bills; the shape is that of `keys.py`."""

from typing import Annotated, Literal

import msgspec

from konter.platform.forms import whole
from konter.rules.keys import (
    Code,
    Count,
    Days,
    DaysOrNone,
    Dial,
    Group,
    MonthsOrNone,
    Positive,
    ShortNumber,
    Window,
)


class Registration(Group, frozen=True):
    """Customer registration law by date: the ways open at the moment. [D-62, D-98, G-D20]"""

    regimes: Annotated[tuple[Literal["declaration", "nik_kk", "nik_face"], ...], msgspec.Meta(min_length=1)]
    max_prepaid_per_identity: Positive
    face_min_similarity_pct: Annotated[int, msgspec.Meta(ge=0, le=100)]
    sms_number: ShortNumber
    deactivate_on: Literal["proven_invalid"]


class StarterPack(Group, frozen=True):
    """Starter packs circulate without service. [D-09, D-90, G-D17]"""

    state_at_sale: Literal["inactive"]


class Activation(Group, frozen=True):
    """Where a number may be activated: serving networks by mobile country code. [T-06, G-T09]"""

    mcc: tuple[Positive, ...]
    domestic_outlet_counts: bool


class Sim(Group, frozen=True):
    """What "expired" covers. [T-08, T-09, G-T02]"""

    expired_covers: tuple[Literal["unactivated_past_print", "past_grace"], ...]


class ReplacementFee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fees of one brand and reason; what the table does not name pays the general fees. [T-17, T-18]"""

    brand: Code
    reason: Code
    admin_idr: Count
    card_idr: Count


class SimReplace(Group, frozen=True):
    """Replacing a SIM: identity checks, fees, balance. [D-49..D-51, T-15..T-19, G-D13, G-D14, G-T06..G-T08, G-T19]"""

    numbers_required: Positive
    top_dialled: Positive
    last_calls: Positive
    lookback_days: Days
    supervisor_override: bool
    topup_date_tolerance_days: DaysOrNone
    topup_match: Literal["date_or_amount", "date_and_amount"]
    last_transaction_match: tuple[Literal["type", "amount", "date"], ...]
    fee_admin_idr: Count
    fee_card_idr: Count
    fee_table: tuple[ReplacementFee, ...]
    keep_balance: bool
    emergency_bar: bool
    emergency_bar_numbers: tuple[ShortNumber, ...]
    checks_for: tuple[Literal["user", "customer"], ...]


class SimMigrate(Group, frozen=True):
    """Moving an old SIM to 4G at an outlet. [D-14, G-D25]"""

    checks: tuple[Code, ...]
    fallback: Code


class Tariff(Group, frozen=True):
    """What a tariff may depend on, and running packages when prices change. [T-21, T-23, T-24, G-T10, G-T16]"""

    zone_by: Literal["region", "cluster"]
    bands: tuple[Annotated[str, msgspec.Meta(pattern=whole(r"[0-2][0-9]-[0-2][0-9]"))], ...]
    running_packages: Literal["until_renewal", "at_once"]


class Roaming(Group, frozen=True):
    """Use abroad without a package. [T-26, T-27, G-T11, G-T21]"""

    default: Literal["on", "off"]
    customer_may_disable: bool
    data_idr_per_mb: Count
    data_day_cap_idr: Count


class Misuse(Group, frozen=True):
    """Use beyond reasonable limits raises a flag. [T-28, T-30, G-T12]"""

    sms_per_h: Positive
    distinct_callees_per_day: Positive
    data_gb_per_day: Positive


class Promo(Group, frozen=True):
    """How often and when offers may be sent; the window is local time. [T-46, G-T13]"""

    max_per_day: Count
    max_per_week: Count
    window: Window


class Optout(Group, frozen=True):
    """Leaving offers. [T-47, T-48, G-T14, G-T18]"""

    ussd_code: Dial
    ussd_charge_idr: Count
    pic_email: Annotated[str, msgspec.Meta(pattern=whole(r"([^@\s]+@[^@\s]+)?"))]


class Postpaid(Group, frozen=True):
    """Bills. [T-12, G-T04]"""

    due_date_inclusive: bool


class DunningCycle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A billing cycle by its first day; days of the month, a day past the month's end means its last.

    `months_after_use` counts from the month in which the use period ends to the month of each event.
    """

    cycle: Annotated[int, msgspec.Meta(ge=1, le=28)]
    invoice_day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    invoice_months_after_use: MonthsOrNone
    due_day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    due_months_after_use: MonthsOrNone
    outgoing_bar_day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    total_bar_day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    bar_months_after_use: MonthsOrNone


class Dunning(Group, frozen=True):
    """Steps after an unpaid due date; `by_cycle` names days, otherwise the counts after the due date hold. [G-T05]"""

    outgoing_bar_days: Days
    total_bar_days: Days
    terminate_days: Days
    by_cycle: tuple[DunningCycle, ...]


class Reclaim(Group, frozen=True):
    """Taking a number back. [T-43, G-T17]"""

    temporary: Literal["suspend_all"]
    full: Literal["terminate_and_quarantine"]


class Bar(Group, frozen=True):
    """Which bars end by themselves. [T-40, G-T20]"""

    auto_lift: tuple[Literal["dunning", "reclaim_temp"], ...]


class CustomerApp(Group, frozen=True):
    """Where the subscriber's own app is found; empty until the operator says. [P-25, G-P20]"""

    url: str
