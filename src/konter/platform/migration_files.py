"""The migration files and the rules of their order: what is read, what is refused, what is to run. See ADR 0003."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from konter.platform.sqltext import bare_words, statements

Phase = Literal["pre", "post"]

# A migration that waits for a lock makes everybody behind it wait: it gives up soon, and is run again.
TIMEOUTS = {"lock_timeout": "5s", "statement_timeout": "5min"}
# Building an index concurrently waits for the transactions that are open, and nobody waits behind it.
CONCURRENT_TIMEOUTS = {"lock_timeout": "10min", "statement_timeout": "6h"}

_FILE_NAME = re.compile(r"(\d{4})_(pre|post)_([a-z0-9_]+)\.sql")
_TIMEOUT_LINE = re.compile(r"^-- (lock_timeout|statement_timeout): (\d+(?:ms|s|min|h))$", re.MULTILINE)
_TRANSACTION_WORDS = re.compile(
    r"(BEGIN|COMMIT|END|ROLLBACK|ABORT|START TRANSACTION|PREPARE TRANSACTION|SAVEPOINT|RELEASE)\b",
)
_CREATE_INDEX = re.compile(
    r'CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>\w+|"[^"]+")\s+ON\b',
    re.IGNORECASE,
)
_DROP_INDEX = re.compile(r"DROP\s+INDEX\s+CONCURRENTLY\s+IF\s+EXISTS\b", re.IGNORECASE)


class MigrationError(RuntimeError):
    """The schema and the migrations do not go together, or a migration failed; the text names the file."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    phase: Phase
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text as read, with plain line ends: a checkout with others holds the same migration."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_concurrent(self) -> bool:
        return any("CONCURRENTLY" in bare_words(statement).split() for statement in statements(self.text))

    @property
    def timeouts(self) -> dict[str, str]:
        """The defaults, or what a line such as `-- lock_timeout: 30s` asks for."""
        defaults = CONCURRENT_TIMEOUTS if self.is_concurrent else TIMEOUTS
        return {**defaults, **dict(_TIMEOUT_LINE.findall(self.text))}


@dataclass(frozen=True, slots=True)
class Applied:
    """A row of the history in the database."""

    number: int
    name: str
    sha256: str

    @property
    def phase(self) -> Phase:
        return "post" if self.name[5:].startswith("post_") else "pre"


def migrations_dir() -> Path:
    """Beside the package when installed from a wheel, at the top of the checkout otherwise."""
    installed = Path(str(resources.files("konter"))) / "migrations"
    checkout = Path(__file__).parents[3] / "migrations"
    for directory in (installed, checkout):
        if directory.is_dir():
            return directory
    raise MigrationError(f"The migrations are neither in {installed} nor in {checkout}; the installation is broken.")


def read_migrations(directory: Path) -> list[Migration]:
    """All files in order. Refuses a strange name, a gap, a number used twice, a file that cannot keep our promises."""
    found = []
    for path in sorted(directory.glob("*.sql")):
        if not (match := _FILE_NAME.fullmatch(path.name)):
            raise MigrationError(f"{path.name}: a migration is named NNNN_pre_what.sql or NNNN_post_what.sql")
        phase: Phase = "pre" if match[2] == "pre" else "post"
        found.append(Migration(int(match[1]), phase, path.stem, path.read_text("utf-8")))
    for expected, migration in enumerate(found, start=1):
        if migration.number < expected:
            raise MigrationError(f"{migration.name}: the number {migration.number:04} is used twice")
        if migration.number > expected:
            raise MigrationError(f"{migration.name}: number {expected:04} is missing before it")
        _refuse_unsafe(migration)
    return found


def _refuse_unsafe(migration: Migration) -> None:
    for statement in statements(migration.text):
        if _TRANSACTION_WORDS.match(bare_words(statement)):
            raise MigrationError(f"{migration.name}: the runner holds the transaction, the file must not: {statement}")
        if migration.is_concurrent and not (_CREATE_INDEX.match(statement) or _DROP_INDEX.match(statement)):
            raise MigrationError(
                f"{migration.name}: beside CREATE INDEX CONCURRENTLY name ON ... and DROP INDEX CONCURRENTLY IF EXISTS "
                f"nothing else may stand in such a file, because it runs without a transaction: {statement}",
            )


def index_made_by(statement: str) -> str | None:
    """The name, as written, of the index that a CREATE INDEX CONCURRENTLY makes."""
    match = _CREATE_INDEX.match(statement)
    return match["name"] if match else None


def plan(migrations: Sequence[Migration], applied: Sequence[Applied], phase: Phase | None) -> list[Migration]:
    """What is to run now, in order; what has run is always a beginning of the whole. Pure."""
    refuse_other_history(migrations, applied)
    if len(applied) > len(migrations):
        raise MigrationError(
            f"The database is newer than this release: it has {applied[-1].name}. Migrate with the newer release.",
        )
    waiting = list(migrations[len(applied) :])
    if phase is None or (phase == "pre" and not applied):  # an empty database has no previous release to spare
        return waiting
    posts = [place for place, migration in enumerate(waiting) if migration.phase == "post"]
    first_post = posts[0] if posts else len(waiting)
    if phase == "post" and first_post > 0:
        raise MigrationError(
            f"{waiting[0].name} has not run yet: run the phase pre, start this release, then run the phase post.",
        )
    if any(migration.phase == "pre" for migration in waiting[first_post:]):
        raise MigrationError(
            f"{waiting[first_post].name} of an earlier release has not run yet and must run before the next phase pre. "
            "Go through the releases one by one, or stop the service and migrate everything at once, without a phase.",
        )
    return waiting[:first_post] if phase == "pre" else waiting


def refuse_unfit(migrations: Sequence[Migration], applied: Sequence[Applied]) -> None:
    """Raise unless code of this release may run on a database with this history. Pure.

    A waiting `post` is fine, it runs after the start. So are newer `pre` files that this release does not know: they
    are made for it, and a process that restarts in the middle of a roll-out must come up.
    """
    if not applied:
        raise MigrationError("The database is empty: name the folder of another with --data, or run konter migrate.")
    refuse_other_history(migrations, applied)
    if unknown := [done.name for done in applied[len(migrations) :] if done.phase == "post"]:
        raise MigrationError(
            f"The database is newer than this release, which does not know {', '.join(unknown)}; run the newer one.",
        )
    if waiting := [m.name for m in migrations[len(applied) :] if m.phase == "pre"]:
        raise MigrationError(
            f"The database is older than this release: {', '.join(waiting)} must run first (konter migrate).",
        )


def refuse_other_history(migrations: Sequence[Migration], applied: Sequence[Applied]) -> None:
    """A database must have been made with the files that we have, byte for byte, as far as both go."""
    for place, done in enumerate(applied, start=1):
        if done.number != place:
            raise MigrationError(f"The history of the database has a gap before {done.name}")
    for known, done in zip(migrations, applied, strict=False):
        if done.name != known.name:
            raise MigrationError(f"The database was made with {done.name} where this release has {known.name}")
        if done.sha256 != known.sha256:
            raise MigrationError(
                f"{known.name} was changed after it had been applied; restore it and write a new migration",
            )
