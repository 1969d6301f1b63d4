"""Open sales looked at by several workers at once, while their servers still ask and the network tells what it likes."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.sales.checking.desk import BALANCE_RP, Desk, Fickle
from tests.shop import open_shop
from tests.ways import WAYS

from konter.sales.checking.hear import hear
from konter.sales.checking.schedule import Ask
from konter.sales.model import Sale
from konter.sales.network.model import Answer, NetworkOrder

SALES, WORKERS = 24, 3


class Moody(Fickle):
    """Another mood at each call."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    async def deliver(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.mood = self.chance.choice(["willing", "away", "mute", "accepts"])
        answers = await super().deliver(orders)
        await asyncio.sleep(self.chance.random() / 50)
        return answers

    async def void(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.mood = self.chance.choice(["willing", "away"])
        answers = await super().void(orders)
        await asyncio.sleep(self.chance.random() / 50)
        return answers


async def told(desk: Desk, sale: Sale) -> None:
    """The network calls back, rightly or not."""
    async with desk.stage.pool.acquire() as connection:
        claim = Answer("done", nominal_rp=sale.nominal_rp)
        await hear(connection, sale.transfer_id, claim, now=desk.stage.now, ids=desk.stage.ids)


async def server_asks(desk: Desk, sale: Sale) -> None:
    """The server that made the sale is slow, but not dead."""
    await desk.another().selling.complete(sale, Ask.DELIVER)


@pytest.mark.requirement("D-43", "D-46", "G-D12")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_sale_has_one_end_and_everybody_agrees_on_it(own_stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    network = Moody(chance)
    desk = Desk(await open_shop(own_stage, way=WAYS["network"]), network)
    numbers = [await desk.stage.number() for _ in range(SALES)]
    sales = await desk.all_left_open(*[desk.shop.request(msisdn=number, product="PULSA5") for number in numbers])
    workers = [desk.another() for _ in range(WORKERS)]
    for step in (0, 30, 90, 480, 3000, 600, 82_200, 5, 600, 600, 600, 600, 600, 600):
        desk.stage.clock.advance(timedelta(seconds=step))
        some = chance.sample(sales, 4)
        await asyncio.gather(
            *[worker.look() for worker in workers],
            *[server_asks(desk, sale) for sale in some[:2]],
            *[told(desk, sale) for sale in some[2:]],
        )
    ended = [await desk.now_is(sale) for sale in sales]
    late = {sale_id for kind, sale_id, _ in await desk.items() if kind == "LATE_DELIVERY"}
    assert {sale.status for sale in ended} <= {"done", "refunded"}
    for sale in ended:
        has = (await desk.shop.look(sale.msisdn)).balance_rp
        assert has == (5_000 if sale.status == "done" or sale.id in late else 0), sale
        if sale.status == "done":
            assert sale.transfer_id in network.done
        if sale.id not in late and sale.reason == "VOIDED":
            assert sale.transfer_id not in network.done
    refunds = [sale for sale in ended if sale.status == "refunded"]
    assert late <= {sale.id for sale in refunds}
    assert await desk.shop.balance() == BALANCE_RP - sum(sale.cost_rp for sale in ended if sale.status == "done")
    sold, back, _ = await desk.texts()
    assert (sold, back) == (SALES - len(refunds), len(refunds))
    for sale in refunds:
        if sale.id in late:
            await desk.adjust(sale)
