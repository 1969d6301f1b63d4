"""Whoever stops a seller and a sale of the same outlet meet at its owner row: the sale is before it or refused."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import HOME
from tests.shop import Shop, open_shop

from konter.access.model import Principal
from konter.access.sessions import authenticate, revoke_session
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.channel.numbers.model import NnChange, NnChanged
from konter.channel.numbers.notification import change_notification_numbers
from konter.channel.scope import EVERYWHERE
from konter.channel.suspensions import set_outlets, set_users
from konter.channel.terminate import terminate_outlets
from konter.platform.audit import SYSTEM
from konter.terms.load import load_documents, shipped_documents


async def revoke(shop: Shop) -> None:
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        who = await authenticate(connection, shop.claims, now=stage.now, rules=stage.rules)
        assert isinstance(who, Principal)
        assert await revoke_session(connection, who, who.session_id, origin=HOME, **stage.given) is None


async def block(shop: Shop) -> None:
    args = {"reason": "lost phone", "actor": SYSTEM, "now": shop.stage.now, "ids": shop.stage.ids}
    async with shop.stage.pool.acquire() as connection:
        assert await set_users(connection, [shop.user.id], "blocked", **args) == [shop.user.id]


async def lose(shop: Shop) -> None:
    stage = shop.stage
    staff = await stage.staff("care")
    async with stage.pool.acquire() as connection:
        given = {"note": "", "principal": staff, "origin": HOME, "step": await stage.step(connection)}
        assert isinstance(await report_lost(connection, shop.user.nn_msisdn, **given), LostPhone)


async def suspend(shop: Shop) -> None:
    args = {"reason": "review", "actor": SYSTEM, "now": shop.stage.now, "ids": shop.stage.ids}
    async with shop.stage.pool.acquire() as connection:
        assert await set_outlets(connection, [shop.user.outlet_id], "suspended", **args) == [shop.user.outlet_id]


async def terminate(shop: Shop) -> None:
    stage = shop.stage
    args = {"reason": "closed", "actor": SYSTEM, "now": stage.now, "ids": stage.ids, "rules": stage.rules}
    async with stage.pool.acquire() as connection:
        assert await terminate_outlets(connection, [shop.user.outlet_id], **args) == [shop.user.outlet_id]


async def release(shop: Shop) -> None:
    stage = shop.stage
    change = NnChange(user_id=shop.user.id, msisdn=None, reason="lost phone")
    args = {"scope": EVERYWHERE, "actor": SYSTEM, "now": stage.now, "ids": stage.ids, "rules": stage.rules}
    async with stage.pool.acquire() as connection:
        (outcome,) = await change_notification_numbers(connection, [change], **args)
    assert isinstance(outcome, NnChanged)


@pytest.mark.requirement("D-52", "D-81")
@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (revoke, "SESSION_EXPIRED"),
        (block, "SESSION_EXPIRED"),
        (lose, "SESSION_EXPIRED"),
        (suspend, "APP_BLOCKED"),
        (terminate, "SESSION_EXPIRED"),
        (release, "SESSION_EXPIRED"),
    ],
)
async def test_a_sale_that_waits_behind_the_stop_is_refused(
    shop: Shop, stop: Callable[[Shop], Awaitable[None]], code: str
) -> None:
    before = await shop.balance()
    async with shop.stage.pool.acquire() as holder, holder.transaction():
        await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", shop.user.outlet_id)
        stopping = asyncio.create_task(stop(shop))
        await asyncio.sleep(0.2)
        selling = asyncio.create_task(shop.sell())
        await asyncio.sleep(0.2)
        assert not stopping.done()
        assert not selling.done()
    await stopping
    outcome = await selling
    assert outcome.refusal is not None
    assert outcome.refusal.code in {code, "APP_BLOCKED"}
    assert await shop.balance() == before


@pytest.mark.requirement("G-D21")
async def test_a_changed_privacy_policy_stops_sales_and_changed_terms_do_not(own_stage) -> None:
    shop = await open_shop(own_stage)
    for code, refused in (("seller-terms", False), ("privacy-policy", True)):
        old = next(document for document in shipped_documents() if document.code == code)
        new = msgspec.structs.replace(old, version="2.0", valid_from=own_stage.now)
        async with own_stage.pool.acquire() as connection:
            await load_documents(connection, [new])
        own_stage.clock.advance(timedelta(seconds=1))
        outcome = await shop.sell(msisdn=await own_stage.number())
        assert (outcome.refusal is not None and outcome.refusal.code == "TERMS_NOT_ACCEPTED") is refused
