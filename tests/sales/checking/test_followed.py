"""A refund at the deadline that the network never promised: it is asked until it does, or says that it delivered."""

from datetime import timedelta

import pytest
from tests.sales.checking.desk import Desk
from tests.sales.checking.test_hear import tell

from konter.sales.model import Sale


async def refunded_unpromised(desk: Desk) -> Sale:
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(hours=25)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", "DEADLINE")
    return sale


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_is_asked_until_it_promises(desk: Desk) -> None:
    sale = await refunded_unpromised(desk)
    await desk.after(minutes=1)
    assert await desk.listed(sale) is not None, "still away"
    desk.network.mood = "willing"
    await desk.after(minutes=11)
    assert desk.network.asked[-1] == ("void", sale.transfer_id)
    assert sale.transfer_id in desk.network.voided
    assert await desk.listed(sale) is None


@pytest.mark.requirement("D-46", "G-D12")
async def test_what_it_delivered_all_the_same_is_found(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "mute"  # it does what it is asked, and never says so
    await desk.after(seconds=30)
    desk.network.mood = "away"
    await desk.after(hours=25)
    assert (await desk.now_is(sale)).status == "refunded"
    desk.network.mood = "willing"
    await desk.after(minutes=11)
    assert await desk.listed(sale) is None
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("LATE_DELIVERY", sale.id)]
    await desk.adjust(sale)


async def test_a_network_that_is_silent_for_a_month_is_asked_no_more(desk: Desk) -> None:
    sale = await refunded_unpromised(desk)
    await desk.after(minutes=11)
    desk.stage.clock.advance(timedelta(days=32))
    asked = len(desk.network.asked)
    await desk.after(minutes=11)
    assert len(desk.network.asked) == asked
    assert await desk.listed(sale) is None


@pytest.mark.requirement("D-46")
async def test_a_claim_after_more_than_a_month_is_asked_about_once(desk: Desk) -> None:
    sale = await refunded_unpromised(desk)
    for _ in range(2):
        await desk.after(days=33)
    assert await desk.listed(sale) is None
    desk.network.mood = "mute"
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    asked = len(desk.network.asked)
    assert await desk.worker.look() == 1
    assert len(desk.network.asked) == asked + 1
