"""The record of runs, and the clocks that it tells."""

from datetime import datetime

import asyncpg

from konter.loyalty.earning.model import Waited
from konter.platform.db import Connection

Record = asyncpg.Record


async def read_up_to(connection: Connection, name: str) -> datetime | None:
    """Up to where the runs of a name have come."""
    up_to: datetime | None = await connection.fetchval("SELECT max(up_to) FROM point_run WHERE name = $1", name)
    return up_to


async def insert_run(connection: Connection, name: str, *, up_to: datetime, waited: Waited, at: datetime) -> None:
    """A run that has seen what happened up to, and not at, `up_to`."""
    await connection.execute(
        """
        INSERT INTO point_run (name, ran_at, up_to, grants, in_time, late, waited_s)
        VALUES ($1, $7, $2, $3, $4, $5, $6)
        ON CONFLICT (name, ran_at) DO UPDATE SET up_to = greatest(point_run.up_to, excluded.up_to),
            grants = point_run.grants + excluded.grants, in_time = point_run.in_time + excluded.in_time,
            late = point_run.late + excluded.late, waited_s = greatest(point_run.waited_s, excluded.waited_s)
        """,
        name,
        up_to,
        waited.grants,
        waited.in_time,
        waited.late,
        waited.longest_s,
        at,
    )


async def delete_runs(connection: Connection, *, before: datetime) -> None:
    """Forget runs; the newest of each name stays, as the next one goes on from it."""
    await connection.execute(
        """
        DELETE FROM point_run r WHERE r.ran_at < $1
          AND r.up_to < (SELECT max(n.up_to) FROM point_run n WHERE n.name = r.name)
        """,
        before,
    )


async def read_clocks(connection: Connection, *, since: datetime) -> list[Record]:
    """For recharges and bills, of the runs since a moment: when the last one was, the longest that points waited for
    their grant, in seconds, and how many grants came in time and late.
    """
    return await connection.fetch(
        """
        SELECT n.name, r.*
        FROM unnest(ARRAY['recharges', 'bills']) n (name)
        CROSS JOIN LATERAL (
            SELECT max(ran_at) AS ran_at, coalesce(max(waited_s), 0) AS worst_s,
                coalesce(sum(in_time), 0)::bigint AS in_time, coalesce(sum(late), 0)::bigint AS late
            FROM point_run WHERE name = n.name AND ran_at >= $1) r
        """,
        since,
    )
