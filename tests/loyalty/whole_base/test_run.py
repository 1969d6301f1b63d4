"""From files into files: totals, refusals, limits, the command."""

import subprocess
import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.loyalty.whole_base.files import written
from tests.loyalty.whole_base.people import NEW, OLD, pure_bills, pure_evaluation, pure_months, seeded

from konter.cli.main import app
from konter.cli.terminal import Failed
from konter.loyalty.tiers.model import Evaluation
from konter.loyalty.whole_base import tiers
from konter.loyalty.whole_base.engine import Limits, OutOfMemory
from konter.loyalty.whole_base.run import Totals, reckon
from konter.platform.refusal import Refusal

JULY = date(2026, 7, 1)
EVALUATION = Evaluation(OLD, JULY)
PEOPLE = seeded(8, count=120, names=OLD.tier.names)


def run(folders, tmp_path, *, evaluation=EVALUATION, part="all", **limits) -> Totals | Refusal:
    given = Limits(spill=tmp_path / "spill", **{"memory_mb": 512, **limits})
    return reckon(folders, evaluation, out=tmp_path / "out", limits=given, part=part)


def code(found: Totals | Refusal) -> str:
    assert isinstance(found, Refusal), found
    return found.code


def test_it_works(tmp_path) -> None:
    totals = run(written(PEOPLE, tmp_path / "in"), tmp_path)
    assert isinstance(totals, Totals), totals
    months, bills = pure_months(PEOPLE, OLD), pure_bills(PEOPLE, OLD)
    read = pq.read_table(tmp_path / "out" / "months.parquet")
    assert set(map(str, read.schema.types)) == {"int64", "date32[day]"}
    assert sorted(tuple(row.values()) for row in read.to_pylist()) == months
    assert sorted(tuple(row.values()) for row in pq.read_table(tmp_path / "out" / "bills.parquet").to_pylist()) == bills
    assert sum(each.of_months for each in totals.vintages) == sum(row[-1] for row in months) > 0
    assert sum(each.of_bills for each in totals.vintages) == sum(row[-2] for row in bills) > 0
    assert sum(flow.customers for flow in totals.flows) == len(PEOPLE.members)
    changed = [row for row in pure_evaluation(PEOPLE, EVALUATION) if row[-1]]
    assert totals.written == {
        "months": len(months),
        "bills": len(bills),
        "tier_changes": len(changed),
        "tier_flows": len(totals.flows),
    }
    assert not [*(tmp_path / "out").glob("*.part")]


def test_again_gives_the_same(tmp_path) -> None:
    folders = written(PEOPLE, tmp_path / "in")
    assert run(folders, tmp_path) == run(folders, tmp_path)


def test_recharges_alone_are_enough(tmp_path) -> None:
    totals = run(written(PEOPLE, tmp_path / "in", "recharges"), tmp_path)
    assert isinstance(totals, Totals), totals
    assert (totals.written["bills"], {flow.tier for flow in totals.flows}) == (0, {"mass"})


def test_rules_that_multiply_want_the_history(tmp_path) -> None:
    folders = written(PEOPLE, tmp_path / "in", "recharges")
    assert code(run(folders, tmp_path, evaluation=Evaluation(NEW, JULY))) == "HISTORY_NEEDED"
    assert isinstance(run(folders, tmp_path, evaluation=Evaluation(NEW, JULY), part="tiers"), Totals)


def test_a_folder_without_files_is_refused(tmp_path) -> None:
    (tmp_path / "none").mkdir()
    for folder in (tmp_path / "none", tmp_path / "nowhere"):
        assert code(run({"recharges": folder}, tmp_path)) == "FILES_MISSING"


def test_what_is_no_parquet_is_refused(tmp_path) -> None:
    path = tmp_path / "it's.parquet"
    path.write_text("subscription_id;at\n")
    assert code(run({"recharges": path}, tmp_path)) == "FILES_BROKEN"


@pytest.mark.parametrize(
    ("change", "expected"), [({"face_rp": None}, "COLUMN_MISSING"), ({"face_rp": pa.array(["1"])}, "COLUMN_WRONG")]
)
def test_columns_that_do_not_fit_are_named(tmp_path, change, expected) -> None:
    (folder,) = written(PEOPLE, tmp_path / "in", "recharges").values()
    table = pq.read_table(folder / "year=0" / "part.parquet").slice(0, 1).drop_columns(list(change))
    for name, column in change.items():
        table = table if column is None else table.append_column(name, column)
    pq.write_table(table, tmp_path / "one.parquet")
    refused = run({"recharges": tmp_path / "one.parquet"}, tmp_path)
    assert code(refused) == expected
    assert refused.data["column"] == "face_rp"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "limits", [{"memory_mb": 255}, {"memory_mb": 10**9}, {"spill_gb": 0}, {"threads": 0}, {"threads": 257}]
)
def test_limits_have_bounds(tmp_path, limits) -> None:
    assert code(run({}, tmp_path, **limits)) == "LIMIT_OUT_OF_BOUNDS"


def test_too_little_memory_and_disk_is_said_and_leaves_no_half_file(tmp_path, monkeypatch) -> None:
    def exhausted(*_: object) -> None:
        raise OutOfMemory

    folders = written(PEOPLE, tmp_path / "in")
    monkeypatch.setattr(tiers, "evaluated", exhausted)
    assert code(run(folders, tmp_path)) == "OUT_OF_MEMORY"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bills.parquet", "months.parquet"]


def test_the_command_prints_totals_and_tries_thresholds(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("KONTER_LANG", "en")
    folders = written(PEOPLE, tmp_path / "in")
    command = ["points", "whole-base", "--on", "2026-07-01", "--ruleset", "id-2014", "--output", str(tmp_path / "out")]
    for name, folder in folders.items():
        command += [f"--{name}", str(folder)]
    app([*command, "--threshold.gold", "900000"], result_action="return_value")
    said = capsys.readouterr().out
    assert "Reckoned by the rules id-2014@1; nothing was booked." in said
    assert "months.parquet: " in said
    assert "PRIORITY" in said
    with pytest.raises(Failed, match="must rise in that order"):
        app([*command, "--threshold.gold", "1"], result_action="return_value")
    with pytest.raises(Failed, match="no-such"):
        app([part.replace("id-2014", "no-such") for part in command], result_action="return_value")


def test_without_a_ruleset_those_of_the_installation_hold(tmp_path, capsys, monkeypatch, own_dsn) -> None:
    monkeypatch.setenv("KONTER_LANG", "en")
    monkeypatch.setenv("KONTER_DATABASE_URL", own_dsn)
    (folder,) = written(PEOPLE, tmp_path / "in", "recharges").values()
    command = ["--data", str(tmp_path), "--on", "2026-07-01", "--recharges", str(folder), "--output", str(tmp_path)]
    app(["migrate", "--data", str(tmp_path)], result_action="return_value")
    app(["points", "whole-base", *command], result_action="return_value")
    assert "Reckoned by the rules id-2014@" in capsys.readouterr().out


def test_server_and_worker_do_not_load_it() -> None:
    """What analyses everything at once is not in the memory of those who wait for requests."""
    look = (
        "import sys, konter.server, konter.asgi, konter.worker, konter.cli.main, konter.cli.processes;"
        "print([name for name in ('duckdb', 'ibis', 'pandas', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
