"""The evaluation of everybody's tier, in its place between the grants. [P-32, P-37, G-P26]

Before it everything is granted that was recharged and billed: what counts must be there. After it the day is looked at
once more: whatever came since it began may have been granted with the tier of the day before, by a run of every five
minutes, by another worker while the evaluation went on, or by the one before it. What differs is granted, and whoever
spent enough on that very day leaves the lowest tier again; of bills the evaluation itself says which to look at.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from konter.loyalty.earning.accrue import grant_all
from konter.loyalty.tiers.evaluate import evaluate_tiers, evaluation_of
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks
from konter.rules.model import Rulebook


async def evaluate_month(
    pool: Pool,
    on: date,
    *,
    due: datetime,
    rulebook: Rulebook,
    ids: IdBlocks,
    clock: Callable[[], datetime] | None = None,
) -> Counter[str]:
    """Grant, evaluate as of a day, and look at that day again, up to what the clock shows when the evaluation is done;
    how many tiers changed, by cause. Again changes nothing.
    """
    await grant_all(pool, now=due, rulebook=rulebook, ids=ids)
    done = await evaluate_tiers(pool, on, now=due, rulebook=rulebook)
    begin = evaluation_of(rulebook, on).begin
    await grant_all(pool, now=max(due, clock()) if clock is not None else due, rulebook=rulebook, ids=ids, since=begin)
    return done
