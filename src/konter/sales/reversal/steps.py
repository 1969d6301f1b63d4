"""The steps of a reversal that was approved, each in one side's cell, each once however often it is repeated.

hold (customer) → [the network takes back] → refund or decline (outlet) → finish (customer). What a process leaves
behind between two of them stands in the work list.
"""

from datetime import datetime

import asyncpg

from konter.catalogue.model import Catalogue
from konter.channel.users import contact_of
from konter.ledger import read as ledger_read
from konter.ledger.between.model import Received
from konter.ledger.between.steps import receive, send, settle
from konter.platform.audit import SYSTEM, Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, ReversalId, TransferId
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rulebook
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.queries import sale_of
from konter.sales.reconciliation.items import end_items
from konter.sales.reconciliation.model import Kind
from konter.sales.reversal import queries
from konter.sales.reversal.model import Ended, UnderWay, not_held
from konter.sales.reversal.period import set_period_without
from konter.sales.reversal.texts import text_to_customer, text_to_seller
from konter.subscriber.model import MAIN, MAIN_ASSET

SEQS_PER_STEP = 2  # the text, the audit row


async def under_way(connection: Connection, reversal_id: ReversalId) -> UnderWay | None:
    """A reversal in steps as it stands, ended or not; None when it is not agreed to."""
    row = await queries.read_under_way(connection, reversal_id=reversal_id)
    return under_way_of(row) if row is not None else None


def under_way_of(row: asyncpg.Record) -> UnderWay:
    """The reversal in a row, with its sale."""
    return UnderWay(
        id=row["reversal_id"],
        sale=sale_of(row),
        state=row["reversal_state"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        hold_id=TransferId(row["hold_id"]),
        deadline=row["reversal_deadline"],
        why=row["declined_why"] or "",
    )


async def hold(connection: Connection, each: UnderWay, *, clock: Clock, ids: IdBlocks) -> Refusal | None:
    """Take what was delivered from the customer into transit, whole; or say why that cannot be."""
    if not each.holds:
        return None
    (sent,) = await send(connection, [each.sending()], clock=clock, ids=ids)
    return not_held(each.sale, sent) if sent.state == "refused" else None


async def put_back(
    connection: Connection, each: UnderWay, refusal: Refusal, *, clock: Clock, ids: IdBlocks
) -> Ended | None:
    """The customer has spent it: nothing moved, and the reversal waits for a decision again, as if none had been.

    None: somebody else has ended it meanwhile.
    """
    own = await ids.reserve(connection, SEQS_PER_STEP)
    async with connection.transaction():
        now = await _lock_outlet(connection, each, clock)
        if not await _is_open(connection, each):
            return None
        await queries.ask_again(connection, id_=each.id)
        data = {"id": str(each.id), "code": refusal.code}
        row = AuditRow(each.sale.cell, now, Actor("staff", each.approved_by), "reversal_refused", each.sale.id, data)
        await write_audit(connection, own, [row])
    return Ended("asked", refusal)


async def refund(
    connection: Connection, each: UnderWay, *, refuse: str, catalogue: Catalogue, clock: Clock, ids: IdBlocks
) -> UnderWay | None:
    """Give the outlet its money back, once, and tell the seller; or, with the network's reason, decline the reversal.

    Returns the reversal as it stands, by this call or by one before; None when it waits for a decision again.
    """
    own = await ids.reserve(connection, SEQS_PER_STEP)
    async with connection.transaction():
        now = await _lock_outlet(connection, each, clock)
        if await _is_open(connection, each):
            (received,) = await receive(connection, [each.receiving(refuse=refuse)], clock=clock, ids=ids)
            assert received.new, "the receipt is written with the end of the reversal"
            await _end(connection, each, received, now, catalogue, own)
        now_is = await under_way(connection, each.id)
    return now_is if now_is is not None and now_is.hold_id == each.hold_id else None


async def _end(
    connection: Connection, each: UnderWay, received: Received, now: datetime, catalogue: Catalogue, ids: IdBlocks
) -> None:
    sale = each.sale
    data = {"id": str(each.id)}
    done = not received.refused
    wallet = received.parts[0] if done else None
    await queries.end_reversal(
        connection,
        id_=each.id,
        state="done" if done else "declined",
        why=received.reason or None,
        done_at=now if done else None,
        refund_rp=sale.cost_rp if done else None,
        before_rp=wallet.before if wallet else None,
        after_rp=wallet.after if wallet else None,
    )
    await end_items(connection, sale.id, rule="ENDED", now=now, kinds=[Kind.TAKE_BACK_OPEN])
    action = "reverse" if done else "decline_reversal"
    told = data if done else {**data, "why": received.reason}
    await write_audit(connection, ids, [AuditRow(sale.cell, now, SYSTEM, action, sale.id, told)])
    if wallet is not None:
        story = await sale_story(connection, sale.id, outlet_id=None)
        assert isinstance(story, SaleStory)
        seller = await contact_of(connection, sale.user_id)
        row = text_to_seller(sale, seller, catalogue=catalogue, balance_rp=wallet.after, at=now, zone=story.zone)
        await write_outbox(connection, ids, [row])


async def finish(
    connection: Connection,
    each: UnderWay,
    *,
    rulebook: Rulebook,
    catalogue: Catalogue,
    clock: Clock,
    ids: IdBlocks,
) -> None:
    """End the customer's side as the outlet's has ended: what is held goes, with the active period that came with it,
    and the customer is told; or it comes back.
    """
    sale = each.sale
    own = await ids.reserve(connection, SEQS_PER_STEP)
    async with connection.transaction():
        (ended,) = await settle(connection, [each.settling()], clock=clock, ids=ids)
        if not ended.new or each.state != "done":
            return
        now = clock.now()
        subscription = await set_period_without(connection, sale, rulebook)
        accounts = await ledger_read.read_accounts(connection, owners=[sale.subscription_id], at=now)
        main_rp = next((a.balance for a in accounts if (a.kind, a.asset) == (MAIN, MAIN_ASSET)), 0)
        row = text_to_customer(sale, subscription, catalogue=catalogue, main_rp=main_rp, at=now)
        await write_outbox(connection, own, [row])


async def leave_list(connection: Connection, reversal_id: ReversalId) -> None:
    """Both sides are booked: nobody has to work on it any more."""
    await queries.take_off(connection, reversal_id=reversal_id)


async def _lock_outlet(connection: Connection, each: UnderWay, clock: Clock) -> datetime:
    await ledger_read.lock_owners(connection, owners=[each.sale.outlet_id])
    return clock.now()


async def _is_open(connection: Connection, each: UnderWay) -> bool:
    """Under the outlet's lock: approved still, and by the same decision."""
    now_is = await under_way(connection, each.id)
    return now_is is not None and now_is.state == "approved" and now_is.hold_id == each.hold_id
