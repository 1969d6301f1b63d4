"""Runs `migrations/NNNN_{pre,post}_*.sql` on a raw connection, each once, in order, under a lock. See ADR 0003.

`pre` files are safe while the previous release still runs; `post` files may follow only when it runs no more.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import asyncpg

from konter.platform.migration_files import (
    Applied,
    Migration,
    MigrationError,
    Phase,
    index_made_by,
    migrations_dir,
    plan,
    read_migrations,
    refuse_unfit,
)
from konter.platform.sqltext import statements

__all__ = ["MigrationError", "Phase", "check", "migrate", "migrations_dir", "pending"]

LOCK_KEY = 0x6B6F6E746572  # "konter"
LOCK_WAIT_S_MAX = 1800
LOCK_POLL_S = 0.2

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


async def migrate(
    target: asyncpg.Connection | str,
    *,
    phase: Phase | None = None,
    directory: Path | None = None,
) -> list[str]:
    """Apply what is waiting, all of it or of one phase, and return the names. Of two runners at once the second waits.

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
                raise MigrationError(f"{migration.name}{_line(migration, error)} failed: {error}") from error
    return [migration.name for migration in todo]


async def pending(target: asyncpg.Connection | str, *, directory: Path | None = None) -> list[str]:
    """Names of the files that have not run yet, of both phases."""
    migrations = read_migrations(directory or migrations_dir())
    async with _connected(target) as conn:
        return [migration.name for migration in plan(migrations, await _history(conn), None)]


async def check(target: asyncpg.Connection | str, *, directory: Path | None = None) -> None:
    """Raise `MigrationError`, with what to do, unless this release may run on this database."""
    migrations = read_migrations(directory or migrations_dir())
    async with _connected(target) as conn:
        refuse_unfit(migrations, await _history(conn))


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
    """Hold the lock.

    It is asked for again and again, because a session that hangs in the wait holds a snapshot, and for that the
    CREATE INDEX CONCURRENTLY of the lock's holder would wait.
    """
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
    """Statement by statement, each alone.

    After a failure the whole file runs again: a finished index is kept, a half-built one, which PostgreSQL leaves
    behind as invalid, is dropped and built anew.
    """
    begun = time.monotonic()
    await _set_timeouts(conn, migration, "SET")
    for statement in statements(migration.text):
        if index := index_made_by(statement):
            is_valid = await conn.fetchval(_INDEX_IS_VALID, index)
            if is_valid:
                continue
            if is_valid is not None:
                await conn.execute(f"DROP INDEX CONCURRENTLY {index}")
        await conn.execute(statement)
    await _record(conn, migration, begun)


async def _set_timeouts(conn: asyncpg.Connection, migration: Migration, command: Literal["SET", "SET LOCAL"]) -> None:
    for name, value in migration.timeouts.items():
        await conn.execute(f"{command} {name} = '{value}'")


async def _record(conn: asyncpg.Connection, migration: Migration, begun: float) -> None:
    duration_ms = round((time.monotonic() - begun) * 1000)
    await conn.execute(_WRITE_HISTORY, migration.number, migration.name, migration.sha256, duration_ms)


def _line(migration: Migration, error: Exception) -> str:
    """Where in the file. PostgreSQL counts in what it was sent, and that is the file only when it runs at once."""
    position = getattr(error, "position", None)
    if position is None or migration.is_concurrent:
        return ""
    return f", line {migration.text.count(chr(10), 0, int(position) - 1) + 1},"
