"""The jobs and when they fall due, in WIB. Thin: each calls one verb for the moment at which it was due."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from konter.access.sweep import sweep_logins
from konter.app import App
from konter.channel.conflicts.settle import settle_due_conflicts
from konter.channel.onboarding.lapse import lapse_applications
from konter.channel.onboarding.reroute import reroute_applications
from konter.jobs.by_rules import by_rules
from konter.jobs.points import point_jobs
from konter.jobs.rewards import reward_jobs
from konter.ledger.books import check_books, roll_up_house
from konter.ledger.expire import anything_expired, expire
from konter.messaging.sweep import sweep_dialogue
from konter.platform.audit import SYSTEM
from konter.platform.clock import business_day
from konter.platform.db import Pool
from konter.platform.metrics import BOOKS_BREAKS
from konter.platform.outbox import forget_done
from konter.platform.refusal import Refusal, Refused
from konter.platform.schedule import Job
from konter.sales.activity.by_area import roll_up_districts
from konter.sales.activity.sweep import sweep_inactivity
from konter.sales.reconciliation.items import days_without_file
from konter.sales.reconciliation.reconcile import reconcile

OUTBOX_KEPT = timedelta(days=7)
log = structlog.get_logger()


def jobs_of(app: App) -> list[Job]:
    """Everything that time itself sets off. Asked anew every second, as a clock that was moved changes it: sellers are
    then warned and ended morning by morning, while of an outage the newest morning alone counts.
    """
    return [
        Job("expire_value", "*/10 * * * *", _expire(app), wanted=_anything_ended),
        Job("roll_up_house", "15 0 * * *", _roll_up),
        Job("check_books", "0 3 * * *", _prove, newest_only=True),
        Job("sweep_access", "30 3 * * *", _sweep, newest_only=True),
        Job("lapse_applications", "35 3 * * *", by_rules(app, lapse_applications)),
        Job("sweep_dialogue", "40 3 * * *", _sweep_dialogue, newest_only=True),
        Job("sweep_outbox", "45 3 * * *", _sweep_outbox, newest_only=True),
        Job("settle_conflicts", "5 * * * *", by_rules(app, settle_due_conflicts)),
        Job("reroute_applications", "10 * * * *", by_rules(app, reroute_applications)),
        Job("reconcile", "15 4 * * *", _reconcile(app)),
        Job("roll_up_districts", "30 4 * * *", _roll_up_districts),
        # Nobody is warned and ended within the second in which an outage is made up for. [D-71]
        Job("sweep_inactivity", "0 9 * * *", by_rules(app, sweep_inactivity), newest_only=not app.clock.moved),
        *point_jobs(app),
        *reward_jobs(app),
    ]


def _expire(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    async def run(pool: Pool, due: datetime) -> None:
        async with pool.acquire() as connection:
            while await expire(connection, now=due, ids=app.ids):
                pass

    return run


async def _anything_ended(pool: Pool, due: datetime) -> bool:
    """What ends is booked under the first of these moments that finds it over."""
    async with pool.acquire() as connection:
        return await anything_expired(connection, now=due)


def _reconcile(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    """Yesterday, and the days before it whose file was missing or bad. [D-46]"""

    async def run(pool: Pool, due: datetime) -> None:
        yesterday = business_day(due) - timedelta(days=1)
        async with pool.acquire() as connection:
            days = [day for day in await days_without_file(connection) if day < yesterday]
        for day in (*days, yesterday):
            raw = await app.network.statement(day) if app.network is not None else None
            async with pool.acquire() as connection:
                rules = await app.rules(connection, due)
                report = await reconcile(connection, day, raw=raw, now=due, rules=rules, ids=app.ids, actor=SYSTEM)
            if isinstance(report, Refusal):
                raise Refused(report)
            log.info("reconciled", day=str(day), file=report.file, opened=report.opened, solved=report.solved)

    return run


async def _roll_up_districts(pool: Pool, due: datetime) -> None:
    """Yesterday, and the day before once more: by now even late sales of it have their outcome."""
    async with pool.acquire() as connection:
        for days in (2, 1):
            await roll_up_districts(connection, business_day(due) - timedelta(days=days))


async def _roll_up(pool: Pool, due: datetime) -> None:
    async with pool.acquire() as connection:
        await roll_up_house(connection, business_day(due) - timedelta(days=1))


async def _prove(pool: Pool, due: datetime) -> None:
    async with pool.acquire() as connection:
        report = await check_books(connection, now=due)
    BOOKS_BREAKS.set(len(report.breaks))
    if not report.balanced:
        log.error("books do not balance", breaks=report.breaks)


async def _sweep_dialogue(pool: Pool, due: datetime) -> None:
    async with pool.acquire() as connection:
        await sweep_dialogue(connection, now=due)


async def _sweep_outbox(pool: Pool, due: datetime) -> None:
    async with pool.acquire() as connection:
        while await forget_done(connection, before=due - OUTBOX_KEPT):
            pass


async def _sweep(pool: Pool, due: datetime) -> None:
    async with pool.acquire() as connection:
        await sweep_logins(connection, now=due)
