"""A sale through all its steps in the process that made it, and what that process leaves behind."""

import asyncio
from typing import Any

import pytest
from tests.sales.checking.desk import BALANCE_RP, MOODS, PRICE_RP, Desk

from konter.platform.ids import IdBlocks, cell_of_id, cell_of_msisdn
from konter.sales import selling
from konter.sales.network.model import Answer
from konter.sales.references import References
from konter.sales.selling import Selling


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for seconds here."""
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 0.2)
    monkeypatch.setattr(selling, "CLOSE_WITHIN_S", 0.2)


def selling_of(desk: Desk, **more: Any) -> Selling:
    stage = desk.stage
    return Selling(stage.pool, clock=stage.clock, ids=IdBlocks(), keys=stage.keys, references=References(), **more)


@pytest.mark.requirement("D-43", "D-46")
async def test_it_works_between_two_groups_of_cells(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 10)
    process = selling_of(desk, groups=2)
    routes = set()
    for _ in range(6):
        number = await desk.stage.number()
        outcome = await process.sell(desk.shop.request(msisdn=number, product="PULSA5"))
        assert outcome.sale.status == "done"
        same = cell_of_id(desk.shop.user.outlet_id) % 2 == cell_of_msisdn(number) % 2
        assert outcome.sale.route == ("direct" if same else "cell")
        routes.add(outcome.sale.route)
    assert routes == {"direct", "cell"}
    assert await desk.stage.pool.fetchval("SELECT count(*) FROM sale_check") == 0
    await process.close()


@pytest.mark.requirement("D-43", "D-46")
async def test_a_network_that_takes_its_time_is_answered_for_with_checking(
    networked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, request = selling_of(networked, network=networked.network), networked.shop.request()
    networked.network.gate = asyncio.Event()
    outcome = await process.sell(request)
    assert (outcome.sale.status, outcome.replay) == ("checking", False)
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 10)
    retry = asyncio.create_task(process.sell(request))
    await asyncio.sleep(0.05)
    networked.network.gate.set()
    again = await retry
    assert (again.sale.status, again.replay) == ("done", True), "the retry waits for the same end"
    assert [call for call, _ in networked.network.asked] == ["deliver"]
    await process.close()


async def test_a_retry_elsewhere_is_told_how_it_stands_and_asks_nobody(networked: Desk) -> None:
    one, other = (selling_of(networked, network=networked.network) for _ in range(2))
    networked.network.mood, request = "away", networked.shop.request()
    assert (await one.sell(request)).sale.status == "checking"
    assert (await other.sell(request)).sale.status == "checking"
    assert len(networked.network.asked) == 1
    await one.close()
    await other.close()


async def test_what_a_process_leaves_behind_when_it_ends_is_found(networked: Desk) -> None:
    process = selling_of(networked, network=networked.network)
    networked.network.gate = asyncio.Event()
    sale = (await process.sell(networked.shop.request())).sale
    await process.close()
    assert (await networked.now_is(sale)).status == "checking"
    networked.network.gate = None
    await networked.after(seconds=30)
    assert (await networked.now_is(sale)).status == "done"
    assert (await networked.credited_rp(), await networked.texts()) == (50_000, (1, 0, 1))


async def test_a_held_sale_is_sent_by_nobody_yet(networked: Desk) -> None:
    await networked.stage.pool.execute("UPDATE outlet SET hold_s = 60")
    process = selling_of(networked, network=networked.network)
    outcome = await process.sell(networked.shop.request())
    assert (outcome.sale.status, networked.network.asked) == ("checking", [])
    await process.close()


async def test_a_refusal_of_the_network_is_told_at_once_with_the_balance_back(
    networked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 10)
    process = selling_of(networked, network=networked.network)
    networked.network.mood = "refuses"
    sale = (await process.sell(networked.shop.request())).sale
    assert (sale.status, sale.reason, sale.balance_after_rp) == ("refunded", "NUMBER_BARRED", BALANCE_RP - PRICE_RP)
    assert (sale.refund_after_rp, await networked.shop.balance()) == (BALANCE_RP, BALANCE_RP)
    await process.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Answer("voided", "OTHER"), "VOIDED"),
        (Answer("refused", "CANCELLED"), "OTHER"),
        (Answer("refused", "OTHER_AMOUNT"), "OTHER"),
        (Answer("refused"), "OTHER"),
    ],
)
async def test_a_network_that_refuses_in_words_of_ours_gives_no_reason(
    networked: Desk, monkeypatch: pytest.MonkeyPatch, said: Answer, told: str
) -> None:
    """CANCELLED would say that the seller took it back, OTHER_AMOUNT that something was delivered."""
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 10)
    monkeypatch.setitem(MOODS, "refuses", said)
    networked.network.mood = "refuses"
    process = selling_of(networked, network=networked.network)
    sale = (await process.sell(networked.shop.request())).sale
    assert (sale.status, sale.reason) == ("refunded", told)
    assert await networked.items() == []
    await process.close()


async def test_only_so_many_sales_wait_for_a_slow_network_in_one_process(
    networked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 0.05)
    networked.network.gate = asyncio.Event()
    process = selling_of(networked, network=networked.network, queue_max=2)
    sales = [(await process.sell(networked.shop.request(msisdn=await networked.stage.number()))).sale for _ in range(3)]
    assert [sale.status for sale in sales] == ["checking"] * 3
    assert len(networked.network.asked) == 2
    networked.network.gate.set()
    await process.close()
    await networked.after(seconds=30)
    assert [(await networked.now_is(sale)).status for sale in sales] == ["done"] * 3
