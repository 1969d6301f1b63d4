"""The jobs of rewards."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from konter.app import App
from konter.platform.db import Pool
from konter.platform.schedule import Job


def reward_jobs(app: App) -> list[Job]:
    """What time sets off for rewards: points that a provider did not earn in time come back. [P-29]"""
    return [Job("end_redemptions", "* * * * *", _end_overdue(app), newest_only=True)]


def _end_overdue(app: App) -> Callable[[Pool, datetime], Awaitable[None]]:
    async def run(_: Pool, due: datetime) -> None:
        while await app.providing.end_overdue(now=due):
            pass

    return run
