"""The second and third step of a sale, decided: what the receiver gets, and how the payer's money ends. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.catalogue.model import Catalogue
from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger.model import REVENUE, Books, Pending, Receipt, house_account
from konter.platform.ids import Msisdn, OwnerId, SaleId, SubscriptionId, TransferId, cell_of_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.sales.fulfilment import Delivery, give
from konter.sales.model import Sale, receiver_of
from konter.subscriber.model import Subscription

VOIDED = "VOIDED"  # the receiver promised never to deliver, before it had
DEADLINE = "DEADLINE"  # no answer by the deadline
BY_HAND = "BY_HAND"  # two of the staff agreed that it was not delivered
CANCELLED = "CANCELLED"  # the seller took it back while it was held


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver's cell is asked for.

    confirmed: a network has given it already, so it is booked whatever stands against it here. void: promise never to
    deliver it; whoever was asked to deliver before says so. not_given: the code of why a network has not given it, as
    far as it says now; what was booked on an earlier word of its stands, and nothing is written.
    """

    sale: Sale
    confirmed: bool = False
    void: bool = False
    not_given: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order: what the customer got, or the code of why nothing and never will."""

    sale: Sale
    delivery: Delivery | None = None
    reason: str = ""


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as its own cell knows it under its lock, ended or not."""

    subscription: Subscription
    ended: bool


class DeliverState:
    """Everything that a batch of deliveries rests on, read after its lock."""

    def __init__(
        self,
        receivers: Mapping[SubscriptionId, Receiver],
        receipts: Mapping[TransferId, Receipt],
        books: Books,
        *,
        rules: Rules,
        catalogue: Catalogue,
        now: datetime,
    ) -> None:
        self.receivers = dict(receivers)
        self.receipts = dict(receipts)
        self.books = books
        self.rules = rules
        self.catalogue = catalogue
        self.now = now
        self.made: list[Receipt] = []
        self.lengthened: dict[SubscriptionId, Subscription] = {}


def decide_deliveries(state: DeliverState, orders: Sequence[Order]) -> list[Result]:
    """Deliver each order once per transfer id; a known one is answered as it was the first time. [D-46]"""
    results = []
    for order in orders:
        sale = order.sale
        assert sale.transfer_id is not None
        receipt = state.receipts.get(sale.transfer_id)
        if receipt is None and order.not_given:
            results.append(Result(sale=sale, reason=order.not_given))
            continue
        if receipt is None:
            receipt = _receipt(state, order, sale.transfer_id)
            state.receipts[sale.transfer_id] = receipt
            state.made.append(receipt)
        results.append(_result(sale, receipt))
    return results


def _receipt(state: DeliverState, order: Order, transfer_id: TransferId) -> Receipt:
    sale = order.sale
    id_ = SubscriptionId(sale.subscription_id)
    outcome: Literal["received", "refused"] = "refused"
    data: Delivery | dict[str, str]
    if order.void:
        data = {"reason": VOIDED}
    elif not order.confirmed and (reason := _refusal(state, sale)):
        data = {"reason": reason}
    else:
        outcome = "received"
        product = state.catalogue.product(sale.product)
        assert product is not None, "products are closed, never deleted"
        receiver = state.receivers[id_]
        delivery, after = give(
            state.books,
            product,
            sale.nominal_rp,
            receiver.subscription,
            sale_id=sale.id,
            rules=state.rules,
            now=state.now,
        )
        if after is not receiver.subscription:
            state.receivers[id_] = msgspec.structs.replace(receiver, subscription=after)
            state.lengthened[id_] = after
        data = delivery
    return Receipt(transfer_id=transfer_id, cell=cell_of_id(id_), owner_id=OwnerId(id_), outcome=outcome, data=data)


def _refusal(state: DeliverState, sale: Sale) -> str:
    """Why the number cannot get it any more; the sale was looked at without its lock. Empty: it can."""
    receiver = state.receivers.get(SubscriptionId(sale.subscription_id))
    product = state.catalogue.product(sale.product)
    assert product is not None, "products are closed, never deleted"
    theirs = receiver is not None and not receiver.ended and receiver.subscription.msisdn == sale.msisdn
    known = {sale.msisdn: receiver.subscription} if receiver is not None and theirs else {}
    found = receiver_of(sale.msisdn, product, known, state.rules, state.now)
    return found.code if isinstance(found, Refusal) else ""


def _result(sale: Sale, receipt: Receipt) -> Result:
    if receipt.outcome == "received":
        known = receipt.data
        delivery = known if isinstance(known, Delivery) else msgspec.convert(known, Delivery)
        return Result(sale=sale, delivery=delivery)
    return Result(sale=sale, reason=receipt.data["reason"])


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as it stands under its outlet's lock, and where its texts go."""

    sale: Sale
    nn_msisdn: Msisdn
    locale: Literal["id", "en"]
    zone: str


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A sale after its settlement. `new`: this settlement ended it. `late`: it was refunded before, and now it turns
    out to have been delivered: somebody has to look at it.
    """

    sale: Sale
    new: bool = False
    late: bool = False


class NotKnown(msgspec.Struct, frozen=True):
    """The outcome of a sale is still not known, and why: what the network says (see `network/model.py`), or LOCKED.

    `claimed_rp` is what the network says it gave, where that is not what was ordered.
    """

    reason: str
    claimed_rp: int | None = None


LOCKED = NotKnown("LOCKED")  # somebody else held the owner's row too long; nothing was decided


def decide_settlements(
    payers: Mapping[SaleId, Payer], books: Books, results: Sequence[Result], *, now: datetime
) -> list[Settled]:
    """End each sale that is still open: its money goes to revenue, or back to the wallet. [D-43, D-46]"""
    sales = {id_: payer.sale for id_, payer in payers.items()}
    settled = []
    for result in results:
        sale = sales[result.sale.id]
        if sale.status == "checking":
            sale = sales[sale.id] = _end(sale, books, result, now)
            settled.append(Settled(sale=sale, new=True))
        else:
            settled.append(Settled(sale=sale, late=sale.status == "refunded" and result.delivery is not None))
    return settled


def _end(sale: Sale, books: Books, result: Result, now: datetime) -> Sale:
    wallet = books.find(sale.outlet_id, WALLET, WALLET_ASSET)
    assert wallet is not None
    assert sale.transfer_id is not None
    before_rp = wallet.balance
    revenue = house_account(REVENUE, "IDR", sale.cell)
    pending = Pending(
        sale.transfer_id, sale.cell, "sale", wallet.id, revenue, WALLET, REVENUE, WALLET_ASSET, sale.cost_rp
    )
    books.resolve(pending, post=result.delivery is not None)
    if result.delivery is not None:
        return msgspec.structs.replace(sale, status="done", delivery=result.delivery, resolved_at=now)
    return msgspec.structs.replace(
        sale,
        status="refunded",
        resolved_at=now,
        reason=result.reason,
        refund_before_rp=before_rp,
        refund_after_rp=wallet.balance,
    )
