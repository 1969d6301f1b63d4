"""Whether a delivery can be taken back whole, and what the number's active period is without it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger.model import ISSUED, REVENUE, Account, Books, Draft, House, Shortfall
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal
from konter.rules.model import Rulebook
from konter.sales.fulfilment import Delivery
from konter.sales.model import Sale
from konter.sales.refusals import DELIVERY_SPENT
from konter.subscriber.model import BUCKET, MAIN, MAIN_ASSET, cover, lengthen

RULE = "reversal"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A reversal as it stands. asked: another member of staff decides; done and declined are final."""

    id: ReversalId
    sale_id: SaleId
    reason: str
    state: Literal["asked", "done", "declined"]
    asked_by: int
    asked_at: datetime


class TakenBack(msgspec.Struct, frozen=True):
    """The seller's wallet around a done reversal, and the customer's main balance after it, in rupiah."""

    before_rp: int
    after_rp: int
    main_rp: int


def take_back(books: Books, sale: Sale) -> TakenBack | Refusal:
    """Book the whole sale back, or refuse when any part of what was delivered is no longer there.

    Unspent means: every account that was credited still holds at least what it got. Rupiah carry no names, so of a
    main balance no more can be said.
    """
    drafts = []
    for account, amount in _credited(books, sale):
        if account is None or account.balance < amount:
            left = 0 if account is None else account.balance
            return DELIVERY_SPENT(code=sale.code, left=left, delivered=amount)
        drafts.append(Draft(RULE, account, House(ISSUED), amount, account.asset))
    wallet = books.find(sale.outlet_id, WALLET, WALLET_ASSET)
    assert wallet is not None
    before_rp = wallet.balance
    drafts.append(Draft(RULE, House(REVENUE), wallet, sale.cost_rp, "IDR"))
    for draft in drafts:  # each side balances in its own cell; together they are one decision
        made = books.move([draft], reference_id=sale.id, rule=sale.rule)
        assert not isinstance(made, Shortfall), "what was delivered is there, as was just seen"
    main = books.find(sale.subscription_id, MAIN, MAIN_ASSET)
    assert main is not None
    return TakenBack(before_rp, wallet.balance, main.balance)


def _credited(books: Books, sale: Sale) -> list[tuple[Account | None, int]]:
    delivery = sale.delivery
    credited: list[tuple[Account | None, int]] = []
    if delivery.credit_rp:
        credited.append((books.find(sale.subscription_id, MAIN, MAIN_ASSET), delivery.credit_rp))
    for bucket in delivery.buckets:
        account = books.find(
            sale.subscription_id, BUCKET, bucket.asset, source=bucket.source, expires_at=bucket.expires_at
        )
        credited.append((account, bucket.amount))
    return credited


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery to a number; `gone` when it has been, or is just being, taken back."""

    at: datetime
    delivery: Delivery
    gone: bool


def active_without(history: Sequence[Delivered], rulebook: Rulebook) -> datetime:
    """The active period as if what is gone had never been: what stays is applied again, each under its day's rules.

    `history` are the number's deliveries, oldest first. It starts from what stood before the first that is gone: what
    later deliveries saw before them may hold days of one that was taken back since. [T-11, G-T01]
    """
    first = next(place for place, each in enumerate(history) if each.gone)
    active_until = history[first].delivery.active_before
    for each in history[first:]:
        if each.gone:
            continue
        validity = rulebook.at(each.at).validity
        active_until = lengthen(active_until, days=each.delivery.days, now=each.at, validity=validity)
        for bucket in each.delivery.buckets:
            active_until = cover(active_until, package_until=bucket.expires_at)
    return active_until
