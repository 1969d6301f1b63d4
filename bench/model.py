"""Cases, what they measured, and the medians over the rounds. Pure."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

RATE = "sales_s"
SOLD = "sold"  # all sales of a run, the warm-up included; not a figure of its own
Measured = dict[str, float]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How large and how long. Every run is warmed up for `warm_s` first, which does not count."""

    name: str
    outlets: int
    subscribers: int
    rounds: int
    run_s: float
    warm_s: float
    entries_few: int
    entries_many: int


SHORT = Form(
    name="short",
    outlets=2_000,
    subscribers=40_000,
    rounds=3,
    run_s=3,
    warm_s=1,
    entries_few=100_000,
    entries_many=1_000_000,
)
FULL = Form(
    name="full",
    outlets=5_000,
    subscribers=200_000,
    rounds=5,
    run_s=5,
    warm_s=1,
    entries_few=100_000,
    entries_many=10_000_000,
)


class Case(msgspec.Struct, frozen=True):
    """One thing that is run once a round: `key` for programs, `label` for the table."""

    key: str
    label: str
    run: Callable[[], Measured]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A case with all its runs, in order, and the median of each value."""

    key: str
    group: str
    label: str
    median: Measured
    runs: list[Measured]


class Results:
    """What was measured so far."""

    def __init__(self) -> None:
        self._cases: dict[str, tuple[str, Case]] = {}
        self._runs: dict[str, list[Measured]] = {}

    def add(self, group: str, case: Case, measured: Measured) -> None:
        """One run more."""
        self._cases[case.key] = (group, case)
        self._runs.setdefault(case.key, []).append(measured)

    def figures(self) -> list[Figure]:
        """Every case, in the order of the first round."""
        return [
            Figure(key=key, group=group, label=case.label, median=medians(self._runs[key]), runs=self._runs[key])
            for key, (group, case) in self._cases.items()
        ]

    def median(self, key: str, value: str = RATE) -> float | None:
        """The median of one value of a case; None where it was not run (`--only`)."""
        return medians(self._runs[key])[value] if key in self._runs else None

    def best(self, prefix: str) -> float | None:
        """The highest median rate among cases `prefix/…`."""
        rates = [self.median(key) for key in self._runs if key.startswith(f"{prefix}/")]
        return max((rate for rate in rates if rate is not None), default=None)


def medians(runs: Sequence[Mapping[str, float]]) -> Measured:
    """The median of each value over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def ratio(name: str, above: float | None, below: float | None, *, digits: int = 2) -> dict[str, float]:
    """`{name: above / below}`, or nothing where one of them was not measured."""
    return {name: round(above / below, digits)} if above and below else {}


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of an ordered, non-empty sequence lies (nearest rank)."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Group(Protocol):
    """A module of figures."""

    @property
    def KEY(self) -> str:  # noqa: N802 - a module's constant
        """What `--only` calls it."""
        ...

    @property
    def TITLE(self) -> str:  # noqa: N802 - a module's constant
        """Its heading."""
        ...

    def cases(self, bed: Any, /) -> list[Case]:
        """What it runs; `bed` is a `bench.bed.Bed`."""
        ...

    def ratios(self, results: Results, /) -> dict[str, float]:
        """What comes of it; empty where its cases were not run."""
        ...


class Aim(msgspec.Struct, frozen=True):
    """What a ratio should be: at least, or at most."""

    says: str
    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        """Whether it is."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


AIMS: Mapping[str, Aim] = {
    "sell_vs_pgbench": Aim("batches through one lane, over pgbench", at_least=2),
    "split_vs_pgbench": Aim("the same split by cell, two steps, over pgbench", at_least=2),
    "hot_vs_pgbench": Aim("one hot outlet, over pgbench on one hot outlet", at_least=6),
    "http_vs_pgbench": Aim("over HTTP with 64 clients, over pgbench", at_least=0.6),
    "http_p99_ms": Aim("99 of 100 answers over HTTP with 64 clients, ms", at_most=100),
    "growth": Aim("cost of a sale on many entries, over few (the worse of lane and HTTP)", at_most=1.2),
    "rest_mb": Aim("server and worker at rest, MB", at_most=200),
}
