"""Reckon the whole base from files into files, and say what it came to."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from konter.loyalty.tiers.evaluate import Flow, in_order
from konter.loyalty.tiers.model import Evaluation
from konter.loyalty.whole_base import points, tiers
from konter.loyalty.whole_base.engine import Limits, OutOfMemory, engine, read_base, rows_of, write_parquet
from konter.loyalty.whole_base.refusals import OUT_OF_MEMORY, THRESHOLDS_WRONG
from konter.loyalty.whole_base.tables import Base
from konter.platform.refusal import Refusal
from konter.rules.checks import rules_faults
from konter.rules.keys_loyalty import Tier

Part = Literal["all", "points", "tiers"]


class Vintage(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a vintage, from months of recharges and from bills."""

    vintage: int
    of_months: int
    of_bills: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to: rows of each file written, points by vintage, how many customers go from where to where."""

    written: dict[str, int]
    vintages: list[Vintage]
    flows: list[Flow]


def reckon(
    folders: Mapping[str, Path], evaluation: Evaluation, *, out: Path, limits: Limits, part: Part = "all"
) -> Totals | Refusal:
    """Points of all months and bills, and the evaluation of everybody, by the rules of the evaluation.

    `folders`: by the names of `tables.COLUMNS`. Writes `months.parquet`, `bills.parquet`, `tier_changes.parquet` and
    `tier_flows.parquet` to `out`. Refusals: those of `read_base`, HISTORY_NEEDED, LIMIT_OUT_OF_BOUNDS, OUT_OF_MEMORY.
    """
    if (refusal := limits.refusal()) is not None:
        return refusal
    with engine(limits) as backend:
        base = read_base(backend, folders)
        if isinstance(base, Refusal):
            return base
        lacking = points.missing_history(base, evaluation.rules) if part != "tiers" else None
        if lacking is not None:
            return lacking
        try:
            return _written(backend, base, evaluation, out, part)
        except OutOfMemory:
            return OUT_OF_MEMORY(memory_mb=limits.memory_mb, spill_gb=limits.spill_gb)


def _written(backend: Any, base: Base, evaluation: Evaluation, out: Path, part: Part) -> Totals:
    written: dict[str, int] = {}
    vintages: list[Vintage] = []
    flows: list[Flow] = []
    if part != "tiers":
        for name, table in (("months", points.months), ("bills", points.bills)):
            written[name] = write_parquet(backend, table(base, evaluation.rules), out / f"{name}.parquet")
        vintages = list(_vintages(backend, out))
    if part != "points":
        everybody = backend.create_table("everybody", tiers.evaluated(base, evaluation), temp=True)
        written["tier_changes"] = write_parquet(backend, tiers.changes(everybody), out / "tier_changes.parquet")
        written["tier_flows"] = write_parquet(backend, tiers.flows(everybody), out / "tier_flows.parquet")
        flows = sorted_flows(rows_of(backend, tiers.flows(everybody)), evaluation.rules.tier)
    return Totals(written=written, vintages=vintages, flows=flows)


def _vintages(backend: Any, out: Path) -> Iterator[Vintage]:
    sums: dict[str, dict[int, int]] = {}
    for name in ("months", "bills"):
        table = backend.read_parquet(str(out / f"{name}.parquet"))
        by_year = table.group_by("vintage").agg(points=table.points.sum())
        sums[name] = dict(rows_of(backend, by_year))
    for year in sorted({*sums["months"], *sums["bills"]}):
        yield Vintage(vintage=year, of_months=sums["months"].get(year, 0), of_bills=sums["bills"].get(year, 0))


def sorted_flows(rows: list[tuple[Any, ...]], tier: Tier) -> list[Flow]:
    """Rows of `tiers.flows`, in the order of every such list."""
    found = [Flow(tier=now, earned=earned, target=target, customers=count) for now, earned, target, count in rows]
    return in_order(found, tier)


def with_thresholds(evaluation: Evaluation, thresholds_rp: Mapping[str, int]) -> Evaluation | Refusal:
    """The same evaluation with other thresholds of some tiers; THRESHOLDS_WRONG where the rules do not let them be."""
    tier = evaluation.rules.tier
    given = {f"{name}_idr": amount for name, amount in thresholds_rp.items()}
    other = msgspec.structs.replace(tier, threshold={**tier.threshold, **given})
    rules = msgspec.structs.replace(evaluation.rules, tier=other)
    # The type alone keeps an amount above 0, and these came from a command line.
    if any(amount <= 0 for amount in given.values()) or "tier.threshold" in dict(rules_faults(rules)):
        return THRESHOLDS_WRONG(names=", ".join(tier.names[1:]))
    return Evaluation(rules, evaluation.on)
