"""The texts to both sides of a reversal. [D-21]"""

from datetime import datetime
from typing import Any

from konter.catalogue.model import Catalogue
from konter.channel.users import Contact
from konter.messaging.model import sms
from konter.platform.outbox import OutboxRow
from konter.sales.model import Sale
from konter.subscriber.model import Subscription


def text_to_seller(
    sale: Sale, seller: Contact, *, catalogue: Catalogue, balance_rp: int, at: datetime, zone: str
) -> OutboxRow:
    """The outlet's money is back."""
    product = catalogue.product(sale.product)
    assert product is not None, "products are closed, never deleted"
    data: dict[str, Any] = {
        "code": sale.code,
        "product": product.name(seller.locale),
        "msisdn": str(sale.msisdn),
        "refund_rp": sale.cost_rp,
        "balance_rp": balance_rp,
        "at": at,
        "zone": zone,
    }
    return sms("reversal_seller", to=seller.msisdn, locale=seller.locale, at=at, data=data)


def text_to_customer(
    sale: Sale, subscription: Subscription, *, catalogue: Catalogue, main_rp: int, at: datetime
) -> OutboxRow:
    """What was bought was taken back."""
    product = catalogue.product(sale.product)
    assert product is not None, "products are closed, never deleted"
    data: dict[str, Any] = {
        "code": sale.code,
        "product": product.name(subscription.locale),
        "balance_rp": main_rp,
        "until": subscription.active_until,
    }
    return sms("reversal_customer", to=sale.msisdn, locale=subscription.locale, at=at, data=data)
