"""The catalogue as every channel shows it: one verb, so that none knows another price. [P-24..P-27, P-30, P-42]"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from konter.ledger import read as ledger_read
from konter.ledger.model import Books
from konter.loyalty.points.model import Spendable, spendable
from konter.loyalty.rewards.catalogue import queries
from konter.loyalty.rewards.catalogue.model import (
    Left,
    Member,
    Offer,
    RewardLine,
    Stand,
    left_of,
    left_word,
    lines_of,
    period_starts,
)
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rules

CLOSURES_MAX = 50


async def rewards_for(
    connection: Connection, subscription_id: SubscriptionId | None, *, now: datetime, rules: Rules
) -> list[RewardLine]:
    """The rewards that can be had now, in their order; for a customer each with why not, where that is so.

    Nothing is locked: what it says of stock and points may be a moment old, a redemption decides.
    """
    if subscription_id is None:
        return await _lines_for(connection, None, now=now, rules=rules)
    lines, _ = await rewards_and_points(connection, subscription_id, now=now, rules=rules)
    return lines


async def rewards_and_points(
    connection: Connection, subscription_id: SubscriptionId, *, now: datetime, rules: Rules
) -> tuple[list[RewardLine], Spendable]:
    """The same for a customer, with the points that it was decided on: of one moment, read once."""
    member, points = await read_member(connection, subscription_id, now=now)
    return await _lines_for(connection, member, now=now, rules=rules), points


async def _lines_for(connection: Connection, member: Member | None, *, now: datetime, rules: Rules) -> list[RewardLine]:
    used = {}
    if member is not None:
        used = await queries.read_used(
            connection, subscription_id=member.subscription.id, starts=period_starts(rules, now)
        )
    offers = []
    for row in await queries.read_shown(connection, now=now):
        offer = queries.offer_of(row)
        left = left_of(offer, taken=row["taken"] or 0, codes=row["codes"])
        offers.append((offer, row["closed"], left))
    return lines_of(offers, member, used, rules=rules, now=now)


class RewardState(msgspec.Struct, frozen=True, kw_only=True):
    """A reward as staff see it: closed by hand or not, how many of a counted one are taken, how much is left."""

    offer: Offer
    closed: bool
    taken: int | None
    left: Left

    def stands(self, now: datetime) -> Stand:
        """In one word: closed by hand, to come, over, out of stock, few left, or open."""
        if self.closed:
            return "closed"
        if self.offer.valid_from > now:
            return "coming"
        if self.offer.over(now):
            return "over"
        return "open" if self.left == "plenty" else self.left


async def reward_states(connection: Connection, *, now: datetime, ahead: bool = False) -> list[RewardState]:
    """Every reward whose offer has begun, closed and ended ones too, in the catalogue's order; `ahead`: those too that
    are still to come.
    """
    states = [_state(row) for row in await queries.read_shown(connection, now=now, ahead=ahead)]
    return sorted(states, key=lambda state: (state.offer.sort, state.offer.reward))


async def reward_state(
    connection: Connection, reward: str, *, now: datetime, ahead: bool = False
) -> RewardState | None:
    """One reward as staff see it; None where none of that code has begun, nor, with `ahead`, is to come."""
    rows = await queries.read_shown(connection, now=now, reward=reward, ahead=ahead)
    return _state(rows[0]) if rows else None


def _state(row: queries.Record) -> RewardState:
    offer = queries.offer_of(row)
    left = left_word(left_of(offer, taken=row["taken"] or 0, codes=row["codes"]))
    return RewardState(offer=offer, closed=row["closed"], taken=row["taken"], left=left)


async def offers_by_reward(connection: Connection, rewards: Iterable[str], *, now: datetime) -> dict[str, Offer]:
    """How rewards that were redeemed are called now, closed and ended ones too. One query, none where none is asked."""
    asked = sorted(set(rewards))
    rows = await queries.read_offers_in_force(connection, rewards=asked, now=now) if asked else []
    return {row["reward"]: queries.offer_of(row) for row in rows}


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """Staff took a reward out, and perhaps put it in again."""

    closed_at: datetime
    closed_by: str
    reason: str
    opened_at: datetime | None
    opened_by: str | None


class OfferLine(msgspec.Struct, frozen=True, kw_only=True):
    """A price of a reward, from when to when, and who brought it; `stock` is None where there is no limit."""

    valid_from: datetime
    valid_until: datetime | None
    points: int
    stock: int | None
    recorded_at: datetime
    recorded_by: str


async def reward_story(connection: Connection, reward: str) -> tuple[list[Closure], list[OfferLine]]:
    """How a reward was closed and opened, the last 50 times, and its prices, those to come too; newest first."""
    closures = await queries.read_closures(connection, reward=reward, limit=CLOSURES_MAX)
    offers = await queries.read_offers_of(connection, reward=reward)
    return [Closure(**dict(row)) for row in closures], [OfferLine(**dict(row)) for row in offers]


async def read_member(
    connection: Connection, subscription_id: SubscriptionId, *, now: datetime
) -> tuple[Member | None, Spendable]:
    """A customer with tier and points, and which vintages hold them; None and no points for one that never was."""
    row = await queries.read_member(connection, subscription_id=subscription_id)
    if row is None:
        return None, Spendable((), 0)
    accounts = await ledger_read.read_accounts(connection, owners=[subscription_id], at=now)
    found = spendable(Books(accounts, seqs=iter(()), at=now), subscription_id, now=now)
    subscription, ended, tier = queries.member_of(row)
    return Member(subscription=subscription, ended=ended, tier=tier, points=found.points, debt=found.debt), found
