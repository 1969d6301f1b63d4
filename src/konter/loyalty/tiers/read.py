"""Which tier a customer is in, and how that came. [P-28, P-41]"""

from datetime import date, datetime, timedelta

import msgspec

from konter.loyalty.tiers import queries
from konter.loyalty.tiers.model import Cause, Standing, lowest
from konter.platform.db import Connection
from konter.platform.i18n import called
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rules

CHANGES_MAX = 50
ONE_DAY = timedelta(days=1)


class TierChange(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history: from which tier, to which, why, on what spending, by which rule, written when."""

    tier_before: str
    standing: Standing
    spent_rp: int
    rule: str
    at: datetime

    @property
    def cause(self) -> Cause:
        """What made it."""
        return self.standing.cause

    @property
    def last_day(self) -> date | None:
        """The last day on which the tier held or will; None for one without end. One that another followed on the day
        on which it began held on that day.
        """
        until = self.standing.until
        return max(until - ONE_DAY, self.standing.since) if until is not None else None


async def tier_of(connection: Connection, subscription_id: SubscriptionId, *, rules: Rules) -> Standing:
    """The standing of a subscription; who never had another is in the lowest tier. One query."""
    held = await queries.read_held(connection, subscriptions=[subscription_id])
    return held[subscription_id].standing if subscription_id in held else lowest(rules.tier)


async def tier_history(
    connection: Connection, subscription_id: SubscriptionId, *, limit: int = CHANGES_MAX
) -> list[TierChange]:
    """The newest changes of a customer's tier, at most 50; one that another followed ended where that one began."""
    found = await queries.read_changes(connection, subscription_id=subscription_id, limit=min(limit, CHANGES_MAX))
    changes: list[TierChange] = []
    for change, rule, at in found:
        standing = change.standing
        if changes:
            standing = msgspec.structs.replace(standing, until=changes[-1].standing.since)
        changes.append(
            TierChange(tier_before=change.tier_before, standing=standing, spent_rp=change.spent_rp, rule=rule, at=at)
        )
    return changes


def tier_name(tier: str, locale: str) -> str:
    """A tier as people call it; one that has no text of its own by its code. Inside a text: `{tier:@tier.name}`."""
    return called("tier.name.", tier, locale)
