"""All SQL of limits: marks, one row per limited event and key."""

from collections.abc import Sequence
from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import cell_of_text


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


async def add_marks(connection: Connection, keys: Sequence[str], *, at: datetime) -> None:
    """Something limited happened for these keys; sorted, so that two who mark the same keys never deadlock."""
    await connection.execute(
        """
        INSERT INTO rate_window (key, cell, window_at, count)
        SELECT given.key, given.cell, $3, 1 FROM unnest($1::text[], $2::int[]) AS given (key, cell)
        ON CONFLICT (key, window_at, cell) DO UPDATE SET count = rate_window.count + 1
        """,
        sorted(keys),
        [cell_of_text(key) for key in sorted(keys)],
        at,
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
