"""Give a number another active period, where something else than a recharge decides it."""

from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.subscriber import queries
from konter.subscriber.model import Subscription


async def set_active_until(
    connection: Connection, subscription_id: SubscriptionId, active_until: datetime
) -> Subscription:
    """Set the end of the active period, in the caller's transaction and under its lock of the owner row.

    Gives the subscription as it now stands: the number and the language to tell its user in.
    """
    subscription = await queries.write_active_until(
        connection, subscription_id=subscription_id, active_until=active_until
    )
    assert subscription is not None, "subscriptions are never deleted"
    return subscription
