"""Classes of customers: who is in which, from when to when, and what moves them. Pure. [P-31..P-40]

A tier is valid to an end; until then it only rises. At the end the customer gets the tier that the spending of the last
months earns.

`evaluate` is what the rules mean for one customer; of everybody `queries._DECIDED` says the same in SQL and
`whole_base/tiers` in Ibis. Change all three together: `tests/loyalty/tiers/test_evaluate.py` and
`tests/loyalty/whole_base/test_tiers.py` hold them to each other. `enter` and `migrate` are called.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from konter.platform.clock import day_start
from konter.platform.ids import SubscriptionId
from konter.rules.keys_loyalty import Tier
from konter.rules.model import Rules

Cause = Literal["entry", "upgrade", "renewal", "downgrade", "migration", "programme"]
EVER = date(1, 1, 1)  # counted from: all spending counts


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A tier from a day up to, and not on, another; `counted_from` is the first day whose spending counts. [P-34, P-40]

    The lowest tier has no end: `until` is None.
    """

    tier: str
    since: date
    until: date | None
    counted_from: date
    cause: Cause


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A standing as it is kept, with how many changes made it."""

    standing: Standing
    changes: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The `seq`-th change of a customer's tier. `spent_rp`: the average, or for an entry the sum, that made it."""

    subscription_id: SubscriptionId
    seq: int
    tier_before: str
    standing: Standing
    spent_rp: int


class Evaluation:
    """One evaluation of everybody: the first day on which its tiers hold, under the rules of that day. The months that
    count are the full ones before that day's. [P-32, G-P26]
    """

    def __init__(self, rules: Rules, on: date) -> None:
        self.rules = rules
        self.on = on
        self.begin = day_start(on, ZoneInfo(rules.poin.time_zone))  # bills issued before count
        self.first_month = month_of(on, -rules.tier.window_months)
        self.until = valid_until(on, rules.tier.validity_months, rules.tier)


def rank_of(tier: str, rules: Rules) -> int:
    """The place of a tier from the lowest, 0. A name that the rules in force do not know is the lowest."""
    names = rules.tier.names
    return names.index(tier) if tier in names else 0


def lowest(tier: Tier) -> Standing:
    """Where everybody begins."""
    return Standing(tier=tier.names[0], since=EVER, until=None, counted_from=EVER, cause="entry")


def month_of(day: date, months: int = 0) -> date:
    """The first day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def next_evaluation(tier: Tier, today: date) -> date:
    """The next day on which everybody is evaluated, after today. [P-32]"""
    this_month = today.replace(day=tier.evaluation_day)
    return this_month if this_month > today else month_of(today, 1).replace(day=tier.evaluation_day)


def valid_until(since: date, months: int, tier: Tier) -> date:
    """The first day on which a tier of so many months is over. Rounded up to the month's end 1 January gives 1 July and
    10 March gives 1 October. [P-34, G-P27]
    """
    same_day = month_of(since, months)
    if since.day == 1:
        return same_day
    if tier.validity_round_up == "month_end":
        return month_of(since, months + 1)
    following = month_of(same_day, 1)
    return min(same_day + timedelta(days=since.day - 1), following)


def full_months(since: date, on: date) -> int:
    """Whole months between two days: from 31 January to 28 February there is none."""
    return (on.year - since.year) * 12 + on.month - since.month - (since.day > on.day)


def average(months_rp: Sequence[int], tier: Tier) -> int:
    """The sum of the last months by the divisor of the rule, however few months there are. [P-33, G-P12]"""
    return sum(months_rp[-tier.window_months :]) // tier.average_divisor


def earned_tier(average_rp: int, tenure_months: int, tier: Tier) -> str:
    """The highest tier whose threshold the average meets, and whose tenure the customer has. [P-31, P-33, G-P11]"""
    reached = tier.names[0]
    for name, tenure in zip(tier.names[1:], tier.min_tenure_months[1:], strict=True):
        if average_rp >= tier.threshold[f"{name}_idr"] and tenure_months >= tenure:
            reached = name
    return reached


def evaluate(
    standing: Standing, months_rp: Sequence[int], *, on: date, tenure_months: int, tier: Tier
) -> Standing | None:
    """What the monthly evaluation makes of a standing, or None where it stays: up at once, down only at the end.
    [P-32, P-35, P-36, G-P13, G-P14, G-P26]
    """
    rank = tier.names.index
    earned = earned_tier(average(months_rp, tier), tenure_months, tier)
    if standing.tier not in tier.names:
        return _in_new_programme(standing, earned, on=on, tier=tier)
    if rank(earned) > rank(standing.tier):
        goes_on = not tier.upgrade_restarts_validity and standing.until is not None and on < standing.until
        until = standing.until if goes_on else valid_until(on, tier.validity_months, tier)
        return Standing(tier=earned, since=on, until=until, counted_from=standing.counted_from, cause="upgrade")
    if standing.until is None or on < standing.until:
        return None
    if tier.downgrade_to == "one_below" and rank(earned) < rank(standing.tier):
        earned = tier.names[max(rank(earned), rank(standing.tier) - 1)]
    return Standing(
        tier=earned,
        since=on,
        until=None if earned == tier.names[0] else valid_until(on, tier.validity_months, tier),
        counted_from=standing.counted_from,
        cause="renewal" if earned == standing.tier else "downgrade",
    )


def _in_new_programme(standing: Standing, earned: str, *, on: date, tier: Tier) -> Standing:
    """Tiers were given other names: whoever is in one that is no more gets what the spending earns."""
    until = None if earned == tier.names[0] else valid_until(on, tier.validity_months, tier)
    return Standing(tier=earned, since=on, until=until, counted_from=standing.counted_from, cause="programme")


def enter(standing: Standing, spent_rp: int, *, on: date, tier: Tier) -> Standing | None:
    """Out of the lowest tier at once, when this month's recharges or the newest bill reach the minimum. [P-37, G-P15,
    G-P25]
    """
    if standing.tier != tier.names[0] or len(tier.names) == 1 or not 0 < tier.red_entry_min_idr <= spent_rp:
        return None
    return Standing(
        tier=tier.names[1],
        since=on,
        until=valid_until(on, tier.red_entry_validity_months, tier),
        counted_from=standing.counted_from,
        cause="entry",
    )


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """Who leaves the lowest tier at once, by the rules of a moment: from `min_rp` on, out of `lowest` into `tier`, and
    for each day that counts the first day on which that is over. Where nobody enters there is no day.
    """

    lowest: str
    tier: str
    min_rp: int
    until: dict[date, date]
    zone: str
    rule: str


def entries(rules: Rules, today: date, *, since: date = date.min) -> Entries:
    """The entries of the days since one that are not over today. [P-37, G-P15, G-P25]"""
    tier, day = rules.tier, today
    until: dict[date, date] = {}
    while day >= since and (standing := enter(lowest(tier), tier.red_entry_min_idr, on=day, tier=tier)) is not None:
        if standing.until is None or standing.until <= today:
            break
        until[day] = standing.until
        day -= timedelta(days=1)
    return Entries(
        lowest=tier.names[0],
        tier=tier.names[:2][-1],
        min_rp=tier.red_entry_min_idr,
        until=until,
        zone=rules.poin.time_zone,
        rule=rules.label,
    )


def migrate(standing: Standing, *, on: date, tier: Tier) -> Standing:
    """Prepaid becomes postpaid, or back: the tier goes along for a new time, and spending counts from that day on.
    [P-39, P-40, G-P16, G-P17]
    """
    lowest = standing.tier == tier.names[0]
    return Standing(
        tier=standing.tier,
        since=on,
        until=None if lowest else valid_until(on, tier.migration_validity_months, tier),
        counted_from=on if tier.migration_basis == "postpaid_only" else standing.counted_from,
        cause="migration",
    )
