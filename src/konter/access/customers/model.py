"""A customer who is logged in. Pure. [P-30]"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from konter.access.model import Locale
from konter.platform.ids import Msisdn, SessionId, SubscriptionId

LIVE_SESSIONS_MAX = 10
LIVES_AT_MOST = timedelta(days=90)  # however often it is used
SLIDES_AFTER = timedelta(hours=1)  # so that a session that is in use is not written at every page


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, from a live session: whoever holds the SIM of this subscription."""

    subscription_id: SubscriptionId
    session_id: SessionId
    msisdn: Msisdn
    locale: Locale
    brand: str
    kind: Literal["prepaid", "postpaid"]


class CustomerClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer's token says of itself under its MAC; only the session's row says whether it lives."""

    session_id: SessionId
    subscription_id: SubscriptionId
    token_hash: bytes


class CustomerSessionOpened(msgspec.Struct, frozen=True, kw_only=True):
    """A session lives from now on; `token` is shown once and never stored. The end moves on while it is used."""

    token: str
    session_id: SessionId
    subscription_id: SubscriptionId
    expires_at: datetime
