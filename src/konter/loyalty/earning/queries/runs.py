"""The record of runs, and the clocks that it tells."""

from datetime import datetime

import asyncpg

from konter.platform.db import LONG_WORK_S, Connection

Record = asyncpg.Record


async def read_up_to(connection: Connection, name: str) -> datetime | None:
    """Up to where the runs of a name have come."""
    up_to: datetime | None = await connection.fetchval("SELECT max(up_to) FROM point_run WHERE name = $1", name)
    return up_to


async def insert_run(
    connection: Connection, name: str, *, since: datetime, up_to: datetime, grants: int, at: datetime
) -> None:
    """A run, and what it was the first to see: what happened from `since` up to, and not at, `up_to`."""
    await connection.execute(
        """
        INSERT INTO point_run (name, ran_at, since, up_to, grants) VALUES ($1, $5, $2, $3, $4)
        ON CONFLICT (name, ran_at) DO UPDATE SET since = least(point_run.since, excluded.since),
            up_to = greatest(point_run.up_to, excluded.up_to), grants = point_run.grants + excluded.grants
        """,
        name,
        since,
        up_to,
        grants,
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


async def read_clocks(connection: Connection, *, since: datetime, now: datetime) -> list[Record]:
    """For recharges and bills: when the last run was, the longest that anything waited for a run since a moment, in
    seconds, and how many grants came in time and late.
    """
    return await connection.fetch(
        """
        SELECT n.name, r.ran_at, r.worst_s, g.in_time, g.late
        FROM unnest(ARRAY['recharges', 'bills'], ARRAY['recharge', 'bill']) n (name, cause)
        LEFT JOIN LATERAL (
            SELECT max(ran_at) AS ran_at, max(extract(epoch FROM ran_at - since))::bigint AS worst_s FROM point_run
            WHERE name = n.name AND ran_at >= $1) r ON true
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE at <= due_at) AS in_time, count(*) FILTER (WHERE at > due_at) AS late
            FROM point_grant WHERE at >= $1 AND at <= $2 AND cause = n.cause) g ON true
        """,
        since,
        now,
        timeout=LONG_WORK_S,
    )
