"""Side effects: written as rows in the transaction of the fact, done after the commit by a worker, at least once.

A worker takes a batch for a lease; what it does not finish in time comes back to any worker. Of a body, the key
`sealed` is wiped as soon as the row is done or given up: a secret does not outlive its delivery.
"""

import asyncio
import time
import traceback
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

import msgspec
import structlog

from konter.platform.clock import Clock
from konter.platform.db import Connection, Pool, rows_of, unnest
from konter.platform.ids import CELLS, IdBlocks, make_id
from konter.platform.metrics import OUTBOX_AGE, OUTBOX_FAILED, OUTBOX_WAITING
from konter.platform.rounds import run_rounds

ATTEMPTS_MAX = 20
BACKOFF_FIRST_S = 1
BACKOFF_MAX_S = 600  # with 20 attempts a row is tried for about two hours
POISONED_MAX = 8
LEASE_S = 60
BATCH_MAX = 1000
ERROR_CHARS_MAX = 500
MEASURE_EVERY_S = 5.0
ALL_CELLS = tuple(range(CELLS))

_log = structlog.get_logger(__name__)


class OutboxRow(msgspec.Struct, frozen=True):
    """One side effect to be done after commit. `due_at` None means at once."""

    cell: int
    topic: str
    body: dict[str, Any]
    at: datetime
    due_at: datetime | None = None

    def columns(self, seq: int) -> tuple[Any, ...]:
        """Values in the order of the table's columns."""
        return (make_id(seq, self.cell), self.cell, self.topic, self.body, self.at, self.due_at or self.at)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A row that this worker holds until its lease ends. `attempts` counts this one."""

    id: int
    cell: int
    topic: str
    body: dict[str, Any]
    at: datetime
    due_at: datetime
    attempts: int


class Done(msgspec.Struct, frozen=True):
    """The effect happened; the row is finished."""


class Again(msgspec.Struct, frozen=True):
    """The effect may succeed later."""

    reason: str


class Poisoned(Again, frozen=True):
    """The handler raised on this row alone; only the worker says so."""


class Never(msgspec.Struct, frozen=True):
    """The effect cannot succeed, however often it is tried."""

    reason: str


Outcome = Done | Again | Never
DONE = Done()
# One outcome per row, in order. A handler is repeated after a crash or when it raises, so it must bear repetition.
Handler = Callable[[Sequence[Taken]], Awaitable[Sequence[Outcome]]]


class Unavailable(Exception):  # noqa: N818 - says what is the case, not that the program failed
    """Raised by a handler when no row is at fault (the far side is away): the batch waits as a whole, unhalved."""


def outbox_insert(first: int) -> str:
    """The insert of outbox rows, its parameters numbered from `first`; commands put it in their own statement."""
    types = ("bigint", "int", "text", "jsonb", "timestamptz", "timestamptz")
    return f"INSERT INTO outbox (id, cell, topic, body, at, due_at) SELECT * FROM {rows_of(first, types)}"


async def write_outbox(connection: Connection, ids: IdBlocks, rows: Sequence[OutboxRow]) -> None:
    """Add side effects to the running transaction; `ids` must hold a number for each."""
    if not rows:
        return
    seqs = ids.take(len(rows))
    await connection.execute(outbox_insert(1), *unnest([row.columns(next(seqs)) for row in rows], 6))


def backoff(attempts: int) -> timedelta:
    """How long to wait after that many attempts: 1 s, 2 s, 4 s … at most ten minutes."""
    return timedelta(seconds=min(BACKOFF_FIRST_S * 2 ** (attempts - 1), BACKOFF_MAX_S))


async def run_outbox(
    pool: Pool,
    *,
    clock: Clock,
    handlers: Mapping[str, Handler],
    stop: asyncio.Event,
    batch: int = 200,
    idle_s: float = 0.2,
    cells: Sequence[int] = ALL_CELLS,
) -> None:
    """Work until `stop` is set, then finish the batch in hand. Any number of workers may run at once.

    A database that is away is waited for. Topics without a handler are left for a worker that has one.
    """
    measured = 0.0

    async def work() -> bool:
        nonlocal measured
        count = await work_once(pool, clock=clock, handlers=handlers, batch=batch, cells=cells)
        if time.monotonic() - measured >= MEASURE_EVERY_S:
            await measure(pool, now=clock.now())
            measured = time.monotonic()
        return count >= batch

    await run_rounds("outbox", work, stop=stop, idle_s=idle_s)


async def work_once(
    pool: Pool,
    *,
    clock: Clock,
    handlers: Mapping[str, Handler],
    batch: int = 200,
    cells: Sequence[int] = ALL_CELLS,
) -> int:
    """One round: take what is due, hand it over by topic, write down what became of it. Returns how many were taken."""
    taken = await claim(pool, clock=clock, topics=list(handlers), limit=batch, cells=cells)
    by_topic: dict[str, list[Taken]] = defaultdict(list)
    for row in taken:
        by_topic[row.topic].append(row)
    for topic, rows in by_topic.items():
        outcomes = await _handle(handlers[topic], rows)
        await _settle(pool, rows, outcomes, now=clock.now())
    return len(taken)


async def claim(
    pool: Pool, *, clock: Clock, topics: Sequence[str], limit: int, cells: Sequence[int] = ALL_CELLS
) -> list[Taken]:
    """Take up to `limit` due rows for the lease, oldest first.

    What is due goes by the clock that people see; the lease goes by unmoved time, or moving the demo's clock forward
    would end every lease and have rows done twice.
    """
    now = clock.now()
    unmoved = now - clock.offset
    rows = await pool.fetch(
        """
        WITH due AS (
            SELECT id, cell FROM outbox
            WHERE done_at IS NULL AND failed_at IS NULL AND cell = ANY($1::int[]) AND topic = ANY($2::text[])
              AND due_at <= $3 AND (taken_until IS NULL OR taken_until <= $4)
            ORDER BY due_at, id LIMIT $6 FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox o SET taken_until = $5, attempts = o.attempts + 1
        FROM due WHERE o.id = due.id AND o.cell = due.cell
        RETURNING o.id, o.cell, o.topic, o.body, o.at, o.due_at, o.attempts
        """,
        list(cells),
        list(topics),
        now,
        unmoved,
        unmoved + timedelta(seconds=LEASE_S),
        min(limit, BATCH_MAX),
    )
    return sorted((Taken(**dict(row)) for row in rows), key=lambda row: (row.due_at, row.id))


async def _handle(handler: Handler, rows: Sequence[Taken]) -> list[Outcome]:
    """Outcomes in the order of the rows.

    When the handler raises, it gets halves, until a poisoned row stands alone and its neighbours are done. When that
    happens too often in one batch, the handler is at fault and not the rows, and what is left waits. A row that went
    down with its worker once too often is not tried again.
    """
    outcomes: dict[int, Outcome] = {}
    parts: list[Sequence[Taken]] = [[row for row in rows if row.attempts <= ATTEMPTS_MAX]]
    poisoned = 0
    while parts:
        part = parts.pop()
        answers: Sequence[Outcome] | None = [Again("the rows beside it fail too")] * len(part)
        if part and poisoned < POISONED_MAX:
            answers = await _attempt(handler, part)
        if answers is None:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
            continue
        poisoned += len(part) == 1 and isinstance(answers[0], Poisoned)
        outcomes.update(zip((row.id for row in part), answers, strict=True))
    return [outcomes.get(row.id, Never("its worker died at every attempt")) for row in rows]


async def _attempt(handler: Handler, rows: Sequence[Taken]) -> Sequence[Outcome] | None:
    """One call of the handler; None when it raised and the rows are to be halved.

    Of an error only its kind and place are kept: its message may quote the row, and a row may hold a secret.
    """
    try:
        outcomes = await handler(rows)
        assert len(outcomes) == len(rows), "a handler owes one outcome per row"
    except Unavailable as error:
        return [Again(str(error))] * len(rows)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the rows beside it
        if len(rows) > 1:
            return None
        reason = f"{type(error).__name__} at {_place(error)}"
        _log.error("outbox_row_failed", topic=rows[0].topic, outbox_id=rows[0].id, reason=reason)
        return [Poisoned(reason)]
    return outcomes


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{PurePath(frame.filename).name}:{frame.lineno}"


async def _settle(pool: Pool, rows: Sequence[Taken], outcomes: Sequence[Outcome], *, now: datetime) -> None:
    done, others = [], []
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Done):
            done.append(row)
        else:
            final = isinstance(outcome, Never) or row.attempts >= ATTEMPTS_MAX
            reason = outcome.reason[:ERROR_CHARS_MAX]
            due_at = row.due_at if final else now + backoff(row.attempts)
            others.append((row.id, row.cell, row.attempts, due_at, now if final else None, reason))
            if final:
                OUTBOX_FAILED.labels(row.topic).inc()
                _log.error("outbox_row_given_up", topic=row.topic, outbox_id=row.id, reason=reason)
    if done:
        await _mark_done(pool, done, now=now)
    if others:
        await _mark_others(pool, others)


async def _mark_done(pool: Pool, rows: Sequence[Taken], *, now: datetime) -> None:
    """Done is done, also when the lease had run out meanwhile."""
    await pool.execute(
        """
        UPDATE outbox o SET done_at = $3, taken_until = NULL, error = NULL, body = o.body - 'sealed'
        FROM unnest($1::bigint[], $2::int[]) u (id, cell)
        WHERE o.id = u.id AND o.cell = u.cell AND o.done_at IS NULL
        """,
        [row.id for row in rows],
        [row.cell for row in rows],
        now,
    )


async def _mark_others(pool: Pool, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put off or give up, unless another worker has taken the row since (it counts more attempts then)."""
    await pool.execute(
        """
        UPDATE outbox o SET due_at = u.due_at, failed_at = u.failed_at, error = u.error, taken_until = NULL,
               body = CASE WHEN u.failed_at IS NULL THEN o.body ELSE o.body - 'sealed' END
        FROM unnest($1::bigint[], $2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[])
          u (id, cell, attempts, due_at, failed_at, error)
        WHERE o.id = u.id AND o.cell = u.cell AND o.attempts = u.attempts AND o.done_at IS NULL
        """,
        *unnest(list(rows), 6),
    )


async def measure(pool: Pool, *, now: datetime) -> None:
    """Set the gauges of depth and age; the index of unfinished rows answers this alone."""
    rows = await pool.fetch(
        """
        SELECT topic, count(*) AS waiting, min(due_at) AS oldest FROM outbox
        WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= $1 GROUP BY topic
        """,
        now,
    )
    OUTBOX_WAITING.clear()
    OUTBOX_AGE.clear()
    for row in rows:
        OUTBOX_WAITING.labels(row["topic"]).set(row["waiting"])
        OUTBOX_AGE.labels(row["topic"]).set((now - row["oldest"]).total_seconds())


async def forget_done(connection: Connection, *, before: datetime, limit: int = 5_000) -> int:
    """Delete up to `limit` rows that were done before a moment; returns how many. Given-up rows stay for people."""
    status = await connection.execute(
        "DELETE FROM outbox WHERE (id, cell) IN (SELECT id, cell FROM outbox WHERE done_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
