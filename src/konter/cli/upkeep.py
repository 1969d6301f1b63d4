"""`konter migrate`, `check-books`, `reconcile` and `clock`: what people do to an installation now and then."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, a_day, database, err, out, run, said, say, settings_for, spoken
from konter.furnish import DEFAULT_RULESET, furnish
from konter.ledger.books import check_books as prove_books
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, business_day
from konter.platform.config import Settings
from konter.platform.db import claim_instance, instance_mode
from konter.platform.migrate import Phase
from konter.platform.migrate import migrate as run_migrations
from konter.platform.refusal import Refusal
from konter.rules.load import Loaded
from konter.sales.reconciliation.reconcile import Report, reconcile
from konter.simulator.handsets.act import move_clock


def migrate(
    *,
    phase: Annotated[Phase | None, Parameter(help="Before (pre) or after (post) the new release runs.")] = None,
    ruleset: Annotated[str, Parameter(help="What a new installation begins with.")] = DEFAULT_RULESET,
    data: Data = None,
) -> None:
    """Bring the schema up to date, and what every installation needs: documents, and rules where there are none."""

    async def furnished(settings: Settings, url: str) -> tuple[int, Loaded | None]:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            await claim_instance(connection, mode=parts.settings.mode, at=parts.clock.now())
            return await furnish(connection, now=parts.clock.now(), ids=parts.ids, ruleset=ruleset)

    settings = settings_for(data)
    with database(settings) as url:
        names = run(run_migrations(url, phase=phase))
        documents, loaded = run(furnished(settings, url))
    out.print(say("cli.migrated", names=", ".join(names)) if names else say("cli.nothing_to_migrate"))
    if documents:
        out.print(say("cli.documents", count=documents))
    if loaded is not None:
        out.print(loaded.sentence(spoken()))


def check_books(*, data: Data = None) -> None:
    """Prove the books from the entries up; exit code 1 when they do not balance."""

    async def prove(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            report = await prove_books(connection, now=parts.clock.now())
        if not report.balanced:
            for proof, rows in report.breaks.items():
                err.print(say("cli.books_break", proof=proof))
                for row in rows:
                    err.print(f"  {row}")
            raise Failed
        entries = sum(total["entries"] for total in report.totals)
        out.print(say("cli.books_balance", entries=entries, kinds=len(report.totals)))

    settings = settings_for(data)
    with database(settings) as url:
        run(prove(settings, url))


def reconcile_day(
    *,
    day: Annotated[date | None, a_day("A WIB day that is over; yesterday unless said.")] = None,
    file: Annotated[Path | None, Parameter(help="The network's file; asked of the network unless given.")] = None,
    data: Data = None,
) -> None:
    """Compare a day's sales, ledger and network file; what does not fit becomes work. Exit code 1 for a bad file."""

    async def work_(settings: Settings, url: str) -> None:
        given = file.read_bytes() if file is not None else None
        async with parts_on(settings, url) as parts:
            now = parts.clock.now()
            wanted = day or business_day(now) - timedelta(days=1)
            raw = given
            if raw is None and parts.network is not None:
                raw = await parts.network.statement(wanted)
            async with parts.pool.acquire() as connection:
                report = await reconcile(
                    connection,
                    wanted,
                    raw=raw,
                    now=now,
                    rules=await parts.rules(connection, now),
                    ids=parts.ids,
                    actor=SYSTEM,
                )
        if isinstance(report, Refusal):
            raise Failed(said(report))
        show(report)

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


def show(report: Report) -> None:
    """A run in words: what it saw, and what is new and what is solved by kind. Raises Failed for a refused file."""
    # The demo's worker knows the network, a command beside it does not.
    without_asking = report.file == "none" and report.lines
    file = say(f"reconciliation.file.{'held' if without_asking else report.file}")
    out.print(say("reconciliation.title", day=report.day))
    out.print(say("reconciliation.summary", sales=report.sales, lines=report.lines, file=file))
    kinds = sorted({*report.opened, *report.solved})
    if kinds:
        table = Table(say("reconciliation.what"))
        for heading in ("opened", "solved"):
            table.add_column(say(f"reconciliation.{heading}"), justify="right")
        for kind in kinds:
            counts = (report.opened.get(kind, 0), report.solved.get(kind, 0))
            table.add_row(say(f"reconciliation.kind.{kind}"), *map(str, counts))
        out.print(table)
    else:
        out.print(say("reconciliation.clean"))
    if not report.complete:
        out.print(say("reconciliation.more"))
    if report.refusal is not None:
        raise Failed(said(report.refusal))


def clock(shift: str | None = None, *, data: Data = None) -> None:
    """Show the clock, or move that of the demo forward (`+40d`, `+3h`, `+30m`); jobs that fall due run in order."""

    async def move(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            if shift is not None and await instance_mode(connection) != "demo":
                raise Failed(say("cli.clock_live"))
            if shift is not None:
                moved = await move_clock(connection, advance=shift.removeprefix("+"))
                if isinstance(moved, Refusal):
                    raise Failed(said(moved))
                parts.clock.offset = moved
            now = f"{parts.clock.now().astimezone(WIB):%Y-%m-%d %H:%M} WIB"
            moved_by = in_words(parts.clock.offset)
            out.print(say("cli.clock_moved", now=now, offset=moved_by) if moved_by else say("cli.clock_now", now=now))

    settings = settings_for(data)
    with database(settings) as url:
        run(move(settings, url))


def in_words(span: timedelta) -> str:
    """`40 hari 3 jam`; nothing for less than a minute."""
    minutes = int(span.total_seconds()) // 60
    counts = (
        (minutes // 1440, "cli.span.day", "cli.span.days"),
        (minutes // 60 % 24, "cli.span.hour", "cli.span.hours"),
        (minutes % 60, "cli.span.minute", "cli.span.minutes"),
    )
    return " ".join(say(one if n == 1 else more, n=n) for n, one, more in counts if n)
