"""A lane collects the requests that arrive while the previous batch commits, and runs them as one batch.

No timer: at rest a batch is one request and waits for nobody; under load batches grow by themselves. Where a good batch
waits while another is on its way, the lane may send it off beside that one: Python decides one batch while PostgreSQL
writes the other. Each caller gets its own result, after the commit. Row locks make it right; a lane only makes it fast,
so any number of processes may each have one over the same cells.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from konter.platform import metrics
from konter.platform.db import RETRIED, is_gone
from konter.platform.refusal import TOO_MANY_REQUESTS, UNAVAILABLE, Refused

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

REPEATS_MAX = 3
RETRY_AFTER_S = 2
LOOKED_AT = 4  # batches' worth of waiting requests, for those that can go beside a batch
log = structlog.get_logger()


def _nobody(_: object) -> Sequence[int]:
    return ()


class Lane(Generic[Request, Outcome]):
    """Runs `command` over batches, in order of arrival; at most `at_once` batches at a time.

    A further batch sets out only when `full` requests wait that share no owner with those under way: batches of few
    beside each other would cost more than they save, and one that waits for another's locks saves nothing. `owners_of`
    names what a request locks.

    `command` takes the requests and returns one outcome per request, in order, after its commit. A batch that loses
    against a neighbour is run again, at most three times; one that still fails is halved until the poisoned request
    stands alone, so that it never fails its neighbours.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[Sequence[Request]], Awaitable[Sequence[Outcome]]],
        *,
        batch_max: int = 256,
        queue_max: int = 4096,
        at_once: int = 1,
        full: int = 64,
        owners_of: Callable[[Request], Sequence[int]] = _nobody,
    ) -> None:
        self._name = name
        self._command = command
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._at_once = at_once
        self._full = min(full, batch_max)
        self._owners_of = owners_of
        self._held: set[int] = set()  # owners of the batches under way
        self._blocked = False  # too little waits that could go beside them, until one ends
        self._waiting: deque[tuple[Request, asyncio.Future[Outcome]]] = deque()
        self._runners: set[asyncio.Task[None]] = set()
        self._batch_size = metrics.LANE_BATCH.labels(name)
        self._batch_seconds = metrics.LANE_SECONDS.labels(name)
        self._repeats = metrics.LANE_REPEATS.labels(name)
        metrics.LANE_WAITING.labels(name).set_function(lambda: len(self._waiting))

    async def submit(self, request: Request) -> Outcome:
        """Wait for the request's own outcome. Raises Refused when the queue is full (429) or the database away (503).

        A caller that goes away does not take its request back: once in a batch it is decided and committed.
        """
        return await self.enqueue(request)

    def enqueue(self, request: Request) -> asyncio.Future[Outcome]:
        """The request's outcome to come, or why there will be none: awaiting it raises what `submit` does."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= self._queue_max:
            future.set_exception(Refused(TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)))
            return future
        self._waiting.append((request, future))
        if not self._runners or (
            len(self._runners) < self._at_once and len(self._waiting) >= self._full and not self._blocked
        ):
            runner = asyncio.create_task(self._run())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return future

    async def close(self) -> None:
        """Let what waits be decided, then stop."""
        while self._runners:
            await asyncio.wait(set(self._runners))

    async def _run(self) -> None:
        # One turn of the event loop, so that requests read from sockets in this very turn share the first batch.
        await asyncio.sleep(0)
        while batch := self._next():
            owners = {owner for request, _ in batch for owner in self._owners_of(request)}
            self._held |= owners
            self._batch_size.observe(len(batch))
            started = time.perf_counter()
            try:
                await self._decide(batch)
            finally:
                self._held -= owners
                self._blocked = False
            self._batch_seconds.observe(time.perf_counter() - started)
        self._runners.discard(asyncio.current_task())

    def _next(self) -> list[tuple[Request, asyncio.Future[Outcome]]]:
        """The next batch: alone the oldest; beside others the oldest that they leave free, or none if those are few.

        What is passed over keeps its place. At most a few batches' worth is looked at.
        """
        if len(self._runners) == 1:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]
        chosen: list[tuple[Request, asyncio.Future[Outcome]]] = []
        passed: list[tuple[Request, asyncio.Future[Outcome]]] = []
        for waiting in itertools.islice(self._waiting, LOOKED_AT * self._batch_max):
            free = self._held.isdisjoint(self._owners_of(waiting[0]))
            (chosen if free else passed).append(waiting)
            if len(chosen) == self._batch_max:
                break
        if len(chosen) < self._full:
            self._blocked = True
            return []
        for _ in range(len(chosen) + len(passed)):
            self._waiting.popleft()
        self._waiting.extendleft(reversed(passed))
        return chosen

    async def _decide(self, batch: list[tuple[Request, asyncio.Future[Outcome]]]) -> None:
        requests = [request for request, _ in batch]
        try:
            outcomes = await self._repeated(requests)
            assert len(outcomes) == len(requests), "a command owes one outcome per request"
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not take the neighbours along
            if is_gone(error):
                self._put_off(batch, error)
            else:
                await self._halve(batch, error)
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    async def _repeated(self, requests: list[Request]) -> Sequence[Outcome]:
        for attempt in range(1, REPEATS_MAX):
            try:
                return await self._command(requests)
            except RETRIED:
                self._repeats.inc()
                await asyncio.sleep(0.005 * attempt)
        return await self._command(requests)

    def _put_off(self, batch: list[tuple[Request, asyncio.Future[Outcome]]], error: Exception) -> None:
        log.warning("database away", lane=self._name, requests=len(batch), error=repr(error))
        for _, future in batch:
            if not future.done():
                future.set_exception(Refused(UNAVAILABLE(retry_after_s=RETRY_AFTER_S)))

    async def _halve(self, batch: list[tuple[Request, asyncio.Future[Outcome]]], error: Exception) -> None:
        if len(batch) == 1:
            log.error("request failed", lane=self._name, exc_info=error)
            _, future = batch[0]
            if not future.done():
                future.set_exception(error)
            return
        self._repeats.inc()
        middle = len(batch) // 2
        await self._decide(batch[:middle])
        await self._decide(batch[middle:])
