"""Who takes an approved reversal through its steps: the process that agreed to it, at once, or any worker later."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import structlog

from konter.platform.audit import SYSTEM, Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import CONNECTION_WITHIN_S, Pool, is_gone, retried
from konter.platform.ids import IdBlocks, ReversalId
from konter.platform.outbox import ALL_CELLS
from konter.platform.refusal import Refusal
from konter.platform.rounds import run_rounds
from konter.sales.checking.model import FAILED as FAILED_REASON
from konter.sales.checking.model import UNAVAILABLE, UNHEARD
from konter.sales.delivery.model import LOCKED, NotKnown
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import EVERYWHERE, Way
from konter.sales.network.model import AWAY, OTHER_REASON, Answer, Network
from konter.sales.reconciliation.items import open_items
from konter.sales.references import References
from konter.sales.refusals import TAKE_BACK_REFUSED
from konter.sales.reversal import queries, steps
from konter.sales.reversal.model import Ended, UnderWay, item_of, next_look
from konter.sales.reversal.reverse import decide_reversal

OUTCOME_WITHIN_S = 3.0  # how long whoever agreed waits for the outcome
LEASE_S = 15  # longer than the steps take when the call to the network times out
BATCH_MAX = 20  # reversals are few; each takes its steps by itself
IDLE_S = 1.0
CLOSE_WITHIN_S = 5.0
FAILED = NotKnown(FAILED_REASON)  # a mistake of ours
log = structlog.get_logger()


class Reversing:
    """Decides reversals and takes them through their steps. `ways`: of the outlets' groups of cells, as selling has
    them.

    Any number of processes may work on the same one: each step happens once.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        clock: Clock,
        ids: IdBlocks,
        references: References,
        network: Network | None = None,
        ways: Sequence[Way] = (EVERYWHERE,),
        cells: Sequence[int] = ALL_CELLS,
    ) -> None:
        self._pool = pool
        self._clock, self._ids, self._references = clock, ids, references
        self._network = network
        self._ways = ways
        self._cells = cells
        self._working: set[asyncio.Task[Ended | NotKnown]] = set()

    async def decide(self, reversal_id: ReversalId, *, approve: bool, actor: Actor) -> SaleStory | Refusal:
        """The second pair of eyes. What takes steps is waited for, at most three seconds, and goes on without the
        caller: the story then says *approved*.

        Refusals: those of `decide_reversal`, and TAKE_BACK_REFUSED. No connection is held while the network thinks.
        """
        way = self._ways[(reversal_id & 255) % len(self._ways)]
        async with self._pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
            rulebook, catalogue = await self._references.current(connection)
            decided = await decide_reversal(
                connection,
                reversal_id,
                approve=approve,
                actor=actor,
                clock=self._clock,
                ids=self._ids,
                rulebook=rulebook,
                catalogue=catalogue,
                way=way,
            )
        if isinstance(decided, Refusal) or decided.reversal is None or decided.reversal.state != "approved":
            return decided
        if (refusal := await self._take_on(reversal_id)) is not None:
            return refusal
        async with self._pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
            return await sale_story(connection, decided.sale.id, outlet_id=None)

    async def complete(self, reversal_id: ReversalId) -> Ended | NotKnown:
        """Take a reversal as far as it goes; safe to repeat from wherever somebody else has left it."""
        each = await self._read(reversal_id)
        if each is not None and each.state == "approved":
            answer = await self._hold(each) or await self._ask(each)
            if not isinstance(answer, Answer):
                return answer
            if answer.state == "unknown":
                return NotKnown(answer.reason, answer.nominal_rp)
            each = await self._end(each, answer)
        if each is None:
            return Ended("asked")
        if each.state == "approved":
            return LOCKED
        await self._finish(each)
        refused = TAKE_BACK_REFUSED(code=each.sale.code, reason=each.why) if each.state == "declined" else None
        return Ended(each.state, refused)

    async def look_once(self) -> int:
        """Take what is due and try it again; what is still not known is put off. Returns how many there were."""
        now = self._clock.now()
        unmoved = now - self._clock.offset  # moving the demo's clock must not end every lease
        rows = await queries.take_due(
            self._pool,
            cells=self._cells,
            now=now,
            unmoved=unmoved,
            until=unmoved + timedelta(seconds=LEASE_S),
            limit=BATCH_MAX,
        )
        await asyncio.gather(*[self._look(row) for row in rows])
        return len(rows)

    async def run(self, stop: asyncio.Event, *, idle_s: float = IDLE_S) -> None:
        """Look until told to stop; a database that is away is waited for. At rest one small query per second."""

        async def work() -> bool:
            return await self.look_once() >= BATCH_MAX

        await run_rounds("reversals", work, stop=stop, idle_s=idle_s)

    async def close(self) -> None:
        """Let what is under way end, for a few seconds; a worker takes on what is left."""
        if self._working:
            _, late = await asyncio.wait(list(self._working), timeout=CLOSE_WITHIN_S)
            for task in late:
                task.cancel()

    async def _take_on(self, reversal_id: ReversalId) -> Refusal | None:
        """Begin, and wait a while; the refusal, if it ends in one meanwhile."""
        task = asyncio.create_task(self._try(reversal_id))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        done, _ = await asyncio.wait([task], timeout=OUTCOME_WITHIN_S)
        ended = task.result() if done and not task.cancelled() else None
        return ended.refusal if isinstance(ended, Ended) else None

    async def _read(self, reversal_id: ReversalId) -> UnderWay | None:
        async with self._pool.acquire() as connection:
            return await steps.under_way(connection, reversal_id)

    async def _hold(self, each: UnderWay) -> Ended | NotKnown | None:
        """Hold what the customer has; where that cannot be, the reversal is put back. None: held."""
        async with self._pool.acquire() as connection:
            refusal = await retried(lambda: steps.hold(connection, each, clock=self._clock, ids=self._ids))
            if refusal is None:
                return None
            back = await retried(lambda: steps.put_back(connection, each, refusal, clock=self._clock, ids=self._ids))
            return back or LOCKED

    async def _ask(self, each: UnderWay) -> Answer:
        """What was delivered here is taken back by holding it; a network that delivered must say that it has."""
        if each.sale.route != "network":
            return Answer("taken_back")
        if self._network is None:
            log.error("a reversal waits for a network that this process does not know", reversal_id=each.id)
            return Answer("unknown", AWAY)
        (answer,) = await self._network.take_back([each.take_back_order()])
        return answer

    async def _end(self, each: UnderWay, answer: Answer) -> UnderWay | None:
        """What was said is final, and the outlet's side decides."""
        refuse = (answer.reason or OTHER_REASON) if answer.state == "refused" else ""
        async with self._pool.acquire() as connection:
            _, catalogue = await self._references.current(connection)
            return await retried(
                lambda: steps.refund(
                    connection, each, refuse=refuse, catalogue=catalogue, clock=self._clock, ids=self._ids
                )
            )

    async def _finish(self, each: UnderWay) -> None:
        async with self._pool.acquire() as connection:
            rulebook, catalogue = await self._references.current(connection)
            await retried(
                lambda: steps.finish(
                    connection, each, rulebook=rulebook, catalogue=catalogue, clock=self._clock, ids=self._ids
                )
            )
            await queries.take_off(connection, reversal_id=each.id)

    async def _try(self, reversal_id: ReversalId) -> Ended | NotKnown:
        """Whatever goes wrong, the reversal is left to the work list."""
        try:
            return await self.complete(reversal_id)
        except asyncpg.LockNotAvailableError:
            return LOCKED
        except Exception as error:
            if is_gone(error):
                return NotKnown(UNAVAILABLE)
            log.exception("reversal left to the worker", reversal_id=reversal_id)
            return FAILED

    async def _look(self, row: asyncpg.Record) -> None:
        """One more try, and what came of it where it did not end: when the next is, and what people have to see."""
        each = steps.under_way_of(row)
        answer = await self._try(each.id)
        if isinstance(answer, Ended):
            return
        now = self._clock.now()
        async with self._pool.acquire() as connection:
            rulebook, _ = await self._references.current(connection)
            checks = row["checks"] + (answer.reason not in UNHEARD)
            due_at = next_look(each, checks, rulebook.at(now).sale, now=now)
            own = await self._ids.reserve(connection, 1)
            async with connection.transaction():
                still = await queries.put_off(
                    connection, reversal_id=each.id, taken_until=row["taken_until"], due_at=due_at, checks=checks
                )
                if still:
                    data = {"id": str(each.id), "answer": answer.reason, "next_due": due_at}
                    audit = AuditRow(each.sale.cell, now, SYSTEM, "check_reversal", each.sale.id, data)
                    await write_audit(connection, own, [audit])
                    if item := item_of(each, answer, now=now):
                        await open_items(connection, [item], now=now, ids=self._ids)
