"""The daily comparison: each break made for real and found, solved by rule, and nothing changed by a second run."""

from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.sales.reconciliation.bureau import Bureau, file, line
from tests.sales.test_take_back import Counter
from tests.shop import open_shop
from tests.ways import WAYS

from konter.platform.audit import SYSTEM
from konter.platform.clock import day_start
from konter.sales.history.read import SaleStory
from konter.sales.reconciliation.reconcile import reconcile

DAY = timedelta(days=1)


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_works(bureau: Bureau) -> None:
    sales = [await bureau.sold(), await bureau.sold(product="KB30")]
    report = await bureau.compare(file([line(sale) for sale in sales]))
    assert (report.sales, report.lines, report.file) == (2, 2, "taken")
    assert (report.opened, report.solved, report.complete) == ({}, {}, True)


async def test_a_run_again_and_a_file_sent_twice_change_nothing(bureau: Bureau) -> None:
    raw = file([line(await bureau.sold(), nominal_rp=5_000)])
    first = await bureau.compare(raw)
    again = await bureau.compare(raw)
    assert (first.file, first.opened) == ("taken", {"OTHER_AMOUNT": 1})
    assert (again.file, again.opened, again.solved) == ("known", {}, {})
    assert await bureau.kinds() == ["OTHER_AMOUNT"]
    assert await bureau.stage.pool.fetchval("SELECT count(*) FROM statement_file") == 1


@pytest.mark.requirement("D-46")
async def test_a_cut_file_is_not_taken_and_the_other_two_sides_are_compared(bureau: Bureau) -> None:
    sale = await bureau.sold()
    whole = file([line(sale)])
    report = await bureau.compare(whole[: len(whole) // 2])
    assert (report.file, report.lines, report.opened) == ("refused", 0, {"FILE_REFUSED": 1})
    assert report.refusal.code == "STATEMENT_CUT"
    assert (await bureau.the_item()).story["code"] == "STATEMENT_CUT"
    assert (await bureau.compare(whole)).solved == {"FILE_REFUSED": 1}
    assert await bureau.items() == []
    (solved,) = await bureau.items("solved")
    assert solved.solved_rule == "FILE_CAME"


async def test_no_file_is_an_item_until_one_comes(bureau: Bureau) -> None:
    sale = await bureau.sold()
    assert (await bureau.compare(b"")).opened == {"NO_FILE": 1}
    assert (await bureau.compare(b"")).opened == {}
    assert (await bureau.compare(file([line(sale)]))).solved == {"NO_FILE": 1}
    assert (await bureau.compare(b"")).opened == {}, "the day has its file"


async def test_the_day_before_it_is_over_is_refused(bureau: Bureau) -> None:
    async with bureau.stage.pool.acquire() as connection:
        refused = await reconcile(
            connection,
            bureau.day,
            raw=None,
            now=bureau.stage.now,
            rules=bureau.stage.rules,
            ids=bureau.stage.ids,
            actor=SYSTEM,
        )
    assert refused.code == "DAY_NOT_OVER"


async def test_a_corrected_file_takes_the_place_of_the_first_and_the_first_does_not_come_back(bureau: Bureau) -> None:
    sale = await bureau.sold()
    wrong, right = file([line(sale, nominal_rp=5_000)]), file([line(sale)])
    assert (await bureau.compare(wrong)).opened == {"OTHER_AMOUNT": 1}
    assert (await bureau.compare(right)).solved == {"OTHER_AMOUNT": 1}
    assert (await bureau.compare(wrong)).file == "known"
    assert await bureau.items() == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"nominal_rp": 5_000}, "OTHER_AMOUNT"),
        ({"msisdn": 6281299999999}, "OTHER_ORDER"),
        ({"product": "PULSA10"}, "OTHER_ORDER"),
        ({"state": "refused"}, "NOT_DONE_AT_NETWORK"),
        ({"state": "voided"}, "NOT_DONE_AT_NETWORK"),
    ],
)
@pytest.mark.requirement("D-46")
async def test_the_network_says_otherwise(bureau: Bureau, changed: dict, kind: str) -> None:
    sale = await bureau.sold()
    assert (await bureau.compare(file([line(sale, **changed)]))).opened == {kind: 1}
    item = await bureau.the_item()
    assert (item.transfer_id, item.sale_id, item.day) == (sale.transfer_id, sale.id, bureau.day)
    assert item.story["status"] == "done"


async def test_done_here_and_in_no_file(bureau: Bureau) -> None:
    sale = await bureau.sold()
    assert (await bureau.compare(file([]))).opened == {"NOT_AT_NETWORK": 1}
    late = file([line(sale, at="2026-11-21T17:00:01Z")])
    report = await bureau.compare(late, day=bureau.day + DAY)
    assert (report.opened, report.solved) == ({}, {"NOT_AT_NETWORK": 1}), "its twin stood on the next day's file"
    (solved,) = await bureau.items("solved")
    assert solved.solved_rule == "FILE_AGREES"


@pytest.mark.parametrize("states", [("refused", "done"), ("done", "refused")])
async def test_on_two_days_files_a_delivery_counts_before_anything_else(
    bureau: Bureau, states: tuple[str, str]
) -> None:
    sale = await bureau.sold()
    first, second = states
    opened = (await bureau.compare(file([line(sale, state=first)]))).opened
    assert opened == ({} if first == "done" else {"NOT_DONE_AT_NETWORK": 1})
    twin = file([line(sale, state=second, at="2026-11-21T17:00:01Z")])
    assert (await bureau.compare(twin, day=bureau.day + DAY)).opened == {}
    assert await bureau.items() == []


async def test_delivered_there_under_an_id_of_nothing_here(bureau: Bureau) -> None:
    sale = await bureau.sold()
    stray, void = sale.transfer_id + (1 << 20 << 8), sale.transfer_id + (1 << 21 << 8)
    lines = [line(sale), line(sale, transfer_id=stray), line(sale, transfer_id=void, state="voided")]
    assert (await bureau.compare(file(lines))).opened == {"UNKNOWN_TRANSFER": 1}
    item = await bureau.the_item()
    assert (item.transfer_id, item.sale_id, item.story["network_rp"]) == (stray, None, 50_000)


async def test_a_transfer_of_ours_that_is_no_sale_is_unknown_too(bureau: Bureau) -> None:
    bought = await bureau.stage.pool.fetchval("SELECT id FROM transfer WHERE kind = 'purchase' LIMIT 1")
    sale = await bureau.sold()
    report = await bureau.compare(file([line(sale), line(sale, transfer_id=bought)]))
    assert report.opened == {"UNKNOWN_TRANSFER": 1}


@pytest.mark.requirement("D-46")
async def test_a_sale_near_midnight_waits_for_the_next_days_file(bureau: Bureau) -> None:
    late = day_start(bureau.day + DAY) - timedelta(minutes=10)
    bureau.stage.clock.advance(late - bureau.stage.now)
    sale = await bureau.sold()
    assert (await bureau.compare(file([]))).opened == {}
    twin = file([line(sale, at="2026-11-21T17:00:01Z")])
    report = await bureau.compare(twin, day=bureau.day + DAY)
    assert (report.opened, report.solved) == ({}, {})


async def test_a_sale_near_midnight_that_the_next_days_file_does_not_have_either(bureau: Bureau) -> None:
    late = day_start(bureau.day + DAY) - timedelta(minutes=10)
    bureau.stage.clock.advance(late - bureau.stage.now)
    await bureau.sold()
    assert (await bureau.compare(file([]))).opened == {}
    assert (await bureau.compare(file([]), day=bureau.day + DAY)).opened == {"NOT_AT_NETWORK": 1}


@pytest.mark.parametrize("state", ["refused", "voided", None])
async def test_refunded_here_and_not_done_there_is_as_it_should_be(bureau: Bureau, state: str | None) -> None:
    sale = await bureau.refunded()
    report = await bureau.compare(file([line(sale, state=state)] if state else []))
    assert report.opened == {}


@pytest.mark.requirement("D-46", "G-D12")
async def test_refunded_here_and_done_there_is_a_late_delivery(bureau: Bureau) -> None:
    sale = await bureau.refunded(delivered=True)
    assert (await bureau.compare(file([line(sale)]))).opened == {"LATE_DELIVERY": 1}
    corrected = file([line(sale, state="voided")])
    assert (await bureau.compare(corrected)).solved == {"LATE_DELIVERY": 1}, "the network takes it back"


async def test_still_checking_after_its_deadline_until_it_has_ended(bureau: Bureau) -> None:
    sale = await bureau.desk.left_open()
    bureau.next_morning(bureau.day + DAY)
    assert (await bureau.compare(file([]), day=bureau.day + DAY)).opened == {"PAST_DEADLINE": 1}
    await bureau.desk.worker.look()
    assert (await bureau.desk.now_is(sale)).status == "refunded"
    report = await bureau.compare(file([]), day=bureau.day + DAY)
    assert (report.opened, report.solved) == ({}, {"PAST_DEADLINE": 1})
    (solved,) = await bureau.items("solved")
    assert solved.solved_rule == "ENDED"


async def test_checking_within_its_deadline_is_no_break(bureau: Bureau) -> None:
    await bureau.desk.left_open()
    assert (await bureau.compare(file([]))).opened == {}


@pytest.mark.parametrize(
    ("broken", "undone", "kind"),
    [
        ("UPDATE transfer SET state = 'pending'", "UPDATE transfer SET state = 'posted'", "DONE_NOT_POSTED"),
        ("UPDATE transfer SET amount = amount + 1", "UPDATE transfer SET amount = amount - 1", "OTHER_PAYMENT"),
    ],
)
@pytest.mark.requirement("D-46")
async def test_sale_and_payment_differ(bureau: Bureau, broken: str, undone: str, kind: str) -> None:
    sale = await bureau.sold()
    await bureau.sql(f"{broken} WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened[kind] == 1
    await bureau.sql(f"{undone} WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).solved[kind] == 1
    assert {item.solved_rule for item in await bureau.items("solved")} == {"PUT_RIGHT"}


async def test_refunded_and_the_payment_did_not_go_back(bureau: Bureau) -> None:
    sale = await bureau.refunded()
    await bureau.sql("UPDATE transfer SET state = 'posted' WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened == {"REFUNDED_NOT_VOIDED": 1, "POSTED_NOT_RECEIVED": 1}
    await bureau.sql("UPDATE transfer SET state = 'voided' WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).solved == {"REFUNDED_NOT_VOIDED": 1, "POSTED_NOT_RECEIVED": 1}


async def test_paid_for_and_nothing_at_the_receiver(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.sql("UPDATE receipt SET outcome = 'refused' WHERE transfer_id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened == {"POSTED_NOT_RECEIVED": 1}
    await bureau.sql("UPDATE receipt SET outcome = 'received' WHERE transfer_id = $1", sale.transfer_id)
    assert (await bureau.compare()).solved == {"POSTED_NOT_RECEIVED": 1}


async def test_received_under_a_done_sale_and_never_paid_for(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.sql("UPDATE transfer SET state = 'pending' WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened == {"DONE_NOT_POSTED": 1, "RECEIVED_NOT_POSTED": 1}
    await bureau.sql("UPDATE transfer SET state = 'voided' WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened == {"RECEIVED_AND_VOIDED": 1}
    await bureau.sql("UPDATE transfer SET state = 'posted' WHERE id = $1", sale.transfer_id)
    assert await bureau.compare()
    assert await bureau.items() == []


async def test_a_receipt_of_a_transfer_that_does_not_exist(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.sql(
        "INSERT INTO receipt SELECT transfer_id + (1 << 28), cell, owner_id, outcome, data, at FROM receipt"
        " WHERE transfer_id = $1",
        sale.transfer_id,
    )
    assert (await bureau.compare()).opened == {"RECEIVED_NOT_POSTED": 1}


async def test_the_customer_got_something_else_than_was_sold(bureau: Bureau) -> None:
    sale = await bureau.sold(product="KB30")
    await bureau.sql("UPDATE transfer SET kind = 'usage' WHERE reference_id = $1 AND kind = 'package'", sale.id)
    assert (await bureau.compare()).opened == {"OTHER_CREDIT": 1}
    item = await bureau.the_item()
    assert item.story["promised"] > item.story["credited"] == 0
    await bureau.sql("UPDATE transfer SET kind = 'package' WHERE reference_id = $1 AND kind = 'usage'", sale.id)
    assert (await bureau.compare()).solved == {"OTHER_CREDIT": 1}


@pytest.mark.requirement("D-46")
async def test_without_a_network_two_sides_are_compared(own_stage: Stage) -> None:
    bureau = Bureau(await open_shop(own_stage))
    sale = await bureau.sold()
    report = await bureau.compare()
    assert (report.sales, report.file, report.opened) == (1, "none", {})
    await bureau.sql("UPDATE transfer SET amount = 1 WHERE id = $1", sale.transfer_id)
    assert (await bureau.compare()).opened == {"OTHER_PAYMENT": 1}
    await bureau.sql("UPDATE transfer SET amount = $2 WHERE id = $1", sale.transfer_id, sale.cost_rp)


async def test_lines_are_kept_for_a_quarter(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.compare(file([line(sale)]))
    await bureau.compare(file([]), day=bureau.day + 93 * DAY)
    assert await bureau.stage.pool.fetchval("SELECT count(*) FROM statement_line") == 0
    assert await bureau.items() == [], "what was compared then stays compared"


@pytest.mark.parametrize("way", ["network", "split"])
@pytest.mark.parametrize("product", ["PULSA50", "MA30", "D1G1"])
@pytest.mark.requirement("D-46")
async def test_a_day_with_a_reversal_in_steps_fits(own_stage: Stage, way: str, product: str) -> None:
    """Credit, days alone and quotas: of days nothing is held at the customer, and there is still nothing to explain."""
    counter = Counter(await open_shop(own_stage, way=WAYS[way]))
    bureau = Bureau(counter.shop)
    sale = await counter.sold(product=product)
    story = await counter.agree(await counter.asked(sale))
    assert isinstance(story, SaleStory)
    assert story.reversal is not None
    assert story.reversal.state == "done"
    assert (await bureau.compare(file([line(sale)]) if way == "network" else None)).opened == {}
