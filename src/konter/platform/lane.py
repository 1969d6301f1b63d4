"""A lane collects the requests that arrive while the previous batch commits, and runs them as one batch.

No timer: at rest a batch is one request and waits for nobody; under load batches grow by themselves. Each caller gets
its own result, after the commit. Row locks make it right; a lane only makes it fast, so any number of processes may
each have one over the same cells.
"""

import asyncio
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
log = structlog.get_logger()


class Lane(Generic[Request, Outcome]):
    """Runs `command` over batches, one at a time, in order of arrival.

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
    ) -> None:
        self._name = name
        self._command = command
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._waiting: deque[tuple[Request, asyncio.Future[Outcome]]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._batch_size = metrics.LANE_BATCH.labels(name)
        self._batch_seconds = metrics.LANE_SECONDS.labels(name)
        self._repeats = metrics.LANE_REPEATS.labels(name)
        metrics.LANE_WAITING.labels(name).set_function(lambda: len(self._waiting))

    async def submit(self, request: Request) -> Outcome:
        """Wait for the request's own outcome. Raises Refused when the queue is full (429) or the database away (503).

        A caller that goes away does not take its request back: once in a batch it is decided and committed.
        """
        if len(self._waiting) >= self._queue_max:
            raise Refused(TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S))
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await future

    async def close(self) -> None:
        """Let what waits be decided, then stop."""
        while self._runner is not None:
            await asyncio.shield(self._runner)

    async def _run(self) -> None:
        try:
            # One turn of the event loop, so that requests read from sockets in this very turn share the first batch.
            await asyncio.sleep(0)
            while self._waiting:
                size = min(len(self._waiting), self._batch_max)
                batch = [self._waiting.popleft() for _ in range(size)]
                self._batch_size.observe(size)
                started = time.perf_counter()
                await self._decide(batch)
                self._batch_seconds.observe(time.perf_counter() - started)
        finally:
            self._runner = None

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
