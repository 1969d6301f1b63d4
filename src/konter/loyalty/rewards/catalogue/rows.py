"""What the rows of a rewards file state: merchants, and rewards with their buckets. Pure.

`merchant` rows: code, name. `reward` rows: an offer, with its first bucket where it gives quotas. `bucket` rows: a
further one for the offer above. `last_day` is the last valid day; `brands` and `kinds` are words with spaces between.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import get_args

import msgspec

from konter.catalogue.model import Bucket
from konter.catalogue.sheet import CODE, DAYS_MAX, SOURCE, Fault, Place, SheetRow, fault_at
from konter.loyalty.rewards.catalogue.model import (
    BUCKETS_MAX,
    Gives,
    GivesBuckets,
    GivesCode,
    GivesProvided,
    Kind,
    Offer,
    Per,
)
from konter.subscriber.model import VALIDITY_SOURCE

COLUMN_ORDER = (  # as an example of a file has them
    *("row", "code", "name", "kind", "name_id", "name_en", "sort", "points", "valid_from", "last_day"),
    *("source", "quantity", "days", "provider", "item", "merchant", "stock", "quota", "quota_per"),
    *("brands", "kinds", "tier", "terms_id", "terms_en"),
)
COLUMNS = frozenset(COLUMN_ORDER)
BUCKET_COLUMNS = frozenset({"source", "quantity", "days"})
COLUMNS_OF: dict[str, frozenset[str]] = {
    "merchant": frozenset({"name"}),
    "reward": COLUMNS - {"row", "code", "name"},
    "bucket": BUCKET_COLUMNS,
}
POINTS_MAX = 10_000_000
SORT_MAX = 1_000_000
STOCK_MAX = 1_000_000_000
QUOTA_MAX = 1_000
TERMS_MAX = 1_000
PERIODS = get_args(Per)
PLANS = ("prepaid", "postpaid")
OfferKey = tuple[str, datetime]


class Draft(msgspec.Struct, kw_only=True):
    """A file's statements with their places."""

    merchants: dict[str, tuple[Place, str]] = {}
    offers: dict[OfferKey, tuple[Place, Offer]] = {}
    faults: list[Fault] = []
    sha256: str = ""


def read_rows(rows: Iterable[SheetRow], *, brands: frozenset[str], tiers: tuple[str, ...]) -> Draft:
    """Everything the rows state; `faults` holds what is wrong in single rows or stated twice."""
    draft = Draft()
    above: OfferKey | None = None
    for row in rows:
        said = row.required("row")
        kind = said.lower() if said is not None else None
        if kind is not None and kind not in COLUMNS_OF:
            row.fault("row", "unknown_reward_row", value=(said or "")[:20])
        elif kind is not None:
            for column in row.cells.keys() - COLUMNS_OF[kind] - {"row", "code"}:
                if row.text(column):
                    row.fault(column, "not_for_this_row", row=kind)
            if kind == "merchant":
                _merchant(draft, row)
            elif kind == "reward":
                above = _reward(draft, row, brands, tiers)
            else:
                _further_bucket(draft, row, above)
        draft.faults += row.faults
    if not draft.faults:
        draft.faults += _changing_kinds(draft)
    return draft


def _merchant(draft: Draft, row: SheetRow) -> None:
    code, name = row.code("code", CODE), row.name("name")
    if code is None or name is None or row.faults:
        return
    if code in draft.merchants:
        row.fault("code", "stated_twice", line=draft.merchants[code][0].line)
        return
    draft.merchants[code] = (row.place, name)


def _reward(draft: Draft, row: SheetRow, brands: frozenset[str], tiers: tuple[str, ...]) -> OfferKey | None:
    """The offer of a row, entered under its key; None where a fault stands in the way."""
    code, kind, name_id, name_en = row.code("code", CODE), _kind(row), row.name("name_id"), row.name("name_en")
    points, valid_from = _needed_whole(row, "points", POINTS_MAX), row.moment("valid_from")
    gives = _gives(row, kind) if kind is not None else None
    offer_of = {
        "valid_until": _end(row, valid_from),
        "sort": row.whole("sort", high=SORT_MAX) or 0,
        "terms_id": _terms(row, "terms_id"),
        "terms_en": _terms(row, "terms_en"),
        "stock": row.whole("stock", high=STOCK_MAX),
        "quota": row.whole("quota", low=1, high=QUOTA_MAX),
        "quota_per": _one_of(row, "quota_per", PERIODS),
        "brands": _words(row, "brands", brands),
        "kinds": _words(row, "kinds", frozenset(PLANS)),
        "tier": _one_of(row, "tier", tiers) or "",
    }
    if (offer_of["quota"] is None) != (offer_of["quota_per"] is None):
        row.fault("quota", "quota_not_whole")
    if code is None or kind is None or name_id is None or name_en is None or row.faults:
        return None
    if points is None or valid_from is None or gives is None:
        return None
    key = (code, valid_from)
    if key in draft.offers:
        row.fault("valid_from", "stated_twice", line=draft.offers[key][0].line)
        return None
    offer = {"reward": code, "kind": kind, "valid_from": valid_from, "name_id": name_id, "name_en": name_en}
    draft.offers[key] = (row.place, msgspec.convert({**offer, "points": points, "gives": gives, **offer_of}, Offer))
    return key


def _gives(row: SheetRow, kind: Kind) -> Gives | None:
    """What a reward of this kind gives; what another kind would need must be blank."""
    provider, item = row.code("provider", SOURCE, blank=True), row.code("item", CODE, blank=True)
    merchant = row.code("merchant", CODE, blank=True)
    foreign = {"telco": ("provider", "item", "merchant"), "digital": ("merchant",), "merchant": ("provider", "item")}
    for column in foreign[kind] + (() if kind == "telco" else ("source", "quantity")):
        if row.text(column):
            row.fault(column, "not_for_this_kind", kind=kind)
    if kind == "telco":
        bucket = _bucket(row)
        return GivesBuckets(buckets=(bucket,)) if bucket is not None else None
    days = row.whole("days", low=1, high=DAYS_MAX)
    if kind == "merchant" and merchant is None:
        row.fault("merchant", "blank")
    if provider is None and item is None:
        return GivesCode(merchant=merchant, days=days)
    for column, value in (("provider", provider), ("item", item), ("days", days)):
        if value is None:
            row.fault(column, "blank")
    return (
        None
        if provider is None or item is None or days is None
        else GivesProvided(provider=provider, item=item, days=days)
    )


def _bucket(row: SheetRow) -> Bucket | None:
    source, quantity, days = row.code("source", SOURCE), row.quantity("quantity"), _needed_whole(row, "days", DAYS_MAX)
    if source is None or quantity is None or days is None:
        return None
    asset, amount = quantity
    if source == VALIDITY_SOURCE and asset != "DAYS":
        row.fault("quantity", "validity_is_days")
        return None
    return Bucket(source=source, asset=asset, amount=amount, validity_days=days)


def _further_bucket(draft: Draft, row: SheetRow, above: OfferKey | None) -> None:
    code, bucket = row.code("code", CODE), _bucket(row)
    if code is None or bucket is None:
        return
    if above is None or above[0] != code:
        row.fault("code", "bucket_without_reward", reward=code)
        return
    place, offer = draft.offers[above]
    if not isinstance(offer.gives, GivesBuckets):
        row.fault("source", "not_for_this_kind", kind=offer.kind)
    elif any((each.source, each.asset) == (bucket.source, bucket.asset) for each in offer.gives.buckets):
        row.fault("source", "bucket_twice")
    elif len(offer.gives.buckets) == BUCKETS_MAX:
        row.fault("source", "too_many_buckets", max=BUCKETS_MAX)
    else:
        gives = GivesBuckets(buckets=(*offer.gives.buckets, bucket))
        draft.offers[above] = (place, msgspec.structs.replace(offer, gives=gives))


def _changing_kinds(draft: Draft) -> list[Fault]:
    """A code keeps one kind through the file."""
    kinds: dict[str, str] = {}
    faults = []
    for place, offer in draft.offers.values():
        if kinds.setdefault(offer.reward, offer.kind) != offer.kind:
            faults.append(fault_at(place, "kind", "fixed_for_ever", was=kinds[offer.reward]))
    return faults


def _kind(row: SheetRow) -> Kind | None:
    value = row.required("kind")
    if value is None or value.lower() not in get_args(Kind):
        if value is not None:
            row.fault("kind", "unknown_reward_kind", value=value[:20])
        return None
    kind: Kind = msgspec.convert(value.lower(), Kind)
    return kind


def _needed_whole(row: SheetRow, column: str, high: int) -> int | None:
    return row.whole(column, low=1, high=high) if row.required(column) is not None else None


def _end(row: SheetRow, valid_from: datetime | None) -> datetime | None:
    """The first moment that is too late: the day after `last_day`."""
    if row.text("last_day") is None:
        return None
    last = row.moment("last_day")
    if last is None or valid_from is None:
        return None
    if last + timedelta(days=1) <= valid_from:
        row.fault("last_day", "ends_before_it_begins")
    return last + timedelta(days=1)


def _terms(row: SheetRow, column: str) -> str:
    value = row.required(column) or ""
    if len(value) > TERMS_MAX or not value.replace("\n", "").isprintable():
        row.fault(column, "terms_too_long", max=TERMS_MAX)
    return value


def _one_of(row: SheetRow, column: str, allowed: tuple[str, ...]) -> str | None:
    """One of these words as it is spelt here, in whatever case the file has it: pages write tiers in capitals."""
    value = row.text(column)
    spelt = next((each for each in allowed if value is not None and each.lower() == value.lower()), None)
    if value is not None and spelt is None:
        row.fault(column, "not_one_of", value=value[:20], allowed=", ".join(allowed))
    return spelt


def _words(row: SheetRow, column: str, allowed: frozenset[str]) -> tuple[str, ...]:
    spelt = {each.lower(): each for each in allowed}
    words = sorted({word.lower() for word in (row.text(column) or "").split()})
    if unknown := [word for word in words if word not in spelt]:
        row.fault(column, "not_one_of", value=unknown[0][:20], allowed=", ".join(sorted(allowed)))
        return ()
    return tuple(sorted(spelt[word] for word in words))
