"""Fifty kills with every run of the tests; a thousand with `make crashes`."""

import os

import pytest
from tests.crashes.plan import BLOWS, KILLS, plan
from tests.crashes.run import crash
from tests.crashes.site import a_folder

SEED = int(os.environ.get("KONTER_CRASH_SEED", "1"))


@pytest.mark.slow
@pytest.mark.requirement("D-43", "D-46", "G-D12")
async def test_fifty_kills_lose_nothing_and_double_nothing() -> None:
    """Between cells and over the network, with the processes as they really run. KONTER_CRASH_SEED=n is another run."""
    with a_folder() as folder:
        report = await crash(SEED, 50, folder)
    assert report.faults == [], f"seed {SEED}"
    assert report.kills == 50
    ways = {way: report.sales.get(f"{way} done", 0) for way in ("direct", "cell", "network")}
    assert all(ways.values()), report
    assert report.retries > 0
    assert all(report.restarts[command] > 1 for command in ("serve", "worker", "network"))


def test_the_same_seed_kills_the_same_in_the_same_order() -> None:
    assert plan(7, 200) == plan(7, 200)
    assert plan(7, 200) != plan(8, 200)


def test_a_plan_has_so_many_kills_of_every_kind_and_what_hurts_in_between() -> None:
    blows = plan(1, 1_000)
    assert sum(blow.kills for blow in blows) == 1_000
    assert {blow.kind for blow in blows} == KILLS.keys() | BLOWS.keys()


def test_nothing_strikes_at_the_network_while_there_is_none() -> None:
    before = [blow for blow in plan(1, 500) if not blow.network]
    assert 250 <= len(before) < 600
    assert not [blow for blow in before if "network" in {blow.kind, blow.target} or blow.kind == "faults"]
    assert not any(blow.network for blow in plan(1, 100, network=False))
