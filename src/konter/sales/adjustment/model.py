"""A refunded sale that the customer got all the same, put right in the books. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from konter.catalogue.model import Product
from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger.model import REVENUE, WRITTEN_OFF, Books, Draft, House, Shortfall
from konter.platform.ids import AdjustmentId, SaleId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.sales.adjustment.refusals import WALLET_TOO_LOW
from konter.sales.fulfilment import Delivery, give
from konter.sales.model import Sale
from konter.subscriber.model import Subscription

KIND = "adjustment"
# Who bears the cost: the outlet, whose wallet must hold it; the house; the outlet if its wallet holds it, else the
# house.
Payer = Literal["outlet", "house", "if_held"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An adjustment as it stands. asked: another member of staff decides; done and declined are final."""

    id: AdjustmentId
    sale_id: SaleId
    payer: Payer
    reason: str
    state: Literal["asked", "done", "declined"]
    asked_by: int
    asked_at: datetime


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """What an adjustment booked. The wallet's balances are around the charge; a write-off leaves it as it was."""

    delivery: Delivery
    charged_rp: int
    written_off_rp: int
    before_rp: int
    after_rp: int


def book(
    books: Books,
    sale: Sale,
    product: Product,
    subscription: Subscription,
    *,
    payer: Payer,
    nominal_rp: int,
    received: Delivery | None,
    rules: Rules,
    now: datetime,
) -> tuple[Booked, Subscription] | Refusal:
    """Pay for the sale after all, and give the customer in Konter's books what the network gave: `nominal_rp`.

    A write-off goes through the wallet, so that revenue is what it would have been and the loss has an account of its
    own. `received`: the receiver's cell had booked it before the refund, so it is not booked again. Days and quotas
    run from now: nobody loses by our slowness. Refusal: WALLET_TOO_LOW. [D-46, G-D12]
    """
    wallet = books.find(sale.outlet_id, WALLET, WALLET_ASSET)
    assert wallet is not None
    before_rp = wallet.balance
    charge = Draft(KIND, wallet, House(REVENUE), sale.cost_rp, WALLET_ASSET)
    is_short = books.shortfall([charge]) is not None
    if payer == "outlet" and is_short:
        return WALLET_TOO_LOW(balance_rp=before_rp - wallet.floor, cost_rp=sale.cost_rp)
    by_house = payer == "house" or is_short
    relief = [Draft(KIND, House(WRITTEN_OFF), wallet, sale.cost_rp, WALLET_ASSET)] if by_house else []
    made = books.move([*relief, charge], reference_id=sale.id, rule=rules.label)
    assert not isinstance(made, Shortfall), "the wallet holds it, or the house has just put it there"
    delivery, after = received, subscription
    if delivery is None:
        delivery, after = give(
            books, product, nominal_rp, subscription, sale_id=sale.id, rules=rules, now=now, kind=KIND
        )
    booked = Booked(
        delivery=delivery,
        charged_rp=0 if by_house else sale.cost_rp,
        written_off_rp=sale.cost_rp if by_house else 0,
        before_rp=before_rp,
        after_rp=wallet.balance,
    )
    return booked, after
