"""The table for people and the JSON for programs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from bench.baseline import Written
from bench.model import AIMS, RATE, Figure, Form, Group
from konter.platform.clock import WIB

BEGIN, END = "<!-- begin of what `python -m bench` writes -->", "<!-- end of what `python -m bench` writes -->"
_UNITS = {RATE: "sales/s", "python_us": "µs Python", "postgres_us": "µs PostgreSQL"}
_DIGITS = {"client_cores": 2, "others_cores": 2}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one session."""

    at: datetime
    form: Form
    machine: dict[str, str]
    settings: dict[str, str]
    written: dict[str, Written]
    ratios: dict[str, float]
    figures: list[Figure]


def write_json(report: Report, path: Path) -> None:
    """For programs: `ratios` by name, every case with its median and its raw runs."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def write_table(report: Report, groups: Sequence[Group], path: Path) -> None:
    """Put the tables between the marks of the page; the prose around them stays."""
    page = path.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise RuntimeError(f"{path} has no marks to write between")
    path.write_text(f"{before}{BEGIN}\n\n{tables(report, groups)}\n\n{END}{after}", "utf-8")


def tables(report: Report, groups: Sequence[Group]) -> str:
    """All tables in Markdown."""
    at, form = f"{report.at.astimezone(WIB):%Y-%m-%d %H:%M} WIB", report.form
    size = f"{form.outlets:,} outlets, {form.subscribers:,} customers"
    runs = f"{form.rounds} alternating runs of {form.run_s:g} s after {form.warm_s:g} s of warm-up"
    parts = [
        f"{at}, {form.name} form: {size}; each figure the median of {runs}.",
        _facts(report.machine),
        _facts(report.settings),
        ratio_table(report.ratios),
    ]
    for group in groups:
        mine = [figure for figure in report.figures if figure.group == group.KEY]
        parts += [f"### ({group.KEY}) {group.TITLE}", figure_table(mine)] if mine else []
    return "\n\n".join([*parts, "### What one sale writes", written_table(report.written)])


def _facts(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items()) + "."


def ratio_table(ratios: Mapping[str, float]) -> str:
    """Each ratio beside its aim."""
    lines = ["| ratio | what | measured | aim | |", "|---|---|---:|---:|---|"]
    for name, value in ratios.items():
        aim = AIMS[name]
        bound = f"≥ {aim.at_least:g}" if aim.at_least is not None else f"≤ {aim.at_most:g}"
        lines.append(f"| `{name}` | {aim.says} | {value:g} | {bound} | {'met' if aim.met(value) else '**missed**'} |")
    return "\n".join(lines)


def figure_table(figures: Sequence[Figure]) -> str:
    """The median of each value, and between which rates the runs lay."""
    names = list(dict.fromkeys(name for figure in figures for name in figure.median))
    head = ["case", *(_UNITS.get(name, name.replace("_", " ")) for name in names), "runs"]
    lines = [_row(head), _row(["---", *["---:"] * (len(names) + 1)])]
    for figure in figures:
        rates = [run[RATE] for run in figure.runs]
        values = [_shown(name, figure.median[name]) if name in figure.median else "" for name in names]
        lines.append(_row([figure.label, *values, f"{min(rates):,.0f} to {max(rates):,.0f}"]))
    return "\n".join(lines)


def written_table(written: Mapping[str, Written]) -> str:
    """Rows per sale, side by side."""
    names = sorted({name for each in written.values() for name in each.rows})
    lines = [_row(["rows per sale", *written]), _row(["---", *["---:"] * len(written)])]
    lines += [_row([name, *(f"{each.rows.get(name, 0):g}" for each in written.values())]) for name in names]
    lines.append(_row(["bytes of rows added", *(f"{each.row_bytes:,.0f}" for each in written.values())]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(name: str, value: float) -> str:
    small = value < 100 and name != RATE
    return f"{value:,.{_DIGITS.get(name, 1 if small else 0)}f}"
