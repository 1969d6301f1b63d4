"""A batch costs six round trips in each step, whether it is one sale or a hundred."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.shop import Shop

from konter.platform.db import Connection
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import Order
from konter.sales.delivery.settle import settle
from konter.sales.model import SaleOutcome
from konter.sales.sell import sell

ROUND_TRIPS_MAX = 6


async def said_in(shop: Shop, work: Callable[[Connection], Awaitable[Any]]) -> tuple[Any, list[str]]:
    """What a batch says to the database, but for the numbers that are reserved outside it, a thousand at a time."""
    said: list[str] = []
    async with shop.stage.pool.acquire() as connection:
        with connection.query_logger(lambda record: said.append(" ".join(record.query.split()))):
            result = await work(connection)
    return result, [query for query in said if "id_block" not in query]


def require_six(said: list[str]) -> None:
    assert len(said) <= ROUND_TRIPS_MAX, said
    assert said[0].startswith("BEGIN")
    assert said[1].endswith("ORDER BY id FOR UPDATE")
    assert said[-1].startswith("COMMIT")


async def sold(shop: Shop, size: int) -> tuple[list[SaleOutcome], list[str]]:
    await shop.sell()  # rules and catalogue are read once per process
    products = ["PULSA5", "PULSA10"] * size
    requests = [shop.request(product=product, second=True) for product in products[:size]]
    stage = shop.stage
    given = {"clock": stage.clock, "ids": stage.ids, "keys": stage.keys, "references": shop.references}
    return await said_in(shop, lambda connection: sell(connection, requests, way=shop.way, **given))


@pytest.mark.parametrize("size", [1, 100])
async def test_a_batch_of_sales_is_six_round_trips(shop: Shop, size: int) -> None:
    """Receivers of other cells are looked at before the transaction, in one more."""
    _, said = await sold(shop, size)
    if not shop.way.has(shop.customer):
        assert said.pop(0).startswith("SELECT id, cell, msisdn")
    require_six(said)


@pytest.mark.parametrize("size", [1, 100])
async def test_each_further_step_is_six_round_trips(shop: Shop, size: int) -> None:
    outcomes, _ = await sold(shop, size)
    sales = [outcome.sale for outcome in outcomes if outcome.sale and outcome.sale.status == "checking"]
    if shop.way.writes(shop.customer):
        assert not sales
        return
    given = {"clock": shop.stage.clock, "ids": shop.stage.ids, "references": shop.references}
    orders = [Order(sale=sale, confirmed=True) for sale in sales]
    results, said = await said_in(shop, lambda connection: deliver(connection, orders, **given))
    require_six(said)
    settled, said = await said_in(shop, lambda connection: settle(connection, results, **given))
    require_six(said)
    assert [each.sale.status for each in settled] == ["done"] * size
