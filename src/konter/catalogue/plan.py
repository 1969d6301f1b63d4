"""What an import would change, or why it may not. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from konter.catalogue.model import Category, Price, Product, quote_amounts
from konter.catalogue.rows import Draft, PriceKey
from konter.catalogue.sheet import Fault, Place, fault_at
from konter.platform.money import share_bp

PERCENT = 100


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables hold now."""

    categories: Mapping[str, Category]
    products: Mapping[str, Product]
    prices: Mapping[PriceKey, Price]
    areas: frozenset[str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The rows to write: new ones and changed ones; `same` counts what the file repeats.

    `replaced` are planned prices that get another value before they begin; `unknown_areas` are named by prices only.
    """

    categories: tuple[Category, ...]
    products: tuple[Product, ...]
    prices: tuple[Price, ...]
    replaced: tuple[Price, ...]
    same: int
    unknown_areas: tuple[str, ...]

    @property
    def changes(self) -> int:
        """How many rows will be written."""
        return len(self.categories) + len(self.products) + len(self.prices)


def plan_import(draft: Draft, standing: Standing, *, now: datetime, discount_pct_max: int) -> Plan | list[Fault]:
    """The changes a file asks for, or every reason against it.

    A code keeps its kind and face value for ever, since past sales name it. A price that has begun never changes, and a
    new one may begin in the past only for a product that never had a price. [T-21]
    """
    products = {code: _product(draft, standing, product) for code, (_, product) in draft.products.items()}
    together = {**standing.products, **products}
    faults = [
        *draft.faults,
        *_product_faults(draft, standing, products),
        *_price_faults(draft, standing, together, now),
        *_money_faults(draft, together, discount_pct_max),
    ]
    if faults:
        return sorted(faults, key=lambda fault: (fault.line, fault.column))
    categories = [category for _, category in draft.categories.values()]
    prices = [price for _, price in draft.prices.values()]
    new_categories = tuple(row for row in categories if standing.categories.get(row.code) != row)
    new_products = tuple(row for row in products.values() if standing.products.get(row.code) != row)
    new_prices = tuple(row for row in prices if standing.prices.get(price_key(row)) != row)
    written = len(new_categories) + len(new_products) + len(new_prices)
    areas = {price.area for price in prices if price.area} - standing.areas
    return Plan(
        categories=new_categories,
        products=new_products,
        prices=new_prices,
        replaced=tuple(standing.prices[price_key(row)] for row in new_prices if price_key(row) in standing.prices),
        same=len(categories) + len(products) + len(prices) - written,
        unknown_areas=tuple(sorted(areas)),
    )


def price_key(price: Price) -> PriceKey:
    """What makes a price row the same one."""
    return (price.product, price.area, price.segment, price.valid_from)


def _product(draft: Draft, standing: Standing, product: Product) -> Product:
    known = standing.products.get(product.code)
    opened = draft.open[product.code]
    if opened is None:
        opened = known.open if known is not None else True
    return msgspec.structs.replace(product, open=opened, buckets=tuple(draft.buckets.get(product.code, ())))


def _product_faults(draft: Draft, standing: Standing, products: Mapping[str, Product]) -> Iterator[Fault]:
    categories = standing.categories.keys() | draft.categories.keys()
    for code, product in products.items():
        place = draft.products[code][0]
        if code in draft.wrong:
            continue
        if product.category not in categories | draft.wrong:
            yield fault_at(place, "category", "unknown_category", value=product.category)
        if product.kind == "package" and not product.buckets:
            yield fault_at(place, "source", "package_without_bucket")
        if product.kind == "recharge" and product.buckets:
            yield fault_at(place, "source", "only_for_package")
        known = standing.products.get(code)
        if known is not None and known.kind != product.kind:
            yield fault_at(place, "kind", "fixed_for_ever", was=known.kind)
        if known is not None and known.nominal_rp != product.nominal_rp:
            yield fault_at(place, "nominal_rp", "fixed_for_ever", was=known.nominal_rp or "-")


def _price_faults(draft: Draft, standing: Standing, products: Mapping[str, Product], now: datetime) -> Iterator[Fault]:
    priced = {price.product for price in standing.prices.values()}
    for key, (place, price) in draft.prices.items():
        if price.product not in products:
            if price.product not in draft.wrong:
                yield fault_at(place, "code", "unknown_product", value=price.product)
            continue
        known = standing.prices.get(key)
        if known == price or price.valid_from > now:
            continue
        if known is not None:
            yield fault_at(place, "valid_from", "past_price_is_fixed")
        elif price.product in priced:
            yield fault_at(place, "valid_from", "price_would_begin_in_the_past")


def _money_faults(draft: Draft, products: Mapping[str, Product], discount_pct_max: int) -> Iterator[Fault]:
    for place, price in draft.prices.values():
        product = products.get(price.product)
        if product is not None and product.code not in draft.wrong:
            yield from _price_money_faults(place, price, product, discount_pct_max)


def _price_money_faults(place: Place, price: Price, product: Product, discount_pct_max: int) -> Iterator[Fault]:
    """A share needs an amount to be one of; nobody sells below cost; the discount on face value is bounded. [G-D26]"""
    if not product.free_denomination:
        for column, share in (("cost_pct", price.cost_bp), ("price_pct", price.suggested_bp)):
            if share:
                yield fault_at(place, column, "only_for_free_denomination")
                return
    for amount_rp in quote_amounts(product):
        cost_rp = price.cost_rp + share_bp(amount_rp, price.cost_bp)
        price_rp = price.suggested_rp + share_bp(amount_rp, price.suggested_bp)
        if price_rp < cost_rp:
            yield fault_at(place, "price_rp", "below_cost", cost_rp=cost_rp, price_rp=price_rp)
            return
        least_rp = amount_rp * (PERCENT - discount_pct_max) // PERCENT
        if product.kind == "recharge" and cost_rp < least_rp:
            yield fault_at(place, "cost_rp", "discount_too_deep", least_rp=least_rp, max_pct=discount_pct_max)
            return
