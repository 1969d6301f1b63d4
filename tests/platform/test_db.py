"""Connections: bounds on every wait, the application's role, JSON as values, and what is tried again."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from konter.platform.db import LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS, Pool, is_gone, open_pool, retried, rows_of, unnest


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("role", "konter_app"),
        ("lock_timeout", f"{LOCK_TIMEOUT_MS // 1000}s"),
        ("statement_timeout", f"{STATEMENT_TIMEOUT_MS // 1000}s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("timezone", "UTC"),
        ("application_name", "konter"),
    ],
)
async def test_every_connection_is_set_up(db: Pool, setting: str, value: str) -> None:
    assert await db.fetchval(f"SHOW {setting}") == value


def test_nobody_waits_for_ever() -> None:
    """A person at a counter waits at most a few seconds for a lock, and no statement outlasts half a minute."""
    assert 0 < LOCK_TIMEOUT_MS <= 5_000 < STATEMENT_TIMEOUT_MS <= 30_000


@pytest.mark.parametrize("value", [{"a": [1, None, "ü🐱"]}, [], 12, "text", None, True, {"big": 2**60}])
async def test_json_goes_in_and_comes_out_as_values(db: Pool, value: object) -> None:
    assert await db.fetchval("SELECT $1::jsonb", value) == value


async def test_a_setting_can_be_given(worker_dsn: str) -> None:
    async with await open_pool(worker_dsn, size=1, lock_timeout="100ms") as pool:
        assert await pool.fetchval("SHOW lock_timeout") == "100ms"


async def test_rows_become_columns_and_rows_again(db: Pool) -> None:
    rows = [(1, "a"), (2, None)]
    found = await db.fetch(f"SELECT * FROM {rows_of(1, ['bigint', 'text'])}", *unnest(rows, 2))
    assert [tuple(row) for row in found] == rows
    assert await db.fetch(f"SELECT * FROM {rows_of(1, ['bigint', 'text'])}", *unnest([], 2)) == []


def test_parameters_are_numbered_from_where_they_begin() -> None:
    assert rows_of(7, ["bigint", "int"]) == "unnest($7::bigint[], $8::int[])"


def test_rows_of_different_lengths_are_loud() -> None:
    with pytest.raises(ValueError, match="zip"):
        unnest([(1, 2), (1,)], 2)


class Losing:
    def __init__(self, times: int, error: type[Exception]) -> None:
        self.left, self.error, self.tries = times, error, 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self.left:
            raise self.error("lost")
        return "done"


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError]
)
async def test_what_lost_against_a_neighbour_is_tried_again(error: type[Exception]) -> None:
    work = Losing(2, error)
    assert await retried(work) == "done"
    assert work.tries == 3


async def test_a_bounded_number_of_times() -> None:
    work = Losing(100, asyncpg.DeadlockDetectedError)
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await retried(work, times=4)
    assert work.tries == 4


@pytest.mark.parametrize("error", [ValueError, asyncpg.CheckViolationError, asyncpg.LockNotAvailableError])
async def test_nothing_else_is_tried_again(error: type[Exception]) -> None:
    work = Losing(1, error)
    with pytest.raises(error):
        await retried(work)
    assert work.tries == 1


async def error_of(work: Callable[[], Awaitable[object]]) -> Exception:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)) as raised:
        await work()
    return raised.value


async def kill(dsn: str, pid: int) -> None:
    """End a connection from outside, and wait until this end has heard of it."""
    other = await asyncpg.connect(dsn)
    assert await other.fetchval("SELECT pg_terminate_backend($1, 2000)", pid)
    await other.close()
    await asyncio.sleep(0.1)


async def test_a_connection_that_was_lost_is_gone(worker_dsn: str) -> None:
    async with await open_pool(worker_dsn, size=2) as pool, pool.acquire() as connection:
        await kill(worker_dsn, connection.get_server_pid())
        assert is_gone(await error_of(lambda: connection.fetchval("SELECT 1")))
        assert is_gone(await error_of(lambda: connection.transaction().start()))
    assert is_gone(await error_of(lambda: pool.fetchval("SELECT 1")))


async def test_so_is_one_lost_within_a_transaction(worker_dsn: str) -> None:
    async with await open_pool(worker_dsn, size=2) as pool, pool.acquire() as connection:

        async def work() -> None:
            async with connection.transaction(), connection.transaction():
                await kill(worker_dsn, connection.get_server_pid())
                raise LookupError

        assert is_gone(await error_of(work))


async def test_our_own_misuse_of_a_connection_is_not(db: Pool) -> None:
    async with db.acquire() as connection:
        both = await asyncio.gather(*(connection.fetchval("SELECT 1") for _ in range(2)), return_exceptions=True)
        wrong = [
            await error_of(lambda: connection.fetchval("SELECT $1::int")),
            *(error for error in both if isinstance(error, Exception)),
        ]
    assert [isinstance(error, asyncpg.InterfaceError) for error in wrong] == [True, True]
    assert [is_gone(error) for error in wrong] == [False, False]


def test_a_connection_that_has_heard_of_its_end_is_gone() -> None:
    """The driver meets it when a connection is used in the moment between the server's FATAL and the end of the line."""
    going = asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")
    misused = asyncpg.InternalClientError("cannot switch to state 15; another operation (9) is in progress")
    assert [is_gone(error) for error in (going, misused)] == [True, False]


async def test_asyncpg_asks_plain_types_what_an_array_is(db: Pool) -> None:
    """As it comes it would take a set too, as slowly as it takes everything: then the names replaced are gone."""
    assert await db.fetchval("SELECT $1::text[] || $2::text[]", ["a", None], ("b",)) == ["a", None, "b"]
    with pytest.raises(asyncpg.DataError, match="sized iterable"):
        await db.fetchval("SELECT $1::text[]", {"a"})
