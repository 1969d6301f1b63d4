"""Texts to the customer about a redemption. [P-29, P-30]"""

from datetime import datetime
from functools import partial
from typing import Any

from konter.loyalty.rewards.redemption.model import FreeCode, GotBuckets, Redemption
from konter.messaging.model import sms
from konter.platform.ids import Msisdn
from konter.platform.outbox import OutboxRow
from konter.platform.secrets import Keys
from konter.subscriber.model import Subscription


def text_of_given(
    redemption: Redemption, name: str, subscription: Subscription, code: FreeCode | None, keys: Keys, *, at: datetime
) -> OutboxRow | None:
    """What the customer has got at once: quotas, or a code, sealed until the text leaves. None: nothing yet."""
    write = partial(sms, to=subscription.msisdn, locale=subscription.locale, at=at)
    data: dict[str, Any] = {"product": name, "points_left": redemption.points_after}
    if code is not None:
        data["voucher"] = keys.reveal(code.sealed)
        if code.expires_at is None:
            return write("reward_code", data=data, keys=keys)
        return write("reward_code_until", data={**data, "until": code.expires_at}, keys=keys)
    if isinstance(redemption.delivery, GotBuckets):
        got = redemption.delivery.delivery
        buckets = [{"asset": each.asset, "amount": each.amount, "source": each.source} for each in got.buckets]
        until = max((each.expires_at for each in got.buckets), default=got.active_after)
        more = {"buckets": buckets, "until": until, "code": redemption.code}
        return write("reward_given", data={**data, **more})
    return None


def text_of_end(redemption: Redemption, name: str, to: Msisdn, locale: str, *, at: datetime) -> OutboxRow:
    """How a redemption that was checking ended: given, or the points are back."""
    template = "reward_done" if redemption.status == "done" else "reward_refunded"
    data = {"product": name, "points": redemption.points, "code": redemption.code}
    return sms(template, to=to, locale=locale, at=at, data=data)
