"""The command line: which commands there are, and how one fails. A command's module is imported when it is called."""

import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import cyclopts

from konter import __version__
from konter.cli.terminal import Failed, err, said, say
from konter.platform.config import SettingsError
from konter.platform.db import WrongModeError
from konter.platform.embedded import EmbeddedError
from konter.platform.migrate import MigrationError
from konter.platform.refusal import Refused
from konter.server import NotReadyError, PortTakenError

app = cyclopts.App(name="konter", version=__version__, help="Runs the business of a mobile operator.")
catalogue_app = cyclopts.App(name="catalogue", help="Products and prices.")
points_app = cyclopts.App(name="points", help="Points and tiers: grants, and the whole base.")
rewards_app = cyclopts.App(name="rewards", help="What points buy.")
bills_app = cyclopts.App(name="bills", help="Bills of a billing system.")
merchants_app = cyclopts.App(name="merchants", help="Who gives goods against codes.")
channel_app = cyclopts.App(name="channel", help="Partners and outlets.")
staff_app = cyclopts.App(name="staff", help="Accounts of the operator's own people.")
rules_app = cyclopts.App(name="rules", help="Rules with a date.")
offices_app = cyclopts.App(name="offices", help="Service offices: where people are helped in person.")
regions_app = cyclopts.App(name="regions", help="Provinces, regencies and districts.")
app.command(catalogue_app)
app.command(points_app)
app.command(rewards_app)
app.command(bills_app)
app.command(merchants_app)
app.command(channel_app)
app.command(rules_app)
app.command(regions_app)
app.command(offices_app)
app.command(staff_app)


def _lazily(group: cyclopts.App, command: str, about: str, *, name: str = "", show: bool = True) -> None:
    """A command that is imported when it is called, and what the list of commands says of it until then."""
    group.command(f"konter.cli.{command}", name=name or command.partition(":")[2], help=about, show=show)


_lazily(app, "demo:demo", "Build a synthetic operator, serve it, and print where to look and how to log in.")
_lazily(app, "processes:serve", "Serve pages and API. The schema must be up to date (`konter migrate`).")
_lazily(app, "processes:worker", "Do side effects from the outbox and jobs that fall due, beside the servers.")
_lazily(app, "processes:network", "Run the simulated network alone, in demo or test mode.", show=False)
_lazily(app, "upkeep:migrate", "Bring the schema up to date, and what every installation needs.")
_lazily(
    app,
    "upkeep:check_books",
    "Prove the books from the entries up; exit code 1 if they do not balance.",
    name="check-books",
)
_lazily(
    app,
    "upkeep:reconcile_day",
    "Compare a day's sales, ledger and network file; what does not fit becomes work. Exit code 1 for a bad file.",
    name="reconcile",
)
_lazily(app, "upkeep:clock", "Show the clock, or move that of the demo forward (`+40d`, `+3h`, `+30m`).")
_lazily(
    catalogue_app,
    "catalogue:import_",
    "Import products and prices from a CSV file: all or nothing, each bad row named by line and column.",
    name="import",
)
_lazily(catalogue_app, "catalogue:open_product", "Put a product on sale again, at once and everywhere.", name="open")
_lazily(
    catalogue_app,
    "catalogue:close_product",
    "Take a product off sale, at once and everywhere; staff see the reason.",
    name="close",
)
_lazily(
    points_app,
    "points:accrue",
    "Grant what recharges and bills have earned up to now; with --since after data that came late.",
)
_lazily(points_app, "points:notify", "Text customers whose points end soon; again tells nobody twice.")
_lazily(
    points_app,
    "whole_base:whole_base",
    "Reckon points and tiers of the whole base from Parquet files, or try thresholds; nothing is booked.",
    name="whole-base",
)
_lazily(points_app, "whole_base:export", "Write the whole base as Parquet, as `whole-base` reads it.")
_lazily(
    rewards_app,
    "rewards:import_",
    "Import rewards from a CSV file: all or nothing, each bad row named by line and column.",
    name="import",
)
_lazily(rewards_app, "rewards:codes", "Take a CSV file of codes for a reward, sealed: all or nothing.")
_lazily(rewards_app, "rewards:open_reward", "Offer a reward again, at once and everywhere.", name="open")
_lazily(
    rewards_app, "rewards:close_reward", "Stop offering a reward, at once and everywhere; staff see why.", name="close"
)
_lazily(merchants_app, "merchants:number", "Have a number burn a merchant's codes by SMS, or no longer.")
_lazily(merchants_app, "merchants:client", "Tie an API client to a merchant: its keys burn that merchant's codes.")
_lazily(merchants_app, "merchants:close", "Close a merchant for good: it burns no code any more.")
_lazily(
    bills_app,
    "bills:import_",
    "Import bills, payments or cancellations from a CSV file: good lines go in, the others are named with the reason.",
    name="import",
)
_lazily(
    channel_app,
    "channel:import_",
    "Import partners, outlets or seller numbers from a CSV file: good rows go in, broken ones are named by line.",
    name="import",
)
_lazily(
    rules_app, "rules:load", "Load a ruleset: a file, or one that ships (`id-2014`, `id-2026`); only for the future."
)
_lazily(regions_app, "regions:load", "Load the regions that ship with Konter; again changes what was renamed.")
_lazily(
    offices_app,
    "offices:import_",
    "Import service offices from a CSV file: again changes only what changed, broken rows are named by line.",
    name="import",
)
_lazily(staff_app, "staff:add", "Make an account of staff, by default an admin, and print its first password.")
_lazily(
    staff_app,
    "staff:let_in",
    "Give an account another first password and let it set up another authenticator app.",
    name="let-in",
)


def _check_texts(given: Sequence[str]) -> None:
    """What is no UTF-8 can name a file, and nothing else that Konter knows. Raises Failed."""
    for each in given:
        shown = each.encode("utf-8", "replace").decode()
        if shown != each and not Path(each).exists():
            raise Failed(say("cli.not_utf8", given=shown))


def main() -> None:
    """Run a command; what the user can mend is one plain line, not a traceback."""
    try:
        _check_texts(sys.argv[1:])
        app()
    except Failed as error:
        if error.args:
            err.print(str(error), soft_wrap=True)
        sys.exit(1)
    except Refused as error:
        err.print(said(error.refusal), soft_wrap=True)
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
