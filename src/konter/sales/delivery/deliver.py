"""The second step: the receiver's cell books what the customer gets, once per transfer id."""

from collections.abc import Sequence

import asyncpg

from konter.ledger import read as ledger_read
from konter.ledger.model import Books, Receipt
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SubscriptionId, TransferId
from konter.platform.outbox import OutboxRow
from konter.sales.delivery import queries
from konter.sales.delivery.model import DeliverState, Order, Receiver, Result, decide_deliveries
from konter.sales.references import References, StaleReferences, require_current
from konter.sales.texts import text_to_customer
from konter.subscriber.model import Subscription

SEQS_PER_DELIVERY = 2  # the credit, the text
SEQS_PER_BUCKET = 2  # the transfer, and the account where the customer has none like it
TRIES_MAX = 5


async def deliver(
    connection: Connection, orders: Sequence[Order], *, clock: Clock, ids: IdBlocks, references: References
) -> list[Result | None]:
    """Deliver to many customers in one transaction; one result per order, in order. Safe to repeat. [D-46]

    None: the customer's lock was not had in time; nothing was decided about that order. Raises only for a broken
    invariant or a database that is away.
    """
    if not orders:
        return []
    wait = True
    for _ in range(TRIES_MAX):
        try:
            return await _deliver_once(connection, orders, clock, ids, references, wait=wait)
        except StaleReferences:
            references.forget()
        except asyncpg.LockNotAvailableError:
            wait = False
    raise AssertionError(f"rules or catalogue changed during each of {TRIES_MAX} tries")


async def _deliver_once(
    connection: Connection, orders: Sequence[Order], clock: Clock, ids: IdBlocks, references: References, *, wait: bool
) -> list[Result | None]:
    rulebook, catalogue = await references.held(connection)
    products = [catalogue.product(order.sale.product) for order in orders]
    count = sum(SEQS_PER_DELIVERY + SEQS_PER_BUCKET * len(product.buckets) for product in products if product)
    seqs = (await ids.reserve(connection, count)).take(count)
    async with connection.transaction():
        owners = {order.sale.subscription_id for order in orders}
        locked = await queries.lock_owners(connection, owners=list(owners), wait=wait)
        now = clock.now()
        free = [order for order in orders if order.sale.subscription_id in locked]
        rows = await queries.read_orders(
            connection,
            transfers=[order.sale.transfer_id or 0 for order in free],
            subscriptions=[order.sale.subscription_id for order in free],
        )
        require_current(rows, rulebook, catalogue)
        accounts = await ledger_read.read_accounts(connection, owners=list(locked), at=now)
        state = DeliverState(
            _receivers(rows),
            {TransferId(row["transfer_id"]): _receipt(row) for row in rows if row["outcome"] is not None},
            Books(accounts, seqs=seqs, at=now),
            rules=rulebook.at(now),
            catalogue=catalogue,
            now=now,
        )
        results = decide_deliveries(state, free)
        if state.made:
            effects = _texts(state, results)
            await queries.write_deliveries(
                connection,
                state.books.changes(),
                lengthened=[(each.id, each.cell, each.active_until) for each in state.lengthened.values()],
                receipts=state.made,
                effects=[row.columns(next(seqs)) for row in effects],
            )
    decided = iter(results)
    return [next(decided) if order.sale.subscription_id in locked else None for order in orders]


def _receivers(rows: Sequence[asyncpg.Record]) -> dict[SubscriptionId, Receiver]:
    return {
        SubscriptionId(row["id"]): Receiver(
            subscription=Subscription(**{name: row[name] for name in Subscription.__struct_fields__}),
            ended=row["ended"],
        )
        for row in rows
        if row["id"] is not None
    }


def _receipt(row: asyncpg.Record) -> Receipt:
    return Receipt(
        transfer_id=TransferId(row["transfer_id"]),
        cell=row["cell"],
        owner_id=row["id"],
        outcome=row["outcome"],
        data=row["data"],
    )


def _texts(state: DeliverState, results: Sequence[Result]) -> list[OutboxRow]:
    """One text to each customer who got something just now. [D-21]"""
    made = {receipt.transfer_id for receipt in state.made if receipt.outcome == "received"}
    texts = []
    for result in results:
        sale = result.sale
        if sale.transfer_id not in made:
            continue
        made.discard(sale.transfer_id)
        product = state.catalogue.product(sale.product)
        assert product is not None
        assert result.delivery is not None
        subscription = state.receivers[SubscriptionId(sale.subscription_id)].subscription
        texts.append(text_to_customer(sale, result.delivery, product, subscription, at=state.now))
    return texts
