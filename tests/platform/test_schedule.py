"""Jobs by cron expression: due moments, in order, once, again after a failure, on a clock that is moved."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from tests.conftest import NOON

from konter.platform.db import Pool
from konter.platform.schedule import Job, Rests, advance, due, read_offset, run_due

DAY = timedelta(days=1)
HOURLY = "0 * * * *"
NIGHTLY = "0 3 * * *"


class Diary:
    """Jobs that write down when they ran; `fail_at` is a moment at which one raises."""

    def __init__(self, fail_at: datetime | None = None) -> None:
        self.ran: list[tuple[str, datetime]] = []
        self.fail_at = fail_at

    def job(self, name: str, cron: str) -> Job:
        async def run(_: Pool, moment: datetime) -> None:
            if moment == self.fail_at:
                raise ValueError("not today")
            self.ran.append((name, moment))

        return Job(name, cron, run)


def test_due_is_after_the_last_and_not_after_now() -> None:
    assert list(due(HOURLY, NOON, NOON + timedelta(hours=2))) == [NOON + timedelta(hours=h) for h in (1, 2)]
    assert list(due(HOURLY, NOON, NOON + timedelta(minutes=59))) == []
    assert list(due(HOURLY, NOON, NOON)) == []


def test_a_job_at_three_runs_at_three_in_jakarta() -> None:
    (moment,) = due(NIGHTLY, NOON, NOON + DAY)
    assert moment == datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def test_forty_days_are_forty_nights() -> None:
    moments = list(due(NIGHTLY, NOON, NOON + 40 * DAY))
    assert len(moments) == 40
    assert {after - before for before, after in pairwise(moments)} == {DAY}


async def test_a_job_never_seen_before_starts_now(own_db: Pool) -> None:
    diary = Diary()
    assert await run_due(own_db, [diary.job("nightly", NIGHTLY)], now=NOON) == 0
    assert await run_due(own_db, [diary.job("nightly", NIGHTLY)], now=NOON + DAY) == 1
    assert diary.ran == [("nightly", NOON + timedelta(hours=15))]


async def test_forty_days_run_in_order_of_time_over_all_jobs(own_db: Pool) -> None:
    diary = Diary()
    jobs = [diary.job("nightly", NIGHTLY), diary.job("weekly", "0 3 * * 1"), diary.job("early", "30 2 * * *")]
    await run_due(own_db, jobs, now=NOON)
    assert await run_due(own_db, jobs, now=NOON + 40 * DAY) == 40 + 40 + 6
    moments = [moment for _, moment in diary.ran]
    assert moments == sorted(moments)
    assert await run_due(own_db, jobs, now=NOON + 40 * DAY) == 0


async def test_a_failing_job_is_tried_again_from_the_same_moment_and_holds_nobody_up(own_db: Pool) -> None:
    diary = Diary(fail_at=NOON + timedelta(hours=2))
    failing, other = diary.job("failing", HOURLY), Diary()
    jobs = [failing, other.job("other", HOURLY)]
    await run_due(own_db, jobs, now=NOON)
    assert await run_due(own_db, jobs, now=NOON + timedelta(hours=4)) == 1 + 4
    diary.fail_at = None
    assert await run_due(own_db, jobs, now=NOON + timedelta(hours=4)) == 3
    assert [moment for _, moment in diary.ran] == [NOON + timedelta(hours=h) for h in (1, 2, 3, 4)]


async def test_what_the_newest_makes_up_for_runs_once_for_all_of_them(own_db: Pool) -> None:
    diary, other = Diary(), Diary()
    jobs = [msgspec.structs.replace(diary.job("newest", HOURLY), newest_only=True), other.job("each", HOURLY)]
    await run_due(own_db, jobs, now=NOON)
    assert await run_due(own_db, jobs, now=NOON + timedelta(minutes=200)) == 1 + 3
    assert diary.ran == [("newest", NOON + timedelta(hours=3))]
    assert await run_due(own_db, jobs, now=NOON + timedelta(minutes=200)) == 0


async def test_moments_with_nothing_to_do_are_passed_over_but_for_the_newest(own_db: Pool) -> None:
    diary, asked = Diary(), []

    async def wanted(_: Pool, moment: datetime) -> bool:
        asked.append(moment)
        return moment == NOON + timedelta(hours=2)

    jobs = [msgspec.structs.replace(diary.job("a", HOURLY), wanted=wanted)]
    await run_due(own_db, jobs, now=NOON)
    assert await run_due(own_db, jobs, now=NOON + timedelta(hours=4)) == 2
    assert [moment for _, moment in diary.ran] == [NOON + timedelta(hours=h) for h in (2, 4)]
    assert asked == [NOON + timedelta(hours=h) for h in (1, 2, 3)]
    assert await run_due(own_db, jobs, now=NOON + timedelta(hours=5)) == 1


async def test_a_long_time_in_which_nothing_is_to_do_comes_to_an_end(
    own_db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more moments than one round takes, each round still goes on from the last one."""
    monkeypatch.setattr("konter.platform.schedule.RUNS_MAX", 10)
    diary = Diary()

    async def never(_: Pool, moment: datetime) -> bool:
        return False

    jobs = [msgspec.structs.replace(diary.job("a", HOURLY), wanted=never)]
    await run_due(own_db, jobs, now=NOON)
    runs = [await run_due(own_db, jobs, now=NOON + timedelta(hours=25)) for _ in range(4)]
    assert runs == [1, 1, 1, 0]
    assert diary.ran[-1] == ("a", NOON + timedelta(hours=25))


async def test_once_told_to_stop_the_rest_stays_due(own_db: Pool) -> None:
    stop, ran = asyncio.Event(), []

    async def run(_: Pool, moment: datetime) -> None:
        ran.append(moment)
        if len(ran) == 2:
            stop.set()

    jobs = [Job("a", HOURLY, run)]
    await run_due(own_db, jobs, now=NOON)
    assert await run_due(own_db, jobs, now=NOON + 2 * DAY, stop=stop) == 2
    assert await run_due(own_db, jobs, now=NOON + 2 * DAY) == 46
    assert ran == [NOON + timedelta(hours=h) for h in range(1, 49)]


async def test_two_workers_never_run_a_moment_twice(own_db: Pool) -> None:
    diary = Diary()
    jobs = [diary.job("a", HOURLY), diary.job("b", HOURLY)]
    await run_due(own_db, jobs, now=NOON)
    later = NOON + timedelta(hours=10)
    runs = await asyncio.gather(*[run_due(own_db, jobs, now=later) for _ in range(2)])
    runs.append(await run_due(own_db, jobs, now=later))
    assert sum(runs) == len(diary.ran) == len(set(diary.ran)) == 20


async def test_what_another_worker_ran_since_the_marks_were_read_is_not_run_again(own_db: Pool) -> None:
    diary = Diary()
    later = NOON + timedelta(hours=3)

    async def meanwhile(pool: Pool, _: datetime) -> None:
        await run_due(pool, [diary.job("b", HOURLY)], now=later)

    jobs = [Job("a", HOURLY, meanwhile), diary.job("b", HOURLY)]
    await run_due(own_db, jobs, now=NOON)
    await run_due(own_db, jobs, now=later)
    assert [moment for _, moment in diary.ran] == [NOON + timedelta(hours=h) for h in (1, 2, 3)]


async def test_a_moment_that_fails_at_one_worker_is_not_passed_over_by_another(own_db: Pool) -> None:
    """The second worker finds the first one's moment taken, and may not go on to the next: the first may yet fail."""
    started, go_on = asyncio.Event(), asyncio.Event()
    ran: list[datetime] = []

    async def slow(_: Pool, moment: datetime) -> None:
        started.set()
        await go_on.wait()
        raise ValueError("in the end it did not work")

    async def quick(_: Pool, moment: datetime) -> None:
        ran.append(moment)

    async def other(_: Pool, moment: datetime) -> None:
        """Beside it: when the second worker gets here, the first one's run ends, badly."""
        go_on.set()
        await first

    later = NOON + timedelta(hours=2)
    await run_due(own_db, [Job("a", HOURLY, quick), Job("b", HOURLY, quick)], now=NOON)
    first = asyncio.create_task(run_due(own_db, [Job("a", HOURLY, slow)], now=later))
    await started.wait()
    await run_due(own_db, [Job("a", HOURLY, quick), Job("b", HOURLY, other)], now=later)
    await run_due(own_db, [Job("a", HOURLY, quick)], now=later)
    assert ran == [NOON + timedelta(hours=1), later]


async def test_a_run_and_its_mark_stand_or_fall_together(own_db: Pool) -> None:
    diary = Diary(fail_at=NOON + timedelta(hours=1))
    job = diary.job("a", HOURLY)
    await run_due(own_db, [job], now=NOON)
    await run_due(own_db, [job], now=NOON + timedelta(hours=1))
    assert await own_db.fetchval("SELECT last_due FROM job WHERE name = 'a'") == NOON


async def test_the_clock_only_moves_forward(own_db: Pool) -> None:
    async with own_db.acquire() as connection:
        assert await read_offset(connection) == timedelta()
        assert await advance(connection, 40 * DAY) == 40 * DAY
        assert (
            await advance(connection, timedelta(hours=1))
            == await read_offset(connection)
            == 40 * DAY + timedelta(hours=1)
        )
        with pytest.raises(ValueError, match="forward"):
            await advance(connection, -DAY)


async def test_a_job_that_fails_rests_longer_each_time_and_is_itself_again_when_it_ran(
    own_db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    uptime = [1_000.0]
    monkeypatch.setattr("konter.platform.schedule.time.monotonic", lambda: uptime[0])
    diary, rests = Diary(fail_at=NOON + timedelta(hours=1)), Rests()
    tries = []

    async def run(pool: Pool, moment: datetime) -> None:
        tries.append(uptime[0])
        await diary.job("a", HOURLY).run(pool, moment)

    job = Job("a", HOURLY, run)
    await run_due(own_db, [job], now=NOON, rests=rests)
    for _ in range(8):
        await run_due(own_db, [job], now=NOON + timedelta(hours=2), rests=rests)
        uptime[0] += 1
    assert tries == [1_000, 1_001, 1_003, 1_007]
    diary.fail_at = None
    uptime[0] += 600
    assert await run_due(own_db, [job], now=NOON + timedelta(hours=2), rests=rests) == 2
