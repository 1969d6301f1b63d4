"""All SQL of the queues of what waits for a second pair of eyes: reversals and adjustments are kept alike."""

from collections.abc import Mapping
from typing import Literal

import asyncpg

from konter.channel.scope import Scope
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.sales.queries import sale_in_scope

Queue = Literal["reversal", "adjustment"]
_COLUMNS: Mapping[Queue, str] = {
    "reversal": "id, sale_id, reason, state, asked_by, asked_at",
    "adjustment": "id, sale_id, payer, reason, state, asked_by, asked_at",
}


async def read_asked(
    connection: Connection,
    queue: Queue,
    *,
    scope: Scope,
    after: Cursor | None,
    down: bool,
    limit: int,
) -> list[asyncpg.Record]:
    """Those that wait for a second pair of eyes, by age from a place on, oldest first or newest first."""
    at, id_ = after or (None, None)
    order, past = ("DESC", "<") if down else ("ASC", ">")
    return await connection.fetch(
        f"SELECT {_COLUMNS[queue]} FROM {queue} x WHERE state = 'asked' AND {sale_in_scope(4, 'x')}"
        f" AND ($1::timestamptz IS NULL OR (asked_at, id) {past} ($1, $2::bigint))"
        f" ORDER BY asked_at {order}, id {order} LIMIT $3",
        at,
        id_,
        limit,
        *scope.parameters(),
    )


async def count_asked(connection: Connection, queue: Queue, *, scope: Scope, limit: int) -> asyncpg.Record:
    """How many wait for a second pair of eyes, as far as the oldest so many go, and since when the oldest does."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*) AS count, min(asked_at) AS oldest_at
        FROM (
            SELECT asked_at FROM {queue} x WHERE state = 'asked' AND {sale_in_scope(2, "x")}
            ORDER BY asked_at, id LIMIT $1
        ) waiting
        """,
        limit,
        *scope.parameters(),
    )
    assert row is not None
    return row
