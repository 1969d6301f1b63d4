"""How well a product sells just now, told from its sales of the last minutes. Pure.

An automatic *closed* is a strong warning, not a refusal: a sale cannot be lost, so whoever still wants it may have it,
and those sales are the probes by which the product opens again. With none the window empties and it opens too. Only
staff, who close by hand, make the sale itself say no (`catalogue/availability.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.rules.keys import Health as HealthRules
from konter.sales.delivery.model import CANCELLED
from konter.subscriber.refusals import NOT_OUR_NUMBER, NOT_PREPAID, SUBSCRIBER_EXPIRED, UNKNOWN_SUBSCRIBER

# open: sells as it should. slow: outcomes take long. closed: most sales come back, or nobody answers.
State = Literal["open", "slow", "closed"]

# Refunds that tell of the number or of the seller, not of the product.
NOT_THE_PRODUCT = (
    CANCELLED,
    *(kind().code for kind in (NOT_OUR_NUMBER, NOT_PREPAID, SUBSCRIBER_EXPIRED, UNKNOWN_SUBSCRIBER)),
)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """One product's sales of the window: all that were sent, and of these the slow, the refused, the unanswered."""

    product: str
    sales: int
    slow: int = 0
    refused: int = 0
    unanswered: int = 0


class ProductHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A product that is slow or closed, since when, and the counts that said so at the last look."""

    product: str
    state: State
    since: datetime
    sales: int
    slow: int
    refused: int
    unanswered: int


class Health(msgspec.Struct, frozen=True):
    """The products that are not open. Empty as well when nobody has looked for too long: a warning must be fresh."""

    troubled: Mapping[str, ProductHealth] = {}

    def of(self, product: str) -> ProductHealth | None:
        """What is wrong with a product, if anything is."""
        return self.troubled.get(product)

    def state(self, product: str) -> State:
        """In one word."""
        found = self.troubled.get(product)
        return found.state if found else "open"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A product that is in another state than at the look before."""

    product: str
    was: State
    now: State
    counts: Counts


def state_of(counts: Counts, rules: HealthRules) -> State:
    """The word for one product's counts; too few sales say nothing."""
    if counts.sales < rules.min_sales:
        return "open"
    if 100 * (counts.refused + counts.unanswered) >= rules.closed_pct * counts.sales:
        return "closed"
    if 100 * (counts.slow + counts.unanswered) >= rules.slow_pct * counts.sales:
        return "slow"
    return "open"


def decide_health(
    before: Mapping[str, ProductHealth], counted: Sequence[Counts], rules: HealthRules, *, now: datetime
) -> tuple[list[ProductHealth], list[Change]]:
    """The products that are not open now, and what changed. A product without sales in the window is open."""
    counts = {each.product: each for each in counted}
    troubled, changes = [], []
    for product in sorted(counts.keys() | before.keys()):
        seen = counts.get(product, Counts(product=product, sales=0))
        earlier = before.get(product)
        was: State = earlier.state if earlier else "open"
        state = state_of(seen, rules)
        if state != was:
            changes.append(Change(product=product, was=was, now=state, counts=seen))
        if state != "open":
            since = earlier.since if earlier is not None and state == was else now
            troubled.append(
                ProductHealth(
                    product=product,
                    state=state,
                    since=since,
                    sales=seen.sales,
                    slow=seen.slow,
                    refused=seen.refused,
                    unanswered=seen.unanswered,
                )
            )
    return troubled, changes
