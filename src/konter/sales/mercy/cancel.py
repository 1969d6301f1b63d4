"""Take a sale back while it is held: nothing was sent yet, so that the money just comes home."""

from konter.platform.audit import Actor
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, SaleId
from konter.platform.refusal import Refusal
from konter.sales.delivery.settle import settle
from konter.sales.mercy import queries
from konter.sales.mercy.model import decide_cancel
from konter.sales.model import Sale
from konter.sales.references import References
from konter.sales.refusals import SALE_NOT_FOUND


async def cancel(
    connection: Connection,
    sale_id: SaleId,
    *,
    outlet_id: OutletId,
    actor: Actor,
    clock: Clock,
    ids: IdBlocks,
    references: References,
) -> Sale | Refusal:
    """Cancel a held sale of an outlet; asked again it answers the same. Any user of the outlet may, without a PIN: it
    only brings the outlet's own money back.

    The outlet's lock comes first, then the sale's row of the work list: whoever sends takes that row, so that a sale is
    either cancelled or sent, never both. Raises when a lock was not had in time.
    """
    async with connection.transaction():
        await queries.lock_outlet(connection, outlet_id=outlet_id)
        held = await queries.lock_held(connection, sale_id=sale_id, outlet_id=outlet_id)
        if held is None:
            return SALE_NOT_FOUND()
        decided = decide_cancel(held, now=clock.now())
        if isinstance(decided, Sale | Refusal):
            return decided
        (settled,) = await settle(connection, [decided], clock=clock, ids=ids, references=references, actor=actor)
    assert settled is not None, "the outlet's lock is ours"
    assert settled.new, "the sale was open under that lock"
    return settled.sale
