"""Whatever a server leaves open is looked at when it is due, and ends done or refunded by itself."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from tests.conftest import NOON
from tests.sales.checking.desk import BALANCE_RP, PRICE_RP, Desk

from konter.platform.clock import Clock
from konter.sales.delivery.model import DEADLINE, VOIDED

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.requirement("D-43", "D-46")
async def test_it_works(any_desk: Desk) -> None:
    """A server died between two steps; half a minute later the sale is done."""
    sale = await any_desk.left_open()
    assert await any_desk.after(seconds=29) == 0
    assert await any_desk.after(seconds=1) == 1
    assert (await any_desk.now_is(sale)).status == "done"
    assert await any_desk.listed(sale) is None
    assert (await any_desk.credited_rp(), await any_desk.shop.balance()) == (50_000, BALANCE_RP - PRICE_RP)
    assert await any_desk.texts() == (1, 0, 1)
    assert await any_desk.after(days=2) == 0


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_asks_at_30_s_2_min_10_min_and_1_h_then_voids_every_ten_minutes(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "away"
    for seconds in (30, 120, 600, 3600, 4200, 4800):
        desk.stage.clock.at = NOON + timedelta(seconds=seconds - 1)
        assert await desk.worker.look() == 0, seconds
        assert await desk.after(seconds=1) == 1, seconds
    assert [call for call, _ in desk.network.asked] == ["deliver"] * 4 + ["void"] * 2
    assert {transfer for _, transfer in desk.network.asked} == {sale.transfer_id}
    looks = await desk.looks(sale)
    assert [look["how"] for look in looks] == ["deliver"] * 4 + ["void"] * 2
    assert {look["answer"] for look in looks} == {"AWAY"}
    assert looks[0]["next_due"] == (NOON + 2 * MINUTE).isoformat().replace("+00:00", "Z")
    assert await desk.listed(sale) == (NOON + timedelta(seconds=5400), 6)


@pytest.mark.requirement("D-46")
async def test_a_look_at_a_network_that_nobody_asks_is_not_counted_and_comes_soon_after_it_is_back(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "open circuit"
    for seconds in range(30, 3_000, 30):
        assert await desk.after(seconds=30) == 1, seconds
    assert await desk.looks(sale) == []
    desk.network.mood = "willing"
    await desk.after(seconds=30)
    assert (await desk.now_is(sale)).status == "done"


@pytest.mark.requirement("D-46", "G-D12")
async def test_at_the_deadline_the_money_comes_back_by_itself(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "away"
    assert sale.deadline == NOON + 24 * HOUR
    while await desk.after(minutes=5) or desk.stage.now < sale.deadline - 5 * MINUTE:
        assert (await desk.now_is(sale)).status == "checking"
    await desk.after(minutes=5)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason, ended.resolved_at) == ("refunded", DEADLINE, sale.deadline)
    assert (ended.refund_before_rp, ended.refund_after_rp) == (BALANCE_RP - PRICE_RP, BALANCE_RP)
    assert desk.network.asked[-1] == ("void", sale.transfer_id), "it was voided once more"
    assert (await desk.shop.balance(), await desk.texts()) == (BALANCE_RP, (0, 1, 0))


@pytest.mark.requirement("D-46")
async def test_what_the_network_did_without_a_word_is_done_once(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "mute"
    await desk.after(seconds=30)
    assert (await desk.now_is(sale)).status == "checking"
    desk.network.mood = "willing"
    await desk.after(seconds=90)
    assert (await desk.now_is(sale)).status == "done"
    assert (await desk.credited_rp(), await desk.texts()) == (50_000, (1, 0, 1))


async def test_what_the_network_refuses_comes_back_with_its_reason(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "refuses"
    await desk.after(seconds=30)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", "NUMBER_BARRED")
    assert await desk.credited_rp() == 0


@pytest.mark.requirement("G-D12")
async def test_the_promise_never_to_deliver_brings_the_money_back_before_the_deadline(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "away"
    for seconds in (30, 90, 480, 3000):
        await desk.after(seconds=seconds)
    desk.network.mood = "willing"
    await desk.after(minutes=10)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", "VOIDED")
    assert desk.network.voided == {sale.transfer_id}


@pytest.mark.requirement("G-D12")
async def test_a_sale_that_is_voided_too_late_was_delivered(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "mute"
    await desk.after(seconds=30)
    desk.network.mood = "willing"
    await desk.after(hours=25)
    assert desk.network.asked[-1][0] == "void"
    assert (await desk.now_is(sale)).status == "done"
    assert await desk.credited_rp() == 50_000


async def test_a_deadline_in_the_past_at_the_first_look(any_desk: Desk) -> None:
    """Nobody was asked in all that time, and now nobody will deliver."""
    sale = await any_desk.left_open()
    await any_desk.after(days=3)
    ended = await any_desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", VOIDED)
    assert (await any_desk.shop.balance(), await any_desk.credited_rp()) == (BALANCE_RP, 0)


async def test_a_clock_that_jumps_a_day_ends_everything_once(desk: Desk) -> None:
    numbers = [await desk.stage.number() for _ in range(5)]
    sales = await desk.all_left_open(*[desk.shop.request(msisdn=number) for number in numbers])
    desk.network.mood = "away"
    assert await desk.after(seconds=30) == 5
    assert await desk.after(days=1) == 5
    assert {(await desk.now_is(sale)).reason for sale in sales} == {DEADLINE}
    assert await desk.shop.balance() == BALANCE_RP


async def test_moving_the_clock_ends_no_lease(desk: Desk) -> None:
    """Another worker is at it: what is due goes by the moved clock, who has it by real time."""

    class Moved(Clock):
        def now(self):
            return desk.stage.now + self.offset

    desk.network.gate = asyncio.Event()
    await desk.left_open()
    desk.stage.clock.advance(30 * SECOND)
    looking = asyncio.create_task(desk.worker.look())
    await desk.network.heard.wait()
    assert await desk.another(Moved(40 * 24 * HOUR)).look() == 0
    desk.network.gate.set()
    assert await looking == 1


@pytest.mark.requirement("D-46")
async def test_a_worker_that_was_paused_and_resumed_doubles_nothing(desk: Desk) -> None:
    """It stopped while it asked. Its lease ran out, another ended the sale; then it goes on where it was."""
    sale = await desk.left_open()
    paused, desk.network.gate = asyncio.Event(), asyncio.Event()
    desk.stage.clock.advance(30 * SECOND)
    looking = asyncio.create_task(desk.worker.look())
    await desk.network.heard.wait()
    paused, desk.network.gate = desk.network.gate, None
    desk.stage.clock.advance(1 * HOUR)
    assert await desk.another().look() == 1
    assert (await desk.now_is(sale)).status == "done"
    paused.set()
    assert await looking == 1
    assert (await desk.credited_rp(), await desk.texts(), await desk.items()) == (50_000, (1, 0, 1), [])


async def test_a_paused_worker_does_not_overwrite_what_another_put_off(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood, desk.network.gate = "away", asyncio.Event()
    desk.stage.clock.advance(30 * SECOND)
    looking = asyncio.create_task(desk.worker.look())
    await desk.network.heard.wait()
    paused, desk.network.gate = desk.network.gate, None
    desk.stage.clock.advance(1 * HOUR)
    assert await desk.another().look() == 1
    listed = await desk.listed(sale)
    desk.stage.clock.advance(1 * MINUTE)
    paused.set()
    await looking
    assert await desk.listed(sale) == listed
    assert len(await desk.looks(sale)) == 1


async def test_two_workers_share_what_is_due(desk: Desk) -> None:
    numbers = [await desk.stage.number() for _ in range(20)]
    sales = await desk.all_left_open(*[desk.shop.request(msisdn=number, product="PULSA5") for number in numbers])
    desk.stage.clock.advance(30 * SECOND)
    assert sum(await asyncio.gather(desk.worker.look(), desk.another().look(), desk.another().look())) == 20
    assert sorted(transfer for _, transfer in desk.network.asked) == sorted(sale.transfer_id for sale in sales)


async def test_a_look_that_fails_stops_none_beside_it_and_is_not_counted(desk: Desk) -> None:
    numbers = [await desk.stage.number() for _ in range(3)]
    sales = await desk.all_left_open(*[desk.shop.request(msisdn=number) for number in numbers])
    desk.network.poison = {sales[1].transfer_id}
    await desk.after(seconds=30)
    assert [(await desk.now_is(sale)).status for sale in sales] == ["done", "checking", "done"]
    assert await desk.listed(sales[1]) == (desk.stage.now + 5 * SECOND, 0)
    assert await desk.looks(sales[1]) == []
    desk.network.poison = set()
    await desk.after(seconds=5)
    assert (await desk.now_is(sales[1])).status == "done"


async def test_without_its_network_a_worker_refunds_at_the_deadline_only(desk: Desk) -> None:
    sale = await desk.left_open()
    stranger = type(desk.worker)(desk.shop, None)
    desk.stage.clock.advance(2 * HOUR)
    assert await stranger.look() == 1
    assert (await desk.now_is(sale)).status == "checking"
    desk.stage.clock.advance(22 * HOUR)
    assert await stranger.look() == 1
    assert (await desk.now_is(sale)).reason == DEADLINE


async def test_the_figures_tell_how_much_is_open_and_since_when(desk: Desk) -> None:
    await desk.worker.reconciler.measure()
    assert REGISTRY.get_sample_value("konter_sales_checking") == 0
    await desk.left_open()
    desk.stage.clock.advance(20 * SECOND)
    await desk.worker.reconciler.measure()
    assert REGISTRY.get_sample_value("konter_sales_checking") == 1
    assert REGISTRY.get_sample_value("konter_sales_checking_age_seconds") == 20


async def test_the_loop_outlives_a_database_that_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = await desk.left_open()
    desk.stage.clock.advance(30 * SECOND)
    take, away = desk.worker.reconciler._take, iter([True, True])

    async def sometimes():
        if next(away, False):
            raise ConnectionRefusedError
        return await take()

    monkeypatch.setattr(desk.worker.reconciler, "_take", sometimes)
    stop = asyncio.Event()
    running = asyncio.create_task(desk.worker.reconciler.run(stop, idle_s=0.01))
    for _ in range(500):
        if (await desk.now_is(sale)).status == "done":
            break
        await asyncio.sleep(0.02)
    stop.set()
    await running
    assert (await desk.now_is(sale)).status == "done"


async def test_at_rest_a_look_is_one_query(desk: Desk) -> None:
    said: list[str] = []
    async with desk.stage.pool.acquire() as one:
        raw = type(desk.worker)(desk.shop, None).reconciler

        class Only:
            async def fetch(self, query, *args):
                said.append(query)
                return await one.fetch(query, *args)

        raw._pool = Only()
        assert await raw.look_once() == 0
    assert len(said) == 1


@pytest.mark.requirement("D-46", "G-D12")
async def test_a_sale_that_could_not_be_asked_about_all_day_is_called_off_not_delivered(desk: Desk) -> None:
    """The circuit was open for twenty hours; by then the seller has given the customer the cash back."""
    sale = await desk.left_open()
    desk.network.mood = "open circuit"
    await desk.after(hours=20)
    assert (await desk.now_is(sale)).status == "checking"
    desk.network.mood = "willing"
    await desk.after(seconds=30)
    assert (await desk.now_is(sale)).reason == "VOIDED"
    assert await desk.credited_rp() == 0
