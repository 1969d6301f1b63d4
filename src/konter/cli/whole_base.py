"""`konter points whole-base` and `export`: points and tiers of everybody, from Parquet into Parquet."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.table import Table

from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, a_day, database, out, run, said, say, settings_for, spoken
from konter.loyalty.tiers.model import Evaluation
from konter.loyalty.tiers.read import tier_name
from konter.platform.audit import SYSTEM
from konter.platform.clock import day_start
from konter.platform.config import Settings
from konter.platform.refusal import Refusal
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules
from konter.rules.refusals import RULESET_REFUSED
from konter.rules.ruleset import Fault

if TYPE_CHECKING:
    from konter.loyalty.whole_base.run import Totals

Parquet = Annotated[Path | None, Parameter(help="A Parquet file, or a folder of them.")]


def whole_base(
    *,
    on: Annotated[
        date,
        a_day("The day of the evaluation; the rules with which it begins hold for all."),
    ],
    recharges: Annotated[Path, Parameter(help="A Parquet file of recharges, or a folder of them.")],
    output: Annotated[Path, Parameter(help="The folder to write to.")],
    bills: Parquet = None,
    members: Parquet = None,
    tiers: Parquet = None,
    plans: Parquet = None,
    ruleset: Annotated[str | None, Parameter(help="A ruleset; without one the rules of the installation.")] = None,
    threshold: Annotated[dict[str, int] | None, Parameter(help="Try another: --threshold.gold 400000.")] = None,
    part: Annotated[Literal["all", "points", "tiers"], Parameter(help="What to reckon.")] = "all",
    memory_mb: Annotated[int, Parameter(help="Memory, 256 or more; beyond it work goes to disk.")] = 4_096,
    spill: Annotated[Path | None, Parameter(help="Where it goes; by default below the output.")] = None,
    spill_gb: Annotated[int, Parameter(help="How much of that disk at most.")] = 200,
    threads: Annotated[int, Parameter(help="How many threads.")] = 2,
    data: Data = None,
) -> None:
    """Reckon points and tiers of the whole base from Parquet files, write Parquet, print totals; nothing is booked."""
    try:
        from konter.loyalty.whole_base.engine import Limits
        from konter.loyalty.whole_base.run import reckon, with_thresholds
    except ImportError as error:
        raise Failed(say("cli.whole_base.not_installed", module=error.name)) from error
    given = {"recharges": recharges, "bills": bills, "members": members, "tiers": tiers, "plans": plans}
    evaluation: Evaluation | Refusal = Evaluation(_rules(ruleset, on, data), on)
    if threshold and isinstance(evaluation, Evaluation):
        evaluation = with_thresholds(evaluation, threshold)
    if isinstance(evaluation, Refusal):
        raise Failed(said(evaluation))
    totals = reckon(
        {name: path for name, path in given.items() if path is not None},
        evaluation,
        out=output,
        limits=Limits(spill=spill or output / "spill", memory_mb=memory_mb, spill_gb=spill_gb, threads=threads),
        part=part,
    )
    if isinstance(totals, Refusal):
        raise Failed(said(totals))
    show(totals, evaluation.rules.label)


def export(
    *,
    output: Annotated[Path, Parameter(help="The folder to write to.")],
    on: Annotated[date | None, a_day("The rules of which day; by default today's.")] = None,
    data: Data = None,
) -> None:
    """Write recharges, bills, members, tiers and plans as Parquet, as `whole-base` reads them."""
    try:
        from konter.loyalty.whole_base.export import export as write_files
    except ImportError as error:
        raise Failed(say("cli.whole_base.not_installed", module=error.name)) from error
    output.mkdir(parents=True, exist_ok=True)
    settings = settings_for(data)

    async def write(url: str) -> Mapping[str, int]:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now() if on is None else day_start(on)
            return await write_files(connection, output, rules=await parts.rules(connection, now))

    with database(settings) as url:
        written = run(write(url))
    for name, rows in written.items():
        out.print(say("cli.whole_base.written", name=name, rows=rows))


def _rules(ruleset: str | None, on: date, data: Path | None) -> Rules:
    """The rules with which a day begins: of a ruleset by itself, or those of the installation."""
    if ruleset is None:
        settings = settings_for(data)
        with database(settings) as url:
            return run(_rules_in_force(settings, url, on))
    source = read_ruleset(Path(ruleset) if Path(ruleset).suffix else ruleset)
    begin = day_start(on)
    rows = source if isinstance(source, list) else decide_load(Rulebook([], 1), source, now=begin, actor=SYSTEM)
    if faults := [row for row in rows if isinstance(row, Fault)]:
        raise Failed(said(RULESET_REFUSED(source=ruleset, count=len(faults), faults=tuple(faults))))
    return Rulebook([row for row in rows if isinstance(row, RuleRow)], 1).at(begin)


async def _rules_in_force(settings: Settings, url: str, on: date) -> Rules:
    async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
        return await parts.rules(connection, day_start(on))


def show(totals: "Totals", rules: str) -> None:
    """A run in words: points by vintage, who goes from where to where, and what was written."""
    out.print(say("cli.whole_base.rules", rules=rules))
    if totals.vintages:
        table = Table(say("cli.whole_base.vintage"))
        for heading in (say("cli.whole_base.of_months"), say("cli.whole_base.of_bills")):
            table.add_column(heading, justify="right")
        for each in totals.vintages:
            table.add_row(str(each.vintage), f"{each.of_months:,}", f"{each.of_bills:,}")
        out.print(table)
    if totals.flows:
        table = Table(say("cli.whole_base.tier"), say("cli.whole_base.earned"), say("cli.whole_base.target"))
        table.add_column(say("cli.whole_base.customers"), justify="right")
        for flow in totals.flows:
            names = (tier_name(name, spoken()) for name in (flow.tier, flow.earned, flow.target))
            table.add_row(*names, f"{flow.customers:,}")
        out.print(table)
    for name, rows in totals.written.items():
        out.print(say("cli.whole_base.written", name=name, rows=rows))
