"""What the rows of a catalogue file state: categories, products with their buckets, prices. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from konter.catalogue.model import ANY, Bucket, Category, Price, Product
from konter.catalogue.sheet import (
    BUCKET_COLUMNS,
    CATEGORY_CODE,
    CODE,
    COLUMNS_OF,
    DAYS_MAX,
    PRICE_COLUMNS,
    SOURCE,
    Fault,
    Place,
    SheetRow,
    fault_at,
)
from konter.subscriber.model import VALIDITY_SOURCE

SORT_MAX = 1_000_000
PERCENT_BP_MAX = 20_000
PriceKey = tuple[str, str, str, datetime]


class Draft(msgspec.Struct, kw_only=True):
    """A file's statements with their places. A product's `open` is kept apart: blank leaves what stands.

    `wrong` holds the codes of rows with a fault: what follows from such a row alone is not told as a fault of its own.
    """

    categories: dict[str, tuple[Place, Category]] = {}
    products: dict[str, tuple[Place, Product]] = {}
    open: dict[str, bool | None] = {}
    buckets: dict[str, list[Bucket]] = {}
    bucket_places: dict[str, Place] = {}
    prices: dict[PriceKey, tuple[Place, Price]] = {}
    faults: list[Fault] = []
    wrong: set[str] = set()
    sha256: str = ""


def read_rows(rows: Iterable[SheetRow]) -> Draft:
    """Everything the rows state; `faults` holds what is wrong in single rows or stated twice."""
    draft = Draft()
    for row in rows:
        kind = row.required("row")
        if kind is not None and kind not in COLUMNS_OF:
            row.fault("row", "unknown_row", value=kind[:20])
        elif kind is not None:
            for column in row.cells.keys() - COLUMNS_OF[kind] - {"row", "code"}:
                if row.text(column):
                    row.fault(column, "not_for_this_row", row=kind)
            READERS[kind](draft, row)
        if row.faults:
            draft.faults += row.faults
            draft.wrong.add(row.cells.get("code", ""))
    draft.faults += [
        fault_at(place, "code", "bucket_without_product", product=code)
        for code, place in draft.bucket_places.items()
        if code not in draft.products and code not in draft.wrong
    ]
    return draft


def _category(draft: Draft, row: SheetRow) -> None:
    code = row.code("code", CATEGORY_CODE)
    name_id, name_en = row.name("name_id"), row.name("name_en")
    sort = row.whole("sort", high=SORT_MAX)
    if code is None or name_id is None or name_en is None or row.faults:
        return
    if code in draft.categories:
        row.fault("code", "stated_twice", line=draft.categories[code][0].line)
        return
    category = Category(code=code, name_id=name_id, name_en=name_en, sort=sort or 0)
    draft.categories[code] = (row.place, category)


def _product(draft: Draft, row: SheetRow) -> None:
    product = _product_of(row)
    opened = row.flag("open")
    if product is not None:
        if product.code in draft.products:
            row.fault("code", "stated_twice", line=draft.products[product.code][0].line)
            return
        draft.products[product.code] = (row.place, product)
        draft.open[product.code] = opened
    if row.filled(BUCKET_COLUMNS):
        _bucket(draft, row)
    if row.filled(PRICE_COLUMNS):
        _price(draft, row)


def _product_of(row: SheetRow) -> Product | None:
    code, category = row.code("code", CODE), row.code("category", CATEGORY_CODE)
    name_id, name_en = row.name("name_id"), row.name("name_en")
    kind = row.required("kind")
    if kind not in (None, "recharge", "package"):
        row.fault("kind", "unknown_kind", value=str(kind)[:20])
    amounts = [row.whole(column, low=1) for column in ("nominal_rp", "min_rp", "max_rp", "step_rp")]
    days = row.whole("active_days", low=1, high=DAYS_MAX)
    sort = row.whole("sort", high=SORT_MAX)
    if code is None or category is None or name_id is None or name_en is None or row.faults:
        return None
    product = Product(
        code=code,
        category=category,
        kind="recharge" if kind == "recharge" else "package",
        name_id=name_id,
        name_en=name_en,
        nominal_rp=amounts[0],
        amount_min_rp=amounts[1],
        amount_max_rp=amounts[2],
        amount_step_rp=amounts[3],
        validity_days=days,
        open=True,
        sort=sort or 0,
    )
    _check_denomination(row, product)
    return None if row.faults else product


def _check_denomination(row: SheetRow, product: Product) -> None:
    """A recharge has a face value or a free range, a package has days; each says nothing of the other."""
    low, high, step = product.amount_min_rp, product.amount_max_rp, product.amount_step_rp
    free = [value for value in (low, high, step) if value is not None]
    if product.kind == "package":
        if product.validity_days is None:
            row.fault("active_days", "blank")
        if free:
            row.fault("min_rp", "only_for_recharge")
    elif product.nominal_rp is None and not free:
        row.fault("nominal_rp", "blank")
    elif product.nominal_rp is not None and free:
        row.fault("nominal_rp", "fixed_or_free")
    elif free and (low is None or high is None or step is None):
        row.fault("min_rp", "range_not_whole")
    elif low is not None and high is not None and step is not None and (low > high or low % step or high % step):
        row.fault("max_rp", "range_does_not_fit")


def _bucket(draft: Draft, row: SheetRow) -> None:
    code, source = row.code("code", CODE), row.code("source", SOURCE)
    quantity = row.quantity("quantity")
    if row.required("days") is None:
        return
    days = row.whole("days", low=1, high=DAYS_MAX)
    if code is None or source is None or quantity is None or days is None:
        return
    asset, amount = quantity
    if source == VALIDITY_SOURCE and asset != "DAYS":
        row.fault("quantity", "validity_is_days")
        return
    bucket = Bucket(source=source, asset=asset, amount=amount, validity_days=days)
    buckets = draft.buckets.setdefault(code, [])
    if any((known.source, known.asset) == (source, asset) for known in buckets):
        row.fault("source", "bucket_twice")
        return
    buckets.append(bucket)
    draft.bucket_places.setdefault(code, row.place)


def _price(draft: Draft, row: SheetRow) -> None:
    code = row.code("code", CODE)
    area = row.code("area", CODE, blank=True)
    segment = row.code("segment", CATEGORY_CODE, blank=True)
    valid_from = row.moment("valid_from")
    cost_rp, cost_bp = row.whole("cost_rp"), row.percent_bp("cost_pct")
    price_rp, price_bp = row.whole("price_rp"), row.percent_bp("price_pct")
    if row.faults or code is None or valid_from is None:
        return
    for column, given in (("cost_rp", (cost_rp, cost_bp)), ("price_rp", (price_rp, price_bp))):
        if not any(given):
            row.fault(column, "blank")
            return
    price = Price(
        product=code,
        area=area or ANY,
        segment=segment or ANY,
        valid_from=valid_from,
        cost_rp=cost_rp or 0,
        cost_bp=cost_bp or 0,
        suggested_rp=price_rp or 0,
        suggested_bp=price_bp or 0,
    )
    for column, basis_points in (("cost_pct", price.cost_bp), ("price_pct", price.suggested_bp)):
        if basis_points > PERCENT_BP_MAX:
            row.fault(column, "out_of_range", low=0, high=PERCENT_BP_MAX // 100)
            return
    key = (code, price.area, price.segment, valid_from)
    if key in draft.prices:
        row.fault("valid_from", "stated_twice", line=draft.prices[key][0].line)
        return
    draft.prices[key] = (row.place, price)


READERS = {"category": _category, "product": _product, "bucket": _bucket, "price": _price}
