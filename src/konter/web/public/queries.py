"""All SQL of the public pages."""

from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import cell_of_text


async def read_count(connection: Connection, key: str, *, window_at: datetime) -> int:
    """How often something was counted in a window."""
    count = await connection.fetchval(
        "SELECT count FROM rate_window WHERE key = $1 AND window_at = $2 AND cell = $3",
        key,
        window_at,
        cell_of_text(key),
    )
    return int(count or 0)


async def add_count(connection: Connection, key: str, *, window_at: datetime) -> None:
    """Count once more."""
    await connection.execute(
        """
        INSERT INTO rate_window (key, cell, window_at, count) VALUES ($1, $2, $3, 1)
        ON CONFLICT (key, window_at, cell) DO UPDATE SET count = rate_window.count + 1
        """,
        key,
        cell_of_text(key),
        window_at,
    )
