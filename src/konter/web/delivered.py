"""What a delivery gave, and how soon a page that waits for one looks again by itself."""

from datetime import datetime, timedelta

from konter.sales.fulfilment import Delivery
from konter.web.views import Gain

SOON = timedelta(minutes=1)
RELOAD_SOON_S = 5
RELOAD_LATER_S = 30


def gains(delivery: Delivery) -> tuple[Gain, ...]:
    """What a delivery gave."""
    credit = (Gain(asset="IDR", amount=delivery.credit_rp),) if delivery.credit_rp else ()
    buckets = (
        Gain(asset=each.asset, amount=each.amount, source=each.source, expires_at=each.expires_at)
        for each in delivery.buckets
    )
    return (*credit, *buckets)


def reload_after_s(since: datetime, now: datetime) -> int:
    """How soon to look again at what has waited since a moment: often in the first minute."""
    return RELOAD_SOON_S if now - since < SOON else RELOAD_LATER_S
