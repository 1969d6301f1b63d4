"""What a redemption would come to, before anybody confirms it: a look that locks nothing. [P-20, P-30]"""

from datetime import datetime

import msgspec

from konter.ledger.model import REDEEMED, House
from konter.loyalty.points.model import REDEMPTION, spend_drafts
from konter.loyalty.rewards.catalogue.model import RewardLine
from konter.loyalty.rewards.catalogue.read import rewards_and_points
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rules


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """So many points that a vintage would pay; it is told by its end."""

    points: int
    expires_at: datetime


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A reward for a customer; the line says why not, where that is so. `points` is the balance before, `paid_by` the
    soonest to end first, and empty where there are not enough.
    """

    line: RewardLine
    points: int
    paid_by: tuple[Part, ...]

    @property
    def points_after(self) -> int:
        """The balance that a redemption leaves."""
        return self.points - self.line.offer.points


async def quote_reward(
    connection: Connection, subscription_id: SubscriptionId, reward: str, *, now: datetime, rules: Rules
) -> Quote | None:
    """One reward that is on offer, for one customer; None for what is not on offer. A redemption decides again."""
    lines, found = await rewards_and_points(connection, subscription_id, now=now, rules=rules)
    line = next((each for each in lines if each.offer.reward == reward), None)
    if line is None:
        return None
    drafts = spend_drafts(found, line.offer.points, kind=REDEMPTION, to=House(REDEEMED)) or []
    paid_by = [
        Part(points=draft.amount, expires_at=draft.debit.expires_at)
        for draft in drafts
        if not isinstance(draft.debit, House) and draft.debit.expires_at is not None
    ]
    return Quote(line=line, points=found.points, paid_by=tuple(paid_by))
