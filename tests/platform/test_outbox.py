"""Side effects are done at least once, once within a lease, and no row harms its neighbours."""

import asyncio
from collections import Counter
from datetime import timedelta

import asyncpg
import pytest
from prometheus_client import REGISTRY

from konter.platform.clock import Clock, FrozenClock
from konter.platform.ids import cell_of_id
from konter.platform.outbox import (
    ATTEMPTS_MAX,
    DONE,
    LEASE_S,
    Again,
    Never,
    OutboxRow,
    Unavailable,
    backoff,
    claim,
    measure,
    run_outbox,
    work_once,
    write_outbox,
)


class Recorder:
    """Remembers each batch; `poison` raises, `answers` replaces DONE for a name."""

    def __init__(self, *, poison=(), answers=None):
        self.batches = []
        self.poison = set(poison)
        self.answers = answers or {}

    async def __call__(self, rows):
        names = [row.body["name"] for row in rows]
        self.batches.append(names)
        if self.poison & set(names):
            raise RuntimeError("text of the row: OTP 493817")
        return [self.answers.get(name, DONE) for name in names]


@pytest.fixture
def write(own_db, ids, clock):
    async def write(*names, topic="t", due_at=None, **body):
        rows = [OutboxRow(n % 256, topic, {"name": name, **body}, clock.now(), due_at) for n, name in enumerate(names)]
        async with own_db.acquire() as connection:
            await ids.ensure(connection, len(rows))
            async with connection.transaction():
                await write_outbox(connection, ids, rows)

    return write


@pytest.fixture
def one_round(own_db, clock):
    async def one_round(handler, *, at=clock, batch=200, **more):
        return await work_once(own_db, clock=at, handlers={"t": handler}, batch=batch, **more)

    return one_round


async def states(db):
    rows = await db.fetch("SELECT body ->> 'name' AS name, done_at, failed_at FROM outbox")
    return {row["name"]: "done" if row["done_at"] else "failed" if row["failed_at"] else "open" for row in rows}


async def test_it_works(own_db, write, one_round):
    await write("a", "b", "c")
    handler = Recorder()
    assert await one_round(handler) == 3
    assert handler.batches == [["a", "b", "c"]]
    assert await states(own_db) == {"a": "done", "b": "done", "c": "done"}
    assert await one_round(handler) == 0


async def test_a_row_of_a_rolled_back_fact_is_never_done(own_db, ids, clock, one_round):
    async with own_db.acquire() as connection:
        await ids.ensure(connection, 1)
        transaction = connection.transaction()
        await transaction.start()
        await write_outbox(connection, ids, [OutboxRow(0, "t", {"name": "a"}, clock.now())])
        await transaction.rollback()
    assert await one_round(Recorder()) == 0


async def test_ids_tell_the_cell(own_db, write):
    await write("a", "b")
    assert all(cell_of_id(row["id"]) == row["cell"] for row in await own_db.fetch("SELECT id, cell FROM outbox"))


async def test_a_row_waits_until_it_is_due(write, one_round, clock):
    await write("later", due_at=clock.now() + timedelta(minutes=5))
    assert await one_round(Recorder()) == 0
    clock.advance(timedelta(minutes=5))
    assert await one_round(Recorder()) == 1


async def test_no_more_than_a_batch_is_taken_oldest_first(write, one_round, clock):
    await write("new", due_at=clock.now())
    await write("old", due_at=clock.now() - timedelta(hours=1))
    handler = Recorder()
    assert await one_round(handler, batch=1) == 1
    assert handler.batches == [["old"]]


async def test_a_poisoned_row_is_found_and_its_neighbours_are_done(own_db, write, one_round):
    names = [f"r{n}" for n in range(16)]
    await write(*names)
    handler = Recorder(poison={"r5"})
    await one_round(handler)
    assert await states(own_db) == {name: "open" if name == "r5" else "done" for name in names}
    assert len(handler.batches) <= 2 * 4 + 1  # the whole, then two halves at each of four levels


async def test_a_handler_that_fails_on_everything_is_not_asked_row_by_row(own_db, write, one_round):
    names = [f"r{n}" for n in range(200)]
    await write(*names)
    handler = Recorder(poison=names)
    await one_round(handler)
    assert len(handler.batches) <= 40
    assert set((await states(own_db)).values()) == {"open"}


async def test_an_error_is_kept_without_what_it_quotes(own_db, write, one_round):
    await write("a")
    await one_round(Recorder(poison={"a"}))
    error = await own_db.fetchval("SELECT error FROM outbox")
    assert error.startswith("RuntimeError at test_outbox.py:")
    assert "493817" not in error


async def test_a_batch_waits_as_a_whole_when_the_far_side_is_away(own_db, write, one_round):
    await write("a", "b", "c", "d")
    calls = []

    async def away(rows):
        calls.append(len(rows))
        raise Unavailable("no bind")

    await one_round(away)
    assert calls == [4]
    assert set(await own_db.fetchval("SELECT array_agg(error) FROM outbox")) == {"no bind"}


async def test_it_is_tried_again_ever_later(own_db, write, one_round, clock):
    await write("a")
    handler = Recorder(answers={"a": Again("busy")})
    for wait_s in (1, 2, 4):
        await one_round(handler)
        assert await own_db.fetchval("SELECT due_at FROM outbox") == clock.now() + timedelta(seconds=wait_s)
        clock.advance(timedelta(seconds=wait_s))
    assert backoff(ATTEMPTS_MAX) == timedelta(minutes=10)


async def test_it_is_given_up_after_the_last_attempt(own_db, write, one_round, clock):
    await write("a", sealed="secret")
    before = REGISTRY.get_sample_value("konter_outbox_failed_total", {"topic": "t"}) or 0
    handler = Recorder(answers={"a": Again("busy")})
    for _ in range(ATTEMPTS_MAX + 3):
        await one_round(handler)
        clock.advance(timedelta(minutes=10))
    assert len(handler.batches) == ATTEMPTS_MAX
    row = await own_db.fetchrow("SELECT failed_at, error, body FROM outbox")
    assert row["failed_at"] is not None
    assert (row["error"], row["body"]) == ("busy", {"name": "a"})
    assert REGISTRY.get_sample_value("konter_outbox_failed_total", {"topic": "t"}) == before + 1


async def test_what_can_never_succeed_is_given_up_at_once(own_db, write, one_round):
    await write("a", "b")
    await one_round(Recorder(answers={"a": Never("unknown number")}))
    assert await states(own_db) == {"a": "failed", "b": "done"}


async def test_a_secret_stays_until_it_is_used_then_goes(own_db, write, one_round, clock):
    await write("a", sealed="secret")
    await one_round(Recorder(answers={"a": Again("busy")}))
    assert (await own_db.fetchval("SELECT body FROM outbox"))["sealed"] == "secret"
    clock.advance(timedelta(seconds=1))
    await one_round(Recorder())
    assert await own_db.fetchval("SELECT body FROM outbox") == {"name": "a"}


async def test_rows_of_a_dead_worker_come_back_after_the_lease(own_db, write, one_round, clock):
    await write("a")
    assert len(await claim(own_db, clock=clock, topics=["t"], limit=10)) == 1  # and then it dies
    clock.advance(timedelta(seconds=LEASE_S - 1))
    assert await one_round(Recorder()) == 0
    clock.advance(timedelta(seconds=1))
    assert await one_round(Recorder()) == 1


async def test_moving_the_demo_clock_ends_no_lease(own_db, write, clock):
    await write("a")
    moved = Clock(clock.now() - Clock().now())
    assert len(await claim(own_db, clock=moved, topics=["t"], limit=10)) == 1
    moved.offset += timedelta(days=40)
    assert await claim(own_db, clock=moved, topics=["t"], limit=10) == []


async def test_a_row_that_kills_every_worker_is_given_up(own_db, write, one_round, clock):
    await write("deadly")
    for _ in range(ATTEMPTS_MAX):
        await claim(own_db, clock=clock, topics=["t"], limit=10)
        clock.advance(timedelta(seconds=LEASE_S))
    handler = Recorder()
    await one_round(handler)
    assert handler.batches == []
    assert await states(own_db) == {"deadly": "failed"}


async def test_a_slow_worker_does_not_undo_what_another_did_after_its_lease(own_db, write, clock):
    await write("a")
    taken, slow_may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(rows):
        taken.set()
        await slow_may_go_on.wait()
        return [Never("too late to say so")]

    first = asyncio.create_task(work_once(own_db, clock=clock, handlers={"t": slow}))
    await taken.wait()
    clock.advance(timedelta(seconds=LEASE_S))
    await work_once(own_db, clock=clock, handlers={"t": Recorder(answers={"a": Again("busy")})})
    slow_may_go_on.set()
    await first
    assert await states(own_db) == {"a": "open"}


async def test_topics_without_a_handler_are_left_alone(own_db, write, one_round):
    await write("a", topic="other")
    assert await one_round(Recorder()) == 0
    assert await own_db.fetchval("SELECT attempts FROM outbox") == 0


async def test_a_worker_of_some_cells_leaves_the_others(write, one_round):
    await write("cell 0", "cell 1", "cell 2")
    handler = Recorder()
    await one_round(handler, cells=[1])
    assert handler.batches == [["cell 1"]]


async def test_several_workers_do_each_row_once(own_db, write):
    await write(*(f"r{n}" for n in range(1000)))
    clock = FrozenClock(await own_db.fetchval("SELECT max(at) FROM outbox"))
    seen, stop = Counter(), asyncio.Event()

    async def handler(rows):
        seen.update(row.body["name"] for row in rows)
        await asyncio.sleep(0)
        if len(seen) == 1000:
            stop.set()
        return [DONE] * len(rows)

    workers = (
        run_outbox(own_db, clock=clock, handlers={"t": handler}, stop=stop, batch=7, idle_s=0.01) for _ in range(4)
    )
    await asyncio.wait_for(asyncio.gather(*workers), 20)
    assert set(seen.values()) == {1}
    assert set((await states(own_db)).values()) == {"done"}


async def test_a_worker_told_to_stop_finishes_its_batch(own_db, write, clock):
    await write("a")
    stop = asyncio.Event()

    async def handler(rows):
        stop.set()
        await asyncio.sleep(0.05)
        return [DONE]

    await asyncio.wait_for(run_outbox(own_db, clock=clock, handlers={"t": handler}, stop=stop), 5)
    assert await states(own_db) == {"a": "done"}


async def test_a_worker_outlives_a_lost_database(own_db, write, clock):
    await write("a")
    stop, handler = asyncio.Event(), Recorder()
    worker = asyncio.create_task(
        run_outbox(_Broken(own_db, times=2), clock=clock, handlers={"t": handler}, stop=stop, idle_s=0.01)
    )
    while not handler.batches:
        assert not worker.done()
        await asyncio.sleep(0.01)
    stop.set()
    await worker


class _Broken:
    """A pool whose first calls find the server gone."""

    def __init__(self, pool, *, times):
        self.pool, self.left = pool, times

    def __getattr__(self, name):
        if self.left:
            self.left -= 1
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        return getattr(self.pool, name)


async def test_depth_and_age_are_measured(own_db, write, one_round, clock):
    await write("a", "b")
    await write("not yet", due_at=clock.now() + timedelta(days=1))
    clock.advance(timedelta(seconds=30))
    await measure(own_db, now=clock.now())
    assert REGISTRY.get_sample_value("konter_outbox_waiting", {"topic": "t"}) == 2
    assert REGISTRY.get_sample_value("konter_outbox_age_seconds", {"topic": "t"}) == 30
    await one_round(Recorder())
    await measure(own_db, now=clock.now())
    assert REGISTRY.get_sample_value("konter_outbox_waiting", {"topic": "t"}) is None


async def test_a_round_costs_two_statements(own_db, write, clock):
    await write(*(f"r{n}" for n in range(100)))
    pool = _Counting(own_db)
    await work_once(pool, clock=clock, handlers={"t": Recorder()})
    assert pool.calls == ["fetch", "execute"]


class _Counting:
    """A pool that notes each statement."""

    def __init__(self, pool):
        self.pool, self.calls = pool, []

    def __getattr__(self, name):
        self.calls.append(name)
        return getattr(self.pool, name)
