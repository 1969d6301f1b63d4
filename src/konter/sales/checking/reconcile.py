"""The reconciler of single sales: whatever is still *checking* is looked at when it is due, until it has ended.

It needs no memory: what is open, when it is due and how often it was looked at stands in the work list. A server that
died between two steps leaves its sales there; a worker that dies in a look loses its lease. That two look at the same
sale at once does no harm, see `Selling.complete`.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from konter.platform.audit import SYSTEM, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Pool, retried
from konter.platform.ids import IdBlocks
from konter.platform.metrics import SALE_LOOKS, SALES_CHECKING, SALES_CHECKING_AGE
from konter.platform.outbox import ALL_CELLS
from konter.platform.refusal import Refused
from konter.platform.rounds import run_rounds
from konter.rules.keys import Sale as SaleRules
from konter.sales.checking import queries
from konter.sales.checking.model import FAILED, UNAVAILABLE, UNHEARD, Check, Look, items_of
from konter.sales.checking.schedule import CIRCUIT_EVERY, OVERDUE_EVERY, ask, is_forgotten, next_due
from konter.sales.delivery.model import NotKnown, Settled
from konter.sales.network.model import CIRCUIT_OPEN
from konter.sales.queries import sale_of
from konter.sales.reconciliation.items import open_items
from konter.sales.references import References
from konter.sales.selling import Selling

LEASE_S = 15  # longer than a batch takes when every call to the network times out
BATCH_MAX = 200
IDLE_S = 1.0
MEASURE_EVERY_S = 5.0
log = structlog.get_logger()


class Reconciler:
    """Looks at what is due; any number of workers may have one over the same cells. [D-46, G-D12]"""

    def __init__(
        self,
        pool: Pool,
        selling: Selling,
        *,
        clock: Clock,
        ids: IdBlocks,
        references: References,
        cells: Sequence[int] = ALL_CELLS,
    ) -> None:
        self._pool = pool
        self._selling = selling
        self._clock, self._ids, self._references = clock, ids, references
        self._cells = cells

    async def run(self, stop: asyncio.Event, *, idle_s: float = IDLE_S) -> None:
        """Look until told to stop, then end the looks in hand. At rest that is one small query per second.

        A database that is away is waited for; what was in hand comes back when its lease has run out.
        """
        measured = 0.0

        async def work() -> bool:
            nonlocal measured
            count = await self.look_once()
            if time.monotonic() - measured >= MEASURE_EVERY_S:
                await self.measure()
                measured = time.monotonic()
            return count >= BATCH_MAX

        await run_rounds("sales", work, stop=stop, idle_s=idle_s)

    async def look_once(self) -> int:
        """Take what is due, look at all of it at once, and put off what is still not known. Returns how many it took.

        The lanes make batches of the steps, and the network's client bounds its calls.
        """
        checks = await self._take()
        if not checks:
            return 0
        async with self._pool.acquire() as connection:
            rulebook, _ = await self._references.current(connection)
        rules = rulebook.at(self._clock.now()).sale
        looks = await asyncio.gather(*[self._look(check, rules) for check in checks])
        await retried(lambda: self._write(looks, rules))
        return len(checks)

    async def measure(self) -> None:
        """Set the gauges of how much is open, and since when."""
        row = await queries.measure(self._pool)
        SALES_CHECKING.set(row["open"])
        SALES_CHECKING_AGE.set((self._clock.now() - row["since"]).total_seconds() if row["since"] else 0)

    async def _take(self) -> list[Check]:
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
        return [
            Check(sale=sale_of(row), checks=row["checks"], due_at=row["due_at"], taken_until=row["taken_until"])
            for row in rows
        ]

    async def _look(self, check: Check, rules: SaleRules) -> Look:
        """Whatever goes wrong in one look must not stop the ones beside it."""
        how = ask(check.sale, check.checks, rules, now=self._clock.now())
        if is_forgotten(check.sale, check.checks, now=self._clock.now()):  # nobody need be asked
            return Look(check=check, how=how, answer=Settled(sale=check.sale))
        try:
            look = Look(check=check, how=how, answer=await self._selling.complete(check.sale, how))
        except Refused:
            look = Look(check=check, how=how, answer=NotKnown(UNAVAILABLE))
        except Exception:
            log.exception("look failed", sale_id=check.sale.id, how=how.value)
            look = Look(check=check, how=how, answer=NotKnown(FAILED))
        SALE_LOOKS.labels(how.value, look.word).inc()
        return look

    async def _write(self, looks: Sequence[Look], rules: SaleRules) -> None:
        now = self._clock.now()
        over = [look for look in looks if look.is_over]
        left = [(look, _due(look, rules, now)) for look in looks if not look.is_over]
        audits = [_audit(look, due, now) for look, due in left if look.word not in UNHEARD]
        async with self._pool.acquire() as connection:
            seqs = (await self._ids.reserve(connection, len(audits))).take(len(audits))
            async with connection.transaction():
                await queries.put_off(
                    connection,
                    rows=[
                        (look.check.sale.id, look.check.sale.cell, look.check.taken_until, due, look.checks)
                        for look, due in left
                    ],
                    audits=[row.columns(next(seqs)) for row in audits],
                )
                items = [item for look in looks for item in items_of(look, rules, now=now)]
                await open_items(connection, items, now=now, ids=self._ids)
                await queries.take_off(
                    connection,
                    rows=[(look.check.sale.id, look.check.sale.cell, look.check.taken_until) for look in over],
                )


def _due(look: Look, rules: SaleRules, now: datetime) -> datetime:
    """What never reached who was asked is tried again soon; else the schedule counts it."""
    if look.word in UNHEARD:
        return now + (CIRCUIT_EVERY if look.word == CIRCUIT_OPEN else OVERDUE_EVERY)
    return next_due(look.check.sale, look.checks, rules, now=now)


def _audit(look: Look, due: datetime, now: datetime) -> AuditRow:
    sale = look.check.sale
    data = {"how": look.how.value, "answer": look.word, "next_due": due}
    return AuditRow(sale.cell, now, SYSTEM, "check_sale", sale.id, data)
