"""Look at one number: for staff, for its owner, for the demo's handset."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.ledger.accounts import live_accounts
from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber import queries
from konter.subscriber.model import BUCKET, MAIN, BucketView, SubscriberView, Subscription
from konter.subscriber.refusals import UNKNOWN_SUBSCRIBER


async def find_subscription(connection: Connection, msisdn: Msisdn) -> Subscription | None:
    """The live subscription that uses a number, if any."""
    return (await queries.read_subscriptions(connection, msisdns=[msisdn])).get(msisdn)


async def find_subscriptions(connection: Connection, msisdns: Sequence[Msisdn]) -> dict[Msisdn, Subscription]:
    """The live subscriptions that use some numbers; a number that nobody uses is missing."""
    return await queries.read_subscriptions(connection, msisdns=list(set(msisdns)))


async def subscriber_view(
    connection: Connection, msisdn: Msisdn, *, now: datetime, rules: Rules
) -> SubscriberView | Refusal:
    """State, active period, main balance and quotas, soonest to expire first. Refusal: UNKNOWN_SUBSCRIBER."""
    subscription = await find_subscription(connection, msisdn)
    if subscription is None:
        return UNKNOWN_SUBSCRIBER(msisdn=str(msisdn))
    accounts = await live_accounts(connection, subscription.id, at=now)
    buckets = [
        BucketView(source=a.source, asset=a.asset, balance=a.balance, expires_at=a.expires_at)
        for a in accounts
        if a.kind == BUCKET and a.balance
    ]
    return SubscriberView(
        id=subscription.id,
        msisdn=subscription.msisdn,
        brand=subscription.brand,
        kind=subscription.kind,
        state=subscription.state(now, rules.validity),
        locale=subscription.locale,
        active_until=subscription.active_until,
        grace_until=subscription.active_until + timedelta(days=rules.validity.grace_days),
        balance_rp=next(a.balance for a in accounts if a.kind == MAIN),
        buckets=sorted(buckets, key=lambda bucket: (bucket.expires_at is None, bucket.expires_at, bucket.source)),
    )
