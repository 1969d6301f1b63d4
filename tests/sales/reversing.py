"""Two members of staff, and a sale taken back by them."""

from tests.access.people import Stage

from konter.catalogue.read import read_catalogue
from konter.platform.audit import Actor
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal
from konter.rules.load import read_rulebook
from konter.sales.history.read import SaleStory
from konter.sales.reversal.reverse import ask_reversal, decide_reversal

RANI, BUDI, SARI = (Actor("staff", n) for n in (11, 12, 13))


async def ask(stage: Stage, sale_id: int, *, by: Actor = RANI, reason: str = "nomor salah") -> ReversalId | Refusal:
    async with stage.pool.acquire() as connection:
        return await ask_reversal(connection, SaleId(sale_id), reason=reason, actor=by, now=stage.now, ids=stage.ids)


async def decide(
    stage: Stage, reversal_id: ReversalId, *, by: Actor = BUDI, approve: bool = True
) -> SaleStory | Refusal:
    async with stage.pool.acquire() as connection:
        return await decide_reversal(
            connection,
            reversal_id,
            approve=approve,
            actor=by,
            clock=stage.clock,
            ids=stage.ids,
            rulebook=await read_rulebook(connection),
            catalogue=await read_catalogue(connection),
        )


async def reverse(stage: Stage, sale_id: int) -> str:
    """Ask and approve: "done" or the refusal's code. What cannot be approved is declined, so that nothing waits."""
    asked = await ask(stage, sale_id)
    if isinstance(asked, Refusal):
        return asked.code
    decided = await decide(stage, asked)
    if isinstance(decided, Refusal):
        await decide(stage, asked, approve=False)
        return decided.code
    return "done"
