"""How a redemption that is checking ends: the points are posted, or come back in their vintages. Pure. [P-29]"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from konter.ledger.model import Books, Draft, Pending
from konter.loyalty.points.model import ASSET, DEBT, POINTS, TAKE_BACK
from konter.loyalty.rewards.catalogue.model import GivesProvided
from konter.loyalty.rewards.redemption.model import GotProvided, Redemption, RedemptionId
from konter.platform.ids import SubscriptionId, TransferId
from konter.rules.model import Rules


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a checking redemption: given under a `reference` of the provider, or not, for a `reason`."""

    redemption_id: RedemptionId
    subscription_id: SubscriptionId
    given: bool
    reference: str = ""
    reason: str = ""


class EndState:
    """What a batch of answers rests on, read under the owners' locks. `taken` has the counted rewards."""

    def __init__(
        self,
        redemptions: Mapping[RedemptionId, Redemption],
        pending: Sequence[Pending],
        books: Books,
        *,
        taken: Mapping[str, int],
        rules: Rules,
        now: datetime,
    ) -> None:
        self.redemptions = dict(redemptions)
        self.pending: dict[TransferId, Pending] = {each.id: each for each in pending}
        self.books = books
        self.taken = dict(taken)
        self.rules = rules
        self.now = now
        self.ended: list[Redemption] = []
        self.given_late: list[Answer] = []


def decide_ends(state: EndState, answers: Sequence[Answer]) -> list[Redemption]:
    """The redemptions as they stand after the answers, in order; what has ended stays, whatever comes later.

    A provider that gives what was refunded before is noted, not paid: the customer keeps it.
    """
    for answer in answers:
        redemption = state.redemptions[answer.redemption_id]
        if redemption.status == "checking":
            state.redemptions[redemption.id] = _end(state, redemption, answer)
            state.ended.append(state.redemptions[redemption.id])
        elif redemption.status == "refunded" and answer.given:
            state.given_late.append(answer)
    return [state.redemptions[answer.redemption_id] for answer in answers]


def _end(state: EndState, redemption: Redemption, answer: Answer) -> Redemption:
    for spent in redemption.why.vintages:
        state.books.resolve(state.pending[spent.transfer_id], post=answer.given)
    if answer.given:
        gives = redemption.why.gives
        assert isinstance(gives, GivesProvided), "only a provider is waited for"
        got = GotProvided(provider=gives.provider, item=gives.item, days=gives.days, reference=answer.reference)
        return msgspec.structs.replace(redemption, status="done", delivery=got, resolved_at=state.now)
    if redemption.why.counted and redemption.reward in state.taken:
        state.taken[redemption.reward] -= 1
    _repay_debt(state, redemption)
    return msgspec.structs.replace(
        redemption, status="refunded", reason=answer.reason or "NOT_GIVEN", resolved_at=state.now
    )


def _repay_debt(state: EndState, redemption: Redemption) -> None:
    """What a reversal took back while the points were held would have been taken from them: a debt stands only while
    every vintage is empty. A vintage that is over meanwhile repays nothing, it ends. [G-P19]
    """
    owner = redemption.subscription_id
    debt = state.books.find(owner, DEBT, ASSET)
    for spent in redemption.why.vintages:
        if debt is None or debt.balance >= 0:
            return
        vintage = state.books.find(owner, POINTS, ASSET, expires_at=spent.expires_at)
        if vintage is not None and spent.expires_at > state.now:
            part = min(vintage.balance, -debt.balance)
            draft = Draft(TAKE_BACK, vintage, debt, part, ASSET)
            state.books.move([draft], reference_id=redemption.id, rule=state.rules.label)
