"""Late deliveries, other amounts, sales that people must end, holds, and a world that changed meanwhile."""

import asyncio
from datetime import timedelta

import pytest
from tests.conftest import NOON
from tests.sales.checking.desk import BALANCE_RP, PRICE_RP, Desk

from konter.catalogue.availability import set_open
from konter.platform.audit import SYSTEM, Actor
from konter.platform.ids import IdBlocks
from konter.sales.checking.queries import make_due
from konter.sales.checking.refresh import refresh
from konter.sales.checking.schedule import Ask
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import DEADLINE, Order
from konter.sales.history.read import SaleStory
from konter.sales.model import Sale
from konter.sales.references import References

HELD_S = 60


async def set_rule(desk: Desk, key: str, value: object) -> None:
    """Another value from the beginning, as a ruleset of a stricter house has it."""
    async with desk.stage.pool.acquire() as connection:
        await connection.execute("UPDATE rule SET value = $2 WHERE key = $1", key, value)
        await connection.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'rules'")


async def hold(desk: Desk) -> None:
    await desk.stage.pool.execute("UPDATE outlet SET hold_s = $1", HELD_S)


@pytest.mark.requirement("D-46", "G-D12")
async def test_a_delivery_that_is_known_after_the_refund_is_work_for_people(desk: Desk) -> None:
    """A server's order was under way all day; meanwhile the network could not be reached and the money went back."""
    sale = await desk.left_open()
    slow = desk.another()
    desk.network.gate = asyncio.Event()
    delivering = asyncio.create_task(slow.selling.complete(sale, Ask.DELIVER))
    await desk.network.heard.wait()
    desk.network.mood = "away"
    await desk.after(days=1)
    assert (await desk.now_is(sale)).reason == DEADLINE
    assert await desk.items() == []
    desk.network.gate.set()
    assert (await delivering).late
    ended = await desk.now_is(sale)
    assert (ended.status, await desk.shop.balance()) == ("refunded", BALANCE_RP)
    assert await desk.credited_rp() == 50_000, "the books say what the customer was given"
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("LATE_DELIVERY", sale.id)]
    await slow.selling.complete(sale, Ask.DELIVER)
    assert (await desk.credited_rp(), len(await desk.items())) == (50_000, 1)
    await desk.adjust(sale)
    assert (await desk.credited_rp(), await desk.shop.balance()) == (50_000, BALANCE_RP - PRICE_RP)


@pytest.mark.requirement("D-46")
async def test_another_amount_is_never_booked_and_becomes_an_item_of_work(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "cheats"
    await desk.after(seconds=30)
    await desk.after(seconds=90)
    assert (await desk.now_is(sale)).status == "checking"
    ((kind, sale_id, story),) = await desk.items()
    assert (kind, sale_id) == ("OTHER_AMOUNT", sale.id)
    assert (story["claimed_rp"], story["nominal_rp"]) == (5_000, 50_000)
    await desk.after(days=1)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", "OTHER_AMOUNT")
    assert (await desk.credited_rp(), len(await desk.items())) == (0, 1)


async def test_another_amount_that_is_heard_first_at_the_deadline_is_an_item_too(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "cheats"
    await desk.after(days=1)
    assert (await desk.now_is(sale)).status == "refunded"
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("OTHER_AMOUNT", sale.id)]


@pytest.mark.requirement("G-D12")
async def test_a_house_that_escalates_refunds_nothing_by_itself(desk: Desk) -> None:
    await set_rule(desk, "sale.pending_at_deadline", "escalate")
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(hours=24)
    assert (await desk.now_is(sale)).status == "checking"
    assert [(kind, sale_id) for kind, sale_id, _ in await desk.items()] == [("ESCALATED", sale.id)]
    for _ in range(3):
        assert await desk.after(minutes=9) == 0
        assert await desk.after(minutes=1) == 1
    assert {call for call, _ in desk.network.asked} == {"void"}
    assert len(await desk.items()) == 1
    desk.network.mood = "willing"
    await desk.after(minutes=10)
    assert (await desk.now_is(sale)).reason == "VOIDED", "with the promise never to deliver the money goes back"


@pytest.mark.requirement("G-D12")
async def test_a_deadline_before_the_next_look_is_kept(desk: Desk) -> None:
    await set_rule(desk, "sale.pending_deadline_h", 0)
    await set_rule(desk, "sale.pending_deadline_s", 100)
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(seconds=30)
    assert await desk.listed(sale) == (sale.deadline, 1)
    assert await desk.after(seconds=70) == 1
    assert (await desk.now_is(sale)).reason == DEADLINE


async def test_a_held_sale_is_sent_when_its_hold_ends_and_that_is_no_look(any_desk: Desk) -> None:
    await hold(any_desk)
    sale = await any_desk.left_open()
    assert sale.hold_until == NOON + timedelta(seconds=HELD_S)
    assert await any_desk.after(seconds=HELD_S - 1) == 0
    assert any_desk.network.asked == []
    assert await any_desk.after(seconds=1) == 1
    assert (await any_desk.now_is(sale)).status == "done"


@pytest.mark.requirement("D-43")
async def test_a_seller_may_ask_as_soon_as_a_held_sale_has_gone_out(desk: Desk) -> None:
    await hold(desk)
    sale = await desk.left_open()
    desk.stage.clock.advance(timedelta(seconds=HELD_S))
    assert (await press(desk, sale)).status == "checking"
    assert desk.network.asked == [], "sending is the reconciler's"
    desk.network.mood = "mute"
    assert await desk.worker.look() == 1
    desk.network.mood = "willing"
    assert (await press(desk, sale)).status == "done"


async def press(desk: Desk, sale: Sale) -> Sale:
    """The seller's button."""
    given = {name: getattr(desk.stage, name) for name in ("clock", "ids")}
    user = desk.shop.user
    story = await refresh(
        desk.stage.pool,
        desk.worker.selling,
        sale.id,
        outlet_id=user.outlet_id,
        references=desk.shop.references,
        actor=Actor("outlet_user", user.id),
        **given,
    )
    assert isinstance(story, SaleStory)
    return story.sale


async def test_looks_at_a_held_sale_are_counted_from_the_end_of_its_hold(desk: Desk) -> None:
    await hold(desk)
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(seconds=HELD_S)
    assert await desk.listed(sale) == (sale.hold_until + timedelta(seconds=30), 0)
    await desk.after(seconds=30)
    assert await desk.listed(sale) == (sale.hold_until + timedelta(seconds=120), 1)
    assert sale.deadline == sale.hold_until + timedelta(hours=24)


async def test_a_product_closed_meanwhile_is_still_delivered(any_desk: Desk) -> None:
    """It was sold while it was open."""
    sale = await any_desk.left_open()
    stage = any_desk.stage
    async with stage.pool.acquire() as connection:
        await set_open(connection, "PULSA50", is_open=False, actor=SYSTEM, now=stage.now, ids=stage.ids)
    await any_desk.after(seconds=30)
    assert (await any_desk.now_is(sale)).status == "done"


async def test_rules_that_changed_meanwhile_move_the_looks_but_not_the_deadline(desk: Desk) -> None:
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(seconds=30)
    await set_rule(desk, "sale.pending_checks_s", [30, 60])
    await set_rule(desk, "sale.pending_deadline_h", 48)
    await desk.after(seconds=90)
    assert [look["how"] for look in await desk.looks(sale)] == ["deliver", "deliver"]
    await desk.after(minutes=10)
    assert (await desk.looks(sale))[-1]["how"] == "void"
    desk.stage.clock.at = sale.deadline
    await desk.worker.look()
    assert (await desk.now_is(sale)).reason == DEADLINE


async def test_a_number_that_ended_meanwhile_gets_nothing_and_the_money_comes_back(any_desk: Desk) -> None:
    sale = await any_desk.left_open()
    await any_desk.stage.pool.execute(
        "UPDATE subscription SET ended_at = $2 WHERE id = $1", sale.subscription_id, any_desk.stage.now
    )
    await any_desk.after(seconds=30)
    ended = await any_desk.now_is(sale)
    if sale.route == "network":  # it says what it gave, and that is what is booked
        assert ended.status == "done"
    else:
        assert (ended.status, ended.reason) == ("refunded", "UNKNOWN_SUBSCRIBER")
        assert await any_desk.shop.balance() == BALANCE_RP
    assert await any_desk.shop.balance() == (BALANCE_RP if ended.status == "refunded" else BALANCE_RP - PRICE_RP)


@pytest.mark.requirement("D-46", "G-D12")
@pytest.mark.parametrize("mood", ["away", "refuses"])
async def test_what_our_own_books_gave_is_never_refunded_whatever_the_network_says_later(desk: Desk, mood: str) -> None:
    """The process died between the second step and the third; then the network is gone, or has forgotten."""
    sale, stage = await desk.left_open(), desk.stage
    order = Order(sale=sale, confirmed=True)
    async with stage.pool.acquire() as connection:
        await deliver(connection, [order], clock=stage.clock, ids=IdBlocks(), references=References())
    desk.network.mood = mood
    stage.clock.at = sale.deadline
    await desk.worker.look()
    assert (await desk.now_is(sale)).status == "done"
    assert await desk.shop.balance() == BALANCE_RP - PRICE_RP
    assert await desk.texts() == (1, 0, 1)


async def test_a_sale_that_was_done_while_a_callback_put_it_on_the_list_leaves_it_again(desk: Desk) -> None:
    """Nobody asks a network again that is away now, for what is known."""
    sale = await desk.left_open()
    await desk.worker.selling.complete(sale)
    async with desk.stage.pool.acquire() as connection:
        await make_due(connection, sale_id=sale.id, at=desk.stage.now)
    desk.network.mood, asked = "away", len(desk.network.asked)
    assert await desk.worker.look() == 1
    assert await desk.listed(sale) is None
    assert (await desk.now_is(sale)).status == "done"
    assert len(desk.network.asked) == asked
