"""The typed shape of every rule: one struct per first part of a dotted key, one field per rule.

No field has a default: values are data of a ruleset, and a ruleset that lacks a key is refused. Units stand in the
names; `_idr` is whole rupiah. The ids in brackets are the requirements that a group of rules serves.
"""

from typing import Annotated, Literal

import msgspec

from konter.platform.forms import whole

HOUR_S = 3600

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
# A century: from any moment of ours that far stays within the calendar.
Hours = Annotated[int, msgspec.Meta(ge=1, le=876_000)]
HoursOrNone = Annotated[int, msgspec.Meta(ge=0, le=876_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]
DaysOrNone = Annotated[int, msgspec.Meta(ge=0, le=36_500)]
Months = Annotated[int, msgspec.Meta(ge=1, le=1_200)]
MonthsOrNone = Annotated[int, msgspec.Meta(ge=0, le=1_200)]
Code = Annotated[str, msgspec.Meta(pattern=whole(r"[a-z][a-z0-9_-]*"), max_length=60)]
Dial = Annotated[str, msgspec.Meta(pattern=whole(r"\*[0-9*]+#"))]
ShortNumber = Annotated[str, msgspec.Meta(pattern=whole(r"[0-9]{3,5}"))]
Where = Annotated[str, msgspec.Meta(pattern=whole(r"(default|segment:[a-z0-9_-]{1,40}|area:[A-Z0-9-]{1,20})"))]
Window = Annotated[str, msgspec.Meta(pattern=whole(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]"))]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a dotted key; its fields are rules or further groups."""


class Otp(Group, frozen=True):
    """One-time passwords at login and resets. [D-23, G-D02, G-D03]"""

    length: Annotated[int, msgspec.Meta(ge=4, le=8)]
    ttl_s: Positive
    max_tries: Positive
    resend_after_s: Count
    max_per_hour: Positive
    lock_min: Positive
    send_within_s: Positive
    trusted_device_days: DaysOrNone


class Auth(Group, frozen=True):
    """Passwords, transaction PINs and sessions. [D-07, G-D01]"""

    initial_password_ttl_h: Hours
    password_min_length: Positive
    password_max_tries: Positive
    password_lock_min: Positive
    pin_max_tries: Positive
    session_ttl_h: Hours
    customer_session_ttl_h: Hours  # since its last use
    proposal_ttl_h: Hours  # how long what one of the staff proposes may wait for another


class Onboarding(Group, frozen=True):
    """From application to seller. [D-05, D-07, G-D09]

    A draft that nobody touches for `draft_days` lapses and is erased; of a rejected one, what names a person is erased
    after `rejected_keep_days`.
    """

    password_change_forced: bool
    recommend_role: Code
    approve_role: Code
    sla_h: Hours
    draft_days: Days
    rejected_keep_days: Days


class Work(Group, frozen=True):
    """By when staff are to have looked at what waits for them. [D-47, G-D12]"""

    item_due_h: Hours  # items of the reconciliation
    second_eyes_due_h: Hours  # reversals and adjustments that wait for another pair of eyes
    lost_phone_due_h: Hours = 24  # reports of lost phones; an installation older than the key has no row of it


class Numbering(Group, frozen=True):
    """Which numbers are the operator's. [D-02, D-25, G-D04]"""

    prefixes: tuple[Annotated[str, msgspec.Meta(pattern=whole(r"08[0-9]{2,4}"))], ...]
    ownership_source: Literal["registry", "prefix"]


class Outlet(Group, frozen=True):
    """Numbers of an outlet and where it stands. [D-22, D-26, D-29, D-31, D-32, G-D05, G-D06, G-D07, G-D28]"""

    rs_per_outlet: Positive
    outlets_per_nn: Positive
    rs_may_be_nn: bool
    nn_cooldown_h: HoursOrNone
    rs_conflict_disable: Literal["newest", "oldest"]
    geofence_m: Positive
    geofence_action: Literal["flag", "refuse", "off"]
    rs_conflict_due_h: Hours = 72  # an installation older than the key has no row of it


InactivityPolicy = Literal["auto", "review", "exempt"]


class Seller(Group, frozen=True):
    """Who may sell, on what credit, and when access lapses. [D-59, D-71, D-73, D-107, G-D08, G-D15, G-D16, G-D33]

    `inactivity_policy` holds both kinds of seller; any other name in it is a segment, which goes before the kind.
    After a fresh SIM a seller is on cooling-off for `cooling_off_h` hours (0: never): what was sold since then may
    come to the limit of the last of `cooling_off_steps` (hours since, limit_rp) that has begun; before the first, to
    nothing.
    """

    credit_line_idr: Count
    individual_needs_sbp: bool
    default_sbp_by: Literal["kecamatan", "cluster"]
    inactivity_policy: dict[Code, InactivityPolicy]
    inactivity_review_h: Hours
    inactivity_days: Days
    inactivity_notice_days: tuple[Days, ...]
    inactivity_return: Literal["reapply", "sell_again"]
    cooling_off_h: HoursOrNone
    cooling_off_steps: tuple[tuple[Count, Count], ...]
    inactivity_counts: tuple[Literal["success", "refunded"], ...]


class Validity(Group, frozen=True):
    """The active period of a prepaid number. [T-11, G-T01, G-T03]

    `table` holds (amount_rp, days) ascending: a recharge gives the days of the highest step not above it. With
    `accumulate` days are added to what is left, up to `cap_days` from today; without, the longer of the two counts.
    """

    table: Annotated[tuple[tuple[Positive, Days], ...], msgspec.Meta(min_length=1)]
    min_recharge_idr: Positive
    accumulate: bool
    cap_days: Days
    grace_days: DaysOrNone
    reactivation_enabled: bool
    reactivation_days: Days
    quarantine_days: DaysOrNone
    forfeit_at: Literal["grace_end", "expiry"]


class Sale(Group, frozen=True):
    """Selling: repeat guard and what happens to an outcome not yet known. [D-43, D-46, G-D12]"""

    duplicate_guard_h: HoursOrNone
    pending_checks_s: tuple[Positive, ...]
    pending_deadline_h: HoursOrNone
    pending_deadline_s: Count  # added to the hours, for deadlines shorter than one
    pending_at_deadline: Literal["reverse", "escalate"]
    typo_days: (
        DaysOrNone  # how far back numbers count as known to an outlet when a new one looks like a slip; 0: no warning
    )

    @property
    def deadline_s(self) -> int:
        """How long the outcome of a sale may stay unknown. [G-D12]"""
        return self.pending_deadline_h * HOUR_S + self.pending_deadline_s


Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]


class Health(Group, frozen=True):
    """When a product counts as slow or closed, from the sales of the last `window_s`, `min_sales` of them at least.

    A sale is slow when its outcome took longer than `slow_after_s`, and unanswered after `unanswered_after_s` without
    one. A product is slow from `slow_pct` slow or unanswered sales on, closed from `closed_pct` refused or unanswered.
    """

    window_s: Positive
    min_sales: Positive
    slow_after_s: Positive
    slow_pct: Percent
    unanswered_after_s: Positive
    closed_pct: Percent


class Price(Group, frozen=True):
    """Limits of an outlet's price list; the list itself is the catalogue. [D-08, G-D26]"""

    outlet_discount_pct_max: Annotated[int, msgspec.Meta(ge=0, le=100)]


class Tax(Group, frozen=True):
    """`ppn` is (numerator, denominator): the effective share on the base."""

    ppn: tuple[Count, Positive]


class SmsSender(Group, frozen=True):
    """Which number a message comes from. [D-06, D-23]"""

    otp: ShortNumber
    credentials: ShortNumber
    sale: ShortNumber


class Sms(Group, frozen=True):
    """Messages. A number that writes more often than `inbound_max_per_hour` gets no answer to the rest."""

    sender: SmsSender
    inbound_max_per_hour: Positive = 20  # an installation older than the key has no row of it


class Ussd(Group, frozen=True):
    """Sessions on the keypad."""

    page_chars: Annotated[int, msgspec.Meta(ge=40, le=182)]
    session_s: Positive
    idle_s: Positive


class Call(Group, frozen=True):
    """Numbers that people call. [D-36, P-27]"""

    seller_number: ShortNumber
    postpaid_number: ShortNumber
    prepaid_number: ShortNumber


class Terms(Group, frozen=True):
    """Documents to accept before using the app, and deemed acceptance of later versions. [D-75, D-102, G-D21]"""

    documents: tuple[Code, ...]
    deemed_acceptance: bool


class ConsentMarketing(Group, frozen=True):
    """The seller's marketing switch. [D-79, G-D22]"""

    default: Literal["on", "off"]


class Consent(Group, frozen=True):
    """Consents on personal data. [D-76, D-78, T-48, G-D21, G-D31, G-T15]"""

    personal_data: Literal["explicit", "deemed"]
    required_for_use: tuple[Code, ...]
    registers: tuple[Literal["user", "customer"], ...]
    marketing: ConsentMarketing


class Brand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subscriber brand; a hybrid has a postpaid and a prepaid mode. [T-03]"""

    code: Code
    name: str
    kind: Literal["prepaid", "postpaid", "hybrid"]


class Brands(Group, frozen=True):
    """The operator's brands and which of them earn points. [T-03, P-01, P-12, G-P21]"""

    table: Annotated[tuple[Brand, ...], msgspec.Meta(min_length=1)]
    earns_points: tuple[Code, ...]


class Package(Group, frozen=True):
    """Kinds of packages that the catalogue must be able to hold; more are data. [D-11, D-61]"""

    categories: tuple[Code, ...]


class Ticket(Group, frozen=True):
    """Complaints and questions. [D-37, D-40, D-42, D-47, G-D10, G-D11, G-D32]"""

    sla_h: Hours
    attachment_max_kb: Positive
    channels: tuple[Code, ...]
    evidence_required_in: tuple[Code, ...]
    transaction_fields_for: tuple[Code, ...]


class Dispute(Group, frozen=True):
    """Deliberation before the law. [D-101]"""

    deliberation_days: Days


class Sanction(Group, frozen=True):
    """What follows a confirmed breach. [D-94, D-95, G-D18, G-D19, G-D30]"""

    blocking_articles: tuple[Positive, ...]
    ladder: tuple[Code, ...]
    warning_days: Days
    block_days: Days
    may_skip: bool
    appeals: Count
    article_block_ends_by: Literal["decision", "time"]


class Client(Group, frozen=True):
    """What the seller's phone must have and may weigh. [D-04, D-15..D-18, G-D23, G-D24, G-D27, G-D29]"""

    cache_max_mb: Positive
    camera_min_mp: Positive
    memory_min_gb: Positive
    external_memory_check: bool
    networks: tuple[Annotated[str, msgspec.Meta(pattern=whole(r"[a-z0-9]+"))], ...]
    distribution: tuple[Literal["pwa", "apk"], ...]
    store_url: str
    android_min: Annotated[str, msgspec.Meta(pattern=whole(r"[0-9]+(\.[0-9]+)?"))]
    android_below_min: Literal["warn", "refuse"]
    first_load_kb: Positive
    page_kb: Positive
    photo_kb: Positive


Switch = dict[Where, Literal["on", "off"]]


def _on() -> Switch:
    return {"default": "on"}


class Feature(Group, frozen=True):
    """Which modules of the app are there, and for whom; see `modules.py`. [D-54]

    The word for an outlet's segment goes before that for its area, and that before `default`. An installation older
    than a module has no row of it, and then it is on.
    """

    packages: Switch = msgspec.field(default_factory=_on)
    cancel: Switch = msgspec.field(default_factory=_on)
    day_close: Switch = msgspec.field(default_factory=_on)
    apply: Switch = msgspec.field(default_factory=_on)
    visits: Switch = msgspec.field(default_factory=_on)
    offices: Switch = msgspec.field(default_factory=_on)
