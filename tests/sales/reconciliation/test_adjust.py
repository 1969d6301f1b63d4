"""Adjustments: one asks, another decides; the customer's credit and who pays, once; the sale stays refunded."""

import asyncio
from datetime import timedelta

import pytest
from tests.sales.reconciliation.bureau import BUDI, RANI, Bureau, file, line
from tests.sales.reversing import reverse

from konter.channel.scope import EVERYWHERE
from konter.platform.audit import Actor
from konter.platform.clock import business_day
from konter.platform.ids import AdjustmentId, SaleId
from konter.platform.refusal import Refusal
from konter.sales.adjustment.adjust import asked_adjustments
from konter.sales.history.read import day_close
from konter.sales.model import Sale

SARI = Actor("staff", 13)


async def late(bureau: Bureau) -> Sale:
    """A refunded sale that the network's file proves delivered."""
    sale = await bureau.refunded(delivered=True)
    await bureau.compare(file([line(sale)]))
    return sale


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_works(bureau: Bureau) -> None:
    sale = await late(bureau)
    assert (await bureau.shop.balance(), (await bureau.shop.look()).balance_rp) == (1_000_000, 0)
    before = (await bureau.shop.look()).active_until
    story = await bureau.decide(await bureau.ask(sale))
    adjustment = story.adjustment
    assert (story.sale.status, adjustment.state, adjustment.reason) == ("refunded", "done", "terbukti terkirim")
    assert (adjustment.charged_rp, adjustment.written_off_rp) == (sale.cost_rp, 0)
    assert (adjustment.balance_before_rp, adjustment.balance_after_rp) == (1_000_000, 950_500)
    assert (await bureau.shop.balance(), (await bureau.shop.look()).balance_rp) == (950_500, 50_000)
    assert (await bureau.shop.look()).active_until > before
    (solved,) = await bureau.items("solved")
    assert (solved.kind, solved.solved_rule) == ("LATE_DELIVERY", "ADJUSTED")


async def test_the_next_run_finds_nothing_more(bureau: Bureau) -> None:
    sale = await late(bureau)
    await bureau.decide(await bureau.ask(sale))
    report = await bureau.compare(file([line(sale)]))
    assert (report.opened, report.solved) == ({}, {})


async def test_asking_moves_nothing(bureau: Bureau) -> None:
    sale = await late(bureau)
    asked = await bureau.ask(sale)
    assert await bureau.shop.balance() == 1_000_000
    async with bureau.stage.pool.acquire() as connection:
        assert [each.id for each in await asked_adjustments(connection, scope=EVERYWHERE)] == [asked]


async def test_who_asked_may_not_decide(bureau: Bureau) -> None:
    asked = await bureau.ask(await late(bureau), by=RANI)
    for approve in (True, False):
        assert (await bureau.decide(asked, by=RANI, approve=approve)).code == "ADJUSTMENT_SAME_EYES"
    assert await bureau.shop.balance() == 1_000_000
    tried = await bureau.stage.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'adjustment_refused'")
    assert tried == 2


@pytest.mark.requirement("G-D12")
async def test_twice_at_once_books_once(bureau: Bureau) -> None:
    asked = await bureau.ask(await late(bureau))
    decided = await asyncio.gather(bureau.decide(asked, by=BUDI), bureau.decide(asked, by=SARI))
    assert [each.code for each in decided if isinstance(each, Refusal)] == ["ADJUSTMENT_DECIDED"]
    assert (await bureau.shop.balance(), (await bureau.shop.look()).balance_rp) == (950_500, 50_000)


@pytest.mark.parametrize(("approve", "code"), [(None, "ADJUSTMENT_ASKED"), (True, "ALREADY_ADJUSTED")])
async def test_asking_twice_is_refused(bureau: Bureau, approve: bool | None, code: str) -> None:
    sale = await late(bureau)
    asked = await bureau.ask(sale)
    if approve:
        await bureau.decide(asked)
    assert (await bureau.ask(sale, by=SARI)).code == code


async def test_one_that_is_declined_moves_nothing_and_may_be_asked_for_again(bureau: Bureau) -> None:
    sale = await late(bureau)
    story = await bureau.decide(await bureau.ask(sale), approve=False)
    assert story.adjustment is None
    assert await bureau.kinds() == ["LATE_DELIVERY"]
    assert (await bureau.decide(await bureau.ask(sale))).adjustment.state == "done"


async def test_without_proof_there_is_nothing_to_adjust(bureau: Bureau) -> None:
    assert (await bureau.ask(await bureau.refunded())).code == "NOTHING_TO_ADJUST"
    assert (await bureau.ask(await bureau.sold())).code == "NOTHING_TO_ADJUST"


async def test_an_adjustment_that_nobody_asked_for(bureau: Bureau) -> None:
    assert (await bureau.decide(AdjustmentId(256_000_000))).code == "ADJUSTMENT_NOT_FOUND"


@pytest.mark.requirement("D-46")
async def test_a_wallet_that_does_not_hold_it_is_never_charged_below_its_floor(bureau: Bureau) -> None:
    sale = await late(bureau)
    await bureau.shop.buy(1)
    await empty(bureau)
    asked = await bureau.ask(sale, "outlet")
    left = await bureau.shop.balance()
    refused = await bureau.decide(asked)
    assert (refused.code, refused.data) == ("WALLET_TOO_LOW", {"balance_rp": left, "cost_rp": sale.cost_rp})
    await bureau.shop.buy(100_000)
    assert (await bureau.decide(asked)).adjustment.charged_rp == sale.cost_rp, "it stayed asked"


async def empty(bureau: Bureau) -> None:
    """Sell until another recharge of 50,000 cannot be paid."""
    while await bureau.shop.balance() >= 49_500:
        await bureau.sold(msisdn=await bureau.stage.number())


@pytest.mark.parametrize("payer", ["house", "if_held"])
@pytest.mark.requirement("D-46")
async def test_written_off_to_the_house(bureau: Bureau, payer: str) -> None:
    sale = await late(bureau)
    if payer == "if_held":
        await empty(bureau)
    before = await bureau.shop.balance()
    adjustment = (await bureau.decide(await bureau.ask(sale, payer))).adjustment
    assert (adjustment.charged_rp, adjustment.written_off_rp) == (0, sale.cost_rp)
    assert adjustment.balance_before_rp == adjustment.balance_after_rp == before == await bureau.shop.balance()
    assert (await bureau.shop.look()).balance_rp == 50_000
    written_off = await bureau.stage.pool.fetchval("SELECT sum(amount) FROM entry WHERE kind = 'written_off'")
    assert written_off == -sale.cost_rp


async def test_if_held_charges_the_outlet_that_holds_it(bureau: Bureau) -> None:
    sale = await late(bureau)
    assert (await bureau.decide(await bureau.ask(sale, "if_held"))).adjustment.charged_rp == sale.cost_rp


async def test_the_customer_gets_what_the_network_gave(bureau: Bureau) -> None:
    sale = await bureau.refunded(delivered=True)
    await bureau.compare(file([line(sale, nominal_rp=20_000)]))
    assert await bureau.kinds() == ["LATE_DELIVERY", "OTHER_AMOUNT"]
    await bureau.decide(await bureau.ask(sale))
    assert (await bureau.shop.look()).balance_rp == 20_000
    assert await bureau.items() == []


async def test_what_the_receiver_had_booked_before_the_refund_is_not_booked_again(bureau: Bureau) -> None:
    sale = await bureau.refunded(delivered=True)
    assert (await bureau.desk.worker.selling.complete(sale)).late
    assert (await bureau.shop.look()).balance_rp == 50_000
    assert (await bureau.compare(file([line(sale)]))).opened == {}, "it was known"
    item = await bureau.the_item()
    assert (await bureau.solve(item)).code == "ITEM_NEEDS_ADJUSTMENT"
    await bureau.decide(await bureau.ask(sale))
    assert (await bureau.shop.balance(), (await bureau.shop.look()).balance_rp) == (950_500, 50_000)


@pytest.mark.requirement("D-12", "D-44")
async def test_it_stands_in_the_days_close(bureau: Bureau) -> None:
    sale = await late(bureau)
    await bureau.decide(await bureau.ask(sale))
    async with bureau.stage.pool.acquire() as connection:
        day = business_day(bureau.stage.now)
        close = await day_close(connection, bureau.shop.user.outlet_id, day, zone="Asia/Jakarta")
    (adjusted,) = [each for each in close.lines if each.kind == "adjustment"]
    assert (adjusted.moves, adjusted.amount_rp) == (1, -sale.cost_rp)


@pytest.mark.requirement("D-21")
async def test_the_seller_is_told_who_pays(bureau: Bureau) -> None:
    charged, borne = await late(bureau), None
    await bureau.decide(await bureau.ask(charged))
    (text,) = await bureau.stage.texts(bureau.shop.user.nn_msisdn, "adjustment_charged")
    assert (text["code"], text["cost_rp"], text["balance_rp"]) == (charged.code, charged.cost_rp, 950_500)
    borne = await bureau.refunded(delivered=True)
    await bureau.compare(file([line(borne)]), day=business_day(borne.at))
    await bureau.decide(await bureau.ask(borne, "house"))
    (text,) = await bureau.stage.texts(bureau.shop.user.nn_msisdn, "adjustment_written_off")
    assert (text["code"], text["balance_rp"]) == (borne.code, 950_500)


@pytest.mark.requirement("T-11")
async def test_its_days_stay_when_another_sale_is_reversed(bureau: Bureau) -> None:
    sale = await late(bureau)
    await bureau.decide(await bureau.ask(sale))
    with_it = (await bureau.shop.look()).active_until
    bureau.stage.clock.advance(timedelta(minutes=1))
    other = await bureau.sold(product="PULSA10")
    assert (await bureau.shop.look()).active_until > with_it
    assert await reverse(bureau.stage, SaleId(other.id)) == "done"
    assert (await bureau.shop.look()).active_until == with_it


@pytest.mark.requirement("T-11")
async def test_the_days_of_a_late_delivery_stay_before_anybody_adjusts_it(bureau: Bureau) -> None:
    begun = (await bureau.shop.look()).active_until
    other = await bureau.sold(product="PULSA10")
    sale = await bureau.refunded(delivered=True)
    assert (await bureau.desk.worker.selling.complete(sale)).late
    assert await reverse(bureau.stage, SaleId(other.id)) == "done"
    assert (await bureau.shop.look()).active_until > begun
    await bureau.compare(file([line(sale)]))
    await bureau.decide(await bureau.ask(sale))


async def test_a_package_is_booked_once_with_its_quotas(bureau: Bureau) -> None:
    bureau.desk.network.mood = "mute"
    sale = await bureau.desk.left_open(product="KB30")
    bureau.stage.clock.advance(timedelta(days=1))
    await bureau.desk.worker.look()
    await bureau.compare(file([line(sale)]))
    await bureau.decide(await bureau.ask(sale))
    assert {bucket.asset for bucket in (await bureau.shop.look()).buckets} >= {"BYTES", "SECONDS"}


@pytest.mark.requirement("D-46", "G-D12")
async def test_a_delivery_told_after_the_adjustment_is_not_booked_again(bureau: Bureau) -> None:
    """The customer has it in Konter's books by the adjustment; the network's word comes a day late."""
    sale = await late(bureau)
    await bureau.decide(await bureau.ask(sale))
    await bureau.desk.worker.selling.complete(sale)
    assert (await bureau.shop.balance(), (await bureau.shop.look()).balance_rp) == (950_500, 50_000)
