"""A phone is reported lost while its OTP is being entered: whichever is first, no session lives after the report."""

import asyncio

import pytest
from tests.access.people import HOME, Stage
from tests.shop import Shop

from konter.access.model import LoginStarted, SessionOpened
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.platform.refusal import Refusal


async def lose(shop: Shop, staff) -> None:
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        given = {"note": "", "principal": staff, "origin": HOME, "step": await stage.step(connection)}
        assert isinstance(await report_lost(connection, shop.user.nn_msisdn, **given), LostPhone)


@pytest.mark.requirement("D-48", "D-52")
@pytest.mark.parametrize("first", ["report", "otp"])
async def test_no_session_lives_after_the_report(shop: Shop, first: str) -> None:
    stage = shop.stage
    staff = await stage.staff("care")
    started = await _started(stage, shop)
    code = await stage.last_otp(shop.user.nn_msisdn)
    async with stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", shop.user.outlet_id)
        steps = [lose(shop, staff), stage.enter(started.login_id, code)]
        tasks = []
        for step in steps if first == "report" else reversed(steps):
            tasks.append(asyncio.create_task(step))
            await asyncio.sleep(0.2)
        assert not any(task.done() for task in tasks)
    outcomes = await asyncio.gather(*tasks)
    (entered,) = [each for each in outcomes if each is not None]
    assert isinstance(entered, Refusal if first == "report" else SessionOpened), entered
    if isinstance(entered, SessionOpened):
        refused = await stage.who(entered.token)
        assert isinstance(refused, Refusal)
        assert refused.code == "SESSION_EXPIRED"
    else:
        assert entered.code == "PHONE_REPORTED_LOST"
    alive = "SELECT count(*) FROM session WHERE user_id = $1 AND revoked_at IS NULL"
    assert await stage.pool.fetchval(alive, shop.user.id) == 0


async def _started(stage: Stage, shop: Shop) -> LoginStarted:
    started = await stage.log_in(shop.user.username)
    assert isinstance(started, LoginStarted), started
    return started


@pytest.mark.requirement("D-48", "D-52")
@pytest.mark.parametrize("first", ["report", "sale"])
async def test_a_sale_is_before_the_report_and_stands_or_after_it_and_is_refused(shop: Shop, first: str) -> None:
    staff, before = await shop.stage.staff("care"), await shop.balance()
    async with shop.stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", shop.user.outlet_id)
        steps = [lose(shop, staff), shop.sell()]
        tasks = []
        for step in steps if first == "report" else reversed(steps):
            tasks.append(asyncio.create_task(step))
            await asyncio.sleep(0.2)
        assert not any(task.done() for task in tasks)
    (sold,) = [each for each in await asyncio.gather(*tasks) if each is not None]
    assert (sold.refusal is None) is (first == "sale"), sold
    assert (await shop.balance() < before) is (first == "sale")
    after = await shop.sell(second=True)
    assert after.refusal is not None
    assert after.refusal.code in {"SESSION_EXPIRED", "APP_BLOCKED"}
