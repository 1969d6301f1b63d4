"""(b2) The same split by cell: every receiver is in another lane's cells, so every sale takes two steps."""

from functools import partial

from bench.batches import BATCHES
from bench.batches import WAITING as IN_ONE_LANE
from bench.bed import Bed, answer_of
from bench.model import RATE, SOLD, Case, Measured, Results, medians, ratio
from bench.people import Market
from bench.seller import Spec
from konter.platform.ids import CELLS
from konter.sales.selling import STEPS

KEY = "b2"
TITLE = "`sell` split by cell, two steps"
DATABASE = "bench"
GROUPS = 2
PROCESSES = 1
WAITING = STEPS * IN_ONE_LANE  # batches' worth of callers, as a sale goes through three lanes


def cases(bed: Bed) -> list[Case]:
    """Batches of 64 and 256."""
    return [
        Case(f"split/{batch}", f"sell, two steps, batches of {batch}", partial(split, bed, batch)) for batch in BATCHES
    ]


def ratios(results: Results) -> dict[str, float]:
    """The better of both over the better of pgbench."""
    return ratio("split_vs_pgbench", results.best("split"), results.best("pgbench"))


def split(bed: Bed, batch: int, *, processes: int = PROCESSES) -> Measured:
    """One run. Each process has the outlets of one group of cells and the customers of the next one."""
    settings = bed.settings_for(DATABASE, lane_batch_max=batch, cell_groups=GROUPS)
    specs = []
    for group in range(processes):
        payers, receivers = range(group, CELLS, GROUPS), range((group + 1) % GROUPS, CELLS, GROUPS)
        market = Market(
            tokens=bed.people.tokens_of(cells=payers), msisdns=bed.people.msisdns(receivers), seed=bed.next_seed()
        )
        specs.append(Spec(market=market, callers=WAITING * batch, warm_s=bed.form.warm_s, run_s=bed.form.run_s))

    def run() -> Measured:
        running = [bed.child("bench.seller", settings, spec) for spec in specs]
        measured = [answer_of(process) for process in running]
        return {**medians(measured), **{name: sum(each[name] for each in measured) for name in (RATE, SOLD)}}

    return bed.measured(run)
