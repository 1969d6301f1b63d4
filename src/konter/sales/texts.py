"""What is texted about a sale, to the number that sold and to the customer. [D-21]"""

from datetime import datetime
from typing import Any, Protocol

from konter.catalogue.model import Product
from konter.messaging.model import sms
from konter.platform.ids import Msisdn
from konter.platform.outbox import OutboxRow
from konter.sales.fulfilment import Delivery
from konter.sales.model import Sale, Seller
from konter.subscriber.model import VALIDITY_SOURCE, Subscription


class Told(Protocol):
    """Whoever sold, as far as a text needs it."""

    @property
    def nn_msisdn(self) -> Msisdn:
        """Where the texts go."""
        ...

    @property
    def locale(self) -> str:
        """In which language."""
        ...

    @property
    def zone(self) -> str:
        """In whose time."""
        ...


def pin_locked_text(seller: Seller, now: datetime) -> OutboxRow:
    """Whoever owns the number learns at once that somebody tried PINs."""
    data = {"username": seller.username, "at": now, "zone": seller.zone}
    return sms("pin_locked", to=seller.nn_msisdn, locale=seller.locale, at=now, data=data)


def text_to_seller(sale: Sale, product: Product, seller: Told, *, balance_rp: int) -> OutboxRow:
    """How the sale ended: delivered, or the money is back. `balance_rp`: the wallet's at that moment. Others may have
    sold while it was being checked, so it need not be what this sale left.
    """
    assert sale.resolved_at is not None
    data: dict[str, Any] = {
        "code": sale.code,
        "product": product.name(seller.locale),
        "msisdn": str(sale.msisdn),
        "balance_rp": balance_rp,
        "at": sale.resolved_at,
        "zone": seller.zone,
    }
    if sale.status == "done":
        return sms("sale_seller", to=seller.nn_msisdn, locale=seller.locale, at=sale.resolved_at, data=data)
    data["refund_rp"] = sale.cost_rp
    return sms("sale_refunded", to=seller.nn_msisdn, locale=seller.locale, at=sale.resolved_at, data=data)


def text_to_customer(
    sale: Sale, delivery: Delivery, product: Product, subscription: Subscription, *, at: datetime
) -> OutboxRow:
    """What arrived, and when."""
    if delivery.credit_rp:
        template = "sale_customer_recharge"
        data: dict[str, Any] = {
            "code": sale.code,
            "nominal_rp": delivery.credit_rp,
            "balance_rp": delivery.main_after_rp,
            "until": delivery.active_after,
        }
    else:
        template = "sale_customer_package"
        quotas = [
            {"asset": bucket.asset, "amount": bucket.amount, "source": bucket.source} for bucket in delivery.buckets
        ]
        data = {
            "code": sale.code,
            "product": product.name(subscription.locale),
            "buckets": [*quotas, {"asset": "DAYS", "amount": delivery.days, "source": VALIDITY_SOURCE}]
            if delivery.days
            else quotas,
            "until": max((bucket.expires_at for bucket in delivery.buckets), default=delivery.active_after),
        }
    return sms(template, to=sale.msisdn, locale=subscription.locale, at=at, data=data)
