"""Rules in force at a moment. Everything here is plain values; rows come from `queries.py`."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from konter.rules import keys, keys_loyalty, keys_number
from konter.rules.keys import Group


class Rules(Group, frozen=True):
    """All rules of one moment, typed and frozen. `label` names ruleset and version and is stored with each sale."""

    label: str
    otp: keys.Otp
    auth: keys.Auth
    onboarding: keys.Onboarding
    work: keys.Work
    numbering: keys.Numbering
    outlet: keys.Outlet
    seller: keys.Seller
    validity: keys.Validity
    sale: keys.Sale
    health: keys.Health
    price: keys.Price
    tax: keys.Tax
    sms: keys.Sms
    ussd: keys.Ussd
    call: keys.Call
    terms: keys.Terms
    consent: keys.Consent
    brand: keys.Brands
    package: keys.Package
    ticket: keys.Ticket
    dispute: keys.Dispute
    sanction: keys.Sanction
    client: keys.Client
    registration: keys_number.Registration
    starter_pack: keys_number.StarterPack
    activation: keys_number.Activation
    sim: keys_number.Sim
    sim_replace: keys_number.SimReplace
    sim_migrate: keys_number.SimMigrate
    tariff: keys_number.Tariff
    roaming: keys_number.Roaming
    misuse: keys_number.Misuse
    promo: keys_number.Promo
    optout: keys_number.Optout
    postpaid: keys_number.Postpaid
    dunning: keys_number.Dunning
    reclaim: keys_number.Reclaim
    bar: keys_number.Bar
    customer_app: keys_number.CustomerApp
    poin: keys_loyalty.Poin
    tier: keys_loyalty.Tier
    feature: keys.Feature = msgspec.field(default_factory=keys.Feature)


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule from one moment on. `value` is plain JSON; `ruleset` is the set it was loaded with."""

    key: str
    valid_from: datetime
    value: Any
    ruleset: str
    recorded_at: datetime
    actor: str


@cache
def key_types() -> dict[str, Any]:
    """Every known dotted key with the type of its value."""
    return dict(_keys_of(Rules, ""))


def _keys_of(group: type[Group], prefix: str) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(group):
        key = f"{prefix}{field.encode_name}"
        if isinstance(field.type, type) and issubclass(field.type, Group):
            yield from _keys_of(field.type, f"{key}.")
        elif key != "label":
            yield key, field.type


def make_rules(values: dict[str, Any], label: str) -> Rules:
    """Rules from dotted keys and plain JSON values; msgspec.ValidationError on a missing key or a wrong value."""
    tree: dict[str, Any] = {"label": label}
    for key, value in values.items():
        *groups, name = key.split(".")
        place = tree
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = value
    return msgspec.convert(tree, Rules)


class Rulebook:
    """Every rule that was, is and is planned, in memory. The reader leaves cancelled rows out."""

    def __init__(self, rows: Iterable[RuleRow], version: int) -> None:
        self.version = version
        self._rows = sorted(rows, key=lambda row: (row.valid_from, row.key))
        self._exact = {(row.key, row.valid_from): row for row in self._rows}
        self._moments = sorted({row.valid_from for row in self._rows})
        self._rules: list[Rules | None] = [None] * len(self._moments)

    @property
    def rows(self) -> tuple[RuleRow, ...]:
        """Every row, by moment and key."""
        return tuple(self._rows)

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments at which some rule begins, ascending."""
        return tuple(self._moments)

    def at(self, moment: datetime) -> Rules:
        """The rules in force: of each key the newest row not after the moment. Raises LookupError before the first."""
        place = bisect_right(self._moments, moment) - 1
        if place < 0:
            raise LookupError(f"no rules are in force at {moment.isoformat()}")
        rules = self._rules[place]
        if rules is None:
            rules = self._rules[place] = self._make(self._moments[place])
        return rules

    def explain(self, key: str, moment: datetime) -> RuleRow:
        """Which row gives a key its value at a moment, and who recorded it when; KeyError when none does."""
        return self._in_force(moment)[key]

    def in_force(self, moment: datetime) -> tuple[RuleRow, ...]:
        """The rows in force at a moment, by key, for pages and lists."""
        return tuple(row for _, row in sorted(self._in_force(moment).items()))

    def planned(self, moment: datetime) -> tuple[RuleRow, ...]:
        """The rows that begin after a moment, soonest first."""
        return tuple(row for row in self._rows if row.valid_from > moment)

    def row(self, key: str, valid_from: datetime) -> RuleRow | None:
        """The row of a key that begins exactly then."""
        return self._exact.get((key, valid_from))

    def _in_force(self, moment: datetime) -> dict[str, RuleRow]:
        return {row.key: row for row in self._rows if row.valid_from <= moment}

    def _make(self, moment: datetime) -> Rules:
        rows = self._in_force(moment)
        # The set that was loaded last among those with a say at this moment names the whole.
        newest = max(rows.values(), key=lambda row: (row.recorded_at, row.valid_from))
        return make_rules({key: row.value for key, row in rows.items()}, f"{newest.ruleset}@{self.version}")
