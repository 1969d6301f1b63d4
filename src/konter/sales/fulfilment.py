"""What the customer gets for what was sold, booked on the customer's own accounts. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.catalogue.model import Bucket, Product
from konter.ledger.model import ISSUED, Books, Draft, House, Shortfall
from konter.platform.ids import OwnerId
from konter.rules.model import Rules
from konter.subscriber.model import (
    BUCKET,
    MAIN,
    MAIN_ASSET,
    VALIDITY_SOURCE,
    Subscription,
    bucket_expiry,
    cover,
    lengthen,
    recharge_days,
)


class BucketDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What one quota bucket got; amounts in units of the asset, `expires_at` the first moment it is gone."""

    source: str
    asset: str
    amount: int
    expires_at: datetime
    before: int
    after: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer got, with before and after, so that it can be shown, proven and taken back. [D-44]

    `days` were added to the active period, by a recharge or an extension pack; a package's own days are its buckets'.
    """

    days: int
    active_before: datetime
    active_after: datetime
    credit_rp: int = 0
    main_before_rp: int = 0
    main_after_rp: int = 0
    buckets: list[BucketDelivery] = []


def give(
    books: Books,
    product: Product,
    nominal_rp: int,
    subscription: Subscription,
    *,
    sale_id: int,
    rules: Rules,
    now: datetime,
    kind: str | None = None,
) -> tuple[Delivery, Subscription]:
    """Book what was sold: main balance and active period for a recharge, buckets and cover for a package. `kind` of the
    transfers is the product's own unless another is named.

    Returns it with the subscription as it is afterwards (the same object if unchanged). Checks are done; nothing is
    refused here. [D-11, D-106, T-11]
    """
    if product.kind == "recharge":
        delivery = _recharge(books, kind or "recharge", nominal_rp, subscription, sale_id, rules, now)
    else:
        delivery = _package(books, kind or "package", product.buckets, subscription, sale_id, rules, now)
    if delivery.active_after == subscription.active_until:
        return delivery, subscription
    return delivery, msgspec.structs.replace(subscription, active_until=delivery.active_after)


def give_buckets(
    books: Books,
    buckets: Sequence[Bucket],
    subscription: Subscription,
    *,
    kind: str,
    reference_id: int,
    rules: Rules,
    now: datetime,
) -> tuple[Delivery, Subscription]:
    """Book quotas that no product of the shop gives, as those of a package: with their own ends, and with cover."""
    delivery = _package(books, kind, buckets, subscription, reference_id, rules, now)
    return delivery, msgspec.structs.replace(subscription, active_until=delivery.active_after)


def preview(product: Product, nominal_rp: int, subscription: Subscription, *, rules: Rules, now: datetime) -> Delivery:
    """What the customer would get: the delivery itself on books of its own, so that it cannot say anything else."""
    books = Books([], seqs=iter(range(1, 1000)), at=now)
    return give(books, product, nominal_rp, subscription, sale_id=0, rules=rules, now=now)[0]


def _recharge(
    books: Books, kind: str, nominal_rp: int, subscription: Subscription, sale_id: int, rules: Rules, now: datetime
) -> Delivery:
    main = books.open(OwnerId(subscription.id), subscription.cell, MAIN, MAIN_ASSET)
    before_rp = main.balance
    _issue(books, Draft(kind, House(ISSUED), main, nominal_rp, MAIN_ASSET), sale_id, rules)
    days = recharge_days(nominal_rp, rules.validity)
    return Delivery(
        days=days,
        active_before=subscription.active_until,
        active_after=lengthen(subscription.active_until, days=days, now=now, validity=rules.validity),
        credit_rp=nominal_rp,
        main_before_rp=before_rp,
        main_after_rp=main.balance,
    )


def _package(
    books: Books,
    kind: str,
    given: Sequence[Bucket],
    subscription: Subscription,
    sale_id: int,
    rules: Rules,
    now: datetime,
) -> Delivery:
    """Days first, then quotas: a reversal applies it again in this order, whatever the order of the product's rows."""
    days = sum(bucket.amount for bucket in given if bucket.source == VALIDITY_SOURCE)
    active_after = lengthen(subscription.active_until, days=days, now=now, validity=rules.validity)
    buckets = []
    for bucket in given:
        if bucket.source == VALIDITY_SOURCE:
            continue
        until = bucket_expiry(bucket.validity_days, now)
        account = books.open(
            OwnerId(subscription.id), subscription.cell, BUCKET, bucket.asset, source=bucket.source, expires_at=until
        )
        before = account.balance
        _issue(books, Draft(kind, House(ISSUED), account, bucket.amount, bucket.asset), sale_id, rules)
        buckets.append(
            BucketDelivery(
                source=bucket.source,
                asset=bucket.asset,
                amount=bucket.amount,
                expires_at=until,
                before=before,
                after=account.balance,
            )
        )
        active_after = cover(active_after, package_until=until)
    return Delivery(
        days=days,
        active_before=subscription.active_until,
        active_after=active_after,
        buckets=buckets,
    )


def _issue(books: Books, draft: Draft, sale_id: int, rules: Rules) -> None:
    made = books.move([draft], reference_id=sale_id, rule=rules.label)
    assert not isinstance(made, Shortfall), "the house issues value without a floor"
