"""Staff end or spare a seller whose inactivity is theirs to judge."""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of
from tests.sales.activity.idle import DAY, SECOND, evidence, last_texts, seller, status, sweep
from tests.shop import Shop

from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.read import countdowns_of, review_counts, review_of, reviews
from konter.channel.inactivity.review import decide_review
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.audit import Actor
from konter.sales.activity.newest import newest_by

RANI = Actor("staff", 17)


async def reviewed(stage: Stage) -> tuple[Shop, int]:
    """An outlet whose thirty days are over, and its item in the queue."""
    shop, begin = await seller(stage, kind="outlet"), stage.now
    for day in (23, 29, 30):
        await sweep(stage, begin + day * DAY)
    return shop, (await evidence(shop))[0]["id"]


async def decide(stage: Stage, review_id: int, decision: str, reason: str = "toko tutup"):
    async with stage.pool.acquire() as connection:
        return await decide_review(
            connection,
            review_id,
            decision,
            reason=reason,
            newest=newest_by(stage.rules),
            actor=RANI,
            now=stage.now,
            ids=stage.ids,
            rules=stage.rules,
        )


@pytest.mark.requirement("D-73")
async def test_it_works(own_stage: Stage) -> None:
    shop, review_id = await reviewed(own_stage)
    async with own_stage.pool.acquire() as connection:
        (item,) = await reviews(connection, scope=EVERYWHERE)
        assert (item.countdown.id, item.outlet_name) == (review_id, (await seller_name(shop)))
        assert item.countdown.due_at == own_stage.now + timedelta(hours=120)
        assert await reviews(connection, scope=EVERYWHERE, behind=(item.countdown.due_at, item.countdown.id)) == []
        assert len(await reviews(connection, scope=Scope(partner_id=own_stage.partner_id))) == 1
        assert await reviews(connection, scope=Scope(partner_id=256)) == []
        assert await review_counts(connection, scope=EVERYWHERE, now=own_stage.now) == (1, 0)
        assert await review_counts(connection, scope=EVERYWHERE, now=own_stage.now + 5 * DAY) == (1, 1)
    over = await decide(own_stage, review_id, "end")
    assert isinstance(over, Countdown)
    assert (over.state, over.reason, over.decided_by) == ("terminated", "toko tutup", "staff:17")
    assert (await status(shop), len(await last_texts(shop))) == ("terminated", 1)
    async with own_stage.pool.acquire() as connection:
        assert await countdowns_of(connection, shop.user.outlet_id) == [await review_of(connection, review_id)]
        assert await reviews(connection, scope=EVERYWHERE) == []
    assert (await own_stage.audit(shop.user.outlet_id))[-1] == "outlet.terminated"


async def seller_name(shop: Shop) -> str:
    return await shop.stage.pool.fetchval("SELECT name FROM outlet WHERE id = $1", shop.user.outlet_id)


@pytest.mark.requirement("D-73")
async def test_who_is_spared_has_thirty_days_again(own_stage: Stage) -> None:
    shop, review_id = await reviewed(own_stage)
    assert await sweep(own_stage) == {}
    spared_at = own_stage.now
    assert (await decide(own_stage, review_id, "spare", "renovasi")).state == "spared"
    assert await sweep(own_stage, spared_at + 23 * DAY - SECOND) == {}
    assert await sweep(own_stage, spared_at + 23 * DAY) == {"notice": 1}
    rows = await evidence(shop)
    assert [(row["state"], row["last_kind"]) for row in rows] == [("spared", "purchase"), ("warned", "spared")]
    assert (rows[1]["since"], rows[1]["last_id"]) == (spared_at, review_id)


async def test_each_wrong_decision_is_refused(own_stage: Stage) -> None:
    shop, review_id = await reviewed(own_stage)
    assert code_of(await decide(own_stage, review_id, "end", " ")) == "INVALID_INPUT"
    assert code_of(await decide(own_stage, 256, "end")) == "REVIEW_NOT_FOUND"
    await shop.buy(10_000)
    assert code_of(await decide(own_stage, review_id, "end")) == "SELLER_ACTIVE_AGAIN"
    assert await sweep(own_stage) == {"resumed": 1}
    assert code_of(await decide(own_stage, review_id, "end")) == "REVIEW_DECIDED"
    assert await status(shop) == "active"


async def test_of_two_decisions_at_once_one_counts(own_stage: Stage) -> None:
    shop, review_id = await reviewed(own_stage)
    outcomes = await asyncio.gather(*(decide(own_stage, review_id, each) for each in ("end", "spare", "end", "spare")))
    decided = [outcome for outcome in outcomes if isinstance(outcome, Countdown)]
    assert len(decided) == 1
    assert {code_of(outcome) for outcome in outcomes if outcome not in decided} == {"REVIEW_DECIDED"}
    assert (await status(shop) == "terminated") == (decided[0].state == "terminated")
