"""Runs `migrations/NNNN_{pre,post}_*.sql` on a raw connection, each once, in order, under a lock. See ADR 0003.

`pre` files are safe while the previous release still runs; `post` files may follow only when it runs no more.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import asyncpg

from konter.platform.sqltext import bare_words, statements

Phase = Literal["pre", "post"]

LOCK_KEY = 0x6B6F6E746572  # "konter"
LOCK_WAIT_S_MAX = 1800
LOCK_POLL_S = 0.2
# A migration that waits for a lock makes everybody behind it wait: it gives up soon, and is run again.
TIMEOUTS = {"lock_timeout": "5s", "statement_timeout": "5min"}
# Building an index concurrently waits for the transactions that are open, and nobody waits behind it.
CONCURRENT_TIMEOUTS = {"lock_timeout": "10min", "statement_timeout": "6h"}

_FILE_NAME = re.compile(r"(\d{4})_(pre|post)_([a-z0-9_]+)\.sql")
_TIMEOUT_LINE = re.compile(r"^-- (lock_timeout|statement_timeout): (\d+(?:ms|s|min|h))$", re.MULTILINE)
_TRANSACTION_WORDS = re.compile(r"(BEGIN|COMMIT|END|ROLLBACK|ABORT|START TRANSACTION|PREPARE TRANSACTION|SAVEPOINT|RELEASE)\b")
_CREATE_INDEX = re.compile(r'CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(?P<name>\w+|"[^"]+") ON\b', re.IGNORECASE)
_DROP_INDEX = re.compile(r"DROP INDEX CONCURRENTLY IF EXISTS\b", re.IGNORECASE)

_MAKE_HISTORY = """
CREATE TABLE IF NOT EXISTS migration (
    number      integer     PRIMARY KEY CHECK (number > 0),
    name        text        NOT NULL UNIQUE,
    sha256      text        NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    duration_ms bigint      NOT NULL
)
"""
_HISTORY_EXISTS = "SELECT to_regclass('migration') IS NOT NULL"
_READ_HISTORY = "SELECT number, name, sha256 FROM migration ORDER BY number"
_WRITE_HISTORY = "INSERT INTO migration (number, name, sha256, duration_ms) VALUES ($1, $2, $3, $4)"
_INDEX_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)"
_TRY_LOCK = "SELECT pg_try_advisory_lock($1)"
_UNLOCK = "SELECT pg_advisory_unlock($1)"


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
        """Of the text with plain line ends, so that a checkout with others is the same migration."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_concurrent(self) -> bool:
        return any("CONCURRENTLY" in bare_words(statement).split() for statement in statements(self.text))

    @property
    def timeouts(self) -> dict[str, str]:
        """The defaults, or what a line such as `-- lock_timeout: 30s` asks for."""
        defaults = CONCURRENT_TIMEOUTS if self.is_concurrent else TIMEOUTS
        return {**defaults, **{name: value for name, value in _TIMEOUT_LINE.findall(self.text)}}


@dataclass(frozen=True, slots=True)
class Applied:
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
    """All files in order. Refuses a strange name, a gap, a number used twice, and a file that cannot be run as promised."""
    found = []
    for path in sorted(directory.glob("*.sql")):
        if not (match := _FILE_NAME.fullmatch(path.name)):
            raise MigrationError(f"{path.name}: a migration is named NNNN_pre_what.sql or NNNN_post_what.sql")
        phase: Phase = "pre" if match[2] == "pre" else "post"
        found.append(Migration(int(match[1]), phase, path.stem, path.read_text("utf-8").replace("\r\n", "\n")))
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
            raise MigrationError(f"{migration.name}: the runner opens and commits the transaction, not the file: {statement}")
        if migration.is_concurrent and not (_CREATE_INDEX.match(_one_line(statement)) or _DROP_INDEX.match(statement)):
            raise MigrationError(
                f"{migration.name}: beside CREATE INDEX CONCURRENTLY name ON ... and DROP INDEX CONCURRENTLY IF EXISTS "
                f"nothing else may stand in such a file, because it runs without a transaction: {statement}",
            )


def plan(migrations: Sequence[Migration], applied: Sequence[Applied], phase: Phase | None) -> list[Migration]:
    """What is to run now, in order; the rules of the two phases are in ADR 0003. Pure."""
    _refuse_changed(migrations, applied)
    if len(applied) > len(migrations):
        raise MigrationError(
            f"The database is newer than this release: it has {applied[-1].name}, this release ends with "
            f"{migrations[-1].name if migrations else 'nothing'}. Nothing to migrate here; run the newer release.",
        )
    waiting = list(migrations[len(applied) :])
    if phase == "post" and (first := next((m for m in waiting if m.phase == "pre"), None)):
        raise MigrationError(f"{first.name} has not run yet: run the phase pre first, then start this release, then post.")
    if phase == "pre" and waiting and waiting[0].phase == "post" and any(m.phase == "pre" for m in waiting):
        raise MigrationError(
            f"{waiting[0].name} of an earlier release has not run yet: finish that release with the phase post, "
            "or stop the service and migrate everything at once, without a phase.",
        )
    if phase == "pre":
        first_post = next((place for place, m in enumerate(waiting) if m.phase == "post"), len(waiting))
        if any(m.phase == "pre" for m in waiting[first_post:]):
            raise MigrationError(
                f"{waiting[first_post].name} stands between files of the phase pre: this step spans several releases. "
                "Go through them one by one, or stop the service and migrate everything at once, without a phase.",
            )
        return waiting[:first_post]
    return waiting


def _refuse_changed(migrations: Sequence[Migration], applied: Sequence[Applied]) -> None:
    for place, (known, done) in enumerate(zip(migrations, applied, strict=False), start=1):
        if done.number != place:
            raise MigrationError(f"The history of the database has a gap before {done.name}")
        if done.name != known.name:
            raise MigrationError(f"The database was made with {done.name} where this release has {known.name}")
        if done.sha256 != known.sha256:
            raise MigrationError(f"{known.name} was changed after it had been applied; restore it and write a new migration")


async def migrate(
    target: asyncpg.Connection | str, *, phase: Phase | None = None, directory: Path | None = None,
) -> list[str]:
    """Apply what is waiting, all of it or of one phase; returns the names applied. Two runners at once: the second waits.

    Needs a connection of its own to the server itself, not through a pooler that shares sessions.
    """
    migrations = read_migrations(directory or migrations_dir())
    async with _connected(target) as conn, _alone(conn):
        await conn.execute(_MAKE_HISTORY)
        todo = plan(migrations, await _history(conn), phase)
        for migration in todo:
            try:
                await (_run_concurrent(conn, migration) if migration.is_concurrent else _run_at_once(conn, migration))
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise MigrationError(f"{migration.name} failed: {error}{_details(error)}") from error
    return [migration.name for migration in todo]


async def pending(target: asyncpg.Connection | str, *, directory: Path | None = None) -> list[str]:
    """Names of the files that have not run yet, of both phases."""
    migrations = read_migrations(directory or migrations_dir())
    async with _connected(target) as conn:
        return [migration.name for migration in plan(migrations, await _history(conn), None)]


async def check(target: asyncpg.Connection | str, *, directory: Path | None = None) -> None:
    """Whether this release may run on this database; raises `MigrationError` with what to do.

    A waiting `post` is fine, it runs after the start. So are newer `pre` files that this release does not know: they
    are made for it, and a process that restarts in the middle of a roll-out must come up.
    """
    migrations = read_migrations(directory or migrations_dir())
    async with _connected(target) as conn:
        applied = await _history(conn)
    _refuse_changed(migrations, applied)
    if unknown := [done.name for done in applied[len(migrations) :] if done.phase == "post"]:
        raise MigrationError(f"The database is newer than this release, which does not know {', '.join(unknown)}. Run the newer release.")
    if waiting := [m.name for m in migrations[len(applied) :] if m.phase == "pre"]:
        raise MigrationError(f"The database is older than this release: {', '.join(waiting)} must run first (konter migrate).")


@asynccontextmanager
async def _connected(target: asyncpg.Connection | str) -> AsyncIterator[asyncpg.Connection]:
    if not isinstance(target, str):
        yield target
        return
    conn = await asyncpg.connect(target)
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def _alone(conn: asyncpg.Connection) -> AsyncIterator[None]:
    """Hold the lock. It is asked for again and again: a session that hangs in the wait would hold a snapshot, for which
    the CREATE INDEX CONCURRENTLY of the lock's holder would wait."""
    if conn.is_in_transaction():
        raise MigrationError("Migrations open their own transactions; give a connection that is in none.")
    give_up_at = time.monotonic() + LOCK_WAIT_S_MAX
    while not await conn.fetchval(_TRY_LOCK, LOCK_KEY):
        if time.monotonic() > give_up_at:
            raise MigrationError(f"Another runner has been migrating this database for {LOCK_WAIT_S_MAX} s.")
        await asyncio.sleep(LOCK_POLL_S)
    try:
        yield
    finally:
        if not conn.is_closed():
            await conn.execute("RESET lock_timeout; RESET statement_timeout")
            await conn.execute(_UNLOCK.replace("$1", str(LOCK_KEY)))


async def _history(conn: asyncpg.Connection) -> list[Applied]:
    if not await conn.fetchval(_HISTORY_EXISTS):
        return []
    return [Applied(row["number"], row["name"], row["sha256"]) for row in await conn.fetch(_READ_HISTORY)]


async def _run_at_once(conn: asyncpg.Connection, migration: Migration) -> None:
    """The file and its row of history, both or neither."""
    begun = time.monotonic()
    async with conn.transaction():
        await _set_timeouts(conn, migration, "SET LOCAL")
        await conn.execute(migration.text)
        await _record(conn, migration, begun)


async def _run_concurrent(conn: asyncpg.Connection, migration: Migration) -> None:
    """Statement by statement, each alone. After a failure the file begins again: finished indexes stay, half-built ones go."""
    begun = time.monotonic()
    await _set_timeouts(conn, migration, "SET")
    for statement in statements(migration.text):
        if match := _CREATE_INDEX.match(_one_line(statement)):
            is_valid = await conn.fetchval(_INDEX_IS_VALID, match["name"])
            if is_valid:
                continue
            if is_valid is not None:
                await conn.execute(f"DROP INDEX CONCURRENTLY {match['name']}")
        await conn.execute(statement)
    await _record(conn, migration, begun)


async def _set_timeouts(conn: asyncpg.Connection, migration: Migration, command: Literal["SET", "SET LOCAL"]) -> None:
    for name, value in migration.timeouts.items():
        await conn.execute(f"{command} {name} = '{value}'")


async def _record(conn: asyncpg.Connection, migration: Migration, begun: float) -> None:
    duration_ms = round((time.monotonic() - begun) * 1000)
    await conn.execute(_WRITE_HISTORY, migration.number, migration.name, migration.sha256, duration_ms)


def _one_line(statement: str) -> str:
    return " ".join(statement.split())


def _details(error: Exception) -> str:
    parts = (getattr(error, name, None) for name in ("detail", "hint", "where"))
    return "".join(f"\n{part}" for part in parts if part)
