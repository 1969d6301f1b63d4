"""Selling as a pure decision: state in, outcomes out, request by request in order of arrival."""

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypedDict
from uuid import UUID

import msgspec

from konter.access.model import STEP_REFUSALS, PinCheck, TokenClaims, check_pin, cools_off, next_step
from konter.access.refusals import APP_BLOCKED, SESSION_EXPIRED
from konter.catalogue.model import Catalogue, Product, Quote
from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger.model import REVENUE, Books, Draft, House, Shortfall
from konter.platform.clock import hours_until
from konter.platform.ids import CELLS, Msisdn, OutletId, SaleId, TransferId, UserId, cell_of_msisdn, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.rules.refusals import MODULE_OFF
from konter.sales.codes import sale_code
from konter.sales.fulfilment import Delivery, give
from konter.sales.modules import sellable
from konter.sales.refusals import COOLING_OFF, DUPLICATE_SALE, INSUFFICIENT_BALANCE, PRICE_CHANGED, REF_REUSED
from konter.subscriber.model import State, Subscription
from konter.subscriber.msisdn import has_prefix, national
from konter.subscriber.refusals import NOT_OUR_NUMBER, NOT_PREPAID, SUBSCRIBER_EXPIRED, UNKNOWN_SUBSCRIBER

# checking: the outcome is not known yet; `settle` moves it on. done: delivered. refunded: not delivered, money back.
Status = Literal["checking", "done", "refunded"]
# direct: in one step, in the payer's own transaction. cell: the receiver's cell answers. network: an external charging
# system answers first, then the receiver's cell books what it gave.
Route = Literal["direct", "cell", "network"]


class Way(msgspec.Struct, frozen=True):
    """How a lane reaches who receives: which cells it writes in one transaction, and whether a network must answer."""

    cells: Container[int] = range(CELLS)
    network: bool = False

    def has(self, msisdn: Msisdn) -> bool:
        """Whether the number's cell is one of the lane's."""
        return cell_of_msisdn(msisdn) in self.cells

    def writes(self, msisdn: Msisdn) -> bool:
        """Whether the lane itself may book what this number gets."""
        return not self.network and self.has(msisdn)

    def route(self, msisdn: Msisdn, *, held: bool) -> Route:
        """How a sale to this number goes. What is held back for the seller's second thoughts takes two steps."""
        if self.network:
            return "network"
        return "direct" if self.has(msisdn) and not held else "cell"


EVERYWHERE = Way()


def ways_of(groups: int, *, network: bool) -> list[Way]:
    """The way of each group of cells, an owner's group being its cell modulo their number."""
    return [Way(range(group, CELLS, groups), network=network) for group in range(groups)]


class SellRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One wish to sell, as it came from an edge. `client_ref` was minted by the caller and stays the same on a retry.

    `amount_rp` is for free denominations; `price_rp`, when given, must still be the price; `second` confirms a repeat.
    """

    claims: TokenClaims
    client_ref: UUID
    product: str
    msisdn: Msisdn
    pin: str
    amount_rp: int | None = None
    price_rp: int | None = None
    second: bool = False
    address: str = ""
    agent: str = ""

    @property
    def outlet_id(self) -> OutletId:
        """The outlet that the token names; edges let only outlet tokens through."""
        assert self.claims.outlet_id is not None
        return self.claims.outlet_id

    def fingerprint(self) -> bytes:
        """What must be the same on a retry: everything but the PIN."""
        body = (self.product, self.msisdn, self.amount_rp, self.price_rp, self.second)
        return hashlib.sha256(repr(body).encode()).digest()[:16]


class Seller(msgspec.Struct, kw_only=True):
    """A user of an outlet with a session, as read under the outlet's lock. The PIN counters move during a batch."""

    user_id: UserId
    cell: int
    outlet_id: OutletId
    username: str
    nn_msisdn: Msisdn
    locale: Literal["id", "en"]
    user_status: str
    password_initial: bool
    pin_salt: bytes
    pin_hash: bytes | None
    pin_failures: int
    pin_locked_at: datetime | None
    outlet_status: str
    area: str
    segment: str
    zone: str
    hold_s: int
    terms_accepted: bool
    cooling_from: datetime | None = None
    cooling_sold_rp: int = 0

    def standing_refusal(self, rules: Rules) -> Refusal | None:
        """What stands before any sale: a block, or the first step that is still open. [D-07, D-94, D-103]"""
        if self.user_status != "active" or self.outlet_status != "active":
            return APP_BLOCKED()
        step = next_step(
            password_initial=self.password_initial and rules.onboarding.password_change_forced,
            documents_missing=not self.terms_accepted,
            pin_set=self.pin_hash is not None,
        )
        return STEP_REFUSALS[step]() if step in STEP_REFUSALS else None

    def cooling_refusal(self, cost_rp: int, rules: Rules, now: datetime) -> Refusal | None:
        """Whether a sale is too much for a seller whose SIM is fresh. What was sold since then counts, at cost."""
        if self.cooling_from is None or not cools_off(self.cooling_from, now, rules):
            return None
        limits = [
            (self.cooling_from + timedelta(hours=hours), limit_rp) for hours, limit_rp in rules.seller.cooling_off_steps
        ]
        limit_rp = max((limit_rp for begins, limit_rp in limits if begins <= now), default=0)
        if self.cooling_sold_rp + cost_rp <= limit_rp:
            return None
        ends = self.cooling_from + timedelta(hours=rules.seller.cooling_off_h)
        return COOLING_OFF(
            left_rp=max(0, limit_rp - self.cooling_sold_rp),
            limit_rp=limit_rp,
            cost_rp=cost_rp,
            until=ends,
            hours=hours_until(ends, now),
        )


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sale's figures come from: the price row (area and segment empty where it holds for any) and the tax.

    Together with `rule` (ruleset and version) every number of the sale can be worked out again.
    """

    price_valid_from: datetime
    price_area: str
    price_segment: str
    ppn: tuple[int, int]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale: what was agreed never changes, how it ended is written once. Amounts in rupiah.

    A reversal is a record of its own. `balance_after_rp` is the wallet's when the money was taken, `refund_*` around
    its coming back; `reason` is the code of why a sale was refunded; `transfer_id` is the payment.
    """

    id: SaleId
    cell: int
    outlet_id: OutletId
    user_id: UserId
    client_ref: UUID
    request_hash: bytes
    product: str
    msisdn: Msisdn
    subscription_id: int
    nominal_rp: int
    price_rp: int
    cost_rp: int
    tax_rp: int
    balance_before_rp: int
    balance_after_rp: int
    status: Status
    delivery: Delivery | None
    why: Why
    rule: str
    at: datetime
    resolved_at: datetime | None
    deadline: datetime | None
    route: Route = "direct"
    transfer_id: TransferId | None = None
    hold_until: datetime | None = None
    reason: str | None = None
    refund_before_rp: int | None = None
    refund_after_rp: int | None = None

    @property
    def code(self) -> str:
        """The transaction code that people read out."""
        return sale_code(self.id)

    @property
    def margin_rp(self) -> int:
        """Selling price less cost. [D-08]"""
        return self.price_rp - self.cost_rp


class SaleOutcome(msgspec.Struct, frozen=True):
    """What became of one request: a sale, new or replayed, or a refusal."""

    sale: Sale | None = None
    refusal: Refusal | None = None
    replay: bool = False

    @property
    def code(self) -> str:
        """For the metrics."""
        if self.refusal is not None:
            return self.refusal.code
        return "replay" if self.replay else "new"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the database knows about one request, by its place in the batch."""

    seller: Seller | None  # None: no live session fits the token
    sale: Sale | None  # a sale under the same ref
    last_same: tuple[SaleId, datetime] | None  # the newest sale of this product to this number by this outlet
    pin_right: bool


class SellState:
    """Everything one batch of sales rests on, read after its lock. Decides in memory; writes nothing."""

    def __init__(
        self,
        known: Sequence[Known],
        subscriptions: Mapping[Msisdn, Subscription],
        books: Books,
        *,
        rules: Rules,
        catalogue: Catalogue,
        seqs: Iterator[int],
        now: datetime,
        way: Way = EVERYWHERE,
    ) -> None:
        self.known = known
        self.subscriptions = dict(subscriptions)
        self.books = books
        self.rules = rules
        self.catalogue = catalogue
        self.seqs = seqs
        self.now = now
        self.way = way
        self.sold: dict[tuple[OutletId, UUID], Sale] = {}
        self.last: dict[tuple[OutletId, Msisdn, str], tuple[SaleId, datetime]] = {}
        self.pins_moved: dict[UserId, Seller] = {}
        self.lengthened: dict[int, Subscription] = {}

    def same_ref(self, request: SellRequest, known: Known) -> Sale | None:
        """The sale under this ref, from before or from earlier in this batch."""
        return known.sale or self.sold.get((request.outlet_id, request.client_ref))

    def count_pin(self, seller: Seller, *, right: bool) -> Refusal | None:
        """Count the PIN; every try counts, in order, also within one batch."""
        check: PinCheck = check_pin(seller, right=right, now=self.now, rules=self.rules)
        if (check.failures, check.locked_at) != (seller.pin_failures, seller.pin_locked_at):
            seller.pin_failures, seller.pin_locked_at = check.failures, check.locked_at
            self.pins_moved[seller.user_id] = seller
        return check.refusal

    def duplicate_of(self, request: SellRequest, known: Known) -> tuple[SaleId, datetime] | None:
        """The sale that this one would repeat within the guard's hours."""
        newest = self.last.get((request.outlet_id, request.msisdn, request.product)) or known.last_same
        guard = timedelta(hours=self.rules.sale.duplicate_guard_h)
        return newest if newest is not None and newest[1] > self.now - guard else None


def decide_sales(state: SellState, requests: Sequence[SellRequest]) -> list[SaleOutcome]:
    """Accept or refuse each request in order of arrival. Pure; amounts in rupiah. [D-08, D-43, D-106, D-107]"""
    outcomes = []
    for request, known in zip(requests, state.known, strict=True):
        outcome = _decide(state, request, known)
        if outcome.sale is not None and not outcome.replay:
            state.sold[(request.outlet_id, request.client_ref)] = outcome.sale
            if known.seller is not None:
                known.seller.cooling_sold_rp += outcome.sale.cost_rp
            state.last[(request.outlet_id, request.msisdn, request.product)] = (outcome.sale.id, state.now)
        outcomes.append(outcome)
    return outcomes


def _decide(state: SellState, request: SellRequest, known: Known) -> SaleOutcome:
    if known.seller is None:
        return SaleOutcome(refusal=SESSION_EXPIRED())
    if (sale := state.same_ref(request, known)) is not None:
        if sale.request_hash == request.fingerprint():
            return SaleOutcome(sale=sale, replay=True)
        return SaleOutcome(refusal=REF_REUSED(code=sale.code))
    if refusal := known.seller.standing_refusal(state.rules) or state.count_pin(known.seller, right=known.pin_right):
        return SaleOutcome(refusal=refusal)
    return _decide_new(state, request, known, known.seller)


def _decide_new(state: SellState, request: SellRequest, known: Known, seller: Seller) -> SaleOutcome:
    """A request from a seller in good standing with the right PIN, under a ref not seen before."""
    priced = price_of(request, seller.area, seller.segment, state.catalogue, state.rules, state.now)
    if isinstance(priced, Refusal):
        return SaleOutcome(refusal=priced)
    subscription = receiver_of(request.msisdn, priced[0], state.subscriptions, state.rules, state.now)
    if isinstance(subscription, Refusal):
        return SaleOutcome(refusal=subscription)
    if not request.second and (earlier := state.duplicate_of(request, known)):
        return SaleOutcome(refusal=DUPLICATE_SALE(code=sale_code(earlier[0]), at=earlier[1]))
    if refusal := seller.cooling_refusal(priced[1].cost_rp, state.rules, state.now):
        return SaleOutcome(refusal=refusal)
    return _accept(state, request, seller, priced, subscription)


def price_of(
    request: SellRequest, area: str, segment: str, catalogue: Catalogue, rules: Rules, now: datetime
) -> tuple[Product, Quote] | Refusal:
    """Product and quote, or why there is none. The price shown before must still hold when the caller names it."""
    quote = catalogue.quote(
        request.product, area=area, segment=segment, amount_rp=request.amount_rp, at=now, ppn=rules.tax.ppn
    )
    if isinstance(quote, Refusal):
        return quote
    if request.price_rp not in (None, quote.price_rp):
        return PRICE_CHANGED(asked_rp=request.price_rp, price_rp=quote.price_rp)
    product = catalogue.product(request.product)
    assert product is not None
    if not sellable(product, rules, area=area, segment=segment):
        return MODULE_OFF()
    return product, quote


def receiver_of(
    msisdn: Msisdn, product: Product, subscriptions: Mapping[Msisdn, Subscription], rules: Rules, now: datetime
) -> Subscription | Refusal:
    """Who receives, or why nobody can: another operator's number, unknown, expired, postpaid. [D-106, G-D04, G-T02]"""
    shown = national(msisdn)
    subscription = subscriptions.get(msisdn)
    if subscription is None:
        ours = has_prefix(msisdn, rules.numbering.prefixes)
        return UNKNOWN_SUBSCRIBER(msisdn=shown) if ours else NOT_OUR_NUMBER(msisdn=shown)
    if subscription.state(now, rules.validity) is State.EXPIRED:
        return SUBSCRIBER_EXPIRED(msisdn=shown)
    if product.kind == "recharge" and subscription.kind != "prepaid":
        return NOT_PREPAID(msisdn=shown)
    return subscription


def _accept(
    state: SellState, request: SellRequest, seller: Seller, priced: tuple[Product, Quote], subscription: Subscription
) -> SaleOutcome:
    """Take the money; deliver at once where that takes one step, else leave it in transit until the end is known."""
    product, quote = priced
    wallet = state.books.find(seller.outlet_id, WALLET, WALLET_ASSET)
    assert wallet is not None
    before_rp = wallet.balance
    draft = Draft("sale", wallet, House(REVENUE), quote.cost_rp, "IDR")
    id_ = SaleId(make_id(next(state.seqs), wallet.cell))
    ends = _ends(state, seller, state.way.route(request.msisdn, held=seller.hold_s > 0))
    if ends["deadline"] is None:
        moved = state.books.move([draft], reference_id=id_, rule=state.rules.label)
        paid = moved if isinstance(moved, Shortfall) else moved[0]
    else:
        paid = state.books.pend(draft, deadline=ends["deadline"], reference_id=id_, rule=state.rules.label)
    if isinstance(paid, Shortfall):
        available = before_rp - wallet.floor
        return SaleOutcome(
            refusal=INSUFFICIENT_BALANCE(balance_rp=available, cost_rp=quote.cost_rp, missing_rp=paid.missing)
        )
    delivery = None
    if ends["route"] == "direct":
        delivery, receiver = give(
            state.books, product, quote.nominal_rp, subscription, sale_id=id_, rules=state.rules, now=state.now
        )
        if receiver is not subscription:
            state.subscriptions[request.msisdn] = state.lengthened[receiver.id] = receiver
    return SaleOutcome(
        sale=Sale(
            id=id_,
            cell=wallet.cell,
            outlet_id=seller.outlet_id,
            user_id=seller.user_id,
            client_ref=request.client_ref,
            request_hash=request.fingerprint(),
            product=request.product,
            msisdn=request.msisdn,
            subscription_id=subscription.id,
            nominal_rp=quote.nominal_rp,
            price_rp=quote.price_rp,
            cost_rp=quote.cost_rp,
            tax_rp=quote.tax_rp,
            balance_before_rp=before_rp,
            balance_after_rp=wallet.balance,
            delivery=delivery,
            why=Why(
                price_valid_from=quote.price_valid_from,
                price_area=quote.area,
                price_segment=quote.segment,
                ppn=state.rules.tax.ppn,
            ),
            rule=state.rules.label,
            at=state.now,
            transfer_id=paid,
            **ends,
        )
    )


class _Ends(TypedDict):
    status: Status
    route: Route
    resolved_at: datetime | None
    deadline: datetime | None
    hold_until: datetime | None


def _ends(state: SellState, seller: Seller, route: Route) -> _Ends:
    """How a new sale ends: now, or by the deadline that the rules give an unknown outcome. [D-46, G-D12]"""
    if route == "direct":
        return _Ends(status="done", route=route, resolved_at=state.now, deadline=None, hold_until=None)
    begins = state.now + timedelta(seconds=seller.hold_s)
    return _Ends(
        status="checking",
        route=route,
        resolved_at=None,
        deadline=begins + timedelta(seconds=state.rules.sale.deadline_s),
        hold_until=begins if seller.hold_s else None,
    )
