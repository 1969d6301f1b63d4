"""An outcome that no network tells, by hand and with four eyes: once, whatever comes twice or late. [D-46, G-D12]"""

import asyncio
from typing import Any

import pytest
from tests.access.people import HOME, Stage, code_of
from tests.sales.checking.conftest import desk
from tests.sales.checking.desk import BALANCE_RP, PRICE_RP, Desk
from tests.sales.checking.test_unusual import set_rule
from tests.sales.test_take_back import Counter, counter
from tests.shop import own_stage
from tests.stage import passwords

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.model import Decision
from konter.access.four_eyes.propose import propose, waiting_proposals
from konter.access.model import Principal
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.ledger.books import check_books
from konter.platform.audit import SYSTEM
from konter.platform.ids import ProposalId
from konter.platform.refusal import Refusal
from konter.sales.by_hand.outcome import SALE, TAKE_BACK, check_outcome, check_take_back, outcome_kinds
from konter.sales.model import Sale
from konter.sales.network.model import NetworkOrder
from konter.sales.references import References

__all__ = ["counter", "desk", "own_stage", "passwords"]


class Table:
    """Two of the staff, and what one proposes and the other decides."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.kinds = stage, outcome_kinds(stage.clock, References())

    async def sit(self, area: str | None = None) -> "Table":
        self.one = await self.stage.staff("supervisor", "care", area=area)
        self.other = await self.stage.staff("supervisor", area=area)
        return self

    async def propose(self, kind: str, subject: int, **said: Any) -> Refusal | ProposalId:
        async with self.stage.pool.acquire() as connection:
            step = await self.stage.step(connection)
            given = {"reason": "jaringan tidak menjawab", "principal": self.one, "origin": HOME, "step": step}
            return await propose(connection, self.kinds, kind, subject, {**said, "evidence": "surat 1"}, **given)

    async def approve(self, proposal: Refusal | ProposalId, by: Principal | None = None) -> Refusal | Decision:
        stage = self.stage
        given = {"approve": True, "why": "sesuai bukti", "principal": by or self.other, "origin": HOME, **stage.given}
        return await decide(stage.pool, stage.passwords, self.kinds, proposal, **given)


async def escalated(desk: Desk) -> Sale:
    """A sale that its network never answered, in a house that leaves such to people."""
    await set_rule(desk, "sale.pending_at_deadline", "escalate")
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(hours=24)
    assert [kind for kind, _, _ in await desk.items()] == ["ESCALATED"]
    return sale


async def open_items(stage: Stage) -> list[str]:
    rows = await stage.pool.fetch("SELECT kind FROM work_item WHERE state = 'open' ORDER BY id")
    return [row["kind"] for row in rows]


@pytest.mark.requirement("D-46", "G-D12")
async def test_delivered(desk: Desk) -> None:
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    proposal = await table.propose(SALE, sale.id, delivered=True)
    assert (await desk.now_is(sale)).status == "checking", "nothing happens before the second pair of eyes"
    assert await table.approve(proposal) == Decision(state="approved", result={"status": "done"})
    assert (await desk.now_is(sale)).status == "done"
    assert await desk.credited_rp() == 50_000
    assert await desk.shop.balance() == BALANCE_RP - PRICE_RP
    assert (await open_items(desk.stage), await desk.texts()) == ([], (1, 0, 1))


@pytest.mark.requirement("D-46", "G-D12")
async def test_not_delivered(desk: Desk) -> None:
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    assert isinstance(await table.approve(await table.propose(SALE, sale.id, delivered=False)), Decision)
    ended = await desk.now_is(sale)
    assert (ended.status, ended.reason) == ("refunded", "BY_HAND")
    assert (await desk.shop.balance(), await desk.credited_rp()) == (BALANCE_RP, 0)
    row = await desk.stage.pool.fetchval("SELECT actor FROM audit WHERE action = 'refund_sale'")
    assert row == f"staff:{table.other.user_id}"
    assert await open_items(desk.stage) == []


@pytest.mark.requirement("G-D12")
@pytest.mark.parametrize("delivered", [True, False])
async def test_twice_pays_once(desk: Desk, delivered: bool) -> None:
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    proposal = await table.propose(SALE, sale.id, delivered=delivered)
    assert code_of(await table.propose(SALE, sale.id, delivered=not delivered)) == "ALREADY_PROPOSED"
    outcomes = await asyncio.gather(*[table.approve(proposal) for _ in range(3)])
    assert sorted(isinstance(each, Decision) for each in outcomes) == [False, False, True]
    again = await table.propose(SALE, sale.id, delivered=not delivered)
    assert code_of(await table.approve(again)) == "OUTCOME_KNOWN"
    assert await desk.shop.balance() == BALANCE_RP - (PRICE_RP if delivered else 0)
    assert await desk.credited_rp() == (50_000 if delivered else 0)


@pytest.mark.requirement("G-D12")
async def test_nobody_decides_the_own_proposal(desk: Desk) -> None:
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    proposal = await table.propose(SALE, sale.id, delivered=False)
    assert code_of(await table.approve(proposal, by=table.one)) == "PROPOSAL_SAME_EYES"
    assert code_of(await table.approve(proposal, by=await desk.stage.staff("care"))) == "FORBIDDEN"
    assert (await desk.now_is(sale)).status == "checking"


@pytest.mark.requirement("G-D12")
async def test_what_the_network_says_afterwards_is_late(desk: Desk) -> None:
    """It had been delivered after all: an item, and an adjustment as ever. The sale stays refunded."""
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    await table.approve(await table.propose(SALE, sale.id, delivered=False))
    network = desk.network
    network.mood = "willing"
    assert sale.transfer_id is not None
    await network.deliver([NetworkOrder(sale.transfer_id, sale.msisdn, sale.product, sale.nominal_rp, sale.at)])
    await desk.after(minutes=10)
    assert (await desk.now_is(sale)).status == "refunded"
    assert await open_items(desk.stage) == ["LATE_DELIVERY"]
    await desk.adjust(sale)
    assert await open_items(desk.stage) == []


@pytest.mark.requirement("G-D12")
async def test_an_answer_of_the_networks_before_it_stands(desk: Desk) -> None:
    sale, table = await escalated(desk), await Table(desk.stage).sit()
    proposal = await table.propose(SALE, sale.id, delivered=True)
    desk.network.mood = "willing"
    await desk.after(minutes=10)
    assert (await desk.now_is(sale)).reason == "VOIDED"
    assert code_of(await table.approve(proposal)) == "OUTCOME_KNOWN"
    assert (await desk.shop.balance(), await desk.credited_rp()) == (BALANCE_RP, 0)


async def test_what_is_still_being_checked_is_not_for_people(desk: Desk) -> None:
    sale = await desk.left_open()
    table = await Table(desk.stage).sit()
    async with desk.stage.pool.acquire() as connection:
        assert code_of(await check_outcome(connection, sale.id)) == "OUTCOME_NOT_FOR_PEOPLE"
    forced = await table.propose(SALE, sale.id, delivered=False)
    assert code_of(await table.approve(forced)) == "OUTCOME_NOT_FOR_PEOPLE"
    await desk.worker.look()


@pytest.mark.requirement("D-57")
async def test_elsewhere_there_is_no_such_proposal(desk: Desk) -> None:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
    sale = await escalated(desk)
    near, far = await Table(stage).sit("JBJB"), await Table(stage).sit("SULW")
    proposal = await near.propose(SALE, sale.id, delivered=True)
    assert code_of(await far.approve(proposal)) == "PROPOSAL_NOT_FOUND"
    async with stage.pool.acquire() as connection:
        for who, count in ((far.other, 0), (near.other, 1)):
            assert len(await waiting_proposals(connection, near.kinds, who, now=stage.now)) == count
    assert isinstance(await near.approve(proposal), Decision)


# ---------------------------------------------------------------------------------------------------------- take-backs


async def short(counter: Counter) -> tuple[Sale, int]:
    """A take-back that the network answered with another amount."""
    counter.network.mood = "short"
    sale = await counter.sold()
    reversal = await counter.asked(sale)
    await counter.agree(reversal)
    await counter.look(seconds=30)
    assert await counter.items() == [("TAKE_BACK_OPEN", "open")]
    return sale, reversal


@pytest.mark.requirement("G-D12")
@pytest.mark.parametrize(("taken_back", "state"), [(True, "done"), (False, "declined")])
async def test_a_take_back_ends_once(counter: Counter, taken_back: bool, state: str) -> None:
    _, reversal = await short(counter)
    table = await Table(counter.stage).sit()
    proposal = await table.propose(TAKE_BACK, reversal, taken_back=taken_back)
    assert code_of(await table.approve(proposal, by=table.one)) == "PROPOSAL_SAME_EYES"
    outcomes = await asyncio.gather(*[table.approve(proposal) for _ in range(2)])
    assert sorted(isinstance(each, Decision) for each in outcomes) == [False, True]
    assert await counter.state(reversal) == state
    has = (BALANCE_RP, 0) if taken_back else (BALANCE_RP - PRICE_RP, 50_000)
    assert await counter.has() == has
    assert await counter.open_ends() == (0, 0)
    assert await counter.items() == [("TAKE_BACK_OPEN", "solved")]
    again = await table.propose(TAKE_BACK, reversal, taken_back=not taken_back)
    assert code_of(await table.approve(again)) in {"OUTCOME_KNOWN", "REVERSAL_NOT_FOUND"}
    counter.network.mood = "willing"
    await counter.look(minutes=10)
    assert (await counter.state(reversal), await counter.has()) == (state, has)
    async with counter.stage.pool.acquire() as connection:
        assert (await check_books(connection, now=counter.stage.now)).balanced


async def test_a_take_back_that_goes_its_way_is_not_for_people(counter: Counter) -> None:
    counter.network.mood = "away"
    reversal = await counter.asked(await counter.sold())
    await counter.agree(reversal)
    async with counter.stage.pool.acquire() as connection:
        assert code_of(await check_take_back(connection, reversal)) == "OUTCOME_NOT_FOR_PEOPLE"
    counter.network.mood = "willing"
    await counter.look(seconds=30)
