"""What the network tells of its own accord makes Konter ask; it books nothing."""

import pytest
from tests.sales.checking.desk import Desk

from konter.platform.ids import TransferId, make_id
from konter.sales.checking.hear import hear
from konter.sales.checking.model import Told
from konter.sales.model import Sale
from konter.sales.network.model import Answer

STRANGER = TransferId(make_id(1 << 40, 7))
DONE = Answer("done", nominal_rp=50_000)


async def tell(desk: Desk, transfer_id: int, claim: Answer = DONE) -> Told:
    async with desk.stage.pool.acquire() as connection:
        return await hear(connection, TransferId(transfer_id), claim, now=desk.stage.now, ids=desk.stage.ids)


async def accepted(desk: Desk) -> Sale:
    """A sale that the network took, to tell of it later."""
    sale = await desk.left_open()
    desk.network.mood = "accepts"
    await desk.after(seconds=30)
    desk.network.mood = "willing"
    return sale


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_works(desk: Desk) -> None:
    """The sale is looked at at once, not a minute and a half later."""
    sale = await accepted(desk)
    assert await desk.after(seconds=5) == 0
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    assert await desk.worker.look() == 1
    assert (await desk.now_is(sale)).status == "done"
    assert await desk.credited_rp() == 50_000


async def test_twice_is_known_and_changes_nothing(desk: Desk) -> None:
    sale = await accepted(desk)
    assert [(await tell(desk, sale.transfer_id)).word for _ in range(2)] == ["taken", "taken"]
    assert await desk.worker.look() == 1
    assert (await tell(desk, sale.transfer_id)).word == "known"
    assert await desk.worker.look() == 0
    assert (await desk.credited_rp(), await desk.texts(), await desk.items()) == (50_000, (1, 0, 1), [])


async def test_a_lie_books_nothing(desk: Desk) -> None:
    """It says done and, asked, knows nothing of it: what it answers then is what counts."""
    sale = await desk.left_open()
    desk.network.mood = "away"
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    await desk.worker.look()
    assert (await desk.now_is(sale)).status == "checking"
    assert await desk.credited_rp() == 0


async def test_a_refusal_told_is_asked_about_too(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "refuses"
    assert (await tell(desk, sale.transfer_id, Answer("refused", "NUMBER_BARRED"))).word == "taken"
    await desk.worker.look()
    assert (await desk.now_is(sale)).reason == "NUMBER_BARRED"
    assert (await tell(desk, sale.transfer_id, Answer("refused", "NUMBER_BARRED"))).word == "known"


async def test_an_unknown_transfer_is_an_item_of_work_once(desk: Desk) -> None:
    for _ in range(2):
        assert (await tell(desk, STRANGER)).word == "unknown_transfer"
    ((kind, sale_id, story),) = await desk.items()
    assert (kind, sale_id) == ("UNKNOWN_TRANSFER", None)
    assert story == {"claimed": "done", "claimed_rp": 50_000}


async def test_another_amount_is_an_item_of_work_and_asked_about(desk: Desk) -> None:
    sale = await desk.left_open()
    assert (await tell(desk, sale.transfer_id, Answer("done", nominal_rp=5_000))).word == "other_amount"
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("OTHER_AMOUNT", sale.id)]
    assert await desk.worker.look() == 1
    assert (await desk.now_is(sale)).status == "done", "asked, it says the amount that was ordered"


async def test_done_after_the_refund_is_asked_about_and_found_late(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "mute"
    await desk.after(seconds=30)
    await desk.after(days=1)
    assert (await desk.now_is(sale)).status == "refunded"
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    await desk.worker.look()
    assert (await desk.looks(sale))[-1]["answer"] == "AWAY"
    desk.network.mood = "willing"
    assert await desk.after(minutes=10) == 1
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("LATE_DELIVERY", sale.id)]
    assert (await desk.now_is(sale)).status == "refunded"
    assert await desk.listed(sale) is None
    await desk.adjust(sale)


async def test_a_refunded_sale_is_never_delivered_by_asking(desk: Desk) -> None:
    """The money is back, so the network is asked for its promise, not for the delivery."""
    sale = await desk.left_open()
    desk.network.mood = "refuses"
    await desk.after(seconds=30)
    desk.network.mood = "willing"
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    await desk.worker.look()
    assert [call for call, _ in desk.network.asked] == ["deliver", "void"]
    assert (await desk.now_is(sale)).reason == "NUMBER_BARRED"
    assert (await desk.credited_rp(), await desk.items()) == (0, [])


async def test_a_false_alarm_about_a_refund_leaves_the_list(desk: Desk) -> None:
    sale = await desk.left_open()
    await desk.after(days=1)
    assert (await desk.now_is(sale)).reason == "VOIDED"
    assert (await tell(desk, sale.transfer_id)).word == "taken"
    assert await desk.worker.look() == 1
    assert (await desk.listed(sale), await desk.items()) == (None, [])


async def test_what_was_done_and_is_now_refused_contradicts(desk: Desk) -> None:
    sale = await desk.left_open()
    await desk.after(seconds=30)
    assert (await tell(desk, sale.transfer_id, Answer("refused", "LATER_THOUGHT"))).word == "contradicts"
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("NOT_DONE_AT_NETWORK", sale.id)]
    assert (await desk.now_is(sale)).status == "done"


async def test_what_was_never_sent_is_not_sent_by_hearing_of_it(desk: Desk) -> None:
    """A held sale stays held."""
    await desk.stage.pool.execute("UPDATE outlet SET hold_s = 60")
    sale = await desk.left_open()
    assert (await tell(desk, sale.transfer_id)).word == "not_sent"
    assert await desk.worker.look() == 0
    assert await desk.listed(sale) == (sale.hold_until, 0)
    assert [kind for kind, _, _ in await desk.items()] == ["UNKNOWN_TRANSFER"]


async def test_a_look_that_asked_too_early_does_not_put_off_what_was_told_meanwhile(desk: Desk) -> None:
    """The network told just after it had answered *accepted*, before that was written down."""
    sale = await desk.left_open()
    desk.network.mood = "accepts"
    deliver = desk.network.deliver

    async def and_told(orders):
        answers = await deliver(orders)
        await tell(desk, sale.transfer_id)
        return answers

    desk.network.deliver = and_told
    await desk.after(seconds=30)
    desk.network.deliver, desk.network.mood = deliver, "willing"
    assert await desk.worker.look() == 1
    assert (await desk.now_is(sale)).status == "done"
