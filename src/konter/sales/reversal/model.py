"""Whether a delivery can be taken back whole, the steps where that takes more than one transaction, and what the
number's active period is without it. Pure.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger.between.model import SHORT, Part, Receiving, Sending, Sent, Settling
from konter.ledger.model import ISSUED, REVENUE, Account, Books, Draft, House, Shortfall
from konter.platform.clock import business_day
from konter.platform.ids import OwnerId, ReversalId, SaleId, TransferId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.rules.keys import Sale as SaleRules
from konter.rules.model import Rulebook
from konter.sales.delivery.model import NotKnown
from konter.sales.fulfilment import Delivery
from konter.sales.model import Sale
from konter.sales.network.model import OTHER_AMOUNT, TakeBackOrder
from konter.sales.reconciliation.model import Kind, NewItem
from konter.sales.refusals import DELIVERY_SPENT, TAKE_BACK_REFUSED
from konter.subscriber.model import BUCKET, MAIN, MAIN_ASSET, cover, lengthen

RULE = "reversal"
LOOK_EVERY = timedelta(minutes=10)  # after the looks that the rules name
# asked: another member of staff decides. approved: agreed to, and under way in steps; the process that agreed takes it
# on, or a worker. It becomes done, or declined when the network will not take it back, or asked again when the customer
# has spent it. done and declined are final.
State = Literal["asked", "approved", "done", "declined"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A reversal as it stands."""

    id: ReversalId
    sale_id: SaleId
    reason: str
    state: State
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
    assert delivery is not None, "only what was delivered is taken back"
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


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A reversal in steps, with its sale. `hold_id` links what is held of the customer's until its end is known; `why`
    is the code of why it was declined in its course.
    """

    id: ReversalId
    sale: Sale
    state: State
    approved_by: int
    approved_at: datetime
    hold_id: TransferId
    deadline: datetime
    why: str = ""

    @property
    def holds(self) -> tuple[Part, ...]:
        """What the customer has of the delivery: none where only days were sold."""
        delivery = self.sale.delivery
        assert delivery is not None, "only what was delivered is taken back"
        main = [Part(kind=MAIN, asset=MAIN_ASSET, amount=delivery.credit_rp)] if delivery.credit_rp else []
        buckets = [
            Part(kind=BUCKET, asset=each.asset, amount=each.amount, source=each.source, expires_at=each.expires_at)
            for each in delivery.buckets
        ]
        return (*main, *buckets)

    def sending(self) -> Sending:
        """The first step, in the customer's cell: what was delivered is held, whole or not at all."""
        return Sending(
            id=self.hold_id,
            owner_id=OwnerId(self.sale.subscription_id),
            parts=self.holds,
            to=ISSUED,
            kind=RULE,
            deadline=self.deadline,
            reference_id=self.sale.id,
            rule=self.sale.rule,
        )

    def take_back_order(self) -> TakeBackOrder:
        """What the network that delivered is asked for meanwhile."""
        assert self.sale.transfer_id is not None
        return TakeBackOrder(self.hold_id, self.sale.transfer_id, self.sale.nominal_rp)

    def receiving(self, *, refuse: str) -> Receiving:
        """The step in the outlet's cell: its money comes back, once; or never, with the code of why."""
        return Receiving(
            id=self.hold_id,
            owner_id=OwnerId(self.sale.outlet_id),
            parts=(Part(kind=WALLET, asset=WALLET_ASSET, amount=self.sale.cost_rp),),
            source=REVENUE,
            kind=RULE,
            reference_id=self.sale.id,
            rule=self.sale.rule,
            refuse=refuse,
        )

    def settling(self) -> Settling:
        """The last step, in the customer's cell: what is held goes, or comes back.

        Where nothing could be held, a mark of the same kind sees to it that the step happens once: under the reversal's
        own number in the customer's cell, which nothing else has.
        """
        held = bool(self.holds)
        cell = cell_of_id(self.sale.subscription_id)
        return Settling(
            id=self.hold_id if held else TransferId(make_id(self.id >> 8, cell)),
            owner_id=OwnerId(self.sale.subscription_id),
            reference_id=self.sale.id,
            post=held and self.state == "done",
        )


class Ended(msgspec.Struct, frozen=True):
    """How a reversal under way came out: done, declined, or asked again; `refusal` says why it is not done."""

    state: State
    refusal: Refusal | None = None


def not_held(sale: Sale, sent: Sent) -> Refusal:
    """Why what was delivered could not be held."""
    if sent.reason == SHORT:
        return DELIVERY_SPENT(code=sale.code, left=sent.left, delivered=sent.wanted)
    return TAKE_BACK_REFUSED(code=sale.code, reason=sent.reason)


def next_look(under_way: UnderWay, checks: int, rules: SaleRules, *, now: datetime) -> datetime:
    """When to try again after so many looks: as often as an open sale is asked about, then every ten minutes, until it
    has ended. Not later than the deadline while that is to come. Pure.
    """
    later = [under_way.approved_at + timedelta(seconds=second) for second in rules.pending_checks_s[checks:]]
    due = next((moment for moment in later if moment > now), now + LOOK_EVERY)
    return min(due, under_way.deadline) if now < under_way.deadline else due


def item_of(under_way: UnderWay, answer: NotKnown, *, now: datetime) -> NewItem | None:
    """What people have to see: a take-back that is not known at its deadline, or of another amount. Pure."""
    sale = under_way.sale
    if sale.transfer_id is None or (now < under_way.deadline and answer.reason != OTHER_AMOUNT):
        return None
    story = {"answer": answer.reason, "nominal_rp": sale.nominal_rp, "reversal": str(under_way.id)}
    if answer.claimed_rp is not None:
        story["claimed_rp"] = answer.claimed_rp
    day = business_day(sale.at)
    return NewItem(kind=Kind.TAKE_BACK_OPEN, transfer_id=sale.transfer_id, day=day, sale_id=sale.id, story=story)
