"""An adjustment by staff, with four eyes: one asks, another decides. The sale stays *refunded* and carries it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.catalogue.model import Catalogue, Product
from konter.channel.scope import Scope
from konter.channel.users import Contact, contact_of
from konter.ledger import read as ledger_read
from konter.ledger import write as ledger_write
from konter.ledger.model import Books, Receipt
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.backlog import COUNTED_MAX, Backlog
from konter.platform.clock import Clock
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import AdjustmentId, IdBlocks, OwnerId, SaleId, SubscriptionId, TransferId, make_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rulebook
from konter.sales.adjustment import queries
from konter.sales.adjustment.model import Asked, Booked, Payer, book
from konter.sales.adjustment.refusals import (
    ADJUSTMENT_ASKED,
    ADJUSTMENT_DECIDED,
    ADJUSTMENT_NOT_FOUND,
    ADJUSTMENT_SAME_EYES,
    ALREADY_ADJUSTED,
    NOTHING_TO_ADJUST,
)
from konter.sales.delivery.queries import read_orders, write_receipt
from konter.sales.fulfilment import Delivery
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.model import Sale
from konter.sales.reconciliation.items import end_items, late_delivery
from konter.sales.second_eyes import queries as second_eyes
from konter.subscriber.active_period import set_active_until
from konter.subscriber.model import Subscription

SEQS_OF_WALLET = 2  # the charge, and what the house bears
SEQS_PER_CREDIT = 2  # the transfer, and the account where the customer has none like it
SEQS_AROUND = 2  # the audit row, the text
QUEUE_MAX = 200


async def ask_adjustment(
    connection: Connection, sale_id: SaleId, *, payer: Payer, reason: str, actor: Actor, clock: Clock, ids: IdBlocks
) -> AdjustmentId | Refusal:
    """The first pair of eyes says who is to bear the cost. Nothing moves yet.

    Only where an open item of work shows that the delivery came after the refund: nobody gives anything away by hand.
    Refusals: SALE_NOT_FOUND, ADJUSTMENT_ASKED, ALREADY_ADJUSTED, NOTHING_TO_ADJUST.
    """
    own = await ids.reserve(connection, 2)
    async with connection.transaction():
        story = await sale_story(connection, sale_id, outlet_id=None)
        if isinstance(story, Refusal):
            return story
        await ledger_read.lock_owners(connection, owners=[story.sale.outlet_id])
        story = await sale_story(connection, sale_id, outlet_id=None)
        assert isinstance(story, SaleStory)
        if story.adjustment is not None:
            return ALREADY_ADJUSTED() if story.adjustment.state == "done" else ADJUSTMENT_ASKED()
        if story.sale.status != "refunded" or await late_delivery(connection, sale_id) is None:
            return NOTHING_TO_ADJUST()
        now = clock.now()
        id_ = AdjustmentId(make_id(next(own.take(1)), story.sale.cell))
        await queries.insert_adjustment(
            connection, id_=id_, sale_id=sale_id, payer=payer, reason=reason, asked_by=actor.id, at=now
        )
        data = {"id": str(id_), "payer": payer, "reason": reason}
        await write_audit(connection, own, [AuditRow(story.sale.cell, now, actor, "ask_adjustment", sale_id, data)])
    return id_


async def decide_adjustment(
    connection: Connection,
    adjustment_id: AdjustmentId,
    *,
    approve: bool,
    actor: Actor,
    clock: Clock,
    ids: IdBlocks,
    rulebook: Rulebook,
    catalogue: Catalogue,
) -> SaleStory | Refusal:
    """The second pair of eyes: decline, or book what the customer got, and who pays. Ends the item of work.

    Refusals: ADJUSTMENT_NOT_FOUND, ADJUSTMENT_DECIDED, ADJUSTMENT_SAME_EYES, WALLET_TOO_LOW (it stays asked); each
    leaves an audit row.
    """
    count = _seqs_needed(catalogue)
    own = await ids.reserve(connection, count + SEQS_AROUND)
    async with connection.transaction():
        asked = await _lock_and_read(connection, adjustment_id)
        if asked is None:
            return ADJUSTMENT_NOT_FOUND()
        story = await sale_story(connection, asked.sale_id, outlet_id=None)
        assert isinstance(story, SaleStory)
        now = clock.now()
        made: Booked | Refusal | None = _eyes_refusal(asked, actor)
        if made is None and approve:
            books = await _books(connection, story.sale, own.take(count), now)
            made = await _book(connection, story, asked, (books, rulebook, catalogue), own, now)
        data = {"id": str(adjustment_id)}
        if isinstance(made, Refusal):
            refused = AuditRow(
                story.sale.cell, now, actor, "adjustment_refused", asked.sale_id, {**data, "code": made.code}
            )
            await write_audit(connection, own, [refused])
            return made
        await queries.decide_adjustment(connection, id_=adjustment_id, decided_by=actor.id, at=now, booked=made)
        action = "adjust" if approve else "decline_adjustment"
        await write_audit(connection, own, [AuditRow(story.sale.cell, now, actor, action, asked.sale_id, data)])
        if made is not None:
            await end_items(connection, asked.sale_id, rule="ADJUSTED", now=now)
    return await sale_story(connection, asked.sale_id, outlet_id=None)


async def asked_adjustments(
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
        connection, "adjustment", scope=scope, after=after, down=newest_first, limit=min(limit, QUEUE_MAX)
    )
    return [_asked(row) for row in rows]


async def adjustment_backlog(connection: Connection, *, scope: Scope) -> Backlog:
    """How many adjustments wait for a second pair of eyes, and since when."""
    row = await second_eyes.count_asked(connection, "adjustment", scope=scope, limit=COUNTED_MAX)
    return Backlog(count=row["count"], oldest_at=row["oldest_at"])


def _asked(row: asyncpg.Record) -> Asked:
    return Asked(**{name: row[name] for name in Asked.__struct_fields__})


async def _lock_and_read(connection: Connection, adjustment_id: AdjustmentId) -> Asked | None:
    """Lock seller and customer, then read the adjustment again: who waited may find it decided."""
    row = await queries.read_adjustment(connection, adjustment_id=adjustment_id)
    if row is None:
        return None
    await ledger_read.lock_owners(connection, owners=[row["outlet_id"], row["subscription_id"]])
    row = await queries.read_adjustment(connection, adjustment_id=adjustment_id)
    return _asked(row) if row is not None else None


def _eyes_refusal(asked: Asked, actor: Actor) -> Refusal | None:
    if asked.state != "asked":
        return ADJUSTMENT_DECIDED()
    return ADJUSTMENT_SAME_EYES() if asked.asked_by == actor.id else None


def _seqs_needed(catalogue: Catalogue) -> int:
    """How many ids the transfers and accounts of an adjustment can use at most, whatever was sold."""
    credited = max((len(product.buckets) for product in catalogue.products), default=0)
    return SEQS_OF_WALLET + SEQS_PER_CREDIT * max(credited, 1)


async def _books(connection: Connection, sale: Sale, seqs: Iterator[int], now: datetime) -> Books:
    accounts = await ledger_read.read_accounts(connection, owners=[sale.outlet_id, sale.subscription_id], at=now)
    return Books(accounts, seqs=seqs, at=now)


async def _book(
    connection: Connection,
    story: SaleStory,
    asked: Asked,
    rests_on: tuple[Books, Rulebook, Catalogue],
    ids: IdBlocks,
    now: datetime,
) -> Booked | Refusal:
    """Book both sides, set the active period, tell the seller.

    What the customer gets here is written as received: the network may still tell of the same transfer, and would have
    it booked a second time.
    """
    books, rulebook, catalogue = rests_on
    sale = story.sale
    assert sale.transfer_id is not None
    (row,) = await read_orders(connection, transfers=[sale.transfer_id], subscriptions=[sale.subscription_id])
    subscription = Subscription(**{name: row[name] for name in Subscription.__struct_fields__})
    product = catalogue.product(sale.product)
    assert product is not None, "products are closed, never deleted"
    item = await late_delivery(connection, asked.sale_id)
    made = book(
        books,
        sale,
        product,
        subscription,
        payer=asked.payer,
        nominal_rp=(item.story.get("network_rp") if item else None) or sale.nominal_rp,
        received=msgspec.convert(row["data"], Delivery) if row["outcome"] == "received" else None,
        rules=rulebook.at(now),
        now=now,
    )
    if isinstance(made, Refusal):
        return made
    booked, after = made
    await ledger_write.write_changes(connection, books.changes())
    if row["outcome"] is None:
        await write_receipt(connection, _receipt(sale.transfer_id, subscription, booked), at=now)
    if after is not subscription:
        await set_active_until(connection, SubscriptionId(after.id), after.active_until)
    seller = await contact_of(connection, sale.user_id)
    await write_outbox(connection, ids, [_text(story, booked, seller, product, now)])
    return booked


def _receipt(transfer_id: TransferId, subscription: Subscription, booked: Booked) -> Receipt:
    return Receipt(
        transfer_id=transfer_id,
        cell=subscription.cell,
        owner_id=OwnerId(subscription.id),
        outcome="received",
        data=booked.delivery,
    )


def _text(story: SaleStory, booked: Booked, seller: Contact, product: Product, now: datetime) -> OutboxRow:
    """To the number that sold: the refunded sale was delivered after all, and who pays. [D-21]"""
    data: dict[str, Any] = {
        "code": story.sale.code,
        "product": product.name(seller.locale),
        "msisdn": str(story.sale.msisdn),
        "balance_rp": booked.after_rp,
        "at": now,
        "zone": story.zone,
    }
    if booked.charged_rp:
        template, data["cost_rp"] = "adjustment_charged", booked.charged_rp
    else:
        template = "adjustment_written_off"
    return sms(template, to=seller.msisdn, locale=seller.locale, at=now, data=data)
