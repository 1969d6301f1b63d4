"""(b) The `sell` command in batches, through one lane of one process."""

from functools import partial

from bench.bed import Bed, answer_of
from bench.model import Case, Measured, Results, ratio
from bench.people import Market
from bench.seller import Spec
from konter.sales.selling import BATCHES_AT_ONCE

KEY = "b"
TITLE = "`sell` in batches, one lane"
BATCHES = (64, 256)
DATABASE = "bench"
WAITING = BATCHES_AT_ONCE + 1  # batches' worth of callers: beside those that are decided another one gathers


def cases(bed: Bed) -> list[Case]:
    """Batches of 64 and 256."""
    return [
        Case(f"sell/{batch}", f"sell, one lane, batches of {batch}", partial(one_lane, bed, batch)) for batch in BATCHES
    ]


def ratios(results: Results) -> dict[str, float]:
    """The better of both over the better of pgbench."""
    return ratio("sell_vs_pgbench", results.best("sell"), results.best("pgbench"))


def one_lane(bed: Bed, batch: int, *, outlets: int | None = None, database: str = DATABASE) -> Measured:
    """One run of one process with one lane. `outlets`: only the first so many sell."""
    market = Market(tokens=bed.people.tokens_of(outlets=outlets), msisdns=bed.people.msisdns(), seed=bed.next_seed())
    spec = Spec(market=market, callers=WAITING * batch, warm_s=bed.form.warm_s, run_s=bed.form.run_s)
    settings = bed.settings_for(database, lane_batch_max=batch)
    return bed.measured(lambda: answer_of(bed.child("bench.seller", settings, spec)))
