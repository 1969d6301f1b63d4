"""A reversal in steps: what a network delivered, or a customer in other cells. Each step dies, repeats and comes late."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.access.people import Stage
from tests.sales.checking.desk import Desk, Fickle
from tests.sales.reversing import BUDI, SARI, ask, reversing
from tests.sales.usage import use
from tests.shop import Shop, open_shop
from tests.simulator.network_site import client, network
from tests.ways import WAYS, Willing

from konter.catalogue.read import read_catalogue
from konter.ledger.books import check_books
from konter.platform.ids import ReversalId
from konter.platform.refusal import Refusal
from konter.rules.load import read_rulebook
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import Order
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import Sale, ways_of
from konter.sales.network.model import AWAY, OTHER_AMOUNT, TIMED_OUT, Answer, TakeBackOrder
from konter.sales.reconciliation.queries import solve_gone
from konter.sales.references import References
from konter.sales.reversal import steps
from konter.sales.reversal.reverse import decide_reversal
from konter.sales.reversal.reversing import Reversing

PRICE_RP, BALANCE_RP = 49_500, 1_000_000


class Moody(Willing):
    """away: not reached. mute: takes back and never answers. spent: refuses. short: takes another amount."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = "willing"
        self.asked: list[TakeBackOrder] = []
        self.heard = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def take_back(self, orders: Sequence[TakeBackOrder]) -> list[Answer]:
        self.asked += orders
        self.heard.set()
        if self.gate is not None:
            await self.gate.wait()
        match self.mood:
            case "away":
                return [Answer("unknown", AWAY)]
            case "mute":
                await super().take_back(orders)
                return [Answer("unknown", TIMED_OUT)]
            case "spent":
                return [Answer("refused", "SPENT")]
            case "short":
                return [Answer("unknown", OTHER_AMOUNT, 5_000)]
        return await super().take_back(orders)


class Counter:
    """A shop, its network, and a process that takes back."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.stage, self.network = shop, shop.stage, Moody()
        self.reversing = self.another()

    def another(self) -> Reversing:
        """Another process on the same database."""
        return reversing(self.stage, self.network, way=self.shop.way)

    async def sold(self, **changed: Any) -> Sale:
        sale = (await self.shop.sell(**changed)).sale
        assert sale is not None
        return sale

    async def asked(self, sale: Sale) -> ReversalId:
        asked = await ask(self.stage, sale.id)
        assert not isinstance(asked, Refusal), asked
        return asked

    async def agree(self, reversal: ReversalId) -> SaleStory | Refusal:
        """A process that waits for the outcome."""
        return await self.reversing.decide(reversal, approve=True, actor=BUDI)

    async def left_approved(self, sale: Sale) -> ReversalId:
        """A reversal whose process died right after the second pair of eyes had agreed."""
        reversal = await self.asked(sale)
        async with self.stage.pool.acquire() as connection:
            story = await decide_reversal(
                connection,
                reversal,
                approve=True,
                actor=BUDI,
                clock=self.stage.clock,
                ids=self.stage.ids,
                rulebook=await read_rulebook(connection),
                catalogue=await read_catalogue(connection),
                way=self.shop.way,
            )
        assert isinstance(story, SaleStory)
        assert story.reversal is not None
        assert story.reversal.state == "approved"
        return reversal

    async def step(self, name: str, reversal: ReversalId, **more: Any) -> Any:
        """One step by hand, as if the process died after it."""
        stage = self.stage
        async with stage.pool.acquire() as connection:
            each = await steps.under_way(connection, reversal)
            assert each is not None
            if name != "hold":
                more["catalogue"] = await read_catalogue(connection)
            if name == "finish":
                more["rulebook"] = await read_rulebook(connection)
            return await getattr(steps, name)(connection, each, clock=stage.clock, ids=stage.ids, **more)

    async def look(self, **passed: float) -> int:
        self.stage.clock.advance(timedelta(**passed))
        return await self.reversing.look_once()

    async def state(self, reversal: ReversalId) -> str:
        return await self.stage.pool.fetchval("SELECT state FROM reversal WHERE id = $1", reversal)

    async def story(self, sale: Sale) -> SaleStory:
        async with self.stage.pool.acquire() as connection:
            found = await sale_story(connection, sale.id, outlet_id=None)
        assert isinstance(found, SaleStory)
        return found

    async def has(self) -> tuple[int, int]:
        """What the outlet has, and the customer."""
        return await self.shop.balance(), (await self.shop.look()).balance_rp

    async def open_ends(self) -> tuple[int, int]:
        """Pending transfers, and rows of the work list."""
        row = await self.stage.pool.fetchrow(
            "SELECT (SELECT count(*) FROM transfer WHERE state = 'pending') AS pending,"
            " (SELECT count(*) FROM reversal_check) AS listed"
        )
        assert row is not None
        return row["pending"], row["listed"]

    async def told(self) -> tuple[int, int]:
        """Texts to the seller and to the customer."""
        return (
            len(await self.stage.texts(self.shop.user.nn_msisdn, "reversal_seller")),
            len(await self.stage.texts(self.shop.customer, "reversal_customer")),
        )

    async def items(self) -> list[tuple[str, str]]:
        rows = await self.stage.pool.fetch("SELECT kind, state FROM work_item ORDER BY id")
        return [(row["kind"], row["state"]) for row in rows]


@pytest.fixture
async def counter(own_stage: Stage) -> Counter:
    """A shop that sells over a network."""
    return Counter(await open_shop(own_stage, way=WAYS["network"]))


@pytest.fixture(params=["network", "split"])
async def any_counter(own_stage: Stage, request: pytest.FixtureRequest) -> Counter:
    """The same for both reasons to take steps."""
    return Counter(await open_shop(own_stage, way=WAYS[request.param]))


async def test_it_works(any_counter: Counter) -> None:
    before = await any_counter.shop.look()
    sale = await any_counter.sold()
    story = await any_counter.agree(await any_counter.asked(sale))
    assert isinstance(story, SaleStory)
    assert (story.reversal.state, story.reversal.refund_rp) == ("done", PRICE_RP)
    assert (story.reversal.balance_before_rp, story.reversal.balance_after_rp) == (BALANCE_RP - PRICE_RP, BALANCE_RP)
    assert await any_counter.shop.look() == before
    assert await any_counter.open_ends() == (0, 0)
    assert await any_counter.told() == (1, 1)


async def test_the_network_is_asked_for_what_it_gave(counter: Counter) -> None:
    sale = await counter.sold()
    await counter.agree(await counter.asked(sale))
    (asked,) = counter.network.asked
    assert (asked.transfer_id, asked.nominal_rp) == (sale.transfer_id, 50_000)
    assert asked.take_back_id != sale.transfer_id


STEPS = ("hold", "network", "refund", "finish")


@pytest.mark.requirement("D-46")
@pytest.mark.parametrize("died_after", range(5))
async def test_dead_between_any_two_steps_a_worker_ends_it_once(any_counter: Counter, died_after: int) -> None:
    before = await any_counter.shop.look()
    sale = await any_counter.sold()
    reversal = await any_counter.left_approved(sale)
    for name in STEPS[:died_after]:
        if name == "network":
            if any_counter.shop.way.network:
                any_counter.network.mood = "mute"
                await any_counter.reversing.complete(reversal)
                any_counter.network.mood = "willing"
        else:
            await any_counter.step(name, reversal, **({"refuse": ""} if name == "refund" else {}))
    assert await any_counter.look(seconds=30) == 1
    assert (await any_counter.state(reversal), await any_counter.has()) == ("done", (BALANCE_RP, 0))
    assert await any_counter.shop.look() == before
    assert await any_counter.open_ends() == (0, 0)
    assert await any_counter.told() == (1, 1)
    assert await any_counter.look(hours=1) == 0


async def test_many_processes_at_once_do_it_once(any_counter: Counter) -> None:
    reversal = await any_counter.left_approved(await any_counter.sold())
    ended = await asyncio.gather(*[any_counter.another().complete(reversal) for _ in range(5)])
    assert "done" in {getattr(each, "state", "") for each in ended}
    await any_counter.reversing.complete(reversal)
    assert await any_counter.has() == (BALANCE_RP, 0)
    assert await any_counter.told() == (1, 1)
    assert await any_counter.open_ends() == (0, 0)


@pytest.mark.parametrize("step", ["hold", "refund", "finish"])
async def test_a_step_that_comes_late_changes_nothing(any_counter: Counter, step: str) -> None:
    sale = await any_counter.sold()
    reversal = await any_counter.asked(sale)
    await any_counter.agree(reversal)
    await any_counter.step(step, reversal, **({"refuse": "SPENT"} if step == "refund" else {}))
    assert (await any_counter.state(reversal), await any_counter.has()) == ("done", (BALANCE_RP, 0))
    assert await any_counter.told() == (1, 1)


async def test_what_is_being_taken_back_cannot_be_used_meanwhile(counter: Counter) -> None:
    counter.network.mood = "away"
    sale = await counter.sold()
    story = await counter.agree(await counter.asked(sale))
    assert story.reversal.state == "approved"
    assert story.reversed_at is None
    assert await counter.has() == (BALANCE_RP - PRICE_RP, 0)
    assert await counter.told() == (0, 0)


async def test_a_network_that_comes_back_is_asked_when_it_is_due(counter: Counter) -> None:
    counter.network.mood = "away"
    sale = await counter.sold()
    await counter.agree(await counter.asked(sale))
    looks = [await counter.look(seconds=seconds) for seconds in (29, 1, 89, 1)]
    assert looks == [0, 1, 0, 1]
    counter.network.mood = "willing"
    assert await counter.look(minutes=8) == 1
    assert len({order.take_back_id for order in counter.network.asked}) == 1
    assert (await counter.story(sale)).reversed_at == counter.stage.now
    assert await counter.has() == (BALANCE_RP, 0)


async def test_done_in_silence_is_done_when_asked_again(counter: Counter) -> None:
    counter.network.mood = "mute"
    sale = await counter.sold()
    await counter.agree(await counter.asked(sale))
    counter.network.mood = "willing"
    await counter.look(seconds=30)
    assert (await counter.story(sale)).reversal.state == "done"
    assert len(counter.network.taken) == 1


async def test_an_answer_after_the_request_has_gone_still_ends_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("konter.sales.reversal.reversing.OUTCOME_WITHIN_S", 0.05)
    counter.network.gate = asyncio.Event()
    sale = await counter.sold()
    story = await counter.agree(await counter.asked(sale))
    assert story.reversal.state == "approved"
    counter.network.gate.set()
    await counter.reversing.close()
    assert (await counter.story(sale)).reversal.state == "done"


async def test_what_the_network_refuses_is_declined_and_nothing_moved(counter: Counter) -> None:
    before = await counter.shop.look()
    counter.network.mood = "spent"
    sale = await counter.sold()
    held = await counter.shop.look()
    reversal = await counter.asked(sale)
    refused = await counter.agree(reversal)
    assert (refused.code, refused.data["reason"]) == ("TAKE_BACK_REFUSED", "SPENT")
    assert (await counter.state(reversal), await counter.has()) == ("declined", (BALANCE_RP - PRICE_RP, 50_000))
    assert await counter.shop.look() == held != before
    assert (await counter.open_ends(), await counter.told()) == ((0, 0), (0, 0))
    assert await counter.stage.pool.fetchval("SELECT declined_why FROM reversal WHERE id = $1", reversal) == "SPENT"
    counter.network.mood = "willing"
    assert (await counter.agree(await counter.asked(sale))).reversal.state == "done"


@pytest.mark.parametrize("died_after", ["refund", "hold"])
async def test_a_refusal_heard_before_a_death_gives_the_customer_everything_back(
    counter: Counter, died_after: str
) -> None:
    counter.network.mood = "spent"
    reversal = await counter.left_approved(await counter.sold(product="D16C30"))
    whole = await counter.shop.look()
    await counter.step("hold", reversal)
    assert not (await counter.shop.look()).buckets
    if died_after == "refund":
        await counter.step("refund", reversal, refuse="SPENT")
    await counter.look(seconds=30)
    assert await counter.shop.look() == whole
    assert (await counter.state(reversal), await counter.open_ends()) == ("declined", (0, 0))


async def test_held_over_the_quotas_own_end_it_comes_back_and_expires_as_it_would_have(counter: Counter) -> None:
    counter.network.mood = "away"
    reversal = await counter.left_approved(await counter.sold(product="D1G1"))
    await counter.step("hold", reversal)
    counter.network.mood = "spent"
    await counter.look(days=3)
    assert await counter.state(reversal) == "declined"
    assert (await counter.open_ends())[0] == 0
    assert not (await counter.shop.look()).buckets


async def test_spent_at_konter_it_waits_for_a_decision_again_and_can_be_agreed_to_later(any_counter: Counter) -> None:
    sale = await any_counter.sold()
    await use(any_counter.stage, any_counter.shop.customer, ("main", None), 1)
    reversal = await any_counter.asked(sale)
    refused = await any_counter.agree(reversal)
    assert (refused.code, refused.data["left"], refused.data["delivered"]) == ("DELIVERY_SPENT", 49_999, 50_000)
    assert (await any_counter.state(reversal), await any_counter.open_ends()) == ("asked", (0, 0))
    assert not any_counter.network.asked
    await any_counter.sold(product="PULSA5")
    assert (await any_counter.agree(reversal)).reversal.state == "done"


async def test_two_supervisors_at_once(any_counter: Counter) -> None:
    reversal = await any_counter.asked(await any_counter.sold())
    decided = await asyncio.gather(
        any_counter.reversing.decide(reversal, approve=True, actor=BUDI),
        any_counter.another().decide(reversal, approve=True, actor=SARI),
    )
    assert [each.code for each in decided if isinstance(each, Refusal)] == ["REVERSAL_DECIDED"]
    assert await any_counter.has() == (BALANCE_RP, 0)


async def test_approved_it_is_neither_declined_nor_asked_for_again(counter: Counter) -> None:
    counter.network.mood = "away"
    sale = await counter.sold()
    reversal = await counter.asked(sale)
    await counter.agree(reversal)
    assert (await counter.reversing.decide(reversal, approve=False, actor=SARI)).code == "REVERSAL_DECIDED"
    assert (await ask(counter.stage, sale.id)).code == "REVERSAL_ASKED"


@pytest.mark.requirement("G-D12")
async def test_at_its_deadline_it_is_an_item_of_work_that_ends_with_it(counter: Counter) -> None:
    counter.network.mood = "away"
    sale = await counter.sold()
    reversal = await counter.asked(sale)
    await counter.agree(reversal)
    await counter.look(hours=23)
    assert await counter.items() == []
    await counter.look(hours=1, minutes=10)
    await counter.look(minutes=10)
    assert await counter.items() == [("TAKE_BACK_OPEN", "open")]
    assert await counter.has() == (BALANCE_RP - PRICE_RP, 0)
    async with counter.stage.pool.acquire() as connection:
        assert await solve_gone(connection, now=counter.stage.now) == []
        breaks = (await check_books(connection, now=counter.stage.now)).breaks
    assert set(breaks) == {"no pending transfer is past its deadline"}
    counter.network.mood = "willing"
    await counter.look(minutes=10)
    assert (await counter.items(), await counter.state(reversal)) == ([("TAKE_BACK_OPEN", "solved")], "done")


async def test_another_amount_is_an_item_of_work_at_once(counter: Counter) -> None:
    counter.network.mood = "short"
    sale = await counter.sold()
    reversal = await counter.asked(sale)
    await counter.agree(reversal)
    await counter.look(seconds=30)
    assert (await counter.items(), await counter.state(reversal)) == ([("TAKE_BACK_OPEN", "open")], "approved")


async def test_a_process_that_knows_no_network_leaves_it_to_one_that_does(counter: Counter) -> None:
    sale = await counter.sold()
    alone = Reversing(counter.stage.pool, clock=counter.stage.clock, ids=counter.stage.ids, references=References())
    story = await alone.decide(await counter.asked(sale), approve=True, actor=BUDI)
    assert story.reversal.state == "approved"
    await counter.look(seconds=30)
    assert (await counter.story(sale)).reversal.state == "done"


async def test_not_begun_before_its_deadline_it_waits_for_a_decision_again(any_counter: Counter) -> None:
    reversal = await any_counter.left_approved(await any_counter.sold())
    await any_counter.look(days=2)
    assert (await any_counter.state(reversal), await any_counter.open_ends()) == ("asked", (0, 0))
    assert await any_counter.has() == (BALANCE_RP - PRICE_RP, 50_000)
    assert not any_counter.network.asked


@pytest.mark.requirement("T-11")
async def test_days_alone_are_taken_back_once(any_counter: Counter) -> None:
    before = await any_counter.shop.look()
    reversal = await any_counter.asked(await any_counter.sold(product="MA30"))
    await any_counter.agree(reversal)
    await any_counter.step("finish", reversal)
    assert await any_counter.shop.look() == before
    assert await any_counter.told() == (1, 1)


@pytest.mark.requirement("T-11")
async def test_what_the_customer_got_while_its_outlet_does_not_know_yet_keeps_its_days(own_stage: Stage) -> None:
    desk = Desk(await open_shop(own_stage, way=WAYS["network"]), Fickle())
    before = (await desk.shop.look()).active_until
    counter = Counter(desk.shop)
    first = await counter.sold()
    second = await desk.left_open(product="PULSA5")
    async with own_stage.pool.acquire() as connection:
        order = Order(sale=second, confirmed=True)
        await deliver(connection, [order], clock=own_stage.clock, ids=own_stage.ids, references=desk.shop.references)
    await counter.agree(await counter.asked(first))
    assert ((await desk.shop.look()).active_until.date() - before.date()).days == 7
    await desk.after(seconds=30)


async def test_a_lease_ends_and_another_worker_takes_it(counter: Counter) -> None:
    counter.network.gate = asyncio.Event()
    reversal = await counter.left_approved(await counter.sold())
    counter.stage.clock.advance(timedelta(seconds=30))
    paused = asyncio.create_task(counter.reversing.look_once())
    await counter.network.heard.wait()
    assert await counter.another().look_once() == 0
    counter.stage.clock.advance(timedelta(seconds=16))
    gate, counter.network.gate = counter.network.gate, None
    assert await counter.another().look_once() == 1
    assert await counter.state(reversal) == "done"
    gate.set()
    await paused
    assert (await counter.told(), await counter.has()) == ((1, 1), (BALANCE_RP, 0))


@pytest.mark.parametrize("groups", [1, 2, 256])
async def test_steps_are_taken_between_groups_of_cells_only(own_stage: Stage, groups: int) -> None:
    """Three shops sell in one step; how their reversals go depends on the groups of today."""
    ways = ways_of(groups, network=False)
    process = Reversing(own_stage.pool, clock=own_stage.clock, ids=own_stage.ids, references=References(), ways=ways)
    for _ in range(3):
        shop = await open_shop(own_stage)
        sale = (await shop.sell()).sale
        story = await process.decide(await ask(own_stage, sale.id), approve=True, actor=BUDI)
        assert story.reversal.state == "done"
        apart = sale.cell % groups != sale.subscription_id % 256 % groups
        held = await own_stage.pool.fetchval("SELECT hold_id FROM reversal WHERE sale_id = $1", sale.id)
        assert (held is not None) == apart
        assert await shop.balance() == BALANCE_RP


async def test_the_story_of_a_reversal_under_way_has_no_money_back_yet(counter: Counter) -> None:
    counter.network.mood = "away"
    sale = await counter.sold()
    before = (await counter.story(sale)).timeline(counter.stage.now)
    await counter.agree(await counter.asked(sale))
    assert (await counter.story(sale)).timeline(counter.stage.now) == before


async def test_over_http_the_networks_account_is_empty_again(own_stage: Stage, tmp_path: Path) -> None:
    shop = await open_shop(own_stage, way=WAYS["network"])
    sale = (await shop.sell()).sale
    async with network(tmp_path) as site, client(site.base) as net:
        number = str(sale.msisdn)
        await site.caller.put(sale.transfer_id, msisdn=number, nominal_rp=sale.nominal_rp)
        await site.caller.set_faults(silent_after=100)
        net_of = reversing(own_stage, net)
        asked = await ask(own_stage, sale.id)
        story = await net_of.decide(asked, approve=True, actor=BUDI)
        assert (story.reversal.state, await site.caller.given(number)) == ("approved", (0, 0))
        await site.caller.set_faults()
        own_stage.clock.advance(timedelta(seconds=30))
        await net_of.look_once()
        assert await site.caller.given(number) == (0, 0)
        assert (await site.caller.tally())["taken_back"] == 1
    assert await own_stage.pool.fetchval("SELECT state FROM reversal") == "done"
    assert await shop.balance() == BALANCE_RP
