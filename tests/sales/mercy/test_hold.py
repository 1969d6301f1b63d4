"""How long an outlet's sales wait is set by staff, and written down."""

import asyncpg
import pytest
from tests.access.people import code_of
from tests.sales.mercy.held import hold, sell_held
from tests.shop import Shop

from konter.platform.audit import SYSTEM
from konter.sales.mercy.policy import set_hold


async def test_it_is_off_until_staff_say_so(shop: Shop) -> None:
    assert (await shop.sell(product="PULSA5")).sale.hold_until is None
    assert await hold(shop, 600) == 600
    sale = await sell_held(shop)
    assert (sale.hold_until - sale.at).total_seconds() == 600
    rows = await shop.stage.pool.fetch(
        "SELECT actor, data FROM audit WHERE subject_id = $1 AND action = 'outlet.hold'", shop.user.outlet_id
    )
    assert [(each["actor"], each["data"]["was"], each["data"]["now"], each["data"]["reason"]) for each in rows] == [
        ("staff:7", 0, 600, "salah nomor")
    ]


async def test_the_same_again_is_no_change(shop: Shop) -> None:
    await hold(shop)
    await hold(shop)
    assert (await shop.stage.audit(shop.user.outlet_id)).count("outlet.hold") == 1


async def test_what_is_held_keeps_its_moment_when_the_policy_changes(shop: Shop) -> None:
    await hold(shop)
    sale = await sell_held(shop)
    await hold(shop, 0)
    kept = await shop.stage.pool.fetchval("SELECT hold_until FROM sale WHERE id = $1", sale.id)
    assert kept == sale.hold_until
    assert (await sell_held(shop, product="PULSA5")).hold_until is None


async def test_only_an_outlet_has_a_hold(shop: Shop) -> None:
    async with shop.stage.pool.acquire() as connection:
        for owner in ((await shop.look()).id, 12345 << 8):
            refused = await set_hold(
                connection, owner, 60, reason="x", actor=SYSTEM, now=shop.stage.now, ids=shop.stage.ids
            )
            assert code_of(refused) == "OUTLET_NOT_FOUND"


@pytest.mark.parametrize("seconds", [-1, 601])
async def test_the_table_knows_the_limits_too(shop: Shop, seconds: int) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.stage.pool.execute("UPDATE outlet SET hold_s = $2 WHERE id = $1", shop.user.outlet_id, seconds)
