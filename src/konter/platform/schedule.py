"""The movable clock of demo and tests, and jobs by cron expression that run in order when they fall due.

No scheduler reads a clock of its own: `due` is a pure function of the last run and the moment, and how far each job
has run stands in the table `job`. When the clock is moved 40 days, the jobs of 40 days run, one after another, but for
those of which one run makes up for many.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum

import msgspec
import structlog
from cronsim import CronSim

from konter.platform.clock import WIB
from konter.platform.db import Connection, Pool

RUNS_MAX = 10_000
REST_MAX_S = 600.0
log = structlog.get_logger()


class Job(msgspec.Struct, frozen=True):
    """A job: its name, a cron expression in WIB, and what it does for the moment at which it was due.

    Of many moments that are due at once, after an outage or when the clock was moved, each has its run, in order. Two
    things spare runs: `newest_only`, where one makes up for all before it, and `wanted`, which says before a run
    whether there is anything to do; the newest moment runs without asking.
    """

    name: str
    cron: str
    run: Callable[[Pool, datetime], Awaitable[object]]
    newest_only: bool = False
    wanted: Callable[[Pool, datetime], Awaitable[bool]] | None = None


class Run(Enum):
    """What came of one moment of one job."""

    DONE = "done"
    BEFORE = "before"  # it had been run
    ELSEWHERE = "elsewhere"  # another worker is at the job


def due(cron: str, last: datetime, now: datetime) -> Iterator[datetime]:
    """The moments after `last` and not after `now` at which a cron expression (WIB) falls due, in order. Pure."""
    for moment in CronSim(cron, last.astimezone(WIB)):
        if moment > now:
            return
        yield moment.astimezone(last.tzinfo)


class Rests:
    """Which jobs rest after a failure, and how long: 1 s, 2 s, 4 s … at most ten minutes, in unmoved time."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def rests(self, name: str) -> bool:
        """Whether a job must not run yet."""
        return time.monotonic() < self._until.get(name, 0.0)

    def failed(self, name: str) -> None:
        """A run failed."""
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        self._until[name] = time.monotonic() + min(2.0 ** (failures - 1), REST_MAX_S)

    def ran(self, name: str) -> None:
        """A run went well."""
        self._failures.pop(name, None)


async def run_due(
    pool: Pool, jobs: Sequence[Job], *, now: datetime, rests: Rests | None = None, stop: asyncio.Event | None = None
) -> int:
    """Run everything that fell due, all jobs' moments in order of time; returns how many runs there were.

    Each run commits with its mark, under the job's row lock, so that two workers never run the same moment twice; a
    run that fails is logged and tried again from the same moment, after a rest when `rests` keeps count. A job never
    seen before starts now. Once `stop` is set, what is in hand is finished and the rest stays due.
    """
    rests = rests or Rests()
    marks = await _marks(pool, jobs, now)
    waiting = sorted(
        ((moment, job) for job in jobs for moment in _moments(job, marks[job.name], now)),
        key=lambda each: (each[0], each[1].name),
    )[:RUNS_MAX]
    newest = {job.name: moment for moment, job in waiting}
    runs = 0
    # No later moment of these now: an earlier one failed, or is another worker's and may fail.
    stopped = {job.name for job in jobs if rests.rests(job.name)}
    for moment, job in waiting:
        if stop is not None and stop.is_set():
            break
        if job.name in stopped:
            continue
        try:
            if job.wanted is not None and moment < newest[job.name] and not await job.wanted(pool, moment):
                continue
            ran = await _run_once(pool, job, moment)
        except Exception:
            stopped.add(job.name)
            rests.failed(job.name)
            log.exception("job failed", job=job.name, due=moment.isoformat())
        else:
            if ran is Run.ELSEWHERE:
                stopped.add(job.name)
            elif ran is Run.DONE:
                runs += 1
                rests.ran(job.name)
    return runs


def _moments(job: Job, last: datetime, now: datetime) -> Iterable[datetime]:
    moments = due(job.cron, last, now)
    return deque(moments, maxlen=1) if job.newest_only else moments


async def _marks(pool: Pool, jobs: Sequence[Job], now: datetime) -> dict[str, datetime]:
    async with pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO job (name, last_due) SELECT name, $2 FROM unnest($1::text[]) name ON CONFLICT DO NOTHING",
            [job.name for job in jobs],
            now,
        )
        rows = await connection.fetch("SELECT name, last_due FROM job")
    return {row["name"]: row["last_due"] for row in rows}


async def _run_once(pool: Pool, job: Job, moment: datetime) -> Run:
    async with pool.acquire() as connection, connection.transaction():
        # The row lock is held while the job works on connections of its own, however long that takes.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        mark = await connection.fetchval("SELECT last_due FROM job WHERE name = $1 FOR UPDATE SKIP LOCKED", job.name)
        if mark is None:
            return Run.ELSEWHERE
        if mark >= moment:
            return Run.BEFORE
        await job.run(pool, moment)
        await connection.execute("UPDATE job SET last_due = $2 WHERE name = $1", job.name, moment)
    return Run.DONE


async def read_offset(connection: Connection) -> timedelta:
    """What demo and tests have added to real time."""
    return timedelta(seconds=await connection.fetchval("SELECT offset_s FROM clock_offset"))


async def advance(connection: Connection, by: timedelta) -> timedelta:
    """Move the clock of demo or test forward; returns the offset afterwards. Time never runs backward."""
    if by < timedelta():
        raise ValueError("the clock only moves forward")
    seconds = await connection.fetchval(
        "UPDATE clock_offset SET offset_s = offset_s + $1 RETURNING offset_s", int(by.total_seconds())
    )
    return timedelta(seconds=seconds)
