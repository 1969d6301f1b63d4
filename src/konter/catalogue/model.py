"""Products and what they cost where and when. Everything here is plain values; rows come from `queries.py`."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product as pairs
from typing import Literal

import msgspec

from konter.catalogue.refusals import AMOUNT_NOT_ALLOWED, NO_PRICE, PRODUCT_CLOSED, UNKNOWN_PRODUCT
from konter.platform.money import share_bp, tax_included_rp
from konter.platform.refusal import Refusal

ANY = ""
Ppn = tuple[int, int]


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of product; new ones are data. [D-11, D-61]"""

    code: str
    name_id: str
    name_en: str
    sort: int

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What a package puts at the customer: bytes, seconds, messages or days of something, for so many days."""

    source: str
    asset: Literal["BYTES", "SECONDS", "MESSAGES", "DAYS"]
    amount: int
    validity_days: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A recharge of a fixed (`nominal_rp`) or a free denomination (`amount_*_rp`), or a package with buckets."""

    code: str
    category: str
    kind: Literal["recharge", "package"]
    name_id: str
    name_en: str
    nominal_rp: int | None
    amount_min_rp: int | None
    amount_max_rp: int | None
    amount_step_rp: int | None
    validity_days: int | None
    open: bool
    sort: int
    buckets: tuple[Bucket, ...] = ()

    @property
    def free_denomination(self) -> bool:
        """Whether the buyer names the amount."""
        return self.amount_min_rp is not None

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id

    def amount_refusal(self, amount_rp: int | None) -> Refusal | None:
        """Why this amount cannot be sold; a fixed product and a package take none."""
        low, high, step = self.amount_min_rp, self.amount_max_rp, self.amount_step_rp
        if low is None or high is None or step is None:
            if amount_rp is None:
                return None
            return AMOUNT_NOT_ALLOWED(product=self.code, amount_rp=amount_rp, reason="fixed")
        if amount_rp is None:
            reason = "missing"
        elif amount_rp < low:
            reason = "below_min"
        elif amount_rp > high:
            reason = "above_max"
        elif amount_rp % step:
            reason = "not_in_step"
        else:
            return None
        limits = {"min_rp": low, "max_rp": high, "step_rp": step}
        return AMOUNT_NOT_ALLOWED(product=self.code, amount_rp=amount_rp, reason=reason, **limits)


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """Staff took a product off sale, and perhaps put it on again. `*_by` is an actor: `staff:123`."""

    product: str
    closed_at: datetime
    closed_by: str
    reason: str
    opened_at: datetime | None
    opened_by: str | None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price from a moment on; `area` and `segment` may be any (empty). A `*_bp` is ten-thousandths of the amount."""

    product: str
    area: str
    segment: str
    valid_from: datetime
    cost_rp: int
    cost_bp: int
    suggested_rp: int
    suggested_bp: int


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What a sale would cost, and which price row says so. [D-08]

    `price_rp` is the suggested selling price, `tax_rp` the PPN inside it, `cost_rp` what the outlet pays. `nominal_rp`
    is the face value that a recharge credits; 0 for a package without one. `area` and `segment` are those of the price
    row, empty where it holds for any.
    """

    product: str
    price_rp: int
    cost_rp: int
    margin_rp: int
    nominal_rp: int
    tax_rp: int
    price_valid_from: datetime
    area: str
    segment: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the products page. `quote` is None for a free denomination, whose price follows from the amount."""

    product: Product
    name: str
    category_name: str
    quote: Quote | None


class _Timeline:
    """The prices that one area and segment sees for one product: `prices[i]` holds from `moments[i]` on."""

    __slots__ = ("_quotes", "moments", "prices")

    def __init__(self, lines: Sequence[Sequence[Price]]) -> None:
        self.moments = sorted({price.valid_from for line in lines for price in line})
        self.prices = [_most_exact(lines, moment) for moment in self.moments]
        self._quotes: dict[tuple[int, Ppn], Quote] = {}

    def quote(self, product: Product, place: int, ppn: Ppn) -> Quote:
        """The quote of a fixed product, made once per price and tax rate: a batch of sales asks for the same ones."""
        quote = self._quotes.get((place, ppn))
        if quote is None:
            quote = self._quotes[(place, ppn)] = _quote(product, self.prices[place], product.nominal_rp or 0, ppn)
        return quote


def _most_exact(lines: Sequence[Sequence[Price]], moment: datetime) -> Price:
    """The newest begun price of the first line that has one. Lines go from the most exact to the most general."""
    for line in lines:
        if begun := [price for price in line if price.valid_from <= moment]:
            return max(begun, key=lambda price: price.valid_from)
    raise AssertionError("a timeline's moment begins one of its prices")


class Catalogue:
    """All categories, products and prices in memory. `version` tells which state of the tables it shows."""

    def __init__(
        self, categories: Iterable[Category], products: Iterable[Product], prices: Iterable[Price], version: int
    ) -> None:
        self.version = version
        self.categories = tuple(sorted(categories, key=lambda category: (category.sort, category.code)))
        self.products = tuple(sorted(products, key=lambda product: (product.sort, product.code)))
        self._category_names = {category.code: category for category in self.categories}
        self._products = {product.code: product for product in self.products}
        self._lines: dict[tuple[str, str, str], list[Price]] = {}
        for price in prices:
            self._lines.setdefault((price.product, price.area, price.segment), []).append(price)
        self._areas = {area for _, area, _ in self._lines}
        self._segments = {segment for _, _, segment in self._lines}
        self._timelines: dict[tuple[str, str, str], _Timeline] = {}

    def product(self, code: str) -> Product | None:
        """The product of a code, open or not."""
        return self._products.get(code)

    def quote(
        self, product: Product | str, *, area: str, segment: str, amount_rp: int | None, at: datetime, ppn: Ppn
    ) -> Quote | Refusal:
        """What it costs an outlet of an area and segment at a moment; `ppn` is `rules.tax.ppn`. [D-08, T-21, G-D26]

        The most exact price wins: area and segment, then area, then segment, then any; of one line the newest begun.
        Refusals: UNKNOWN_PRODUCT, PRODUCT_CLOSED, AMOUNT_NOT_ALLOWED, NO_PRICE.
        """
        known = self._products.get(product) if isinstance(product, str) else product
        if known is None:
            return UNKNOWN_PRODUCT(product=product)
        if not known.open:
            return PRODUCT_CLOSED(product=known.code)
        if refusal := known.amount_refusal(amount_rp):
            return refusal
        found = self._price(known.code, area, segment, at)
        if found is None:
            return NO_PRICE(product=known.code)
        timeline, place = found
        if amount_rp is not None:
            return _quote(known, timeline.prices[place], amount_rp, ppn)
        return timeline.quote(known, place, ppn)

    def listing(
        self, category: str | None, *, area: str, segment: str, at: datetime, ppn: Ppn, locale: str
    ) -> tuple[Listed, ...]:
        """The products of a category (None: all) that have a price here, closed ones included, in the shop's order."""
        lines = []
        for product in self.products:
            found = self._price(product.code, area, segment, at)
            if found is None or category not in (None, product.category):
                continue
            timeline, place = found
            quote = None if product.free_denomination else timeline.quote(product, place, ppn)
            category_name = self._category_names[product.category].name(locale)
            lines.append(Listed(product=product, name=product.name(locale), category_name=category_name, quote=quote))
        return tuple(lines)

    def _price(self, code: str, area: str, segment: str, at: datetime) -> tuple[_Timeline, int] | None:
        # An area or segment without prices of its own sees those for any, so that the number of timelines is bounded.
        key = (code, area if area in self._areas else ANY, segment if segment in self._segments else ANY)
        timeline = self._timelines.get(key)
        if timeline is None:
            timeline = self._timelines[key] = self._timeline(*key)
        place = bisect_right(timeline.moments, at) - 1
        return None if place < 0 else (timeline, place)

    def _timeline(self, code: str, area: str, segment: str) -> _Timeline:
        exactness = dict.fromkeys(pairs((area, ANY), (segment, ANY)))
        return _Timeline([self._lines.get((code, *place), []) for place in exactness])


def quote_amounts(product: Product) -> tuple[int, ...]:
    """The amounts at whose prices a product's limits show: both ends of a free range, or its face value."""
    if product.amount_min_rp is not None and product.amount_max_rp is not None:
        return (product.amount_min_rp, product.amount_max_rp)
    return (product.nominal_rp or 0,)


def _quote(product: Product, price: Price, amount_rp: int, ppn: Ppn) -> Quote:
    price_rp = price.suggested_rp + share_bp(amount_rp, price.suggested_bp)
    cost_rp = price.cost_rp + share_bp(amount_rp, price.cost_bp)
    return Quote(
        product=product.code,
        price_rp=price_rp,
        cost_rp=cost_rp,
        margin_rp=price_rp - cost_rp,
        nominal_rp=amount_rp,
        tax_rp=tax_included_rp(price_rp, *ppn),
        price_valid_from=price.valid_from,
        area=price.area,
        segment=price.segment,
    )
