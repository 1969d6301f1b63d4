"""The monthly evaluation of everybody, and what one would come to under other thresholds. [P-32..P-36, G-P26]"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from konter.ledger.read import lock_owners
from konter.loyalty.tiers import queries
from konter.loyalty.tiers.model import Evaluation
from konter.platform.clock import day_start
from konter.platform.db import Connection, Pool, allow_long_work, retried
from konter.platform.ids import SubscriptionId
from konter.platform.spread import over_cells
from konter.rules.keys_loyalty import Tier
from konter.rules.model import Rulebook

SUBSCRIPTIONS_A_BATCH = 10_000


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers of a tier earn which by their average, and which they come to with the evaluation: a lower one
    only at the end of what they have.
    """

    tier: str
    earned: str
    target: str
    customers: int


async def evaluate_tiers(pool: Pool, on: date, *, now: datetime, rulebook: Rulebook) -> Counter[str]:
    """Evaluate everybody as of a day, as a rule the first of a month; how many changed, by cause. Again changes none.

    What was recharged before that day must have been reckoned (`earning.accrue`). Only those who change are locked.
    [P-32, P-33, P-35, P-36, G-P12..G-P14, G-P26, G-P28]
    """
    evaluation = evaluation_of(rulebook, on)

    async def evaluate(connection: Connection, cells: Sequence[int]) -> Counter[str]:
        done: Counter[str] = Counter()
        async with connection.transaction():
            await allow_long_work(connection)
            changing = await queries.find_changing(connection, evaluation, cells=cells)
        for first in range(0, len(changing), SUBSCRIPTIONS_A_BATCH):
            batch = changing[first : first + SUBSCRIPTIONS_A_BATCH]
            done.update(await retried(partial(_evaluate, connection, evaluation, batch, now)))
        return done

    return sum(await over_cells(pool, evaluate), Counter())


async def _evaluate(
    connection: Connection, evaluation: Evaluation, subscriptions: list[SubscriptionId], now: datetime
) -> dict[str, int]:
    async with connection.transaction():
        await allow_long_work(connection)
        await lock_owners(connection, owners=subscriptions)
        return await queries.write_evaluation(connection, evaluation, subscriptions=subscriptions, at=now)


async def what_if(pool: Pool, on: date, *, rulebook: Rulebook, tier: Tier | None = None) -> list[Flow]:
    """What an evaluation on a day would come to, by tier now, for the whole base; with other rules for tiers than those
    in force, if given. Nothing is written. "With these thresholds, how many Gold?"
    """
    evaluation = evaluation_of(rulebook, on)
    if tier is not None:
        evaluation = Evaluation(msgspec.structs.replace(evaluation.rules, tier=tier), on)

    async def count(connection: Connection, cells: Sequence[int]) -> Counter[tuple[str, str, str]]:
        async with connection.transaction(readonly=True):
            await allow_long_work(connection)
            rows = await queries.count_decided(connection, evaluation, cells=cells)
        return Counter({(row["tier"], row["earned"], row["target"]): row["customers"] for row in rows})

    counted = sum(await over_cells(pool, count), Counter())
    flows = [
        Flow(tier=now, earned=earned, target=target, customers=customers)
        for (now, earned, target), customers in counted.items()
    ]
    return in_order(flows, evaluation.rules.tier)


def in_order(flows: Sequence[Flow], tier: Tier) -> list[Flow]:
    """From the lowest tier to the highest, those of another programme first. Pure."""
    place = {name: place for place, name in enumerate(tier.names)}
    return sorted(flows, key=lambda flow: [place.get(name, -1) for name in (flow.tier, flow.earned, flow.target)])


def evaluation_of(rulebook: Rulebook, on: date) -> Evaluation:
    """The evaluation of a day, by the rules with which that day begins."""
    rules = rulebook.at(day_start(on))
    return Evaluation(rulebook.at(day_start(on, ZoneInfo(rules.poin.time_zone))), on)
