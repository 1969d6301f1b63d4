"""The active period of a number from which a delivery was taken back."""

from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.model import Rulebook
from konter.sales.model import Sale
from konter.sales.queries import delivery_of
from konter.sales.reversal import queries
from konter.sales.reversal.model import Delivered, active_without
from konter.subscriber.active_period import set_active_until
from konter.subscriber.model import Subscription


async def set_period_without(connection: Connection, sale: Sale, rulebook: Rulebook) -> Subscription:
    """Set it as if the sale had never been, under the caller's lock of the subscription. [T-11, G-T01]"""
    rows = await queries.read_deliveries(connection, subscription_id=sale.subscription_id, but=sale.id)
    history = [Delivered(at=row["at"], delivery=delivery_of(row), gone=row["gone"]) for row in rows]
    return await set_active_until(connection, SubscriptionId(sale.subscription_id), active_without(history, rulebook))
