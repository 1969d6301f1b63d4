"""Shapes of answers that several resources share. Ids are strings, amounts integers in rupiah, times RFC 3339."""

from datetime import datetime
from typing import Literal

import msgspec

from konter.catalogue.model import Catalogue, Listed
from konter.platform.secrets import Keys
from konter.sales.codes import verify_code
from konter.sales.fulfilment import Delivery
from konter.sales.history.read import Adjusted, Reversed
from konter.sales.model import Route, Sale, Status


class GrantedView(msgspec.Struct, frozen=True, kw_only=True):
    """One quota that a customer gets; `amount` in bytes, seconds, messages or days."""

    source: str
    asset: str
    amount: int
    expires_at: datetime


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer gets. The customer's own balances are not the seller's to see."""

    credit: int
    days: int
    active_until: datetime
    buckets: list[GrantedView]

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        """From a delivery, booked or previewed."""
        return cls(
            credit=delivery.credit_rp,
            days=delivery.days,
            active_until=delivery.active_after,
            buckets=[
                GrantedView(source=b.source, asset=b.asset, amount=b.amount, expires_at=b.expires_at)
                for b in delivery.buckets
            ],
        )


class ReversalView(msgspec.Struct, frozen=True, kw_only=True):
    """A complete reversal by staff; the sale stays done. `state`: asked, approved (what was delivered is being taken
    back), or done since `done_at`.
    """

    id: str
    state: str
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    done_at: datetime | None
    refund: int | None
    balance_before: int | None
    balance_after: int | None

    @classmethod
    def of(cls, reversal: Reversed) -> "ReversalView":
        """From a sale's reversal."""
        return cls(
            id=str(reversal.id),
            state=reversal.state,
            reason=reversal.reason,
            asked_at=reversal.asked_at,
            decided_at=reversal.decided_at,
            done_at=reversal.done_at,
            refund=reversal.refund_rp,
            balance_before=reversal.balance_before_rp,
            balance_after=reversal.balance_after_rp,
        )


class AdjustmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A refunded sale that was delivered all the same, put right by staff; the sale stays refunded.

    The cost was charged to the outlet again, or written off by the operator.
    """

    id: str
    state: str
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    charged: int | None
    written_off: int | None
    balance_before: int | None
    balance_after: int | None

    @classmethod
    def of(cls, adjustment: Adjusted) -> "AdjustmentView":
        """From a sale's adjustment."""
        return cls(
            id=str(adjustment.id),
            state=adjustment.state,
            reason=adjustment.reason,
            asked_at=adjustment.asked_at,
            decided_at=adjustment.decided_at,
            charged=adjustment.charged_rp,
            written_off=adjustment.written_off_rp,
            balance_before=adjustment.balance_before_rp,
            balance_after=adjustment.balance_after_rp,
        )


class SaleView(msgspec.Struct, frozen=True, kw_only=True):
    """A sale. `status`: done, refunded or checking (then until `deadline`). [D-08, D-40, D-43, D-44]

    `reason`, `refund_before` and `refund_after` (the wallet's balance) are of a refunded sale; the reason is a code, of
    Konter's or of the network's own. Until `hold_until` nothing is sent and the seller may take the sale back.
    """

    id: str
    code: str
    verify_code: str
    status: Status
    route: Route
    client_ref: str
    product: str
    product_name: str
    msisdn: str
    amount: int
    price: int
    cost: int
    margin: int
    tax: int
    balance_before: int
    balance_after: int
    delivery: DeliveryView | None
    rule: str
    at: datetime
    resolved_at: datetime | None
    deadline: datetime | None
    hold_until: datetime | None
    reason: str | None
    refund_before: int | None
    refund_after: int | None
    reversal: ReversalView | None = None
    adjustment: AdjustmentView | None = None
    user: str | None = None

    @classmethod
    def of(
        cls,
        sale: Sale,
        *,
        catalogue: Catalogue,
        locale: str,
        keys: Keys,
        reversal: Reversed | None = None,
        adjustment: Adjusted | None = None,
        user: str | None = None,
    ) -> "SaleView":
        """From a sale, with the product's name in the reader's language."""
        product = catalogue.product(sale.product)
        return cls(
            id=str(sale.id),
            code=sale.code,
            verify_code=verify_code(keys, sale.id),
            status=sale.status,
            route=sale.route,
            client_ref=str(sale.client_ref),
            product=sale.product,
            product_name=product.name(locale) if product else sale.product,
            msisdn=str(sale.msisdn),
            amount=sale.nominal_rp,
            price=sale.price_rp,
            cost=sale.cost_rp,
            margin=sale.margin_rp,
            tax=sale.tax_rp,
            balance_before=sale.balance_before_rp,
            balance_after=sale.balance_after_rp,
            delivery=DeliveryView.of(sale.delivery) if sale.delivery else None,
            rule=sale.rule,
            at=sale.at,
            resolved_at=sale.resolved_at,
            deadline=sale.deadline,
            hold_until=sale.hold_until,
            reason=sale.reason,
            refund_before=sale.refund_before_rp,
            refund_after=sale.refund_after_rp,
            reversal=ReversalView.of(reversal) if reversal else None,
            adjustment=AdjustmentView.of(adjustment) if adjustment else None,
            user=user,
        )


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product as this outlet may sell it; price and cost are null where the amount is free. [D-08, D-11]"""

    id: str
    name: str
    category: str
    category_name: str
    kind: Literal["recharge", "package"]
    price: int | None
    cost: int | None
    nominal: int | None
    amount_min: int | None
    amount_max: int | None
    amount_step: int | None
    validity_days: int | None
    open: bool

    @classmethod
    def of(cls, listed: Listed) -> "ProductView":
        """From a line of the catalogue's listing."""
        product, quote = listed.product, listed.quote
        return cls(
            id=product.code,
            name=listed.name,
            category=product.category,
            category_name=listed.category_name,
            kind=product.kind,
            price=quote.price_rp if quote else None,
            cost=quote.cost_rp if quote else None,
            nominal=product.nominal_rp,
            amount_min=product.amount_min_rp,
            amount_max=product.amount_max_rp,
            amount_step=product.amount_step_rp,
            validity_days=product.validity_days,
            open=product.open,
        )
