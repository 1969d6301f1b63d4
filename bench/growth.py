"""(e) What a sale costs on many entries, over what it costs on few: the lane and HTTP."""

from functools import cache, partial

from bench import queries
from bench.batches import one_lane
from bench.bed import Bed
from bench.fill import fill
from bench.model import Case, Measured, Results, ratio
from bench.over_http import one_load

KEY = "e"
TITLE = "growth: the same on many entries"
BATCH = 64
CLIENTS = 64
FRESH, MANY = "bench_fresh", "bench_many"


def cases(bed: Bed) -> list[Case]:
    """Lane and HTTP on few and on many entries. The few are copied anew for each run, or they would not stay few."""
    few, many = f"{bed.form.entries_few:,} entries", f"{bed.form.entries_many:,} entries"
    return [
        Case("growth-few/sell", f"sell, batches of {BATCH}, {few}", lambda: _lane(bed, _few(bed))),
        Case("growth-many/sell", f"sell, batches of {BATCH}, {many}", lambda: _lane(bed, _many(bed))),
        Case("growth-few/http", f"HTTP, {CLIENTS} clients, {few}", lambda: _http(bed, _few(bed))),
        Case("growth-many/http", f"HTTP, {CLIENTS} clients, {many}", lambda: _http(bed, _many(bed))),
    ]


def ratios(results: Results) -> dict[str, float]:
    """Of lane and HTTP the one that grew more."""
    each = [
        *ratio("sell", results.median("growth-few/sell"), results.median("growth-many/sell")).values(),
        *ratio("http", results.median("growth-few/http"), results.median("growth-many/http")).values(),
    ]
    return {"growth": max(each)} if each else {}


def _lane(bed: Bed, database: str) -> Measured:
    return one_lane(bed, BATCH, database=database)


def _http(bed: Bed, database: str) -> Measured:
    return one_load(bed, CLIENTS, database=database)


def _few(bed: Bed) -> str:
    """The seeded database as it is."""
    bed.copy(FRESH)
    return FRESH


@cache
def _many(bed: Bed) -> str:
    """A copy filled further, once a session."""
    bed.copy(MANY)
    bed.on(MANY, partial(fill, entries=bed.form.entries_many, say=bed.say))
    bed.on(MANY, queries.flush)
    return MANY
