"""The three ways in which everything about selling is tested: one lane over all cells, lanes split by cell, the network.

A test asks for `way`; folders that import the fixture run each of their tests three times.
"""

from collections.abc import Sequence
from datetime import date

import pytest

from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.secrets import Keys
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import Order
from konter.sales.delivery.settle import settle
from konter.sales.model import EVERYWHERE, Sale, SaleOutcome, SellRequest, Way
from konter.sales.network.model import Answer, NetworkOrder, TakeBackOrder
from konter.sales.references import References
from konter.sales.sell import sell

WAYS = {
    "one_lane": EVERYWHERE,
    "split": Way(cells=frozenset()),  # nobody who receives is in the lane's cells: each sale takes two steps
    "network": Way(network=True),
}


@pytest.fixture(params=sorted(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    """Each test three ways."""
    return WAYS[request.param]


TRIES_MAX = 5


class Willing:
    """A network that does whatever it is asked, once."""

    def __init__(self) -> None:
        self.done: dict[int, NetworkOrder] = {}
        self.voided: set[int] = set()
        self.taken: dict[int, TakeBackOrder] = {}

    async def deliver(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        return [self._do(order) for order in orders]

    async def void(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.voided |= {order.transfer_id for order in orders} - set(self.done)
        return [Answer("voided" if order.transfer_id in self.voided else "done") for order in orders]

    async def take_back(self, orders: Sequence[TakeBackOrder]) -> list[Answer]:
        return [self._take(order) for order in orders]

    async def statement(self, day: date) -> bytes:
        return b""

    def _take(self, order: TakeBackOrder) -> Answer:
        assert self.taken.setdefault(order.take_back_id, order) == order, "another order under the same take-back id"
        transfers = [taken.transfer_id for taken in self.taken.values()]
        assert transfers.count(order.transfer_id) == 1, "taken back twice"
        return Answer("taken_back", nominal_rp=order.nominal_rp)

    def _do(self, order: NetworkOrder) -> Answer:
        if order.transfer_id in self.voided:
            return Answer("voided")
        assert self.done.setdefault(order.transfer_id, order) == order, "another order under the same transfer id"
        return Answer("done", nominal_rp=order.nominal_rp)


async def sell_and_end(
    connection: Connection,
    requests: Sequence[SellRequest],
    *,
    way: Way,
    clock: Clock,
    ids: IdBlocks,
    keys: Keys,
    references: References,
) -> list[SaleOutcome]:
    """A batch of sales with all its steps, each step as one batch."""
    outcomes = await sell(connection, requests, clock=clock, ids=ids, keys=keys, references=references, way=way)
    open_sales = {o.sale.id: o.sale for o in outcomes if o.sale is not None and o.sale.status == "checking"}
    ended = await end(connection, list(open_sales.values()), clock=clock, ids=ids, references=references)
    by_id = {sale.id: sale for sale in ended}
    return [
        SaleOutcome(sale=by_id[o.sale.id], replay=o.replay) if o.sale is not None and o.sale.id in by_id else o
        for o in outcomes
    ]


async def end(
    connection: Connection, sales: Sequence[Sale], *, clock: Clock, ids: IdBlocks, references: References
) -> list[Sale]:
    """The second and third step; a network has said yes to all that go over it. Whose lock is not had waits its turn."""
    ended: list[Sale] = []
    left = list(sales)
    for _ in range(TRIES_MAX):
        orders = [Order(sale=sale, confirmed=sale.route == "network") for sale in left]
        results = await deliver(connection, orders, clock=clock, ids=ids, references=references)
        settled = await settle(connection, [r for r in results if r], clock=clock, ids=ids, references=references)
        ended += [each.sale for each in settled if each]
        left = [sale for sale in left if sale.id not in {each.id for each in ended}]
        if not left:
            return ended
    raise AssertionError(f"{len(left)} sales found no end")
