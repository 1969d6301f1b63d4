"""A phone is reported lost while its OTP is being entered: whichever is first, no session lives after the report."""

import asyncio

import pytest
from tests.access.people import HOME, Stage
from tests.channel.numbers.desk import Desk as Numbers
from tests.shop import Shop, open_shop

from konter.access.model import LoginStarted, SessionOpened
from konter.channel.lost_phones import queries
from konter.channel.lost_phones.model import Holder, LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.channel.numbers.model import UserMoved
from konter.platform.db import Connection
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


@pytest.mark.requirement("D-30", "D-48", "D-52")
async def test_a_report_waits_for_the_outlet_to_which_the_number_went_meanwhile(
    own_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had looked who holds the number when the user was moved; whoever sells by it at the new outlet is stopped."""
    stage, desk = own_stage, Numbers(own_stage)
    shop, other = await open_shop(stage), await stage.outlet()
    await desk.join(other, shop.user.outlet_id)
    staff = await stage.staff("care")
    look = queries.read_holders
    async with stage.pool.acquire() as connection:
        seen = [await look(connection, shop.user.nn_msisdn) for _ in range(2)]
    moved = await desk.move(shop.user.id, other)
    assert isinstance(moved, UserMoved), moved

    async def look_too_early(connection: Connection, msisdn: int) -> list[Holder]:
        return seen.pop() if seen else await look(connection, msisdn)

    monkeypatch.setattr(queries, "read_holders", look_too_early)
    async with stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", other)
        losing = asyncio.create_task(lose(shop, staff))
        await asyncio.sleep(0.3)
        assert not losing.done()
    await losing
    assert (await stage.reread(moved.user_id)).lost_at == stage.now
