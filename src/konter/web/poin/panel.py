"""A customer's points as a card: on the first page, above the catalogue and above the history. [P-25, P-30, P-41]"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from konter.access.customers.model import Customer
from konter.loyalty.points.view import PointsView, points_of
from konter.loyalty.rewards.merchants.manage import merchant_name, merchant_of_number
from konter.loyalty.tiers.model import month_of
from konter.loyalty.tiers.read import tier_name
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.subscriber.model import SubscriberView
from konter.web.me.views import Panel
from konter.web.poin.views import MerchantPanelView, PointsPanelView, VintageLine
from konter.web.visit import Visit

SOON = timedelta(days=90)


async def points_panel(connection: Connection, here: Visit, who: Customer, _seen: SubscriberView) -> Panel:
    """The card of the first page."""
    return Panel(template="poin/panel.html", view=await own_points(connection, here, who))


async def merchant_panel(connection: Connection, _here: Visit, who: Customer, _seen: SubscriberView) -> Panel | None:
    """The way to the merchant's page, for whose number speaks for one."""
    merchant = await merchant_of_number(connection, who.msisdn)
    if merchant is None:
        return None
    return Panel(
        template="poin/merchant_panel.html", view=MerchantPanelView(name=await merchant_name(connection, merchant))
    )


async def own_points(connection: Connection, here: Visit, who: Customer) -> PointsPanelView:
    """What a customer has now."""
    found = await points_of(
        connection, who.subscription_id, kind=who.kind, brand=who.brand, now=here.now, rules=here.rules
    )
    return panel_view(found, here, who)


def panel_view(found: PointsView, here: Visit, who: Customer) -> PointsPanelView:
    """Points, tier, vintages with their ends, and how far the month is."""
    today = business_day(here.now, ZoneInfo(here.rules.poin.time_zone))
    vintages = tuple(VintageLine(year=each.year, points=each.points, last_day=each.last_day) for each in found.vintages)
    return PointsPanelView(
        points=found.points,
        tier=tier_name(found.tier, who.locale),
        tier_last_day=found.tier_last_day,
        vintages=vintages,
        soon=next((each for each in vintages if each.last_day - today <= SOON), None),
        month_rp=found.month_rp,
        minimum_rp=found.minimum_rp,
        month_last_day=month_of(today, 1) - timedelta(days=1),
    )
