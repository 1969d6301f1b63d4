"""The command line: `konter demo | serve | worker | migrate | check-books | catalogue import | rules load | clock`."""

import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import cyclopts
import msgspec
import uvloop
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from konter import __version__
from konter.app import App, open_app
from konter.catalogue.availability import set_open
from konter.catalogue.importing import import_catalogue
from konter.furnish import DEFAULT_RULESET, furnish
from konter.ledger.books import check_books as prove_books
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.platform.config import Settings, SettingsError, load_settings, with_local_secrets
from konter.platform.db import WrongModeError, claim_instance, instance_mode
from konter.platform.embedded import EmbeddedError, EmbeddedServer, start_embedded
from konter.platform.embedded.lock import only_one
from konter.platform.folders import make_private
from konter.platform.i18n import Locale, locale_of, text
from konter.platform.logs import set_up_logs
from konter.platform.migrate import MigrationError, Phase
from konter.platform.migrate import check as check_schema
from konter.platform.migrate import migrate as run_migrations
from konter.platform.refusal import Refusal
from konter.rules.load import Loaded, load_ruleset
from konter.server import NotReadyError, PortTakenError, require_free_port, supervised, wait_until_ready
from konter.server import serve as run_server
from konter.simulator.demo import Ready, lines_for_people, prepare
from konter.simulator.handsets.act import move_clock
from konter.simulator.operator.model import Size
from konter.worker import work

T = TypeVar("T")
Data = Annotated[Path | None, Parameter(name="--data", help="Folder of the embedded database and the local secrets.")]

app = cyclopts.App(name="konter", version=__version__, help="Runs the business of a mobile operator.")
catalogue_app = cyclopts.App(name="catalogue", help="Products and prices.")
rules_app = cyclopts.App(name="rules", help="Rules with a date.")
app.command(catalogue_app)
app.command(rules_app)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def say(key: str, **data: Any) -> str:
    """A text in the language of the terminal."""
    return text(key, spoken(), **data)


def spoken() -> Locale:
    """Indonesian, or English where KONTER_LANG or else LANG asks for it."""
    return locale_of(os.environ.get("KONTER_LANG") or os.environ.get("LANG"))


class Failed(Exception):  # noqa: N818 - ends the command with a plain sentence
    """What the command line says on standard error before it exits with 1."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, or the embedded one, started or found."""
    if settings.database_url:
        yield settings.database_url
        return
    make_private(settings.data)
    with start_embedded(settings.data / "pg") as server:
        yield server.url


def settings_for(data: Path | None = None, **given: Any) -> Settings:
    """Settings with secrets; without any of their own these are made on first use, next to the data."""
    return with_local_secrets(load_settings(data=data, **given))


@asynccontextmanager
async def parts_on(settings: Settings, url: str) -> AsyncIterator[App]:
    """The parts for one command, on whatever the database is for: its mode is the one that counts here."""
    connection = await asyncpg.connect(url)
    try:
        mode = await instance_mode(connection) or settings.mode
    finally:
        await connection.close()
    async with open_app(msgspec.structs.replace(settings, mode=mode), url) as parts:
        yield parts


def run(work_: Coroutine[Any, Any, T]) -> T:
    """Run one command's coroutine."""
    return uvloop.run(work_)


@app.command
def demo(
    *,
    port: int = 8080,
    data: Data = None,
    json: Annotated[bool, Parameter(help="Print one line of JSON when ready.")] = False,
    seed: Annotated[int, Parameter(help="The same seed builds the same operator.")] = 1,
    outlets: int = 300,
    subscribers: int = 50_000,
    sales: int = 100_000,
) -> None:
    """Build a synthetic operator on the embedded database, serve it, and print where to look and how to log in."""
    settings = settings_for(data, port=port, mode="demo", database_url="")
    size = Size(outlets=outlets, subscribers=subscribers, sales=sales)
    set_up_logs("warning", json=False)
    require_free_port(settings)
    make_private(settings.data)
    with only_one(settings.data / "demo.lock") as alone, start_embedded(settings.data / "pg") as server:
        if not alone:
            raise Failed(say("cli.demo_running", folder=settings.data))
        run_demo(settings, server, seed=seed, size=size, json=json)


def run_demo(settings: Settings, server: EmbeddedServer, *, seed: int, size: Size, json: bool) -> None:
    """Build if need be, serve, and look after server, worker and database until told to stop."""
    with progress_bars() as progress:
        ready = run(prepare(settings, server.url, seed=seed, size=size, progress=progress))
    served = msgspec.structs.replace(settings, database_url=server.url)
    with supervised(served, ["serve", "worker"]) as children:
        wait_until_ready(settings.address)
        tell(ready, settings, json=json)
        children.watch(server.revive)


def tell(ready: Ready, settings: Settings, *, json: bool) -> None:
    """The demo's first words: for scripts one line of JSON, for people addresses and log-ins."""
    if json:
        print(msgspec.json.encode(ready).decode(), flush=True)
        return
    out.print()
    for key, value in lines_for_people(ready):
        out.print(f"{say(key):32} [bold]{value}[/bold]", soft_wrap=True)
    out.print()
    out.print(say("demo.stop", folder=settings.data), soft_wrap=True)
    out.file.flush()


class Bars:
    """Progress bars on standard error, one per step, as the builder names them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """How far a step is."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(say(f"demo.{step}"), total=total)
        self._progress.update(self._tasks[step], completed=min(done, total), total=total)


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Bars for the length of the block."""
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        yield Bars(progress)


@app.command
def serve(*, port: int | None = None, host: str | None = None, data: Data = None, workers: int | None = None) -> None:
    """Serve pages and API. The schema must be up to date (`konter migrate`)."""
    settings = settings_for(data, port=port, host=host, workers=workers)
    with database(settings) as url:
        run(check_schema(url))
        run_server(msgspec.structs.replace(settings, database_url=url))


@app.command
def worker(*, data: Data = None) -> None:
    """Do side effects from the outbox and jobs that fall due. Run one or several beside the servers."""
    settings = settings_for(data)
    set_up_logs(settings.log_level)
    with database(settings) as url:
        run(check_schema(url))
        run(work(settings, url))


@app.command
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


@app.command(name="check-books")
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


@catalogue_app.command(name="import")
def import_(file: Path, *, data: Data = None) -> None:
    """Import products and prices from a CSV file: all or nothing, each bad row named by line and column."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now()
            report = await import_catalogue(
                connection, file, now=now, actor=SYSTEM, ids=parts.ids, rules=await parts.rules(connection, now)
            )
        if isinstance(report, Refusal):
            raise Failed(said(report))
        for sentence in report.sentences(spoken()):
            out.print(sentence, soft_wrap=True)

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


@catalogue_app.command(name="open")
def open_product(code: str, *, data: Data = None) -> None:
    """Put a product on sale again, at once and in every running server."""
    set_availability(code, is_open=True, data=data)


@catalogue_app.command(name="close")
def close_product(code: str, *, data: Data = None) -> None:
    """Take a product off sale, at once and in every running server."""
    set_availability(code, is_open=False, data=data)


def set_availability(code: str, *, is_open: bool, data: Path | None) -> None:
    """Open or close one product and say so."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            product = await set_open(
                connection, code, is_open=is_open, now=parts.clock.now(), actor=SYSTEM, ids=parts.ids
            )
        if isinstance(product, Refusal):
            raise Failed(said(product))
        out.print(say("cli.product_opened" if is_open else "cli.product_closed", code=product.code))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


@rules_app.command(name="load")
def load(source: str, *, data: Data = None) -> None:
    """Load a ruleset: a file, or one that ships with Konter (`id-2014`, `id-2026`). Only for moments to come."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            path = Path(source)
            loaded = await load_ruleset(
                connection,
                path if path.suffix else source,
                now=parts.clock.now(),
                actor=SYSTEM,
                ids=parts.ids,
            )
        if isinstance(loaded, Refusal):
            raise Failed(said(loaded))
        out.print(loaded.sentence(spoken()))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


@app.command
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


def said(refusal: Refusal) -> str:
    """A refusal in words, with every fault of a file on a line of its own."""
    locale = spoken()
    faults = refusal.data.get("faults", [])
    return "\n".join([text(refusal.sentence_key, locale, **refusal.data), *(f.sentence(locale) for f in faults)])


def main() -> None:
    """Run a command; what the user can mend is one plain line, not a traceback."""
    try:
        app()
    except Failed as error:
        if error.args:
            err.print(str(error), soft_wrap=True)
        sys.exit(1)
    except PortTakenError as error:
        err.print(say("cli.port_taken", port=error.args[0]))
        sys.exit(1)
    except (
        SettingsError,
        EmbeddedError,
        MigrationError,
        NotReadyError,
        WrongModeError,
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,  # an address that the driver cannot read, or a log-in that it cannot do
        asyncpg.PostgresError,
    ) as error:
        err.print(f"konter: {error}", soft_wrap=True)
        sys.exit(1)
