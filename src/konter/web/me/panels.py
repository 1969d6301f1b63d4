"""The cards of a customer's first page, in their order. A domain adds one by a function and a template of its own."""

from collections.abc import Awaitable, Callable

from konter.access.customers.model import Customer
from konter.platform.db import Connection
from konter.subscriber.model import SubscriberView
from konter.web.me.views import Panel, QuotasView
from konter.web.poin.panel import merchant_panel, points_panel
from konter.web.views import Gain
from konter.web.visit import Visit

# Gives a card, or None where there is nothing to show. It runs one or few queries of its own.
PanelOf = Callable[[Connection, Visit, Customer, SubscriberView], Awaitable[Panel | None]]


async def quotas_panel(_connection: Connection, _here: Visit, _who: Customer, seen: SubscriberView) -> Panel:
    """What is left of quotas."""
    gains = [
        Gain(asset=each.asset, amount=each.balance, source=each.source, expires_at=each.expires_at)
        for each in seen.buckets
    ]
    return Panel(template="me/quotas.html", view=QuotasView(gains=tuple(gains)))


PANELS: list[PanelOf] = [merchant_panel, points_panel, quotas_panel]
