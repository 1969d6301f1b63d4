"""Connections: one asyncpg pool per process, with bounds on every wait and the application's own role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy
from asyncpg.protocol import protocol

if TYPE_CHECKING:  # generic in the stubs only
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection | PoolConnectionProxy
    Pool = asyncpg.Pool

LOCK_TIMEOUT_MS = 3_000
LONG_WORK_S = 4 * 3600.0  # a bound for proofs and sweeps of the largest tables
CONNECTION_WITHIN_S = 5.0  # how long an edge waits for a connection before it answers 503
STATEMENT_TIMEOUT_MS = 30_000
APP_ROLE = "konter_app"
# For connections that run the same few statements all day with arrays of any length: planned once, by ids, whatever is
# in the arrays. Planned anew for each batch the planning alone took a fifth of PostgreSQL's time of a batch of 64.
ONE_PLAN = {"plan_cache_mode": "force_generic_plan"}

# What a batch is repeated for: deadlock, serialization failure, a unique key taken by a neighbour, and a row that a
# neighbour took away or began to use in the meantime.
RETRIED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
)
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    TimeoutError,
    asyncio.TimeoutError,
)
# The driver says by words alone, in an error of every misuse, that a connection or a pool is no longer there. What is
# "released back to the pool" was lost while somebody held it: the pool takes a dead connection back at once.
_GONE_WORDS = ("connection is closed", "pool is clos", "released back to the pool")
# Between the server's last word on an idle connection (state 2: it has read a FATAL) and the end of the line.
_GOING_WORDS = "another operation (2) is in progress"

T = TypeVar("T")

# Of every value in an array asyncpg asks whether it is an array itself, by two abstract classes: an eighth of Python's
# time of a sale. Our arrays are lists and tuples and hold none, which the plain types tell in a tenth of that.
for name in ("IterableABC", "SizedABC"):
    setattr(protocol, name, (list, tuple))


async def speak_json(connection: Connection) -> None:
    """Have a connection give and take jsonb as Python values."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
        format="binary",
    )


async def open_pool(dsn: str, *, size: int = 8, role: str = APP_ROLE, **settings: str) -> Pool:
    """A pool whose connections speak JSON as Python values and give up a lock or a statement after a bound."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=speak_json,
        timeout=5,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 5,
        max_inactive_connection_lifetime=300,
        server_settings={
            "application_name": "konter",
            "role": role,
            "timezone": "UTC",
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(STATEMENT_TIMEOUT_MS),
            "jit": "off",
            "random_page_cost": "1.1",  # pages are in memory or on flash; at 4 the planner walks an index to find a few
            **settings,
        },
    )


async def allow_long_work(connection: Connection) -> None:
    """Let the statements of the running transaction take as long as they need: proofs and sweeps of large tables.

    The caller gives asyncpg's own time-out too (`timeout=LONG_WORK_S`).
    """
    await connection.execute(f"SET LOCAL statement_timeout = '{int(LONG_WORK_S)}s'")


@asynccontextmanager
async def long_work(connection: Connection) -> AsyncIterator[None]:
    """A transaction of its own for statements that may take as long as they need."""
    async with connection.transaction():
        await allow_long_work(connection)
        yield


async def ping(connection: Connection) -> None:
    """Fail unless the database answers and has been migrated."""
    await connection.fetchval("SELECT 1 FROM instance")


class WrongModeError(RuntimeError):
    """A process of one mode on a database of another: a demo's handsets must never show a live installation's texts."""


async def instance_mode(connection: Connection) -> str | None:
    """What this database is for; None until somebody has said so."""
    mode: str | None = await connection.fetchval("SELECT mode FROM instance")
    return mode


async def claim_instance(connection: Connection, *, mode: str, at: datetime) -> None:
    """Say what a new database is for; on one that is for something else raises WrongModeError."""
    await connection.execute(
        "INSERT INTO instance (mode, created_at, ready_at) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING", mode, at
    )
    await require_mode(connection, mode=mode)


async def require_mode(connection: Connection, *, mode: str) -> None:
    """Refuse a database that is for something else. Raises WrongModeError."""
    found = await instance_mode(connection)
    if found not in (None, mode):
        raise WrongModeError(f"this database is of a {found} installation, and this process was started as {mode}")


def is_gone(error: BaseException) -> bool:
    """Whether the database is away or going: nobody knows yet whether a commit happened, and the caller asks again with
    its client_ref. Our own misuse of a connection is not that, and must be as loud as any other mistake.
    """
    if isinstance(error, asyncpg.InterfaceError):
        return any(words in str(error) for words in _GONE_WORDS)
    if isinstance(error, asyncpg.InternalClientError):
        return _GOING_WORDS in str(error)
    return isinstance(error, _GONE)


async def retried(work: Callable[[], Awaitable[T]], *, times: int = 3) -> T:
    """Run a transaction again when it lost against a neighbour; at most `times` in all, the last error goes up."""
    for attempt in range(1, times):
        try:
            return await work()
        except RETRIED:
            await asyncio.sleep(0.005 * attempt)
    return await work()


def unnest(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Turn rows into columns for `unnest($1::…[], …)`; `width` holds when there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def rows_of(first: int, types: Sequence[str]) -> str:
    """`unnest($7::bigint[], $8::int[])`: rows from arrays, their parameters numbered from `first`."""
    return f"unnest({', '.join(f'${first + place}::{type_}[]' for place, type_ in enumerate(types))})"
