"""A complete reversal by staff, with four eyes: one asks, another decides. The sale stays *done* and carries it."""

from datetime import datetime
from typing import Any

import asyncpg

from konter.catalogue.model import Catalogue, Product
from konter.channel.users import Contact, contact_of
from konter.ledger import read as ledger_read
from konter.ledger import write as ledger_write
from konter.ledger.model import Books
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, ReversalId, SaleId, SubscriptionId, make_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rulebook
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.queries import delivery_of
from konter.sales.refusals import (
    ALREADY_REVERSED,
    NOT_DELIVERED,
    REVERSAL_ASKED,
    REVERSAL_DECIDED,
    REVERSAL_NOT_FOUND,
    SAME_EYES,
)
from konter.sales.reversal import queries
from konter.sales.reversal.model import Asked, Delivered, TakenBack, active_without, take_back
from konter.subscriber.active_period import set_active_until
from konter.subscriber.model import Subscription

SEQS_PER_REVERSAL = 24
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
) -> SaleStory | Refusal:
    """The second pair of eyes: decline, or take the whole sale back and recompute the number's active period.

    Refusals: REVERSAL_NOT_FOUND, REVERSAL_DECIDED, SAME_EYES, DELIVERY_SPENT (it stays asked); each leaves an audit
    row, because who tries to agree with themselves is what an auditor wants to see.
    """
    own = await ids.reserve(connection, SEQS_PER_REVERSAL)
    async with connection.transaction():
        asked = await _lock_and_read(connection, reversal_id)
        if asked is None:
            return REVERSAL_NOT_FOUND()
        now = clock.now()
        story = await sale_story(connection, asked.sale_id, outlet_id=None)
        assert isinstance(story, SaleStory)
        taken: TakenBack | Refusal | None = _eyes_refusal(asked, actor)
        if taken is None and approve:
            taken = await _take_back(connection, story, now, own, rulebook, catalogue)
        if isinstance(taken, Refusal):
            data = {"id": str(reversal_id), "code": taken.code}
            refused = AuditRow(story.sale.cell, now, actor, "reversal_refused", asked.sale_id, data)
            await write_audit(connection, own, [refused])
            return taken
        await queries.decide_reversal(
            connection,
            id_=reversal_id,
            state="done" if approve else "declined",
            decided_by=actor.id,
            at=now,
            refund_rp=story.sale.cost_rp if taken else None,
            before_rp=taken.before_rp if taken else None,
            after_rp=taken.after_rp if taken else None,
        )
        action = "reverse" if approve else "decline_reversal"
        await write_audit(
            connection, own, [AuditRow(story.sale.cell, now, actor, action, asked.sale_id, {"id": str(reversal_id)})]
        )
    return await sale_story(connection, asked.sale_id, outlet_id=None)


async def waiting_reversals(connection: Connection) -> list[Asked]:
    """The queue of reversals that wait for a second pair of eyes, oldest first."""
    rows = await queries.read_reversals(connection, state="asked", limit=QUEUE_MAX)
    return [_asked(row) for row in rows]


def _asked(row: asyncpg.Record) -> Asked:
    return Asked(**{name: row[name] for name in Asked.__struct_fields__})


async def _locked_story(connection: Connection, sale_id: SaleId) -> SaleStory | Refusal:
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, Refusal):
        return story
    await ledger_read.lock_owners(connection, owners=[story.sale.outlet_id])
    return await sale_story(connection, sale_id, outlet_id=None)


async def _lock_and_read(connection: Connection, reversal_id: ReversalId) -> Asked | None:
    """Lock seller and customer, then read the reversal again: who waited may find it decided."""
    row = await queries.read_reversal(connection, reversal_id=reversal_id)
    if row is None:
        return None
    await ledger_read.lock_owners(connection, owners=[row["outlet_id"], row["subscription_id"]])
    row = await queries.read_reversal(connection, reversal_id=reversal_id)
    return _asked(row) if row is not None else None


def _eyes_refusal(asked: Asked, actor: Actor) -> Refusal | None:
    if asked.state != "asked":
        return REVERSAL_DECIDED()
    return SAME_EYES() if asked.asked_by == actor.id else None


async def _take_back(
    connection: Connection,
    story: SaleStory,
    now: datetime,
    ids: IdBlocks,
    rulebook: Rulebook,
    catalogue: Catalogue,
) -> TakenBack | Refusal:
    """Book back, set the active period, tell both."""
    sale = story.sale
    accounts = await ledger_read.read_accounts(connection, owners=[sale.outlet_id, sale.subscription_id], at=now)
    books = Books(accounts, seqs=ids.take(SEQS_PER_REVERSAL // 2), at=now)
    taken = take_back(books, sale)
    if isinstance(taken, Refusal):
        return taken
    rows = await queries.read_deliveries(connection, subscription_id=sale.subscription_id, but=sale.id)
    history = [Delivered(at=row["at"], delivery=delivery_of(row), gone=row["gone"]) for row in rows]
    await ledger_write.write_changes(connection, books.changes())
    subscription = await set_active_until(
        connection, SubscriptionId(sale.subscription_id), active_without(history, rulebook)
    )
    seller = await contact_of(connection, sale.user_id)
    product = catalogue.product(sale.product)
    assert product is not None
    await write_outbox(connection, ids, _texts(story, taken, seller, subscription, product, now))
    return taken


def _texts(
    story: SaleStory, taken: TakenBack, seller: Contact, subscription: Subscription, product: Product, now: datetime
) -> list[OutboxRow]:
    """A text to the number that sold and one to the customer. [D-21]"""
    sale = story.sale
    to_seller: dict[str, Any] = {
        "code": sale.code,
        "product": product.name(seller.locale),
        "msisdn": str(sale.msisdn),
        "refund_rp": sale.cost_rp,
        "balance_rp": taken.after_rp,
        "at": now,
        "zone": story.zone,
    }
    to_customer: dict[str, Any] = {
        "code": sale.code,
        "product": product.name(subscription.locale),
        "balance_rp": taken.main_rp,
        "until": subscription.active_until,
    }
    return [
        sms("reversal_seller", to=seller.msisdn, locale=seller.locale, at=now, data=to_seller),
        sms("reversal_customer", to=sale.msisdn, locale=subscription.locale, at=now, data=to_customer),
    ]
