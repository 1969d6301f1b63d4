"""How one process sells: a lane per group of cells for each of the three steps, and who takes a sale through them.

A sale that takes one step is done when its lane says so. One that takes two or three is taken on at once by the process
that made it; what that process leaves behind (it died, nobody answered) the reconciler finds in the work list.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from konter.platform.clock import Clock
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, SaleId, cell_of_id, cell_of_msisdn
from konter.platform.lane import Lane
from konter.platform.metrics import OUTCOMES
from konter.platform.refusal import Refused
from konter.platform.secrets import Keys
from konter.sales.checking.schedule import Ask
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import BY_HAND, CANCELLED, DEADLINE, LOCKED, VOIDED, NotKnown, Order, Result, Settled
from konter.sales.delivery.settle import settle
from konter.sales.model import Sale, SaleOutcome, SellRequest, Way, ways_of
from konter.sales.network.model import AWAY, OTHER_AMOUNT, OTHER_REASON, Answer, Network, NetworkOrder
from konter.sales.references import References
from konter.sales.sell import sell

OUTCOME_WITHIN_S = 3.0  # how long a request waits for the outcome of its sale before it is answered *checking*
CLOSE_WITHIN_S = 5.0
BATCHES_AT_ONCE = 2  # per lane: one that Python decides beside one that PostgreSQL writes
STEPS = 3
CONNECTIONS_PER_GROUP = BATCHES_AT_ONCE * STEPS  # so that no step waits for another's connection
OUR_REASONS = frozenset({BY_HAND, CANCELLED, DEADLINE, OTHER_AMOUNT, VOIDED})
log = structlog.get_logger()

In = TypeVar("In")
Out = TypeVar("Out")
T = TypeVar("T")


class Selling:
    """The lanes of one process. `groups` of cells have lanes of their own; more than one makes sales between them take
    two steps, as on machines of their own. With a network every sale waits for its word.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        clock: Clock,
        ids: IdBlocks,
        keys: Keys,
        references: References,
        network: Network | None = None,
        groups: int = 1,
        batch_max: int = 256,
        queue_max: int = 4096,
    ) -> None:
        self._pool = pool
        self._clock, self._ids, self._keys, self._references = clock, ids, keys, references
        self._network = network
        self._under_way_max = queue_max
        self._under_way: dict[SaleId, asyncio.Future[Settled | NotKnown]] = {}
        self._working: set[asyncio.Task[None]] = set()

        def lanes(
            name: str,
            command: Callable[[int], Callable[[Sequence[In]], Awaitable[Sequence[Out]]]],
            owners_of: Callable[[In], Sequence[int]],
        ) -> list[Lane[In, Out]]:
            return [
                Lane(
                    name if groups == 1 else f"{name}_{group}",
                    command(group),
                    batch_max=batch_max,
                    queue_max=queue_max,
                    at_once=BATCHES_AT_ONCE,
                    owners_of=owners_of,
                )
                for group in range(groups)
            ]

        ways = ways_of(groups, network=network is not None)
        self.sell_lanes: list[Lane[SellRequest, SaleOutcome]] = lanes(
            "sell", lambda group: self._sell(ways[group]), lambda request: (request.outlet_id, request.msisdn)
        )
        self.deliver_lanes: list[Lane[Order, Result | None]] = lanes(
            "deliver", lambda _: self._deliver, lambda order: (order.sale.subscription_id,)
        )
        self.settle_lanes: list[Lane[Result, Settled | None]] = lanes(
            "settle", lambda _: self._settle, lambda result: (result.sale.outlet_id,)
        )

    async def sell(self, request: SellRequest) -> SaleOutcome:
        """One sale, through its lane and on to its end; after three seconds without one it is answered *checking*.

        Raises Refused when the queue is full (429) or the database away (503). [D-43, D-46, D-106]
        """
        outcome = await self.sell_lanes[cell_of_id(request.outlet_id) % len(self.sell_lanes)].submit(request)
        sale = outcome.sale
        if sale is None or sale.status != "checking":
            return outcome
        ending = self._under_way.get(sale.id)
        if ending is None:
            return outcome
        await asyncio.wait([ending], timeout=OUTCOME_WITHIN_S)
        if not ending.done() or ending.cancelled() or isinstance(settled := ending.result(), NotKnown):
            return outcome
        return SaleOutcome(sale=settled.sale, replay=outcome.replay)

    async def look(self, sale: Sale, how: Ask) -> None:
        """One look at a sale that is checking, waited for as long as a new sale is; it goes on when the caller leaves.

        A look that is under way here is joined, not doubled. Never raises: what came of it stands in the sale. [D-43]
        """
        ending = self._under_way.get(sale.id) or self._take_on(sale, how)
        await asyncio.wait([ending], timeout=OUTCOME_WITHIN_S)

    async def complete(self, sale: Sale, how: Ask = Ask.DELIVER) -> Settled | NotKnown:
        """Take a sale that is checking as far as it goes.

        Safe to repeat, from any number of processes: the network and the receiver's cell act once per transfer, and the
        payer's cell ends a sale once. Raises what the lanes raise when the database is away.
        """
        result = await (self._ask_network(sale, how) if sale.route == "network" else self._ask_cell(sale, how))
        return await self.end(result) if isinstance(result, Result) else result

    async def end(self, result: Result) -> Settled | NotKnown:
        """Have the payer's cell end a sale."""
        return await self._settle_lane(result.sale).submit(result) or LOCKED

    async def close(self) -> None:
        """Let what is under way end, for a few seconds, then the lanes; the reconciler takes on what is left."""
        if self._working:
            _, late = await asyncio.wait(list(self._working), timeout=CLOSE_WITHIN_S)
            for task in late:
                task.cancel()
        for lanes in (self.sell_lanes, self.deliver_lanes, self.settle_lanes):
            await asyncio.gather(*[lane.close() for lane in lanes])

    def _take_on(self, sale: Sale, how: Ask) -> asyncio.Future[Settled | NotKnown]:
        """Begin to bring one sale to its end."""

        async def work() -> None:
            self._ended(sale, await self._try_to_complete(sale, how))

        return self._begin([sale], work())[0]

    def _take_on_all(self, sales: Sequence[Sale]) -> None:
        """Begin to bring a batch of new sales to their end: between cells together, over a network each by itself.

        While too many wait for a slow network, further ones are left to the reconciler: they stand in the work list.
        """
        if self._network is not None:
            for sale in sales[: max(self._under_way_max - len(self._under_way), 0)]:
                self._take_on(sale, Ask.DELIVER)
        elif sales:
            self._begin(sales, self._complete_all(sales))

    def _begin(
        self, sales: Sequence[Sale], work: Coroutine[Any, Any, None]
    ) -> list[asyncio.Future[Settled | NotKnown]]:
        loop = asyncio.get_running_loop()
        endings = [self._under_way.setdefault(sale.id, loop.create_future()) for sale in sales]
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        task.add_done_callback(lambda _: self._stopped(sales))
        return endings

    def _stopped(self, sales: Sequence[Sale]) -> None:
        """Whoever still waits for one of these learns that nobody here works on it any more."""
        for sale in sales:
            self._ended(sale, NotKnown("STOPPED"))

    def _ended(self, sale: Sale, settled: Settled | NotKnown) -> None:
        """Tell whoever waits for this sale."""
        ending = self._under_way.pop(sale.id, None)
        if ending is not None and not ending.done():
            ending.set_result(settled)

    async def _complete_all(self, sales: Sequence[Sale]) -> None:
        """Each step as one batch, or as few as their cells allow; a task for each sale would cost more than a step."""
        ordered = [(sale, self._deliver_lane(sale).enqueue(Order(sale=sale))) for sale in sales]
        delivered = [(sale, await _known(sale, ordering)) for sale, ordering in ordered]
        settling = []
        for sale, result in delivered:
            if isinstance(result, Result):
                settling.append((sale, self._settle_lane(sale).enqueue(result)))
            else:
                self._ended(sale, result)
        for sale, ending in settling:
            self._ended(sale, await _known(sale, ending))

    async def _try_to_complete(self, sale: Sale, how: Ask) -> Settled | NotKnown:
        return await _known(sale, self.complete(sale, how))

    async def _ask_cell(self, sale: Sale, how: Ask) -> Result | NotKnown:
        return await self._deliver_lane(sale).submit(Order(sale=sale, void=how is not Ask.DELIVER)) or LOCKED

    async def _ask_network(self, sale: Sale, how: Ask) -> Result | NotKnown:
        """The network's word first; what it gave is booked whatever stands against it here."""
        if self._network is None:
            log.error("a sale waits for a network that this process does not know", sale_id=sale.id)
            return await self._not_given(sale, DEADLINE) if how is Ask.GIVE_UP else NotKnown(AWAY)
        assert sale.transfer_id is not None
        order = NetworkOrder(sale.transfer_id, sale.msisdn, sale.product, sale.nominal_rp, sale.at)
        call = self._network.deliver if how is Ask.DELIVER else self._network.void
        (answer,) = await call([order])
        if answer.state == "done":
            return await self._deliver_lane(sale).submit(Order(sale=sale, confirmed=True)) or LOCKED
        if answer.state == "unknown":
            if how is not Ask.GIVE_UP:
                return NotKnown(answer.reason, answer.nominal_rp)
            return await self._not_given(sale, OTHER_AMOUNT if answer.reason == OTHER_AMOUNT else DEADLINE)
        return await self._not_given(sale, VOIDED if answer.state == "voided" else _reason_of(answer))

    async def _not_given(self, sale: Sale, reason: str) -> Result | NotKnown:
        """The money comes back, unless the customer has it in our own books: the network said so before to a process
        that died ahead of the settlement, and now it is away or says something else.
        """
        return await self._deliver_lane(sale).submit(Order(sale=sale, not_given=reason)) or LOCKED

    def _deliver_lane(self, sale: Sale) -> Lane[Order, Result | None]:
        return self.deliver_lanes[cell_of_msisdn(sale.msisdn) % len(self.deliver_lanes)]

    def _settle_lane(self, sale: Sale) -> Lane[Result, Settled | None]:
        return self.settle_lanes[sale.cell % len(self.settle_lanes)]

    def _sell(self, way: Way) -> Callable[[Sequence[SellRequest]], Awaitable[list[SaleOutcome]]]:
        async def run(requests: Sequence[SellRequest]) -> list[SaleOutcome]:
            async with self._pool.acquire() as connection:
                outcomes = await sell(
                    connection,
                    requests,
                    clock=self._clock,
                    ids=self._ids,
                    keys=self._keys,
                    references=self._references,
                    way=way,
                )
            for outcome in outcomes:
                OUTCOMES.labels("sell", outcome.code).inc()
            new = [outcome.sale for outcome in outcomes if outcome.sale is not None and not outcome.replay]
            self._take_on_all([sale for sale in new if sale.status == "checking" and sale.hold_until is None])
            return outcomes

        return run

    async def _deliver(self, orders: Sequence[Order]) -> list[Result | None]:
        async with self._pool.acquire() as connection:
            return await deliver(connection, orders, clock=self._clock, ids=self._ids, references=self._references)

    async def _settle(self, results: Sequence[Result]) -> list[Settled | None]:
        async with self._pool.acquire() as connection:
            settled = await settle(connection, results, clock=self._clock, ids=self._ids, references=self._references)
        for each in settled:
            if each is not None and (each.new or each.late):
                OUTCOMES.labels("settle", "late" if each.late else each.sale.status).inc()
        return settled


def _reason_of(refused: Answer) -> str:
    """Why the network refused. What is a code of ours for something else says nothing when a network uses it."""
    return OTHER_REASON if refused.reason in OUR_REASONS else refused.reason or OTHER_REASON


async def _known(sale: Sale, ending: Awaitable[T | NotKnown | None]) -> T | NotKnown:
    """What came of a step; whatever went wrong with it, the sale is left to the reconciler."""
    try:
        return await ending or LOCKED
    except Refused as refused:
        return NotKnown(refused.refusal.code)
    except Exception:
        log.exception("sale left to the reconciler", sale_id=sale.id)
        return NotKnown("FAILED")
