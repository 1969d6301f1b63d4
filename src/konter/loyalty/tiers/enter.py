"""Out of the lowest tier at once, as soon as a month's recharges or the newest bill reach the minimum. [P-37]"""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from konter.loyalty.tiers import queries
from konter.loyalty.tiers.model import Change, Held, enter, lowest
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rules


async def enter_tiers(
    connection: Connection, spent: Mapping[SubscriptionId, tuple[int, date]], *, rules: Rules, now: datetime
) -> list[Change]:
    """Whoever is in the lowest tier and has spent enough enters the next, on the day of the recharge or bill that
    reached it. Subscriptions are locked by the caller, in whose transaction this runs. [P-37, G-P15, G-P25]
    """
    held = await queries.read_held(connection, subscriptions=list(spent))
    nobody = Held(standing=lowest(rules.tier), changes=0)
    today = business_day(now, ZoneInfo(rules.poin.time_zone))
    changes = []
    for subscription, (spent_rp, on) in spent.items():
        known = held.get(subscription, nobody)
        # What was spent before the end of a higher tier was counted for that one.
        standing = enter(known.standing, spent_rp, on=on, tier=rules.tier) if on >= known.standing.since else None
        # A bill that is recorded long after its issue makes nobody what would be over by now.
        if standing is not None and standing.until is not None and standing.until > today:
            changes.append(
                Change(
                    subscription_id=subscription,
                    seq=known.changes + 1,
                    tier_before=known.standing.tier,
                    standing=standing,
                    spent_rp=spent_rp,
                )
            )
    if changes:
        await queries.write_changes(connection, changes, rule=rules.label, at=now)
    return changes
