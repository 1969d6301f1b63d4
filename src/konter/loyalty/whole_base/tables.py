"""Which files come in, and what must be in them. Rupiah, moments in UTC, days where the programme is at home."""

from collections.abc import Mapping
from typing import Any

import ibis  # type: ignore[import-untyped]
import msgspec

from konter.loyalty.whole_base.refusals import COLUMN_MISSING, COLUMN_WRONG
from konter.platform.refusal import Refusal

Table = Any  # an Ibis table; Ibis has no types of its own
Columns = Mapping[str, str]

# One row for each recharge, its amount not below 0. `brand` is the number's at that moment; of two recharges of the
# same moment that with the lower `id` came first.
RECHARGES: Columns = {
    "id": "int64",
    "subscription_id": "int64",
    "brand": "string",
    "at": "timestamp",
    "face_rp": "int64",
    "kind": "string",
    "reversed": "boolean",
}
# One row for each issued bill; `segment` is the corporate account's, empty for a person's, `brand` that of the period.
BILLS: Columns = {
    "bill_id": "int64",
    "subscription_id": "int64",
    "brand": "string",
    "period_begin": "date",
    "period_end": "date",
    "issued_at": "timestamp",
    "paid_at": "timestamp",
    "total_rp": "int64",
    "net_rp": "int64",
    "segment": "string",
    "cancelled": "boolean",
}
# Everybody, once. `kind`: prepaid or postpaid; `tier`, `since`, `until` and `counted_from` are empty for whoever never
# had a tier above the lowest.
MEMBERS: Columns = {
    "subscription_id": "int64",
    "kind": "string",
    "activated_on": "date",
    "tier": "string",
    "since": "date",
    "until": "date",
    "counted_from": "date",
}
# The history of tiers: the `seq`-th change of a subscription's.
TIERS: Columns = {
    "subscription_id": "int64",
    "seq": "int64",
    "tier": "string",
    "since": "date",
    "cause": "string",
}
# The brands a number had, each up to a moment; the present one without an end.
PLANS: Columns = {"subscription_id": "int64", "brand": "string", "until": "timestamp"}

COLUMNS: Mapping[str, Columns] = {
    "recharges": RECHARGES,
    "bills": BILLS,
    "members": MEMBERS,
    "tiers": TIERS,
    "plans": PLANS,
}


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The whole base as Ibis tables with the columns above.

    Without `members` everybody who has a recharge or a bill is in the lowest tier, and nobody's tenure is asked for.
    `tiers` and `plans` are needed where the rules multiply by tier and by brand.
    """

    recharges: Table
    bills: Table
    members: Table | None = None
    tiers: Table | None = None
    plans: Table | None = None


def base_of(tables: Mapping[str, Table]) -> Base | Refusal:
    """The base from tables by the names of `COLUMNS`; those without a file but for members, tiers and plans are empty.

    A moment with a zone becomes UTC, a narrow number a wide one; COLUMN_MISSING and COLUMN_WRONG name what is amiss.
    """
    fitted: dict[str, Table] = {}
    for name, table in tables.items():
        found = _fit(name, table)
        if isinstance(found, Refusal):
            return found
        fitted[name] = found
    assert fitted, "there is something to reckon"
    some = next(iter(fitted.values()))
    for name in ("recharges", "bills"):
        fitted.setdefault(name, _empty(name, some))
    return Base(**fitted)


def _empty(name: str, some: Table) -> Table:
    """No rows, with the columns of a table; made of another, so that it is where that one is."""
    nothing = some.filter(ibis.literal(False))  # noqa: FBT003 - Ibis' signature
    return nothing.select(**{column: ibis.null(type_) for column, type_ in COLUMNS[name].items()})


def _fit(name: str, table: Table) -> Table | Refusal:
    columns = {}
    for column, type_ in COLUMNS[name].items():
        if column not in table.columns:
            return COLUMN_MISSING(table=name, column=column)
        wanted, found = ibis.dtype(type_), table[column].type()
        fits = (
            (found.is_integer() and wanted.is_integer())
            or (found.is_timestamp() and wanted.is_timestamp())
            or found.is_null()
            or found.copy(nullable=True) == wanted
        )
        if not fits:
            return COLUMN_WRONG(table=name, column=column, type=str(found), wanted=type_)
        columns[column] = table[column].cast(wanted)
    return table.select(**columns)
