"""(c) Everybody buys at one outlet: its owner row and its wallet are in every sale. Both ways."""

from functools import partial

from bench.baseline import CLIENTS, pgbench
from bench.batches import BATCHES, one_lane
from bench.bed import Bed
from bench.model import Case, Results, ratio

KEY = "c"
TITLE = "one hot outlet, both ways"


def cases(bed: Bed) -> list[Case]:
    """The cases of (a) and (b) with one outlet."""
    return [
        *(
            Case(
                f"hot-pgbench/{clients}",
                f"one hot outlet, pgbench, {clients} clients",
                partial(pgbench, bed, clients, outlets=1),
            )
            for clients in CLIENTS
        ),
        *(
            Case(
                f"hot-sell/{batch}",
                f"one hot outlet, sell, batches of {batch}",
                partial(one_lane, bed, batch, outlets=1),
            )
            for batch in BATCHES
        ),
    ]


def ratios(results: Results) -> dict[str, float]:
    """The better of both over the better of pgbench."""
    return ratio("hot_vs_pgbench", results.best("hot-sell"), results.best("hot-pgbench"))
