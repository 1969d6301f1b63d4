"""The typo warning: a number this outlet never sold to, one slip away from one that it did."""

import json
from datetime import timedelta

import pytest
from tests.sales.mercy.held import hold, sell_held, take_back
from tests.shop import Shop, open_shop

from konter.platform.ids import Msisdn
from konter.sales.mercy import queries
from konter.sales.mercy.model import Meant, slips
from konter.sales.mercy.typo import meant_number
from konter.sales.model import Sale
from konter.subscriber.open import NewSubscription, open_subscriptions


async def meant(shop: Shop, msisdn: int, **rules) -> Meant | None:
    """What the outlet is asked when it types this number."""
    sale = shop.stage.rules.sale
    if rules:
        sale = type(sale)(**{**{name: getattr(sale, name) for name in sale.__struct_fields__}, **rules})
    async with shop.stage.pool.acquire() as connection:
        return await meant_number(
            connection, outlet_id=shop.user.outlet_id, msisdn=Msisdn(msisdn), now=shop.stage.now, rules=sale
        )


async def in_use(shop: Shop, msisdn: int) -> Msisdn:
    """This very number has a customer."""
    stage = shop.stage
    new = NewSubscription(msisdn=Msisdn(msisdn), brand="nusa", active_until=stage.now + timedelta(days=30))
    async with stage.pool.acquire() as connection:
        await open_subscriptions(connection, [new], now=stage.now, ids=stage.ids)
    return new.msisdn


@pytest.fixture
async def shop(shop: Shop) -> Shop:
    """Its customer's number has no neighbours among the cast's, which follow one another."""
    shop.customer = await shop.stage.number(prefix="62813")
    return shop


def slip_of(msisdn: int, place: int = -3) -> int:
    """The number with one digit another, and no customer's."""
    text = list(str(msisdn))
    text[place] = str((int(text[place]) + 5) % 10)
    return int("".join(text))


def swapped(msisdn: int) -> int:
    """The last two neighbours that differ have changed places."""
    text = list(str(msisdn))
    at = max(place for place in range(4, len(text)) if text[place] != text[place - 1])
    text[at - 1], text[at] = text[at], text[at - 1]
    return int("".join(text))


async def test_one_digit_wrong_and_two_swapped_are_noticed(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    for typed in (
        slip_of(shop.customer),
        slip_of(shop.customer, 4),
        slip_of(shop.customer, -1),
        swapped(shop.customer),
    ):
        assert await meant(shop, typed) == Meant(shop.customer, sale.at), typed


async def test_two_digits_wrong_or_another_length_are_not(shop: Shop) -> None:
    await shop.sell()
    assert await meant(shop, slip_of(slip_of(shop.customer, 5), -3)) is None
    assert await meant(shop, shop.customer // 10) is None
    assert await meant(shop, shop.customer * 10 + 1) is None


async def test_a_number_that_was_sold_to_is_no_slip(shop: Shop) -> None:
    await shop.sell()
    assert await meant(shop, shop.customer) is None
    other = await in_use(shop, slip_of(shop.customer))
    assert (await meant(shop, other)).msisdn == shop.customer
    await shop.sell(msisdn=other)
    assert await meant(shop, other) is None


async def test_it_is_of_this_outlet_only(shop: Shop) -> None:
    await shop.sell()
    assert await meant(await open_shop(shop.stage), slip_of(shop.customer)) is None


async def test_of_several_the_last_sold_is_asked_for(shop: Shop) -> None:
    """The customer's number and its neighbour are each one slip away from what was typed."""
    other = await in_use(shop, slip_of(shop.customer, 6))
    text = str(other)
    typed = int(f"{text[:6]}{(int(text[6]) + 1) % 10}{text[7:]}")
    await shop.sell(msisdn=other)
    shop.stage.clock.advance(timedelta(hours=1))
    await shop.sell()
    assert (await meant(shop, typed)).msisdn == shop.customer
    shop.stage.clock.advance(timedelta(hours=1))
    await shop.sell(msisdn=other, second=True)
    assert (await meant(shop, typed)).msisdn == other


async def test_what_was_sold_too_long_ago_is_forgotten_but_never_taken_for_new(shop: Shop) -> None:
    await shop.sell()
    shop.stage.clock.advance(timedelta(days=90, seconds=-1))
    assert await meant(shop, slip_of(shop.customer)) is not None
    shop.stage.clock.advance(timedelta(seconds=1))
    assert await meant(shop, slip_of(shop.customer)) is None
    assert await meant(shop, slip_of(shop.customer), typo_days=91) is not None
    assert await meant(shop, shop.customer, typo_days=91) is None


async def test_zero_days_switch_it_off(shop: Shop) -> None:
    await shop.sell()
    assert await meant(shop, slip_of(shop.customer), typo_days=0) is None


async def test_a_wrong_number_that_was_cancelled_stays_wrong(shop: Shop) -> None:
    await shop.sell()
    wrong = await in_use(shop, slip_of(shop.customer))
    await hold(shop)
    await take_back(shop, (await sell_held(shop, msisdn=wrong)).id)
    assert (await meant(shop, wrong)).msisdn == shop.customer
    third = slip_of(wrong, 4)
    assert await meant(shop, third) is None  # nobody ever meant what was cancelled


SOLD_OFTEN = 20_000
COLUMNS = ", ".join(name for name in Sale.__struct_fields__ if name not in {"id", "client_ref", "msisdn", "at"})


def plan_nodes(node: dict) -> list[dict]:
    return [node, *(below for child in node.get("Plans", []) for below in plan_nodes(child))]


async def test_a_busy_outlet_is_asked_by_the_index_of_its_numbers(shop: Shop) -> None:
    """One look at the index per number, some hundred of them, whatever the outlet has sold."""
    sale = (await shop.sell()).sale
    typed = Msisdn(slip_of(shop.customer))
    async with shop.stage.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            f"""
            INSERT INTO sale (id, client_ref, msisdn, at, {COLUMNS})
            SELECT ((1 << 40) + n) << 8 | cell, gen_random_uuid(), 628130000000 + n, at - n * interval '5 minutes',
                {COLUMNS}
            FROM sale, generate_series(1, {SOLD_OFTEN}) n WHERE id = $1
            """,
            sale.id,
        )
        await connection.execute("SET LOCAL ROLE NONE")
        await connection.execute("ANALYZE sale")
        given = (shop.user.outlet_id, sale.cell, typed, slips(typed), shop.stage.now - timedelta(days=90))
        (row,) = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries.FIND_MEANT}", *given)
        await transaction.rollback()
    plan = json.loads(row[0])[0]["Plan"]
    scans = [node for node in plan_nodes(plan) if "Relation Name" in node or "Index Name" in node]
    assert {node.get("Index Name", "none") for node in scans} == {"sale_of_number"}, plan
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 1_000, plan
