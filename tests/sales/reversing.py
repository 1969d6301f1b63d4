"""Two members of staff, and a sale taken back by them."""

from tests.access.people import Stage
from tests.ways import WAYS, Willing

from konter.platform.audit import Actor
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal
from konter.sales.history.read import SaleStory
from konter.sales.model import EVERYWHERE, Way
from konter.sales.network.model import Network
from konter.sales.references import References
from konter.sales.reversal.reverse import ask_reversal
from konter.sales.reversal.reversing import Reversing

RANI, BUDI, SARI = (Actor("staff", n) for n in (11, 12, 13))


async def ask(stage: Stage, sale_id: int, *, by: Actor = RANI, reason: str = "nomor salah") -> ReversalId | Refusal:
    async with stage.pool.acquire() as connection:
        return await ask_reversal(connection, SaleId(sale_id), reason=reason, actor=by, now=stage.now, ids=stage.ids)


async def decide(
    stage: Stage, reversal_id: ReversalId, *, by: Actor = BUDI, approve: bool = True
) -> SaleStory | Refusal:
    """A lane with the customer's cell does it in one step, as does one that sold so; else it takes several."""
    route = await stage.pool.fetchval(
        "SELECT s.route FROM sale s JOIN reversal v ON v.sale_id = s.id WHERE v.id = $1", reversal_id
    )
    return await reversing(stage, way=WAYS["split"] if route == "cell" else EVERYWHERE).decide(
        reversal_id, approve=approve, actor=by
    )


def reversing(stage: Stage, network: Network | None = None, *, way: Way = EVERYWHERE) -> Reversing:
    """What one process has to itself; its network does whatever it is asked, unless another is given."""
    return Reversing(
        stage.pool,
        clock=stage.clock,
        ids=stage.ids,
        references=References(),
        network=network or Willing(),
        ways=[way],
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
