"""Classes of customers: who is in which, from when to when, and what moves them. Pure. [P-31..P-40]

A tier is valid to an end; until then it only rises. At the end the customer gets the tier that the spending of the last
months earns.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from konter.rules.keys_loyalty import Tier

Cause = Literal["entry", "upgrade", "renewal", "downgrade", "migration"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A tier from a day up to, and not on, another; `counted_from` is the first day whose spending counts. [P-34, P-40]

    The lowest tier has no end: `until` is None.
    """

    tier: str
    since: date
    until: date | None
    counted_from: date
    cause: Cause


def month_of(day: date, months: int = 0) -> date:
    """The first day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


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
    if rank(earned) > rank(standing.tier):
        restarts = tier.upgrade_restarts_validity or standing.until is None
        until = valid_until(on, tier.validity_months, tier) if restarts else standing.until
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


def enter(standing: Standing, spent_rp: int, *, on: date, tier: Tier) -> Standing | None:
    """Out of the lowest tier at once, when this month's recharges or the newest bill reach the minimum. [P-37, G-P15,
    G-P25]
    """
    if standing.tier != tier.names[0] or not 0 < tier.red_entry_min_idr <= spent_rp:
        return None
    return Standing(
        tier=tier.names[1],
        since=on,
        until=valid_until(on, tier.red_entry_validity_months, tier),
        counted_from=standing.counted_from,
        cause="entry",
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
