"""Medians, ratios, tables: what becomes of the runs."""

from datetime import UTC, datetime

import msgspec
import pytest
from bench.baseline import Written, read_progress, script
from bench.machine import machine
from bench.model import AIMS, SHORT, Case, Figure, Results, medians, quantile, ratio
from bench.over_http import ratios as http_ratios
from bench.people import Market, People, bodies_of
from bench.report import BEGIN, END, Report, figure_table, ratio_table, write_json, write_table

SAID = """\
progress: 1.0 s, 1000.0 tps, lat 9.000 ms stddev 1.000, 0 failed
progress: 2.0 s, 5000.0 tps, lat 3.000 ms stddev 1.000, 0 failed
progress: 3.0 s, 7000.0 tps, lat 2.000 ms stddev 1.000, 0 failed
number of transactions actually processed: 13000
"""


def case(key: str) -> Case:
    return Case(key, key, dict)


def results(**rates: list[float]) -> Results:
    found = Results()
    for name, runs in rates.items():
        for rate in runs:
            found.add("g", case(name.replace("_", "/")), {"sales_s": rate, "p99_ms": rate / 100})
    return found


def test_a_figure_is_the_median_of_its_runs() -> None:
    assert medians([{"a": 1, "b": 9}, {"a": 5, "b": 7}, {"a": 2, "b": 8}]) == {"a": 2, "b": 8}


def test_a_ratio_takes_the_better_of_both_baselines() -> None:
    found = results(pgbench_16=[4000, 6000, 5000], pgbench_64=[4500, 4400, 4600], http_64=[3000, 3500, 9000])
    assert found.best("pgbench") == 5000
    assert http_ratios(found) == {"http_vs_pgbench": 0.7, "http_p99_ms": 35.0}


def test_what_was_not_run_has_no_ratio() -> None:
    found = results(http_64=[3000])
    assert "http_vs_pgbench" not in http_ratios(found)
    assert ratio("x", None, 5) == ratio("x", 5, None) == {}


def test_the_slowest_of_a_hundred() -> None:
    waits = [float(n) for n in range(1, 1001)]
    assert (quantile(waits, 0.5), quantile(waits, 0.99), quantile([7.0], 0.99)) == (501, 991, 7)


def test_the_seconds_of_the_warm_up_do_not_count() -> None:
    read = read_progress(SAID, warm_s=1)
    assert (read["sales_s"], read["mean_ms"], read["sold"]) == (6000, 2.5, 13000)


@pytest.mark.parametrize("said", ["", SAID.replace("0 failed", "1 failed"), "\n".join(SAID.splitlines()[:3])])
def test_a_baseline_that_failed_is_no_figure(said) -> None:
    with pytest.raises(RuntimeError):
        read_progress(said, warm_s=1)


def test_pgbench_draws_exactly_the_seeded_outlets_and_customers() -> None:
    people = People(first_outlet=5000, outlets=10, first_customer=30, customers=7, tokens=[])
    text = script(people)
    assert "random(5000, 5009)" in text
    assert "random(30, 36)" in text
    assert "random(5000, 5000)" in script(people, outlets=1)


def test_every_request_over_http_is_another_sale() -> None:
    market = Market(tokens=["one", "two"], msisdns=[6281210000001, 6281310000002], seed=1)
    bodies = bodies_of(market, "127.0.0.1:80", 50)
    for request in bodies:
        head, _, body = request.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
    refs = {msgspec.json.decode(request.partition(b"\r\n\r\n")[2])["client_ref"] for request in bodies}
    assert len(refs) == 50


def report() -> Report:
    figure = Figure(
        key="sell/64",
        group="b",
        label="sell",
        median={"sales_s": 9000, "p99_ms": 4.2},
        runs=[{"sales_s": 8000, "p99_ms": 4.2}, {"sales_s": 9000, "p99_ms": 4}, {"sales_s": 9500, "p99_ms": 5}],
    )
    return Report(
        at=datetime(2026, 11, 21, 5, tzinfo=UTC),
        form=SHORT,
        machine={"processor": "P"},
        settings={"fsync": "on"},
        written={"sell": Written(rows={"sale added": 1.0}, row_bytes=2000)},
        ratios={"sell_vs_pgbench": 1.5, "http_p99_ms": 35.0},
        figures=[figure],
    )


def test_a_missed_aim_is_said() -> None:
    table = ratio_table(report().ratios)
    assert "| 1.5 | ≥ 2 | **missed** |" in table
    assert "| 35 | ≤ 100 | met |" in table


def test_the_table_says_between_what_the_runs_lay() -> None:
    assert "| sell | 9,000 | 4.2 | 8,000 to 9,500 |" in figure_table(report().figures)


class Lane:
    KEY, TITLE = "b", "lane"

    @staticmethod
    def cases(_: object) -> list[Case]:
        return []

    @staticmethod
    def ratios(_: Results) -> dict[str, float]:
        return {}


def test_the_page_keeps_its_prose(tmp_path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    write_table(report(), [Lane()], page)
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "### (b) lane" in text
    write_table(report(), [Lane()], page)
    assert page.read_text("utf-8") == text


def test_programs_find_ratios_and_every_run(tmp_path) -> None:
    write_json(report(), tmp_path / "benchmarks.json")
    read = msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes())
    assert read["ratios"] == {"sell_vs_pgbench": 1.5, "http_p99_ms": 35.0}
    assert [run["sales_s"] for run in read["figures"][0]["runs"]] == [8000, 9000, 9500]
    assert {"at", "machine", "settings"} <= set(read)


def test_every_ratio_of_the_issue_has_its_aim(tmp_path) -> None:
    wanted = "sell_vs_pgbench split_vs_pgbench hot_vs_pgbench http_vs_pgbench http_p99_ms growth rest_mb"
    assert set(wanted.split()) <= set(AIMS)
    assert machine(tmp_path)["cores"]
