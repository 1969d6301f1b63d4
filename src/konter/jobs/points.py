"""The jobs of the points programme."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from konter.app import App
from konter.jobs.by_rules import by_rules
from konter.loyalty.earning.accrue import grant_all
from konter.loyalty.earning.clocks import forget_runs
from konter.loyalty.monthly import evaluate_month
from konter.loyalty.points.figures import roll_up_points
from konter.loyalty.points.forfeit import forfeit_ended
from konter.loyalty.points.notices import notify_ending
from konter.loyalty.rewards.redemption.figures import roll_up_rewards
from konter.loyalty.tiers.figures import roll_up_tiers
from konter.platform.clock import business_day
from konter.platform.db import Pool
from konter.platform.schedule import Job

ENDED_LOOKED_AT = timedelta(days=30)  # numbers that ended within these are looked at for points left
ROLLED_UP_AGAIN = 3
log = structlog.get_logger()


def point_jobs(app: App) -> list[Job]:
    """What time sets off for points: grants, tiers, forfeits, notices, and the figures of a day."""
    return [
        # Who reaches the minimum is in the next tier "at once".
        Job("accrue_points", "*/5 * * * *", _accrue(app), newest_only=True),
        Job("evaluate_tiers", "5 0 * * *", _evaluate(app)),
        Job("forfeit_points", "25 1 * * *", _forfeit(app)),
        Job("roll_up_points", "20 0 * * *", _roll_up(app)),
        # By day; of mornings that passed at once the newest alone, so that nobody is told of what is over.
        Job("notify_ending_points", "30 9 * * *", by_rules(app, notify_ending), newest_only=True),
    ]


def _accrue(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    """A run sees everything since the last one. [P-14, P-15]"""

    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            rulebook, _ = await app.references.current(connection)
        recharges, bills = await grant_all(pool, now=due, rulebook=rulebook, ids=app.ids)
        if recharges or bills:
            log.info("granted points", recharges=recharges, bills=bills)

    return run


def _evaluate(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    """On the day that the rules name. [P-32, G-P26]"""

    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            rules = await app.rules(connection, due)
            rulebook, _ = await app.references.current(connection)
        on = business_day(due, ZoneInfo(rules.poin.time_zone))
        if on.day == rules.tier.evaluation_day:
            done = await evaluate_month(pool, on, due=due, clock=app.clock.now, rulebook=rulebook, ids=app.ids)
            log.info("evaluated tiers", on=str(on), **done)

    return run


def _forfeit(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            rules = await app.rules(connection, due)
            await forfeit_ended(connection, since=due - ENDED_LOOKED_AT, now=due, ids=app.ids, rules=rules)

    return run


def _roll_up(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            rules = await app.rules(connection, due)
            today = business_day(due, ZoneInfo(rules.poin.time_zone))
            # Also the days before: what caught up after an outage is booked under the moment at which it was due.
            for days in range(1, ROLLED_UP_AGAIN + 1):
                day = today - timedelta(days=days)
                await roll_up_points(connection, day, rules=rules)
                await roll_up_tiers(connection, day, rules=rules, standing=days == 1)
                await roll_up_rewards(connection, day, rules=rules)
            await forget_runs(connection, now=due)

    return run
