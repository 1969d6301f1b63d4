"""An outlet buys selling balance: money from outside becomes its wallet's. [D-67]

The order, the payment and the partner's part in it come with ordering; this is the money side that all of them use.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from konter.channel.model import WALLET, WALLET_ASSET
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.ledger import read as ledger_read
from konter.ledger.model import FUNDING, Books, Draft, House, Shortfall
from konter.platform.audit import Actor, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.sales.purchase import queries
from konter.sales.refusals import PURCHASE_REF_REUSED

SEQS_PER_PURCHASE = 3  # purchase, transfer, audit


class BuyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """So much selling balance for an outlet, booked by somebody; `client_ref` stays the same on a retry."""

    outlet_id: OutletId
    client_ref: UUID
    amount_rp: int
    actor: Actor


class Bought(msgspec.Struct, frozen=True):
    """A purchase, new or known from before."""

    id: int
    amount_rp: int
    replay: bool = False


async def buy_balance(
    connection: Connection, requests: Sequence[BuyRequest], *, clock: Clock, ids: IdBlocks
) -> list[Bought | Refusal]:
    """Add purchased balance to wallets; one outcome per request, in order. The same ref never adds twice."""
    seqs = (await ids.reserve(connection, SEQS_PER_PURCHASE * len(requests))).take(SEQS_PER_PURCHASE * len(requests))
    async with connection.transaction():
        locked = await ledger_read.lock_owners(connection, owners=list({each.outlet_id for each in requests}))
        now = clock.now()  # under the lock, so that a wallet's moments stand in the order of its entries
        rows = await queries.read_purchases(connection, keys=[(each.outlet_id, each.client_ref) for each in requests])
        known = {
            (row["outlet_id"], row["client_ref"]): Bought(row["id"], row["amount_rp"], replay=True) for row in rows
        }
        accounts = await ledger_read.read_accounts(connection, owners=list(locked), at=now)
        books = Books(accounts, seqs=seqs, at=now)
        outcomes: list[Bought | Refusal] = []
        new: list[tuple[BuyRequest, Bought]] = []
        for request in requests:
            key = (OutletId(request.outlet_id), request.client_ref)
            outcome = _decide(books, request, known.get(key), make_id(next(seqs), cell_of_id(request.outlet_id)))
            if isinstance(outcome, Bought) and not outcome.replay:
                new.append((request, outcome))
                known[key] = msgspec.structs.replace(outcome, replay=True)
            outcomes.append(outcome)
        if new:
            await queries.write_purchases(
                connection,
                books.changes(),
                purchases=[
                    (b.id, cell_of_id(b.id), r.outlet_id, r.client_ref, r.amount_rp, r.actor.text) for r, b in new
                ],
                audits=[_audit(request, bought, now).columns(next(seqs)) for request, bought in new],
            )
    return outcomes


def _decide(books: Books, request: BuyRequest, known: Bought | None, id_: int) -> Bought | Refusal:
    if known is not None:
        return known if known.amount_rp == request.amount_rp else PURCHASE_REF_REUSED()
    wallet = books.find(request.outlet_id, WALLET, WALLET_ASSET)
    if wallet is None:
        return OUTLET_NOT_FOUND()
    draft = Draft("purchase", House(FUNDING), wallet, request.amount_rp, "IDR")
    made = books.move([draft], reference_id=id_, rule="purchase")
    assert not isinstance(made, Shortfall)
    return Bought(id_, request.amount_rp)


def _audit(request: BuyRequest, bought: Bought, now: datetime) -> AuditRow:
    data = {"amount_rp": request.amount_rp, "outlet": str(request.outlet_id)}
    return AuditRow(cell_of_id(bought.id), now, request.actor, "buy_balance", bought.id, data)
