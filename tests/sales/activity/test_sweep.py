"""Who neither sells nor buys: warned twice, then ended, put to review or left alone; to the second, and once."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.access.people import Stage
from tests.sales.activity.idle import (
    DAY,
    SECOND,
    evidence,
    last_texts,
    notices,
    ruled,
    seller,
    status,
    sweep,
)
from tests.sales.reversing import reverse
from tests.shop import Shop

from konter.channel.inactivity.model import ends_at
from konter.channel.suspensions import set_outlets
from konter.platform.audit import SYSTEM
from konter.sales.activity.newest import newest_by
from konter.sales.activity.sweep import sweep_inactivity


@pytest.mark.requirement("D-71", "G-D15")
async def test_it_works(own_stage: Stage) -> None:
    stage = own_stage
    shop = await seller(stage)
    stage.clock.advance(SECOND)
    sale, begin = (await shop.sell()).sale, stage.now
    assert await sweep(stage, begin + 23 * DAY - SECOND) == {}
    assert await sweep(stage, begin + 23 * DAY) == {"notice": 1}
    assert await sweep(stage, begin + 29 * DAY - SECOND) == {}
    assert await sweep(stage, begin + 29 * DAY) == {"notice": 1}
    assert await sweep(stage, begin + 30 * DAY - SECOND) == {}
    assert await status(shop) == "active"
    assert await sweep(stage, begin + 30 * DAY) == {"terminate": 1}
    assert (await status(shop), await notices(shop), len(await last_texts(shop))) == ("terminated", [23, 29], 1)
    (row,) = await evidence(shop)
    assert (row["state"], row["reason"], row["decided_by"]) == ("terminated", "inactivity", "system:0")
    assert (row["since"], row["last_kind"], row["last_id"]) == (begin, "sale", sale.id)
    assert [(notice["day"], notice["to"]) for notice in row["notices"]] == [
        (day, [str(shop.user.id)]) for day in (23, 29)
    ]
    assert (await stage.audit(shop.user.outlet_id))[-3:] == [
        "inactivity.noticed",
        "inactivity.noticed",
        "outlet.terminated",
    ]
    data = await stage.pool.fetchval("SELECT data FROM audit WHERE action = 'outlet.terminated'")
    assert (data["reason"], data["last"], data["last_id"]) == ("inactivity", "sale", str(sale.id))
    assert len(data["notices"]) == 2


@pytest.mark.requirement("D-71")
def test_thirty_days_are_thirty_times_twenty_four_hours(own_rules) -> None:
    last = datetime(2026, 11, 1, 3, tzinfo=UTC)  # 10:00 in Jakarta
    assert ends_at(last, own_rules.seller) == datetime(2026, 12, 1, 3, tzinfo=UTC)


@pytest.mark.requirement("D-71")
async def test_an_end_takes_users_sessions_and_numbers(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin, reseller = stage.now, await stage.pool.fetchval("SELECT msisdn FROM reseller_number LIMIT 1")
    for day in (23, 29, 30):
        await sweep(stage, begin + day * DAY)
    assert await stage.pool.fetchval("SELECT count(*) FROM session WHERE revoked_at IS NULL") == 0
    assert await stage.pool.fetchval("SELECT status FROM outlet_user WHERE id = $1", shop.user.id) == "ended"
    free_from = await stage.pool.fetchval(
        "SELECT free_from FROM notification_number WHERE msisdn = $1", shop.user.nn_msisdn
    )
    assert free_from == stage.now + DAY
    assert (await shop.sell(msisdn=await stage.number())).refusal is not None
    stage.clock.advance(DAY)
    await stage.pool.execute("UPDATE subscription SET active_until = $1", stage.now + DAY)
    again = await stage.outlet(kind="individual", reseller_msisdn=reseller)  # applying again brings the numbers along
    assert (await stage.user(again, nn_msisdn=shop.user.nn_msisdn)).outlet_id == again


@pytest.mark.requirement("D-72")
@pytest.mark.parametrize("event", ["sale", "purchase"])
async def test_a_sale_or_a_purchase_on_day_29_begins_the_count_anew(own_stage: Stage, event: str) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    await sweep(stage, begin + 23 * DAY)
    await sweep(stage, begin + 29 * DAY)
    if event == "sale":
        assert (await shop.sell(msisdn=await stage.number())).sale is not None
    else:
        await shop.buy(50_000)
    anew = stage.now
    assert await sweep(stage, begin + 30 * DAY) == {"resumed": 1}
    assert await sweep(stage, anew + 23 * DAY - SECOND) == {}
    assert await sweep(stage, anew + 23 * DAY) == {"notice": 1}
    assert [(row["state"], row["since"]) for row in await evidence(shop)] == [("resumed", begin), ("warned", anew)]
    assert await sweep(stage, anew + 29 * DAY) == {"notice": 1}
    assert await sweep(stage, anew + 30 * DAY) == {"terminate": 1}


@pytest.mark.requirement("D-72")
async def test_logging_in_is_no_activity(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    await sweep(stage, begin + 23 * DAY)
    await stage.session(shop.user)
    await sweep(stage, begin + 29 * DAY)
    assert await sweep(stage, begin + 30 * DAY) == {"terminate": 1}


@pytest.mark.requirement("D-71", "G-D16")
async def test_neither_a_refunded_nor_a_reversed_sale_counts(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    stage.clock.at = begin + 10 * DAY
    reversed_ = (await shop.sell()).sale
    await reverse(stage, reversed_.id)
    refunded = (await shop.sell(msisdn=await stage.number())).sale
    await stage.pool.execute(
        "UPDATE sale SET status = 'refunded', reason = 'timeout', refund_before_rp = 0, refund_after_rp = 0 WHERE id = $1",
        refunded.id,
    )
    assert await sweep(stage, begin + 23 * DAY) == {"notice": 1}
    assert (await evidence(shop))[0]["last_kind"] == "purchase"
    generous = ruled(stage, inactivity_counts=("success", "refunded"))
    assert await sweep(stage, begin + 23 * DAY, rules=generous) == {"resumed": 1}


@pytest.mark.requirement("D-71")
async def test_a_sale_reversed_after_it_was_seen_is_forgotten_under_the_lock(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    stage.clock.at = begin + 20 * DAY
    sale = (await shop.sell()).sale
    await sweep(stage, begin + 24 * DAY)
    await reverse(stage, sale.id)
    assert await sweep(stage, begin + 43 * DAY) == {"notice": 1}
    (row,) = await evidence(shop)
    assert (row["since"], row["last_kind"], row["noticed_day"]) == (begin, "purchase", 29)


async def test_a_sale_that_is_not_decided_yet_keeps_judgement_off(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    sale = (await shop.sell()).sale
    await stage.pool.execute("UPDATE sale SET status = 'checking', deadline = $2 WHERE id = $1", sale.id, begin + DAY)
    assert await sweep(stage, begin + 23 * DAY) == {}
    await stage.pool.execute("UPDATE sale SET status = 'done' WHERE id = $1", sale.id)
    assert await sweep(stage, begin + 23 * DAY) == {"notice": 1}


@pytest.mark.requirement("D-71", "G-D15")
async def test_notices_go_once_however_often_the_job_runs(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    for _ in range(2):
        await sweep(stage, begin + 25 * DAY)
    for _ in range(2):
        await sweep(stage, begin + 29 * DAY)
    assert await notices(shop) == [23, 29]
    for _ in range(2):
        await sweep(stage, begin + 31 * DAY)
    assert len(await last_texts(shop)) == 1


@pytest.mark.requirement("D-71", "G-D15")
async def test_a_late_job_warns_first_and_leaves_a_day(own_stage: Stage) -> None:
    """The seller is never ended without having been told, whatever the job missed."""
    stage, shop = own_stage, await seller(own_stage)
    late = stage.now + 40 * DAY
    assert await sweep(stage, late) == {"notice": 1}
    assert await notices(shop) == [29]
    assert (await stage.texts(shop.user.nn_msisdn, "inactivity_notice"))[0]["until"] == (
        late + DAY
    ).isoformat().replace("+00:00", "Z")
    assert await sweep(stage, late + DAY - SECOND) == {}
    assert await sweep(stage, late + DAY) == {"terminate": 1}


@pytest.mark.requirement("D-71")
async def test_who_never_sold_is_counted_from_the_opening(own_stage: Stage) -> None:
    stage = own_stage
    outlet, begin = await stage.outlet(kind="individual"), stage.now
    assert await sweep(stage, begin + 23 * DAY - SECOND) == {}
    assert await sweep(stage, begin + 23 * DAY) == {"notice": 1}
    row = await stage.pool.fetchrow("SELECT last_kind, last_id FROM inactivity")
    assert tuple(row) == ("opened", outlet)


@pytest.mark.requirement("D-73")
async def test_by_segment_before_kind_a_seller_is_exempt_reviewed_or_ended(own_stage: Stage) -> None:
    stage = own_stage
    policy = {"individual": "auto", "outlet": "review", "pareto": "exempt", "big_pareto": "auto"}
    rules = ruled(stage, inactivity_policy=policy)
    exempt = await seller(stage, kind="individual", segment="pareto")
    reviewed = await seller(stage, kind="outlet")
    ended = await seller(stage, kind="outlet", segment="big_pareto")
    begin = stage.now
    for day in (23, 29, 30):
        done = await sweep(stage, begin + day * DAY, rules=rules)
    assert done == {"terminate": 1, "review": 1}
    assert [await status(each) for each in (exempt, reviewed, ended)] == ["active", "active", "terminated"]
    assert [await notices(each) for each in (exempt, reviewed, ended)] == [[], [23, 29], [23, 29]]


async def test_a_suspended_outlet_is_not_judged_and_its_days_begin_anew_when_that_is_lifted(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    async with stage.pool.acquire() as connection:
        given = {"reason": "case", "actor": SYSTEM, "now": stage.now, "ids": stage.ids}
        await set_outlets(connection, [shop.user.outlet_id], "suspended", **given)
    lifted = begin + 40 * DAY
    assert await sweep(stage, lifted) == {}
    async with stage.pool.acquire() as connection:
        await set_outlets(connection, [shop.user.outlet_id], "active", **{**given, "now": lifted})
    assert await sweep(stage, lifted + 23 * DAY - SECOND) == {}
    assert await sweep(stage, lifted + 23 * DAY) == {"notice": 1}
    assert [row["reason"] for row in await evidence(shop)] == ["case", ""]


@pytest.mark.requirement("D-71")
async def test_sweeps_at_once_do_everything_once(own_stage: Stage) -> None:
    stage = own_stage
    shops = [await seller(stage) for _ in range(6)]
    begin = stage.now
    for day, act in ((23, "notice"), (29, "notice"), (30, "terminate")):
        done = await asyncio.gather(*(sweep(stage, begin + day * DAY, page=2) for _ in range(3)))
        assert sum(each.get(act, 0) for each in done) == 6
    assert [await notices(shop) for shop in shops] == [[23, 29]] * 6
    assert [len(await last_texts(shop)) for shop in shops] == [1] * 6


@pytest.mark.requirement("D-71", "D-72")
async def test_a_purchase_that_has_the_lock_first_saves_the_seller(own_stage: Stage) -> None:
    stage, shop = own_stage, await seller(own_stage)
    begin = stage.now
    for day in (23, 29):
        await sweep(stage, begin + day * DAY)
    stage.clock.at = begin + 30 * DAY
    async with stage.pool.acquire() as buyer, buyer.transaction():
        await buyer.fetch("SELECT FROM owner WHERE id = $1 FOR UPDATE", shop.user.outlet_id)
        sweeping = asyncio.create_task(sweep(stage))
        await asyncio.sleep(0.3)
        assert not sweeping.done()
        await buyer.execute(
            "INSERT INTO wallet_purchase (id, cell, outlet_id, client_ref, amount_rp, actor, at)"
            " VALUES ($1::bigint, $1::bigint & 255, $2, gen_random_uuid(), 1, 'test', $3)",
            (1 << 40) | (shop.user.outlet_id & 255),
            shop.user.outlet_id,
            stage.now,
        )
    assert await sweeping == {"resumed": 1}
    assert await status(shop) == "active"


@pytest.mark.requirement("D-71")
async def test_sales_and_the_sweep_at_once_end_in_one_of_two_ways(own_stage: Stage) -> None:
    """Either the sale came first and the seller stays, or the end did and the sale is refused."""
    stage = own_stage
    shops = [await seller(stage) for _ in range(8)]
    begin = stage.now
    for day in (23, 29):
        await sweep(stage, begin + day * DAY)
    stage.clock.at = begin + 30 * DAY
    numbers = [await stage.number() for _ in shops]
    sold, _ = await asyncio.gather(
        asyncio.gather(*(shop.sell(msisdn=number) for shop, number in zip(shops, numbers, strict=True))),
        sweep(stage, page=1),
    )
    for shop, outcome in zip(shops, sold, strict=True):
        assert (await status(shop) == "active") == (outcome.sale is not None), outcome


async def test_the_number_of_statements_does_not_grow_with_sellers(own_stage: Stage) -> None:
    stage = own_stage
    said: list[list[str]] = []
    for count in (2, 12):
        for _ in range(count):
            await seller(stage)
        begin = stage.now
        for day in (23, 29, 30):
            said.append([])
            async with stage.pool.acquire() as connection:
                with connection.query_logger(lambda record: said[-1].append(record.query)):
                    stage.clock.at = begin + day * DAY
                    await sweep_inactivity(connection, now=stage.now, ids=stage.ids, rules=stage.rules)
    few, many = ([[query for query in run if "id_block" not in query] for run in half] for half in (said[:3], said[3:]))
    assert [len(run) for run in few] == [len(run) for run in many]


async def test_the_newest_event_of_many_is_found_by_index(own_stage: Stage) -> None:
    stage = own_stage
    shop: Shop = await seller(stage)
    async with stage.pool.acquire() as connection:
        found = await newest_by(stage.rules)(connection, [shop.user.outlet_id])
    assert (found[shop.user.outlet_id].kind, found[shop.user.outlet_id].at) == ("purchase", stage.now)
