"""Sales that a server left open, a network with moods, and workers that look after both."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.shop import Shop
from tests.ways import Willing

from konter.platform.audit import Actor
from konter.platform.clock import Clock
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.sales.adjustment.adjust import ask_adjustment, decide_adjustment
from konter.sales.checking.reconcile import Reconciler
from konter.sales.model import Sale
from konter.sales.network.model import ACCEPTED, AWAY, CIRCUIT_OPEN, OTHER_AMOUNT, TIMED_OUT, Answer, NetworkOrder
from konter.sales.queries import SALE_COLUMNS, sale_of
from konter.sales.references import References
from konter.sales.sell import sell
from konter.sales.selling import Selling

PRICE_RP = 49_500
BALANCE_RP = 1_000_000


MOODS = {  # in these it does nothing
    "away": Answer("unknown", AWAY),
    "open circuit": Answer("unknown", CIRCUIT_OPEN),
    "refuses": Answer("refused", "NUMBER_BARRED"),
    "cheats": Answer("unknown", OTHER_AMOUNT, 5_000),
}


class Fickle(Willing):
    """A network that does as its mood says: `willing`; `away`; `open circuit`: nobody was asked; `mute`: does it and never answers; `accepts`: answers
    later; `refuses`; `cheats`: does another amount. While `gate` is set a delivery is done and waits there to be told.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mood = "willing"
        self.gate: asyncio.Event | None = None
        self.asked: list[tuple[str, int]] = []
        self.heard = asyncio.Event()
        self.poison: set[int] = set()

    async def deliver(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.asked += [("deliver", order.transfer_id) for order in orders]
        self.heard.set()
        if self.poison & {order.transfer_id for order in orders}:
            raise RuntimeError("a mistake of ours")
        answers = [self._deliver(order) for order in orders]
        if self.gate is not None:
            await self.gate.wait()
        return answers

    async def void(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.asked += [("void", order.transfer_id) for order in orders]
        if self.mood in ("away", "mute"):
            return [Answer("unknown", AWAY)] * len(orders)
        if self.mood == "open circuit":
            return [MOODS[self.mood]] * len(orders)
        if self.mood == "cheats":
            return [Answer("unknown", OTHER_AMOUNT, 5_000)] * len(orders)
        return await super().void(orders)

    def _deliver(self, order: NetworkOrder) -> Answer:
        if self.mood in MOODS:
            return MOODS[self.mood]
        done = self._do(order)
        return {"mute": Answer("unknown", TIMED_OUT), "accepts": Answer("unknown", ACCEPTED)}.get(self.mood, done)


class Worker:
    """What one worker process has to itself."""

    def __init__(self, shop: Shop, network: Fickle | None, clock: Clock | None = None) -> None:
        stage = shop.stage
        parts: dict[str, Any] = {"clock": clock or stage.clock, "ids": IdBlocks(), "references": References()}
        self.selling = Selling(stage.pool, keys=stage.keys, network=network, **parts)
        self.reconciler = Reconciler(stage.pool, self.selling, **parts)

    async def look(self) -> int:
        return await self.reconciler.look_once()


class Desk:
    """A shop, its network and a worker."""

    def __init__(self, shop: Shop, network: Fickle) -> None:
        self.shop, self.stage, self.network = shop, shop.stage, network
        self.worker = self.another()

    def another(self, clock: Clock | None = None) -> Worker:
        """Another worker process on the same database."""
        return Worker(self.shop, self.network, clock)

    async def left_open(self, **changed: Any) -> Sale:
        """A sale whose server died after the first step."""
        (sale,) = await self.all_left_open(self.shop.request(**changed))
        return sale

    async def all_left_open(self, *requests: Any) -> list[Sale]:
        stage = self.stage
        async with stage.pool.acquire() as connection:
            outcomes = await sell(
                connection,
                requests,
                clock=stage.clock,
                ids=stage.ids,
                keys=stage.keys,
                references=self.shop.references,
                way=self.shop.way,
            )
        sales = [outcome.sale for outcome in outcomes if outcome.sale is not None]
        assert [sale.status for sale in sales] == ["checking"] * len(requests), outcomes
        return sales

    async def after(self, **passed: float) -> int:
        """Let time pass, then have the worker look; how many it looked at."""
        self.stage.clock.advance(timedelta(**passed))
        return await self.worker.look()

    async def now_is(self, sale: Sale) -> Sale:
        """The sale as it stands."""
        row = await self.stage.pool.fetchrow(f"SELECT {SALE_COLUMNS} FROM sale WHERE id = $1", sale.id)
        assert row is not None
        return sale_of(row)

    async def listed(self, sale: Sale) -> tuple[datetime, int] | None:
        """When the sale is due on the work list, and how often it was looked at."""
        row = await self.stage.pool.fetchrow("SELECT due_at, checks FROM sale_check WHERE sale_id = $1", sale.id)
        return (row["due_at"], row["checks"]) if row is not None else None

    async def looks(self, sale: Sale) -> list[dict[str, Any]]:
        """The looks in the audit, oldest first."""
        rows = await self.stage.pool.fetch(
            "SELECT data FROM audit WHERE subject_id = $1 AND action = 'check_sale' ORDER BY at, id", sale.id
        )
        return [row["data"] for row in rows]

    async def items(self) -> list[tuple[str, int | None, dict[str, Any]]]:
        """Items of work: kind, sale, story."""
        rows = await self.stage.pool.fetch("SELECT kind, sale_id, story FROM work_item ORDER BY id")
        return [(row["kind"], row["sale_id"], row["story"]) for row in rows]

    async def credited_rp(self) -> int:
        """What the customer has."""
        return (await self.shop.look()).balance_rp

    async def texts(self) -> tuple[int, int, int]:
        """How many texts said: sold, refunded, and to the customer: arrived."""
        seller, customer = self.shop.user.nn_msisdn, self.shop.customer
        return (
            len(await self.stage.texts(seller, "sale_seller")),
            len(await self.stage.texts(seller, "sale_refunded")),
            len(await self.stage.texts(customer, "sale_customer_recharge")),
        )

    async def adjust(self, sale: Sale) -> None:
        """Two members of staff have the outlet pay for what its customer has; the books are not sound before."""
        stage = self.stage
        given: dict[str, Any] = {"clock": stage.clock, "ids": stage.ids}
        async with stage.pool.acquire() as connection:
            rulebook, catalogue = await self.shop.references.current(connection)
            asked = await ask_adjustment(
                connection, sale.id, payer="outlet", reason="terlambat", actor=Actor("staff", 1), **given
            )
            assert not isinstance(asked, Refusal), asked
            decided = await decide_adjustment(
                connection,
                asked,
                approve=True,
                actor=Actor("staff", 2),
                rulebook=rulebook,
                catalogue=catalogue,
                **given,
            )
            assert not isinstance(decided, Refusal), decided
