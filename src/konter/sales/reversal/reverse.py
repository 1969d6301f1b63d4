"""A complete reversal by staff, with four eyes: one asks, another decides. The sale stays *done* and carries it."""

from datetime import datetime, timedelta

import asyncpg

from konter.catalogue.model import Catalogue
from konter.channel.scope import Scope
from konter.channel.users import contact_of
from konter.ledger import read as ledger_read
from konter.ledger import write as ledger_write
from konter.ledger.model import Books
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.backlog import COUNTED_MAX, Backlog
from konter.platform.clock import Clock
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, ReversalId, SaleId, TransferId, cell_of_id, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rulebook
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import EVERYWHERE, Way
from konter.sales.refusals import (
    ALREADY_REVERSED,
    NOT_DELIVERED,
    REVERSAL_ASKED,
    REVERSAL_DECIDED,
    REVERSAL_NOT_FOUND,
    SAME_EYES,
)
from konter.sales.reversal import queries
from konter.sales.reversal.model import Asked, TakenBack, UnderWay, next_look, take_back
from konter.sales.reversal.period import set_period_without
from konter.sales.reversal.texts import text_to_customer, text_to_seller
from konter.sales.second_eyes import queries as second_eyes

SEQS_AROUND = 4  # audit rows and texts
QUEUE_MAX = 200


async def ask_reversal(
    connection: Connection, sale_id: SaleId, *, reason: str, actor: Actor, now: datetime, ids: IdBlocks
) -> ReversalId | Refusal:
    """The first pair of eyes. Nothing moves yet.

    Refusals: SALE_NOT_FOUND, NOT_DELIVERED, REVERSAL_ASKED, ALREADY_REVERSED.
    """
    own = await ids.reserve(connection, 2)
    async with connection.transaction():
        story = await _locked_story(connection, sale_id)
        if isinstance(story, Refusal):
            return story
        if story.sale.status != "done":
            return NOT_DELIVERED(status=story.sale.status)
        if story.reversal is not None:
            return ALREADY_REVERSED() if story.reversal.state == "done" else REVERSAL_ASKED()
        id_ = ReversalId(make_id(next(own.take(1)), story.sale.cell))
        await queries.insert_reversal(connection, id_=id_, sale_id=sale_id, reason=reason, asked_by=actor.id, at=now)
        audit = AuditRow(story.sale.cell, now, actor, "ask_reversal", sale_id, {"reason": reason, "id": str(id_)})
        await write_audit(connection, own, [audit])
    return id_


async def decide_reversal(
    connection: Connection,
    reversal_id: ReversalId,
    *,
    approve: bool,
    actor: Actor,
    clock: Clock,
    ids: IdBlocks,
    rulebook: Rulebook,
    catalogue: Catalogue,
    way: Way = EVERYWHERE,
) -> SaleStory | Refusal:
    """The second pair of eyes: decline, or take the whole sale back and recompute the number's active period.

    Where the customer is in no cell of the lane's, or a network delivered, agreeing is all that happens here: the
    reversal is *approved*, and `Reversing` takes it on. Refusals: REVERSAL_NOT_FOUND, REVERSAL_DECIDED, SAME_EYES,
    DELIVERY_SPENT (it stays asked); each leaves an audit row, because who tries to agree with themselves is what an
    auditor wants to see.
    """
    own = await ids.reserve(connection, SEQS_AROUND)
    async with connection.transaction():
        row = await queries.read_reversal(connection, reversal_id=reversal_id)
        if row is None:
            return REVERSAL_NOT_FOUND()
        in_steps = approve and (row["route"] == "network" or cell_of_id(row["subscription_id"]) not in way.cells)
        asked = await _lock_and_read(connection, row, customer=approve and not in_steps)
        now = clock.now()
        story = await sale_story(connection, asked.sale_id, outlet_id=None)
        assert isinstance(story, SaleStory)
        refusal = _eyes_refusal(asked, actor)
        if refusal is None and in_steps:
            await _approve(connection, asked, story, actor, rulebook, now, own)
        elif refusal is None:
            refusal = await _decide(
                connection,
                asked,
                story,
                actor,
                approve=approve,
                now=now,
                ids=own,
                rulebook=rulebook,
                catalogue=catalogue,
            )
        if refusal is not None:
            data = {"id": str(reversal_id), "code": refusal.code}
            refused = AuditRow(story.sale.cell, now, actor, "reversal_refused", asked.sale_id, data)
            await write_audit(connection, own, [refused])
            return refusal
    return await sale_story(connection, asked.sale_id, outlet_id=None)


async def asked_reversals(
    connection: Connection,
    *,
    scope: Scope,
    after: Cursor | None = None,
    newest_first: bool = False,
    limit: int = QUEUE_MAX,
) -> list[Asked]:
    """A page of what waits for a second pair of eyes, of outlets in the scope; the next one starts after the last
    line's (asked_at, id).
    """
    rows = await second_eyes.read_asked(
        connection, "reversal", scope=scope, after=after, down=newest_first, limit=min(limit, QUEUE_MAX)
    )
    return [_asked(row) for row in rows]


async def reversal_backlog(connection: Connection, *, scope: Scope) -> Backlog:
    """How many reversals wait for a second pair of eyes, and since when."""
    row = await second_eyes.count_asked(connection, "reversal", scope=scope, limit=COUNTED_MAX)
    return Backlog(count=row["count"], oldest_at=row["oldest_at"])


def _asked(row: asyncpg.Record) -> Asked:
    return Asked(**{name: row[name] for name in Asked.__struct_fields__})


async def _locked_story(connection: Connection, sale_id: SaleId) -> SaleStory | Refusal:
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, Refusal):
        return story
    await ledger_read.lock_owners(connection, owners=[story.sale.outlet_id])
    return await sale_story(connection, sale_id, outlet_id=None)


async def _lock_and_read(connection: Connection, row: asyncpg.Record, *, customer: bool) -> Asked:
    """Lock the seller, and the customer too, then read the reversal again: who waited may find it decided."""
    owners = [row["outlet_id"], row["subscription_id"]] if customer else [row["outlet_id"]]
    await ledger_read.lock_owners(connection, owners=owners)
    again = await queries.read_reversal(connection, reversal_id=row["id"])
    assert again is not None, "reversals are never deleted"
    return _asked(again)


def _eyes_refusal(asked: Asked, actor: Actor) -> Refusal | None:
    if asked.state != "asked":
        return REVERSAL_DECIDED()
    return SAME_EYES() if asked.asked_by == actor.id else None


async def _approve(
    connection: Connection,
    asked: Asked,
    story: SaleStory,
    actor: Actor,
    rulebook: Rulebook,
    now: datetime,
    ids: IdBlocks,
) -> None:
    """Agree, and leave the rest to whoever takes it on. The id of the hold is made now, so that it is made once."""
    rules = rulebook.at(now).sale
    under_way = UnderWay(
        id=asked.id,
        sale=story.sale,
        state="approved",
        approved_by=actor.id,
        approved_at=now,
        hold_id=TransferId(make_id(next(ids.take(1)), cell_of_id(story.sale.subscription_id))),
        deadline=now + timedelta(seconds=rules.deadline_s),
    )
    await queries.approve_reversal(
        connection,
        id_=asked.id,
        decided_by=actor.id,
        at=now,
        hold_id=under_way.hold_id,
        deadline=under_way.deadline,
        due_at=next_look(under_way, 0, rules, now=now),
    )
    data = {"id": str(asked.id)}
    await write_audit(connection, ids, [AuditRow(story.sale.cell, now, actor, "approve_reversal", asked.sale_id, data)])


async def _decide(
    connection: Connection,
    asked: Asked,
    story: SaleStory,
    actor: Actor,
    *,
    approve: bool,
    now: datetime,
    ids: IdBlocks,
    rulebook: Rulebook,
    catalogue: Catalogue,
) -> Refusal | None:
    """All in this transaction."""
    taken = await _take_back(connection, story, now, ids, rulebook, catalogue) if approve else None
    if isinstance(taken, Refusal):
        return taken
    await queries.decide_reversal(
        connection,
        id_=asked.id,
        state="done" if approve else "declined",
        decided_by=actor.id,
        at=now,
        refund_rp=story.sale.cost_rp if taken else None,
        before_rp=taken.before_rp if taken else None,
        after_rp=taken.after_rp if taken else None,
    )
    action = "reverse" if approve else "decline_reversal"
    data = {"id": str(asked.id)}
    await write_audit(connection, ids, [AuditRow(story.sale.cell, now, actor, action, asked.sale_id, data)])
    return None


async def _take_back(
    connection: Connection, story: SaleStory, now: datetime, ids: IdBlocks, rulebook: Rulebook, catalogue: Catalogue
) -> TakenBack | Refusal:
    """Book back, set the active period, tell both."""
    sale = story.sale
    accounts = await ledger_read.read_accounts(connection, owners=[sale.outlet_id, sale.subscription_id], at=now)
    moves = 2 + len(sale.delivery.buckets if sale.delivery else ())  # the refund, the credit, each bucket
    await ids.ensure(connection, moves + SEQS_AROUND)
    books = Books(accounts, seqs=ids.take(moves), at=now)
    taken = take_back(books, sale)
    if isinstance(taken, Refusal):
        return taken
    await ledger_write.write_changes(connection, books.changes())
    subscription = await set_period_without(connection, sale, rulebook)
    seller = await contact_of(connection, sale.user_id)
    texts = [
        text_to_seller(sale, seller, catalogue=catalogue, balance_rp=taken.after_rp, at=now, zone=story.zone),
        text_to_customer(sale, subscription, catalogue=catalogue, main_rp=taken.main_rp, at=now),
    ]
    await write_outbox(connection, ids, texts)
    return taken
