"""One proposes, another decides, and what was approved is done in the same transaction."""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage, code_of

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.kinds import Approved, ProposalKind
from konter.access.four_eyes.model import Decision
from konter.access.four_eyes.propose import propose, waiting_proposals
from konter.access.model import Principal
from konter.platform.db import Connection
from konter.platform.ids import ProposalId, make_id
from konter.platform.refusal import NOT_FOUND, Refusal


class Bell:
    """A kind whose command is heard."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.rung: list[dict] = []
        self.refusal = refusal
        self.kinds = {"bell": ProposalKind(propose="staff.propose", decide="staff.decide", run=self.ring)}

    async def ring(self, _: Connection, approved: Approved) -> Refusal | dict:
        if self.refusal is not None:
            return self.refusal
        self.rung.append(approved.proposal.data)
        return {"heard": "yes"}


async def ask(stage: Stage, bell: Bell, who: Principal, *, subject: int = 0) -> Refusal | ProposalId:
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        subject = subject or make_id(next(step.ids.take(1)), 7)
        given = {"reason": "uji", "principal": who, "origin": HOME, "step": step}
        return await propose(connection, bell.kinds, "bell", subject, {"loud": True}, **given)


async def rule(
    stage: Stage, bell: Bell, proposal: Refusal | ProposalId, who: Principal, *, approve: bool = True
) -> Refusal | Decision:
    given = {"approve": approve, "why": "setuju", "principal": who, "origin": HOME, **stage.given}
    return await decide(stage.pool, stage.passwords, bell.kinds, proposal, **given)


async def two(stage: Stage) -> tuple[Principal, Principal]:
    return await stage.staff("admin"), await stage.staff("admin")


async def test_it_works(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    proposal = await ask(stage, bell, one)
    assert bell.rung == []
    assert await rule(stage, bell, proposal, other) == Decision(state="approved", result={"heard": "yes"})
    assert bell.rung == [{"loud": True}]
    row = await stage.pool.fetchrow("SELECT * FROM proposal WHERE id = $1", proposal)
    assert (row["state"], row["proposed_by"], row["decided_by"], row["decided_why"]) == (
        "approved",
        one.user_id,
        other.user_id,
        "setuju",
    )
    assert await stage.audit(row["subject_id"]) == ["proposal.made", "proposal.approved"]


async def test_a_rejection_does_nothing(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    proposal = await ask(stage, bell, one)
    assert await rule(stage, bell, proposal, other, approve=False) == Decision(state="rejected", result={})
    assert bell.rung == []
    assert code_of(await rule(stage, bell, proposal, other)) == "PROPOSAL_DECIDED"


async def test_the_own_proposal_is_somebody_elses_to_decide(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    assert code_of(await rule(stage, bell, await ask(stage, bell, one), one)) == "PROPOSAL_SAME_EYES"
    about_other = await ask(stage, bell, one, subject=other.user_id)
    assert code_of(await rule(stage, bell, about_other, other)) == "PROPOSAL_SAME_EYES"
    assert bell.rung == []


async def test_who_may_not_is_refused_on_both_sides(stage: Stage) -> None:
    bell, (one, _), care = Bell(), await two(stage), await stage.staff("care")
    user = await stage.principal(await stage.user())
    assert code_of(await ask(stage, bell, care)) == "FORBIDDEN"
    assert code_of(await ask(stage, bell, user)) == "FORBIDDEN"
    proposal = await ask(stage, bell, one)
    assert code_of(await rule(stage, bell, proposal, care)) == "FORBIDDEN"
    assert code_of(await rule(stage, bell, proposal, user)) == "FORBIDDEN"


async def test_it_lapses_and_makes_room_for_another(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    subject = make_id(next(stage.ids.take(1)), 9)
    proposal = await ask(stage, bell, one, subject=subject)
    assert code_of(await ask(stage, bell, other, subject=subject)) == "ALREADY_PROPOSED"
    stage.clock.advance(timedelta(hours=72))
    assert code_of(await rule(stage, bell, proposal, other)) == "PROPOSAL_EXPIRED"
    again = await ask(stage, bell, other, subject=subject)
    assert isinstance(again, int)
    assert code_of(await rule(stage, bell, proposal, other)) == "PROPOSAL_DECIDED"


async def test_twins_approve_once(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    proposal = await ask(stage, bell, one)
    outcomes = await asyncio.gather(*(rule(stage, bell, proposal, other) for _ in range(4)))
    assert len(bell.rung) == 1
    assert sorted(code_of(each) for each in outcomes if isinstance(each, Refusal)) == ["PROPOSAL_DECIDED"] * 3


async def test_a_command_that_refuses_leaves_it_waiting(stage: Stage) -> None:
    bell, (one, other) = Bell(NOT_FOUND()), await two(stage)
    proposal = await ask(stage, bell, one)
    assert code_of(await rule(stage, bell, proposal, other)) == "NOT_FOUND"
    async with stage.pool.acquire() as connection:
        waiting = await waiting_proposals(connection, bell.kinds, other, now=stage.now)
        assert proposal in [each.id for each in waiting]


async def test_unknown_proposals_and_kinds_are_not_found(stage: Stage) -> None:
    bell, (one, other) = Bell(), await two(stage)
    assert code_of(await rule(stage, bell, ProposalId(7), other)) == "PROPOSAL_NOT_FOUND"
    proposal = await ask(stage, bell, one)
    bell.kinds = {}
    assert code_of(await rule(stage, bell, proposal, other)) == "PROPOSAL_NOT_FOUND"


async def test_the_queue_is_paged_and_shows_what_one_may_see(stage: Stage) -> None:
    bell, (one, other), care = Bell(), await two(stage), await stage.staff("care")
    stage.clock.advance(timedelta(days=30))
    made = []
    for _ in range(3):
        stage.clock.advance(timedelta(seconds=1))
        made.append(await ask(stage, bell, one))
    async with stage.pool.acquire() as connection:
        first = await waiting_proposals(connection, bell.kinds, other, now=stage.now, limit=2)
        after = (first[-1].proposed_at, first[-1].id)
        rest = await waiting_proposals(connection, bell.kinds, other, now=stage.now, after=after)
        assert await waiting_proposals(connection, bell.kinds, care, now=stage.now) == []
    assert [each.id for each in [*first, *rest]] == made


@pytest.mark.parametrize("column", ["decided_by", "decided_at"])
async def test_the_schema_knows_that_two_decide(stage: Stage, column: str) -> None:
    bell, (one, _) = Bell(), await two(stage)
    proposal = await ask(stage, bell, one)
    value = one.user_id if column == "decided_by" else stage.now
    with pytest.raises(Exception, match="violates check constraint"):
        await stage.pool.execute(f"UPDATE proposal SET {column} = $2 WHERE id = $1", proposal, value)
