"""Redeeming as a pure decision: state in, outcomes out, request by request in order of arrival. [P-18, P-20, P-29]"""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NewType
from uuid import UUID

import msgspec

from konter.ledger.model import REDEEMED, Books, Draft, House, Shortfall
from konter.loyalty.points.model import REDEMPTION, Spendable, spend_drafts, spendable
from konter.loyalty.rewards.catalogue.model import (
    Gives,
    GivesBuckets,
    GivesCode,
    GivesProvided,
    Member,
    Offer,
    Used,
    left_of,
    member_refusal,
    open_refusal,
)
from konter.loyalty.rewards.refusals import (
    NUMBER_NOT_ACTIVE,
    REDEMPTION_REF_REUSED,
    REWARD_CHANGED,
    REWARD_NOT_FOUND,
    REWARD_PRICE_CHANGED,
)
from konter.platform.audit import Actor
from konter.platform.ids import SubscriptionId, TransferId, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.sales.codes import sale_code
from konter.sales.fulfilment import Delivery, give_buckets
from konter.subscriber.model import Subscription, bucket_expiry

RedemptionId = NewType("RedemptionId", int)
CodeId = NewType("CodeId", int)
# checking: a provider has been asked; its answer or the deadline moves it on. done: given. refunded: not given.
Status = Literal["checking", "done", "refunded"]
Channel = Literal["web", "app", "ussd", "sms", "care", "api"]


class RedeemRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One wish to redeem, as it came from an edge. `points`, when given, must still be the price, and `offer_from`, the
    beginning of the offer that was shown, that of the one in force: at the same price it may give something else.
    """

    subscription_id: SubscriptionId
    client_ref: UUID
    reward: str
    channel: Channel
    actor: Actor
    points: int | None = None
    offer_from: datetime | None = None

    def fingerprint(self) -> bytes:
        """What must be the same on a retry. An edge that tells no offer gives what it gave before edges told any, so
        that a retry over an upgrade finds its redemption.
        """
        shown = () if self.offer_from is None else (self.offer_from.timestamp(),)
        return hashlib.sha256(repr((self.reward, self.points, *shown)).encode()).digest()[:16]


class GotBuckets(msgspec.Struct, frozen=True, kw_only=True, tag="buckets"):
    """Quotas in the customer's own accounts, with before and after."""

    delivery: Delivery


class GotCode(msgspec.Struct, frozen=True, kw_only=True, tag="code"):
    """A code; itself it stands sealed in the stock."""

    code_id: CodeId
    expires_at: datetime | None


class GotProvided(msgspec.Struct, frozen=True, kw_only=True, tag="provided"):
    """What a provider activated, and under which reference of its own."""

    provider: str
    item: str
    days: int
    reference: str


Got = GotBuckets | GotCode | GotProvided


class VintageSpent(msgspec.Struct, frozen=True, kw_only=True):
    """So many points of a vintage, told by its end, and the transfer that took them."""

    points: int
    expires_at: datetime
    transfer_id: TransferId


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Where the price comes from and what paid it: the offer by its beginning, what it gives, tier, vintages.

    Together with `rule` (ruleset and version) every number of the redemption can be worked out again. `counted`: it was
    taken from the reward's stock, which may be counted only since.
    """

    offer_from: datetime
    gives: Gives
    tier: str
    vintages: tuple[VintageSpent, ...]
    counted: bool = True


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """Points for a reward: what was agreed never changes, how it ended is written once.

    `points_after` is the balance when they were taken; `reason` is the code of why they came back.
    """

    id: RedemptionId
    cell: int
    subscription_id: SubscriptionId
    client_ref: UUID
    request_hash: bytes
    reward: str
    points: int
    points_after: int
    status: Status
    channel: Channel
    delivery: Got | None
    why: Why
    rule: str
    at: datetime
    resolved_at: datetime | None
    deadline: datetime | None
    reason: str | None = None

    @property
    def code(self) -> str:
        """The transaction code that people read out."""
        return sale_code(self.id)


class RedeemOutcome(msgspec.Struct, frozen=True):
    """What became of one request: a redemption, new or replayed, or a refusal."""

    redemption: Redemption | None = None
    refusal: Refusal | None = None
    replay: bool = False

    @property
    def code(self) -> str:
        """For the metrics."""
        if self.refusal is not None:
            return self.refusal.code
        return "replay" if self.replay else "new"


class FreeCode(msgspec.Struct, frozen=True):
    """A code that nobody has, `expires_at` its own end."""

    id: CodeId
    sealed: str
    expires_at: datetime | None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the database knows about one request, by its place in the batch."""

    member: tuple[Subscription, bool, str] | None  # subscription, ended, tier; None: no such number
    offer: Offer | None  # the one in force
    closed: bool
    used: Used
    redemption: Redemption | None  # one under the same ref


class RedeemState:
    """Everything one batch rests on, read after its locks. Decides in memory; writes nothing.

    `taken` has the rewards whose stock row the batch holds; `codes` free ones, the soonest to end first.
    """

    def __init__(
        self,
        known: Sequence[Known],
        books: Books,
        *,
        taken: Mapping[str, int],
        codes: Mapping[str, Sequence[FreeCode]],
        rules: Rules,
        seqs: Iterator[int],
        now: datetime,
    ) -> None:
        self.known = known
        self.books = books
        self.taken = dict(taken)
        self.codes = {reward: deque(free) for reward, free in codes.items()}
        self.rules = rules
        self.seqs = seqs
        self.now = now
        self.redeemed: dict[tuple[SubscriptionId, UUID], Redemption] = {}
        self.used: dict[tuple[SubscriptionId, str], Used] = {}
        self.subscriptions: dict[int, Subscription] = {}  # as this batch has changed them
        self.issued: list[tuple[Redemption, FreeCode]] = []

    def used_of(self, request: RedeemRequest, known: Known) -> Used:
        """What the person has had of the reward, with what this batch gave."""
        return self.used.get((request.subscription_id, request.reward), known.used)

    def subscription_of(self, subscription: Subscription) -> Subscription:
        """The subscription as it stands by now."""
        return self.subscriptions.get(subscription.id, subscription)

    def left(self, offer: Offer) -> int | None:
        """How many of the reward this batch may still give."""
        return left_of(offer, taken=self.taken.get(offer.reward, 0), codes=len(self.codes.get(offer.reward, ())))


def decide_redemptions(state: RedeemState, requests: Sequence[RedeemRequest]) -> list[RedeemOutcome]:
    """Accept or refuse each request in order of arrival. Pure; amounts in points. [P-20..P-23, P-29]"""
    outcomes = []
    for request, known in zip(requests, state.known, strict=True):
        earlier = known.redemption or state.redeemed.get((request.subscription_id, request.client_ref))
        if earlier is None:
            outcomes.append(_decide_new(state, request, known))
        elif earlier.request_hash == request.fingerprint():
            outcomes.append(RedeemOutcome(redemption=earlier, replay=True))
        else:
            outcomes.append(RedeemOutcome(refusal=REDEMPTION_REF_REUSED(code=earlier.code)))
    return outcomes


def _decide_new(state: RedeemState, request: RedeemRequest, known: Known) -> RedeemOutcome:
    if known.member is None:
        return RedeemOutcome(refusal=NUMBER_NOT_ACTIVE())
    if (offer := known.offer) is None:
        return RedeemOutcome(refusal=REWARD_NOT_FOUND(reward=request.reward))
    if refusal := open_refusal(offer, closed=known.closed, now=state.now) or _changed_refusal(request, offer):
        return RedeemOutcome(refusal=refusal)
    subscription, ended, tier = known.member
    found = spendable(state.books, request.subscription_id, now=state.now)
    member = Member(
        subscription=state.subscription_of(subscription), ended=ended, tier=tier, points=found.points, debt=found.debt
    )
    used = state.used_of(request, known)
    if refusal := member_refusal(offer, member, used, left=state.left(offer), rules=state.rules, now=state.now):
        return RedeemOutcome(refusal=refusal)
    redemption = _accept(state, request, offer, member, found)
    state.redeemed[(request.subscription_id, request.client_ref)] = redemption
    state.used[(request.subscription_id, request.reward)] = used.one_more()
    return RedeemOutcome(redemption=redemption)


def _changed_refusal(request: RedeemRequest, offer: Offer) -> Refusal | None:
    """Whether something else was shown than what is in force. A new price is told first: it is what a person saw."""
    if request.points not in (None, offer.points):
        return REWARD_PRICE_CHANGED(asked=request.points, points=offer.points)
    return REWARD_CHANGED(reward=request.reward) if request.offer_from not in (None, offer.valid_from) else None


def _accept(state: RedeemState, request: RedeemRequest, offer: Offer, member: Member, found: Spendable) -> Redemption:
    """Take the points, oldest first, and give the reward at once, or hold the points until a provider has given it."""
    drafts = spend_drafts(found, offer.points, kind=REDEMPTION, to=House(REDEEMED))
    assert drafts is not None, "the balance was looked at before"
    cell = member.subscription.cell
    id_ = RedemptionId(make_id(next(state.seqs), cell))
    waits = isinstance(offer.gives, GivesProvided)
    deadline = state.now + timedelta(seconds=state.rules.sale.deadline_s) if waits else None
    transfers = _take_points(state, drafts, id_, deadline)
    if offer.counted:  # what a later offer counts is not taken from it before it begins
        state.taken[offer.reward] += 1
    got, code = _give(state, offer, member, id_)
    redemption = Redemption(
        id=id_,
        cell=cell,
        subscription_id=request.subscription_id,
        client_ref=request.client_ref,
        request_hash=request.fingerprint(),
        reward=offer.reward,
        points=offer.points,
        points_after=member.points - offer.points,
        status="checking" if waits else "done",
        channel=request.channel,
        delivery=got,
        why=Why(
            offer_from=offer.valid_from,
            gives=offer.gives,
            tier=member.tier or state.rules.tier.names[0],
            vintages=tuple(_spent(draft, id_) for draft, id_ in zip(drafts, transfers, strict=True)),
            counted=offer.counted,
        ),
        rule=state.rules.label,
        at=state.now,
        resolved_at=None if waits else state.now,
        deadline=deadline,
    )
    if code is not None:
        state.issued.append((redemption, code))
    return redemption


def _take_points(
    state: RedeemState, drafts: Sequence[Draft], id_: RedemptionId, deadline: datetime | None
) -> list[TransferId]:
    rule = state.rules.label
    if deadline is None:
        made = state.books.move(drafts, reference_id=id_, rule=rule)
    else:
        made = state.books.pend_linked(drafts, deadline=deadline, reference_id=id_, rule=rule)
    assert not isinstance(made, Shortfall), "vintages hold what is spent of them"
    return made


def _give(state: RedeemState, offer: Offer, member: Member, id_: RedemptionId) -> tuple[Got | None, FreeCode | None]:
    """What the customer gets at once; nothing yet of what a provider gives."""
    gives = offer.gives
    if isinstance(gives, GivesBuckets):
        delivery, after = give_buckets(
            state.books,
            gives.buckets,
            member.subscription,
            kind=REDEMPTION,
            reference_id=id_,
            rules=state.rules,
            now=state.now,
        )
        if after.active_until != member.subscription.active_until:
            state.subscriptions[after.id] = after
        return GotBuckets(delivery=delivery), None
    if isinstance(gives, GivesCode):
        free = state.codes[offer.reward].popleft()
        ends = [free.expires_at, bucket_expiry(gives.days, state.now) if gives.days is not None else None]
        code = msgspec.structs.replace(free, expires_at=min((end for end in ends if end is not None), default=None))
        return GotCode(code_id=code.id, expires_at=code.expires_at), code
    return None, None


def _spent(draft: Draft, transfer_id: TransferId) -> VintageSpent:
    assert not isinstance(draft.debit, House)
    assert draft.debit.expires_at is not None, "a vintage has an end"
    return VintageSpent(points=draft.amount, expires_at=draft.debit.expires_at, transfer_id=transfer_id)
