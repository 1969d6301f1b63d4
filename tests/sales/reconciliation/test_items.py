"""Items of work: opened once, taken by one, solved with a reason."""

import msgspec
import pytest
from tests.access.people import code_of
from tests.sales.checking.test_unusual import set_rule
from tests.sales.reconciliation.bureau import BUDI, RANI, Bureau, file, line
from tests.sales.reversing import reverse

from konter.sales.history.read import SaleStory
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem, WorkItem, WorkItemId


async def one(bureau: Bureau):
    await bureau.compare(file([line(await bureau.sold(), state="refused")]))
    return await bureau.the_item()


async def test_it_works(bureau: Bureau) -> None:
    item = await one(bureau)
    assert (await bureau.take(item)).taken_by == RANI.id
    solved = await bureau.solve(item, "jaringan salah mencatat")
    assert (solved.state, solved.solved_by, solved.solved_why) == ("solved", RANI.id, "jaringan salah mencatat")
    actions = await bureau.stage.pool.fetch("SELECT actor, action FROM audit WHERE action LIKE '%_item' ORDER BY id")
    assert [tuple(row) for row in actions] == [("staff:11", "take_item"), ("staff:11", "solve_item")]


@pytest.mark.requirement("D-46")
async def test_one_that_a_person_solved_stays_solved_though_the_sides_still_differ(bureau: Bureau) -> None:
    raw = file([line(await bureau.sold(), state="refused")])
    await bureau.compare(raw)
    await bureau.solve(await bureau.the_item())
    assert (await bureau.compare(raw)).opened == {}
    assert await bureau.items() == []


async def test_a_colleagues_is_taken_over_only_when_one_says_so(bureau: Bureau) -> None:
    item = await one(bureau)
    await bureau.take(item)
    assert (await bureau.take(item)).taken_by == RANI.id
    assert (await bureau.take(item, by=BUDI)).code == "ITEM_TAKEN"
    assert (await bureau.take(item, by=BUDI, over=True)).taken_by == BUDI.id


async def test_a_solved_one_is_neither_taken_nor_solved_again(bureau: Bureau) -> None:
    item = await one(bureau)
    await bureau.solve(item)
    assert (await bureau.take(item)).code == "ITEM_SOLVED"
    assert (await bureau.solve(item)).code == "ITEM_SOLVED"


async def test_one_that_does_not_exist(bureau: Bureau) -> None:
    item = await one(bureau)
    unknown = msgspec.structs.replace(item, id=WorkItemId(item.id + 256))
    for act in (bureau.story, bureau.take, bureau.solve):
        assert (await act(unknown)).code == "ITEM_NOT_FOUND"


async def test_its_story_says_what_was_seen_and_what_is_so_now(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.compare(file([line(sale, nominal_rp=5_000)]))
    item = await bureau.the_item()
    await bureau.compare(file([line(sale, nominal_rp=6_000)]))
    story = await bureau.story(item)
    assert (story.item.story["network_rp"], story.now["network_rp"]) == (5_000, 6_000)
    assert story.sale.sale.id == sale.id


async def test_a_late_delivery_is_closed_by_hand_only_after_a_colleague_declined_it(bureau: Bureau) -> None:
    sale = await bureau.refunded(delivered=True)
    await bureau.compare(file([line(sale)]))
    item = await bureau.the_item()
    assert (await bureau.solve(item)).code == "ITEM_NEEDS_ADJUSTMENT"
    asked = await bureau.ask(sale)
    assert (await bureau.solve(item)).code == "ITEM_NEEDS_ADJUSTMENT"
    await bureau.decide(asked, approve=False)
    assert (await bureau.solve(item, "pelanggan tidak menerima")).state == "solved"


async def test_what_was_heard_and_never_filed_is_left_to_people(bureau: Bureau) -> None:
    """A rule needs proof: that the books show no break is none where only the network's own word was the reason."""
    sale = await bureau.sold()
    heard = [
        NewItem(kind=Kind.UNKNOWN_TRANSFER, transfer_id=256_000_000, day=bureau.day),
        NewItem(kind=Kind.OTHER_AMOUNT, transfer_id=sale.transfer_id, day=bureau.day, sale_id=sale.id),
    ]
    async with bureau.stage.pool.acquire() as connection:
        opened = [await open_items(connection, heard, now=bureau.stage.now, ids=bureau.stage.ids) for _ in range(2)]
    assert opened == [2, 0]
    assert (await bureau.compare(b"")).solved == {}
    assert (await bureau.compare(file([line(sale)]))).solved == {"NO_FILE": 1, "OTHER_AMOUNT": 1}
    assert await bureau.kinds() == ["UNKNOWN_TRANSFER"]


async def test_an_escalated_sale_is_solved_when_it_has_ended(bureau: Bureau) -> None:
    sale = await bureau.desk.left_open()
    item = NewItem(kind=Kind.ESCALATED, transfer_id=sale.transfer_id, day=bureau.day, sale_id=sale.id)
    async with bureau.stage.pool.acquire() as connection:
        await open_items(connection, [item], now=bureau.stage.now, ids=bureau.stage.ids)
    assert (await bureau.compare(file([]))).solved == {}
    await bureau.desk.worker.selling.complete(sale)
    assert (await bureau.compare(file([line(sale)]))).solved == {"ESCALATED": 1}


async def test_a_delivery_refused_there_is_solved_when_the_sale_was_taken_back(bureau: Bureau) -> None:
    sale = await bureau.sold()
    raw = file([line(sale, state="refused")])
    await bureau.compare(raw)
    assert await reverse(bureau.stage, sale.id) == "done"
    assert (await bureau.compare(raw)).solved == {"NOT_DONE_AT_NETWORK": 1}
    (solved,) = await bureau.items("solved")
    assert solved.solved_rule == "REVERSED"


@pytest.mark.requirement("D-46")
async def test_what_a_person_solved_is_open_again_when_the_customer_has_it_after_all(bureau: Bureau) -> None:
    """The network was silent, its file says done, two people denied it; then it says so itself."""
    desk = bureau.desk
    desk.network.mood = "mute"
    sale = await desk.left_open()
    await desk.after(seconds=30)
    await desk.after(hours=24)
    assert (await desk.now_is(sale)).status == "refunded"
    assert (await bureau.compare(file([line(sale)]))).opened == {"LATE_DELIVERY": 1}
    await bureau.decide(await bureau.ask(sale), approve=False)
    assert isinstance(await bureau.solve(await bureau.the_item()), WorkItem)
    assert (await bureau.compare(file([line(sale)]))).opened == {}
    desk.network.mood = "willing"
    await desk.after(minutes=20)
    item = await bureau.the_item()
    assert (item.kind, item.solved_by, item.taken_by) == (Kind.LATE_DELIVERY, None, None)
    assert isinstance(await bureau.decide(await bureau.ask(sale)), SaleStory)
    assert await bureau.items() == []


async def test_what_a_file_took_back_and_another_says_again_is_open_again(bureau: Bureau) -> None:
    sale = await bureau.refunded()
    assert (await bureau.compare(file([line(sale)]))).opened == {"LATE_DELIVERY": 1}
    assert (await bureau.compare(file([line(sale, state="voided")]))).solved == {"LATE_DELIVERY": 1}
    stranger = line(sale, transfer_id=sale.transfer_id + (1 << 29), state="voided")
    assert (await bureau.compare(file([line(sale), stranger]))).opened == {"LATE_DELIVERY": 1}
    assert (await bureau.the_item()).solved_rule is None


@pytest.mark.requirement("D-46")
async def test_money_under_way_is_not_solved_out_of_sight(bureau: Bureau) -> None:
    await set_rule(bureau.desk, "sale.pending_at_deadline", "escalate")
    sale = await bureau.desk.left_open()
    bureau.desk.network.mood = "away"
    await bureau.desk.after(hours=24)
    item = await bureau.the_item()
    assert code_of(await bureau.solve(item)) == "ITEM_MATTER_OPEN"
    bureau.desk.network.mood = "willing"
    await bureau.desk.after(minutes=10)
    assert (await bureau.desk.now_is(sale)).status == "refunded"
    assert isinstance(await bureau.solve(item), WorkItem)
