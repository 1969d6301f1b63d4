"""Held sales for tests: an outlet whose sales wait, and everything that may happen to one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.shop import Shop
from tests.ways import Willing

from konter.platform.audit import Actor
from konter.platform.refusal import Refusal
from konter.sales.checking.reconcile import Reconciler
from konter.sales.mercy.cancel import cancel
from konter.sales.mercy.policy import set_hold
from konter.sales.model import Sale
from konter.sales.sell import sell
from konter.sales.selling import Selling

HOLD_S = 60


async def hold(shop: Shop, seconds: int = HOLD_S) -> int | Refusal:
    async with shop.stage.pool.acquire() as connection:
        return await set_hold(
            connection,
            shop.user.outlet_id,
            seconds,
            reason="salah nomor",
            actor=Actor("staff", 7),
            now=shop.stage.now,
            ids=shop.stage.ids,
        )


async def sell_held(shop: Shop, **changed) -> Sale:
    """A sale as the lane leaves it: nobody has taken it further."""
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        (outcome,) = await sell(
            connection,
            [shop.request(**changed)],
            clock=stage.clock,
            ids=stage.ids,
            keys=stage.keys,
            references=shop.references,
            way=shop.way,
        )
    assert outcome.sale is not None, outcome.refusal
    return outcome.sale


async def take_back(shop: Shop, sale_id: int, *, outlet_id: int | None = None) -> Sale | Refusal:
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        return await cancel(
            connection,
            sale_id,
            outlet_id=outlet_id or shop.user.outlet_id,
            actor=Actor("outlet_user", shop.user.id),
            clock=stage.clock,
            ids=stage.ids,
            references=shop.references,
        )


class Sender:
    """A worker that looks after open sales, with a network that does whatever it is asked."""

    def __init__(self, shop: Shop) -> None:
        stage = shop.stage
        self.network = Willing()
        self.selling = Selling(
            stage.pool,
            clock=stage.clock,
            ids=stage.ids,
            keys=stage.keys,
            references=shop.references,
            network=self.network if shop.way.network else None,
        )
        self.reconciler = Reconciler(
            stage.pool,
            self.selling,
            clock=stage.clock,
            ids=stage.ids,
            references=shop.references,
            cells=[shop.user.outlet_id & 255],
        )

    async def look(self) -> int:
        return await self.reconciler.look_once()


@asynccontextmanager
async def sender(shop: Shop) -> AsyncIterator[Sender]:
    made = Sender(shop)
    yield made
    await made.selling.close()


async def reread(shop: Shop, sale_id: int) -> dict:
    row = await shop.stage.pool.fetchrow("SELECT * FROM sale WHERE id = $1", sale_id)
    return dict(row)


async def waiting(shop: Shop) -> int:
    """How many sales of the outlet are on the work list."""
    return await shop.stage.pool.fetchval(
        "SELECT count(*) FROM sale_check c JOIN sale s ON s.id = c.sale_id WHERE s.outlet_id = $1", shop.user.outlet_id
    )


def past_the_hold(shop: Shop) -> None:
    shop.stage.clock.advance(timedelta(seconds=HOLD_S))
