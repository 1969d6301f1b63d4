"""The third step: the payer's cell ends the sale. The money goes to revenue, or back to the wallet."""

from collections.abc import Mapping, Sequence

import asyncpg

from konter.catalogue.model import Catalogue
from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger import read as ledger_read
from konter.ledger.model import Books
from konter.platform.audit import SYSTEM, Actor, AuditRow
from konter.platform.clock import Clock, business_day
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SaleId
from konter.sales.checking.schedule import FOLLOWED_AFTER, is_followed
from konter.sales.delivery import queries
from konter.sales.delivery.model import Payer, Result, Settled, decide_settlements
from konter.sales.model import Sale
from konter.sales.network.model import OTHER_AMOUNT
from konter.sales.queries import sale_of
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem
from konter.sales.references import References, StaleReferences, require_current
from konter.sales.texts import text_to_seller

SEQS_PER_SETTLEMENT = 2  # the text, the audit row
TRIES_MAX = 5


async def settle(
    connection: Connection,
    results: Sequence[Result],
    *,
    clock: Clock,
    ids: IdBlocks,
    references: References,
    actor: Actor = SYSTEM,
) -> list[Settled | None]:
    """End many sales in one transaction; one outcome per result, in order. A sale that has ended stays as it is.

    None: the outlet's lock was not had in time; the sale is still open. A refund leaves an audit row with its reason;
    that a sale was done is told by the sale itself. What was refunded and delivered all the same, or delivered with
    another amount, becomes an item of work in the same transaction. [D-43, D-46, G-D12]
    """
    if not results:
        return []
    wait = True
    for _ in range(TRIES_MAX):
        try:
            return await _settle_once(connection, results, clock, ids, references, actor, wait=wait)
        except StaleReferences:
            references.forget()
        except asyncpg.LockNotAvailableError:
            wait = False
    raise AssertionError(f"rules or catalogue changed during each of {TRIES_MAX} tries")


async def _settle_once(
    connection: Connection,
    results: Sequence[Result],
    clock: Clock,
    ids: IdBlocks,
    references: References,
    actor: Actor,
    *,
    wait: bool,
) -> list[Settled | None]:
    rulebook, catalogue = await references.held(connection)
    count = SEQS_PER_SETTLEMENT * len(results)
    seqs = (await ids.reserve(connection, count)).take(count)
    async with connection.transaction():
        owners = {result.sale.outlet_id for result in results}
        locked = await queries.lock_owners(connection, owners=list(owners), wait=wait)
        now = clock.now()
        free = [result for result in results if result.sale.outlet_id in locked]
        rows = await queries.read_payers(connection, sales=list({result.sale.id for result in free}))
        require_current(rows, rulebook, catalogue)
        accounts = await ledger_read.read_accounts(connection, owners=list(locked), at=now)
        books = Books(accounts, seqs=seqs, at=now)
        payers = await _payers(connection, rows, {result.sale.id: result.sale for result in free})
        settled = decide_settlements(payers, books, free, now=now)
        new = [each.sale for each in settled if each.new]
        if new:
            audits = [
                AuditRow(sale.cell, now, actor, "refund_sale", sale.id, {"reason": sale.reason})
                for sale in new
                if sale.status == "refunded"
            ]
            await queries.write_settlements(
                connection,
                books.changes(),
                ended=[_ended(sale) for sale in new],
                followed=[(sale.id, sale.cell, now + FOLLOWED_AFTER) for sale in new if is_followed(sale)],
                audits=[row.columns(next(seqs)) for row in audits],
                effects=[_text(sale, payers[sale.id], books, catalogue, next(seqs)) for sale in new],
            )
        await open_items(connection, _items(settled), now=now, ids=ids)
    decided = iter(settled)
    return [next(decided) if result.sale.outlet_id in locked else None for result in results]


def _items(settled: Sequence[Settled]) -> list[NewItem]:
    """What people have to look at: money that went back for what the customer has."""
    items = []
    for each in settled:
        sale = each.sale
        kind = Kind.LATE_DELIVERY if each.late else None
        if each.new and sale.reason == OTHER_AMOUNT:
            kind = Kind.OTHER_AMOUNT
        if kind is not None and sale.transfer_id is not None:
            story = {"status": sale.status, "reason": sale.reason, "cost_rp": sale.cost_rp}
            if each.late:
                story["receipt"] = "received"
            day = business_day(sale.at)
            items.append(NewItem(kind=kind, transfer_id=sale.transfer_id, day=day, sale_id=sale.id, story=story))
    return items


async def _payers(
    connection: Connection, rows: Sequence[asyncpg.Record], given: Mapping[SaleId, Sale]
) -> dict[SaleId, Payer]:
    """Each sale as it stands. What was agreed never changes, so only one that has ended is read again."""
    ended_ids = [row["id"] for row in rows if row["status"] != "checking"]
    ended_rows = await queries.read_ended(connection, sales=ended_ids) if ended_ids else []
    now_is = {**given, **{SaleId(row["id"]): sale_of(row) for row in ended_rows}}
    return {
        SaleId(row["id"]): Payer(
            sale=now_is[SaleId(row["id"])], nn_msisdn=row["nn_msisdn"], locale=row["locale"], zone=row["zone"]
        )
        for row in rows
    }


def _ended(sale: Sale) -> tuple[object, ...]:
    return (
        sale.id,
        sale.cell,
        sale.status,
        sale.delivery,
        sale.resolved_at,
        sale.reason,
        sale.refund_before_rp,
        sale.refund_after_rp,
    )


def _text(sale: Sale, payer: Payer, books: Books, catalogue: Catalogue, seq: int) -> tuple[object, ...]:
    product = catalogue.product(sale.product)
    assert product is not None, "products are closed, never deleted"
    wallet = books.find(sale.outlet_id, WALLET, WALLET_ASSET)
    assert wallet is not None
    return text_to_seller(sale, product, payer, balance_rp=wallet.balance).columns(seq)
