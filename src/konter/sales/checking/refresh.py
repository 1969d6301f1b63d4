"""A look that a person asks for at a sale whose outcome is not known yet. [D-43]"""

from datetime import timedelta

from konter.platform.audit import Actor, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool
from konter.platform.ids import IdBlocks, OutletId, SaleId
from konter.platform.refusal import Refusal
from konter.rules.keys import Sale as SaleRules
from konter.sales.checking.queries import take_for_look
from konter.sales.checking.schedule import Ask, ask
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import Sale
from konter.sales.references import References
from konter.sales.selling import Selling

LOOK_EVERY_S = 5  # however often a seller presses the button


async def refresh(
    pool: Pool,
    selling: Selling,
    sale_id: SaleId,
    *,
    outlet_id: OutletId,
    clock: Clock,
    ids: IdBlocks,
    references: References,
    actor: Actor,
) -> SaleStory | Refusal:
    """Look once now, wait at most three seconds, and tell how the sale stands. The audit keeps who asked.

    Nothing is asked while somebody else looks, within five seconds of the last request, and while the sale is held for
    its seller. The count of looks stays: nobody hurries a sale towards its end by pressing a button. No connection is
    held while the network thinks. [D-43, D-46]
    """
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        story = await sale_story(connection, sale_id, outlet_id=outlet_id)
        if isinstance(story, Refusal) or story.sale.status != "checking":
            return story
        rulebook, _ = await references.current(connection)
        rules = rulebook.at(clock.now()).sale
        how = await _take(connection, story.sale, rules, clock, ids, actor)
    if how is None:
        return story
    await selling.look(story.sale, how)
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        return await sale_story(connection, sale_id, outlet_id=outlet_id)


async def _take(
    connection: Connection, sale: Sale, rules: SaleRules, clock: Clock, ids: IdBlocks, actor: Actor
) -> Ask | None:
    """Have the sale for this look alone, and say what the look does; None when there is nothing to ask now."""
    now = clock.now()
    unmoved = now - clock.offset
    await ids.ensure(connection, 1)
    row = AuditRow(sale.cell, now, actor, "refresh_sale", sale.id, {})
    checks = await take_for_look(
        connection,
        sale_id=sale.id,
        # What was held back is sent by the reconciler alone, which settles it with a seller who cancels.
        held_until=sale.hold_until,
        unmoved=unmoved,
        taken_until=unmoved + timedelta(seconds=LOOK_EVERY_S),
        audit=row.columns(next(ids.take(1))),
    )
    if checks is None:
        return None
    how = ask(sale, checks, rules, now=now)
    # Giving up, or escalating instead, is the reconciler's; it comes within a second of the deadline.
    return Ask.VOID if how is Ask.GIVE_UP else how
