"""Product health from real sales: what a network's bad minutes make of a product, and how it comes back."""

import asyncio
import json
from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.shop import Shop, open_shop

from konter.sales.delivery.model import CANCELLED, DEADLINE, Result
from konter.sales.delivery.settle import settle
from konter.sales.health import queries
from konter.sales.health.look import look, product_health, run_health
from konter.sales.health.model import NOT_THE_PRODUCT, Change, Health
from konter.sales.model import Sale, Way
from konter.sales.sell import sell

NETWORK = Way(network=True)
OWN = {"id", "outlet_id", "subscription_id", "client_ref", "at"}  # what differs from sale to sale


@pytest.fixture
async def shop(own_stage: Stage) -> Shop:
    """An outlet that sells over a network, on a database where nobody else sells."""
    return await open_shop(own_stage, balance_rp=50_000_000, way=NETWORK)


async def send(shop: Shop, count: int = 1, product: str = "PULSA5") -> list[Sale]:
    """Sales that are on their way."""
    stage = shop.stage
    requests = [shop.request(product=product, second=True) for _ in range(count)]
    async with stage.pool.acquire() as connection:
        outcomes = await sell(
            connection,
            requests,
            clock=stage.clock,
            ids=stage.ids,
            keys=stage.keys,
            references=shop.references,
            way=shop.way,
        )
    sales = [outcome.sale for outcome in outcomes if outcome.sale is not None]
    assert len(sales) == count
    return sales


async def refuse(shop: Shop, sales: list[Sale], reason: str = "NETWORK_BUSY") -> None:
    """The network said no."""
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        results = [Result(sale=sale, reason=reason) for sale in sales]
        await settle(connection, results, clock=stage.clock, ids=stage.ids, references=shop.references)


async def deliver_slowly(shop: Shop, count: int, seconds: int) -> None:
    """Sales that were delivered after so long."""
    await shop.sell_all(*[shop.request(product="PULSA5", second=True) for _ in range(count)])
    await shop.stage.pool.execute(
        "UPDATE sale SET resolved_at = at + $1 WHERE status = 'done'", timedelta(seconds=seconds)
    )


async def looked(shop: Shop) -> list[Change] | None:
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        return await look(connection, now=stage.now, rules=stage.rules, ids=stage.ids)


async def health(shop: Shop) -> Health:
    async with shop.stage.pool.acquire() as connection:
        return await product_health(connection, now=shop.stage.now)


def wait(shop: Shop, seconds: float) -> None:
    shop.stage.clock.advance(timedelta(seconds=seconds))


async def test_what_sells_well_is_open(shop: Shop) -> None:
    await shop.sell_all(*[shop.request(product="PULSA5", second=True) for _ in range(8)])
    assert await looked(shop) == []
    assert (await health(shop)).state("PULSA5") == "open"


async def test_refused_sales_close_a_product_and_no_other(shop: Shop) -> None:
    await send(shop, 5, "PULSA10")
    await refuse(shop, await send(shop, 5))
    (change,) = await looked(shop)
    assert (change.product, change.was, change.now, change.counts.refused) == ("PULSA5", "open", "closed", 5)
    now = await health(shop)
    assert (now.state("PULSA5"), now.state("PULSA10")) == ("closed", "open")
    assert (now.of("PULSA5").since, now.of("PULSA5").sales) == (shop.stage.now, 5)
    audit = await shop.stage.pool.fetchrow("SELECT actor, data FROM audit WHERE action = 'product.health'")
    assert (audit["actor"], audit["data"]["now"], audit["data"]["refused"]) == ("system:0", "closed", 5)


async def test_four_are_too_few(shop: Shop) -> None:
    await refuse(shop, await send(shop, 4))
    assert await looked(shop) == []


async def test_sales_without_an_answer_close_it_after_thirty_seconds(shop: Shop) -> None:
    await send(shop, 5)
    wait(shop, 30)
    assert await looked(shop) == []
    wait(shop, 5)
    (change,) = await looked(shop)
    assert (change.now, change.counts.unanswered) == ("closed", 5)


async def test_late_deliveries_make_it_slow(shop: Shop) -> None:
    await deliver_slowly(shop, 5, seconds=10)
    wait(shop, 11)
    assert await looked(shop) == []
    await deliver_slowly(shop, 5, seconds=11)
    wait(shop, 11)
    (change,) = await looked(shop)
    assert (change.now, change.counts.slow) == ("slow", 10)


@pytest.mark.parametrize(
    "reason", ["UNKNOWN_SUBSCRIBER", "SUBSCRIBER_EXPIRED", "NOT_PREPAID", "NOT_OUR_NUMBER", CANCELLED]
)
async def test_what_is_wrong_with_the_number_says_nothing_of_the_product(shop: Shop, reason: str) -> None:
    await refuse(shop, await send(shop, 8), reason)
    assert await looked(shop) == []


async def test_a_refund_at_the_deadline_counts(shop: Shop) -> None:
    await refuse(shop, await send(shop, 5), DEADLINE)
    assert len(await looked(shop)) == 1


async def test_it_opens_by_itself_when_sales_go_well_again(shop: Shop) -> None:
    """A closed product may be sold: those sales are the probes."""
    await refuse(shop, await send(shop, 5))
    await looked(shop)
    wait(shop, 60)
    assert (await shop.sell(product="PULSA5", second=True)).sale.status == "done"
    await shop.sell_all(*[shop.request(product="PULSA5", second=True) for _ in range(5)])
    (change,) = await looked(shop)
    assert (change.was, change.now) == ("closed", "open")
    assert (await health(shop)).troubled == {}


async def test_it_opens_by_itself_when_nobody_sells_it(shop: Shop) -> None:
    await refuse(shop, await send(shop, 5))
    await looked(shop)
    wait(shop, 300)
    assert await looked(shop) == []  # the window's first moment still counts
    wait(shop, 6)
    (change,) = await looked(shop)
    assert (change.was, change.now) == ("closed", "open")


async def test_what_is_held_is_not_unanswered(shop: Shop) -> None:
    await shop.stage.pool.execute("UPDATE outlet SET hold_s = 120 WHERE id = $1", shop.user.outlet_id)
    await send(shop, 6)
    wait(shop, 119)
    assert await looked(shop) == []
    wait(shop, 31)
    assert await looked(shop) == []
    wait(shop, 6)
    assert [change.now for change in await looked(shop)] == ["closed"]


async def test_of_two_workers_one_looks_every_five_seconds(shop: Shop) -> None:
    first, other = await asyncio.gather(looked(shop), looked(shop))
    assert sorted([first is None, other is None]) == [False, True]
    wait(shop, 4.9)
    assert await looked(shop) is None
    wait(shop, 0.1)
    assert await looked(shop) == []


async def test_a_look_that_is_old_warns_nobody(shop: Shop) -> None:
    await refuse(shop, await send(shop, 5))
    await looked(shop)
    wait(shop, 60)
    assert (await health(shop)).state("PULSA5") == "closed"
    wait(shop, 1)
    assert (await health(shop)).state("PULSA5") == "open"


async def test_a_clock_that_was_set_back_is_looked_by_all_the_same(shop: Shop) -> None:
    await shop.stage.pool.execute("UPDATE health_look SET looked_at = $1", shop.stage.now + timedelta(days=40))
    assert await looked(shop) == []


async def test_the_worker_looks_until_it_is_stopped(shop: Shop) -> None:
    await refuse(shop, await send(shop, 5))
    stage, stop = shop.stage, asyncio.Event()
    running = asyncio.create_task(
        run_health(stage.pool, clock=stage.clock, ids=stage.ids, references=shop.references, stop=stop)
    )
    async with asyncio.timeout(5):
        for _ in range(200):
            if (await health(shop)).state("PULSA5") == "closed":
                break
            await asyncio.sleep(0.02)
        stop.set()
        await running
    assert (await health(shop)).state("PULSA5") == "closed"


async def test_a_look_reads_the_end_of_a_large_table_only(shop: Shop) -> None:
    """The figures of five minutes cost no walk through all that was ever sold."""
    (sale,) = await send(shop)
    names = ", ".join(name for name in Sale.__struct_fields__ if name not in OWN)
    async with shop.stage.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            f"""
            INSERT INTO sale (id, outlet_id, subscription_id, client_ref, at, {names})
            SELECT ((1 << 40) + n) << 8 | cell, n << 8 | cell, n << 8 | cell, gen_random_uuid(),
                at - (150000 - n) * interval '1 minute', {names}
            FROM sale, generate_series(1, 150000) n WHERE id = $1
            """,
            sale.id,
        )
        await connection.execute("SET LOCAL ROLE NONE")
        await connection.execute("ANALYZE sale")
        await connection.execute("SELECT brin_summarize_new_values('sale_at')")
        pages = await connection.fetchval("SELECT relpages FROM pg_class WHERE relname = 'sale'")
        given = (shop.stage.now - timedelta(minutes=5), shop.stage.now, 10, 30, list(NOT_THE_PRODUCT), 600)
        (row,) = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries.COUNT_SALES}", *given)
        await transaction.rollback()
    plan = json.loads(row[0])[0]["Plan"]
    assert '"Index Name": "sale_at"' in row[0], row[0]
    assert pages > 1_000
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < pages / 10, plan


async def test_a_hold_as_long_as_the_window_hides_nothing(shop: Shop) -> None:
    await shop.stage.pool.execute("UPDATE outlet SET hold_s = 600 WHERE id = $1", shop.user.outlet_id)
    sales = await send(shop, 6)
    shop.stage.clock.advance(timedelta(seconds=601))
    await refuse(shop, sales)
    (change,) = await looked(shop)
    assert (change.now, change.counts.refused) == ("closed", 6)
