"""What a sale would be, before anybody pays: price, cost, margin and what the customer gets. Writes nothing."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from konter.catalogue.model import Catalogue, Product, Quote
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.rules.refusals import MODULE_OFF
from konter.sales import queries
from konter.sales.codes import sale_code
from konter.sales.fulfilment import Delivery, preview
from konter.sales.health.look import product_health
from konter.sales.health.model import ProductHealth
from konter.sales.mercy.model import Meant
from konter.sales.mercy.typo import meant_number
from konter.sales.model import receiver_of
from konter.sales.modules import sellable
from konter.subscriber.model import State, Subscription
from konter.subscriber.view import find_subscription


class Earlier(msgspec.Struct, frozen=True):
    """A sale of the same product to the same number within the guard's hours: selling again needs `second`."""

    code: str
    at: datetime


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """Everything to show before the PIN; the sale itself decides anew. Amounts in rupiah. [D-08, D-106]

    `trouble`: the product is slow or closed by its last sales; `meant`: the number looks like a slip of the finger.
    Both warn only.
    """

    product: Product
    quote: Quote
    msisdn: Msisdn
    kind: Literal["prepaid", "postpaid"]
    state: State
    delivery: Delivery
    earlier: Earlier | None
    trouble: ProductHealth | None = None
    meant: Meant | None = None


async def inquire(
    connection: Connection,
    *,
    outlet_id: OutletId,
    area: str,
    segment: str,
    product: str,
    msisdn: Msisdn,
    amount_rp: int | None,
    now: datetime,
    rules: Rules,
    catalogue: Catalogue,
) -> Inquiry | Refusal:
    """Price and preview for one product and number, with the refusals that the sale itself would give."""
    quote = catalogue.quote(product, area=area, segment=segment, amount_rp=amount_rp, at=now, ppn=rules.tax.ppn)
    if isinstance(quote, Refusal):
        return quote
    wanted = catalogue.product(product)
    assert wanted is not None
    if not sellable(wanted, rules, area=area, segment=segment):
        return MODULE_OFF()
    found = await find_subscription(connection, msisdn)
    receiver = receiver_of(msisdn, wanted, {msisdn: found} if found else {}, rules, now)
    if isinstance(receiver, Refusal):
        return receiver
    same = await queries.read_same(
        connection,
        outlet_id=outlet_id,
        msisdn=msisdn,
        product=product,
        guard_from=now - timedelta(hours=rules.sale.duplicate_guard_h),
    )
    earlier = Earlier(sale_code(same["id"]), same["at"]) if same else None
    asked = _inquiry(wanted, quote, receiver, earlier, now, rules)
    health = await product_health(connection, now=now)
    meant = None
    if same is None:  # what was sold to before is no slip
        meant = await meant_number(connection, outlet_id=outlet_id, msisdn=msisdn, now=now, rules=rules.sale)
    return msgspec.structs.replace(asked, trouble=health.of(product), meant=meant)


def _inquiry(
    product: Product, quote: Quote, receiver: Subscription, earlier: Earlier | None, now: datetime, rules: Rules
) -> Inquiry:
    return Inquiry(
        product=product,
        quote=quote,
        msisdn=receiver.msisdn,
        kind=receiver.kind,
        state=receiver.state(now, rules.validity),
        delivery=preview(product, quote.nominal_rp, receiver, rules=rules, now=now),
        earlier=earlier,
    )
