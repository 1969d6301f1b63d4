"""A batch of sales costs six round trips, whether it is one sale or a hundred."""

import pytest

from konter.sales.sell import sell

ROUND_TRIPS_MAX = 6


async def round_trips(shop, requests) -> list[str]:
    """What a batch says to the database, but for the numbers that are reserved outside it, a thousand at a time."""
    said: list[str] = []
    async with shop.stage.pool.acquire() as connection:
        with connection.query_logger(lambda record: said.append(" ".join(record.query.split()))):
            await sell(
                connection,
                requests,
                clock=shop.stage.clock,
                ids=shop.stage.ids,
                keys=shop.stage.keys,
                references=shop.references,
            )
    return [query for query in said if "id_block" not in query]


@pytest.mark.parametrize("size", [1, 100])
async def test_a_batch_is_six_round_trips(shop, size) -> None:
    await shop.sell()  # rules and catalogue are read once per process
    products = ["PULSA5", "PULSA10"] * size
    requests = [shop.request(product=product, second=True) for product in products[:size]]
    said = await round_trips(shop, requests)
    assert len(said) <= ROUND_TRIPS_MAX, said
    assert said[0].startswith("BEGIN")
    assert said[1].endswith("ORDER BY id FOR UPDATE")
    assert said[-1].startswith("COMMIT")
