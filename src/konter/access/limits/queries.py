"""All SQL of limits: marks, one row per limited event and key."""

from collections.abc import Sequence
from datetime import UTC, datetime

from konter.platform.db import Connection
from konter.platform.ids import cell_of_text

_NO_MARK = datetime.fromtimestamp(0, UTC)  # of the row that is held: nobody looks back as far, and the sweep takes it


async def read_marks(connection: Connection, keys: Sequence[str], *, since: datetime) -> dict[str, list[datetime]]:
    """When something limited happened, by key, oldest first; what happened twice in a moment stands twice."""
    rows = await connection.fetch(
        """
        SELECT key, window_at, count FROM rate_window
        WHERE key = ANY($1) AND cell = ANY($2) AND window_at > $3 ORDER BY window_at
        """,
        list(keys),
        sorted({cell_of_text(key) for key in keys}),
        since,
    )
    marks: dict[str, list[datetime]] = {key: [] for key in keys}
    for row in rows:
        marks[row["key"]].extend([row["window_at"]] * row["count"])
    return marks


async def hold_key(connection: Connection, key: str) -> None:
    """Keep whoever else counts under this key waiting until the end of the transaction: by a row, as all nodes of a
    cluster see no other lock. For what no owner stands behind; before any owner's lock, and one in a transaction.
    """
    await connection.execute(
        """
        INSERT INTO rate_window (key, cell, window_at, count) VALUES ($1, $2, $3, 0)
        ON CONFLICT (key, window_at, cell) DO UPDATE SET count = rate_window.count
        """,
        key,
        cell_of_text(key),
        _NO_MARK,
    )


async def add_marks(connection: Connection, keys: Sequence[str], *, at: datetime, times: int = 1) -> None:
    """Something limited happened for these keys; sorted, so that two who mark the same keys never deadlock."""
    await connection.execute(
        """
        INSERT INTO rate_window (key, cell, window_at, count)
        SELECT given.key, given.cell, $3, $4::int FROM unnest($1::text[], $2::int[]) AS given (key, cell)
        ON CONFLICT (key, window_at, cell) DO UPDATE SET count = rate_window.count + excluded.count
        """,
        sorted(keys),
        [cell_of_text(key) for key in sorted(keys)],
        at,
        times,
    )


async def forget_marks(connection: Connection, keys: Sequence[str]) -> None:
    """Count these keys anew."""
    await connection.execute(
        "DELETE FROM rate_window WHERE key = ANY($1) AND cell = ANY($2) AND window_at > $3",
        list(keys),
        sorted({cell_of_text(key) for key in keys}),
        _NO_MARK,
    )


async def delete_marks(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` old marks; returns how many."""
    status = await connection.execute(
        "DELETE FROM rate_window WHERE (key, window_at, cell) IN"
        " (SELECT key, window_at, cell FROM rate_window WHERE window_at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])


async def count_in_minute(connection: Connection, key: str, *, now: datetime) -> int:
    """Count one more under a key, in the clock's minute; how many that makes."""
    count: int = await connection.fetchval(
        """
        INSERT INTO rate_window (key, cell, window_at, count) VALUES ($1, $2, $3, 1)
        ON CONFLICT (key, window_at, cell) DO UPDATE SET count = rate_window.count + 1
        RETURNING count
        """,
        key,
        cell_of_text(key),
        now.replace(second=0, microsecond=0),
    )
    return count
