"""What is redeemed, reward by reward: added up after each day."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.rewards.redemption import queries
from konter.platform.clock import day_start
from konter.platform.db import Connection, allow_long_work
from konter.rules.model import Rules

DAYS_MAX = 400


class RewardFigure(msgspec.Struct, frozen=True, kw_only=True):
    """Of a reward over some days: redemptions, those whose points came back, the points of the others, burnt codes.
    `merchant` gives the goods, if one does; a reward's names are those of its newest offer.
    """

    reward: str
    name_id: str
    name_en: str
    merchant: str | None
    merchant_name: str | None
    redemptions: int
    refunded: int
    points: int
    burnt: int

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id


async def roll_up_rewards(connection: Connection, day: date, *, rules: Rules) -> None:
    """Add up a day that is over where the programme is at home; again replaces it."""
    zone = ZoneInfo(rules.poin.time_zone)
    async with connection.transaction():
        await allow_long_work(connection)
        begin, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        await queries.write_reward_day(connection, day=day, begin=begin, end=end)


async def redeemed_counts(
    connection: Connection, *, rules: Rules, rewards: Sequence[str] | None = None
) -> dict[str, int]:
    """How many of each reward, or of these, were redeemed up to now, refunded ones aside; none of what never was.

    A day that was added up says what was refunded by then.
    """
    return await queries.count_redeemed(connection, zone=rules.poin.time_zone, rewards=rewards)


async def reward_figures(
    connection: Connection, *, first: date, last: date, merchant: str | None = None
) -> list[RewardFigure]:
    """Each reward, or each of a merchant, that was redeemed or burnt on some days, the most redeemed first: the last
    day and at most the 400 before it. [P-21..P-23]
    """
    first = max(first, last - timedelta(days=DAYS_MAX))
    rows = await queries.read_reward_figures(connection, first=first, last=last, merchant=merchant)
    return [RewardFigure(**dict(row)) for row in rows]
