"""A seller whose SIM was replaced a moment ago sells little, and step by step more."""

from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD
from tests.shop import Shop, open_shop

from konter.access.enter_otp import resend_otp
from konter.access.model import LoginStarted
from konter.access.reset_password import ask_password_reset
from konter.sales.model import SaleOutcome

HOUR = timedelta(hours=1)


async def replace_sim(shop: Shop) -> None:
    """As the service office will, in a later issue."""
    await shop.stage.pool.execute(
        "UPDATE subscription SET sim_changed_at = $2 WHERE msisdn = $1", shop.user.nn_msisdn, shop.stage.now
    )


async def ask_for_an_otp(shop: Shop) -> None:
    assert isinstance(await shop.stage.log_in(shop.user.username), LoginStarted)


async def sell(shop: Shop, product: str = "PULSA50") -> SaleOutcome:
    return await shop.sell(product=product, second=True)


async def test_it_works(shop: Shop) -> None:
    await replace_sim(shop)
    await ask_for_an_otp(shop)
    assert [(await sell(shop)).refusal for _ in range(2)] == [None, None]
    refusal = (await sell(shop)).refusal
    assert refusal is not None
    assert refusal.code == "COOLING_OFF"
    assert refusal.data == {
        "left_rp": 1_000,
        "limit_rp": 100_000,
        "cost_rp": 49_500,
        "until": shop.stage.now + 24 * HOUR,
        "hours": 24,
    }
    assert await shop.balance() == 1_000_000 - 2 * 49_500
    assert "user.cooling_off" in await shop.stage.audit(shop.user.id)


async def test_the_limit_rises_and_ends(shop: Shop) -> None:
    await replace_sim(shop)
    await ask_for_an_otp(shop)
    sold = []
    for hours in (0, 6, 6, 12):
        shop.stage.clock.advance(hours * HOUR)
        later = shop.stage.now + HOUR  # no session outlives the day
        await shop.stage.pool.execute("UPDATE session SET expires_at = $1 WHERE user_id = $2", later, shop.user.id)
        count = 0
        await shop.buy(1_000_000)
        while count < 12 and (await sell(shop, "PULSA100")).refusal is None:
            count += 1
        sold.append(count)
    assert sold == [1, 4, 5, 12]


async def test_one_batch_counts_what_it_sells_itself(shop: Shop) -> None:
    await replace_sim(shop)
    await ask_for_an_otp(shop)
    outcomes = await shop.sell_all(*[shop.request(second=True) for _ in range(5)])
    assert [outcome.refusal.code if outcome.refusal else "" for outcome in outcomes] == ["", ""] + ["COOLING_OFF"] * 3


async def test_without_a_fresh_sim_nothing_is_limited(shop: Shop) -> None:
    await ask_for_an_otp(shop)
    assert all([(await sell(shop)).refusal is None for _ in range(4)])


async def test_an_old_replacement_limits_nothing(shop: Shop) -> None:
    await replace_sim(shop)
    shop.stage.clock.advance(24 * HOUR)
    await ask_for_an_otp(shop)
    row = await shop.stage.pool.fetchval("SELECT cooling_from FROM outlet_user WHERE id = $1", shop.user.id)
    assert row is None


@pytest.mark.parametrize("asked", ["resend", "password_reset"])
async def test_every_otp_looks_at_the_sim(shop: Shop, asked: str) -> None:
    stage = shop.stage
    started = await stage.log_in(shop.user.username, PASSWORD)
    await replace_sim(shop)
    stage.clock.advance(timedelta(minutes=1))
    async with stage.pool.acquire() as connection:
        if asked == "resend":
            assert isinstance(await resend_otp(connection, started.login_id, origin=HOME, **stage.given), LoginStarted)
        else:
            await ask_password_reset(connection, shop.user.username, origin=HOME, **stage.given)
    assert (await shop.sell(product="PULSA300")).refusal.code == "COOLING_OFF"


async def test_colleagues_are_not_limited(shop: Shop) -> None:
    await replace_sim(shop)
    await ask_for_an_otp(shop)
    other = await open_shop(shop.stage, way=shop.way)
    assert (await sell(other, "PULSA300")).refusal is None
