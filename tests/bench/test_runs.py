"""The benchmark on a tiny operator: both sides write the same rows, nobody breaks the books, every case runs."""

import asyncio
import functools
from collections.abc import Iterator

import msgspec
import pytest
from bench.baseline import compare
from bench.bed import Bed, made_bed
from bench.fill import fill
from bench.model import AIMS, RATE, SHORT

from bench import __main__ as program
from konter.ledger.books import check_books
from konter.platform.clock import Clock

TINY = msgspec.structs.replace(
    SHORT, outlets=20, subscribers=300, rounds=1, run_s=1, warm_s=1, entries_few=2_000, entries_many=3_000
)


@pytest.fixture(scope="module")
def bed(tmp_path_factory) -> Iterator[Bed]:
    with made_bed(TINY, tmp_path_factory.mktemp("bench") / "data", keep=False, say=lambda _: None) as made:
        yield made


def breaks(bed: Bed, database: str) -> dict:
    return bed.on(database, functools.partial(check_books, now=Clock().now())).breaks


def test_procedure_and_command_write_the_same_rows(bed) -> None:
    bed.copy("compared")
    written = asyncio.run(compare(bed, "compared"))
    mine, theirs = written["sell"], written["pgbench"]
    # An owner who is in a batch twice is changed once.
    changed = {name for name in mine.rows if name.endswith("changed")}
    assert (
        changed
        == {name for name in theirs.rows if name.endswith("changed")}
        == {"account changed", "subscription changed"}
    )
    assert all(mine.rows[name] <= theirs.rows[name] for name in changed)
    added = {name: count for name, count in theirs.rows.items() if name not in changed}
    assert added == {name: count for name, count in mine.rows.items() if name not in changed}
    assert added == {"audit added": 1, "entry added": 4, "outbox added": 2, "sale added": 1, "transfer added": 2}
    assert mine.row_bytes == pytest.approx(theirs.row_bytes, rel=0.05)
    assert breaks(bed, "compared") == {}


def test_the_filled_past_balances(bed) -> None:
    bed.copy("filled")
    entries = bed.on("filled", functools.partial(fill, entries=2_500, say=lambda _: None))
    assert 2_496 <= entries <= 2_500
    assert breaks(bed, "filled") == {}


def test_a_copy_without_a_balanced_past_is_refused(bed) -> None:
    async def broken(connection) -> None:
        await connection.execute("UPDATE account SET balance = balance + 1 WHERE kind = 'wallet'")
        await fill(connection, entries=2_500, say=lambda _: None)

    bed.copy("broken")
    with pytest.raises(RuntimeError, match="do not balance"):
        bed.on("broken", broken)


@pytest.mark.slow
def test_every_case_sells_and_leaves_the_books_balanced(bed) -> None:
    bed.copy(program.DATABASE)
    report = program.measure(bed, list(program.GROUPS), bed.settings.data, "")
    assert all(figure.median[RATE] > 0 for figure in report.figures)
    assert set(report.ratios) == set(AIMS)
    assert report.settings["fsync"] == "on"
    for database in (program.DATABASE, "bench_fresh", "bench_many", "bench_memory"):
        assert breaks(bed, database) == {}
