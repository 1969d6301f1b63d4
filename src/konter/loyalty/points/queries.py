"""All SQL of points: balances, what made them, what ends soon, what all of them are."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from konter.loyalty.points.model import ASSET, DEBT, GRANT, POINTS, REDEMPTION, TAKE_BACK
from konter.platform.cursor import Cursor
from konter.platform.db import LONG_WORK_S, Connection, unnest
from konter.platform.ids import SubscriptionId, cell_of_id

Record = asyncpg.Record


async def find_ended(connection: Connection, *, since: datetime, after: int, limit: int) -> list[SubscriptionId]:
    """Numbers that ended since a moment and still hold points, by id."""
    rows = await connection.fetch(
        f"""
        SELECT s.id FROM subscription s
        WHERE s.ended_at >= $3 AND s.id > $1 AND EXISTS (
            SELECT FROM account a WHERE a.owner_id = s.id AND a.cell = s.cell AND a.kind IN ('{POINTS}', '{DEBT}')
              AND a.balance <> 0 AND a.closed_at IS NULL)
        ORDER BY s.id LIMIT $2
        """,
        after,
        limit,
        since,
        timeout=LONG_WORK_S,
    )
    return [SubscriptionId(row["id"]) for row in rows]


async def is_noticed(connection: Connection, *, vintage: int, days_before: int) -> bool:
    """Whether everybody was told already."""
    row = await connection.fetchrow(
        "SELECT FROM point_notice_run WHERE vintage = $1 AND days_before = $2", vintage, days_before
    )
    return row is not None


async def read_vintage_page(connection: Connection, *, expires_at: datetime, after: int, limit: int) -> list[Record]:
    """The next accounts of a vintage by id, with their owners' numbers: (id, owner_id, balance, msisdn, locale); no
    msisdn where the number has ended.
    """
    return await connection.fetch(
        f"""
        SELECT a.id, a.owner_id, a.balance, s.msisdn, s.locale
        FROM (
            SELECT id, cell, owner_id, balance FROM account
            WHERE kind = '{POINTS}' AND closed_at IS NULL AND expires_at = $1 AND id > $2 ORDER BY id LIMIT $3) a
        LEFT JOIN subscription s ON s.id = a.owner_id AND s.cell = a.cell AND s.ended_at IS NULL
        ORDER BY a.id
        """,
        expires_at,
        after,
        limit,
        timeout=LONG_WORK_S,
    )


async def insert_notices(
    connection: Connection, *, rows: Sequence[tuple[int, int, int, int, int, datetime]]
) -> list[int]:
    """Note who is told: (subscription, cell, vintage, days before, points, at) each. Those who were not told before."""
    found = await connection.fetch(
        """
        INSERT INTO point_notice (subscription_id, cell, vintage, days_before, points, at)
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::timestamptz[])
        ON CONFLICT DO NOTHING RETURNING subscription_id
        """,
        *unnest(list(rows), 6),
        timeout=LONG_WORK_S,
    )
    return [row["subscription_id"] for row in found]


async def write_notice_run(connection: Connection, *, vintage: int, days_before: int, at: datetime) -> None:
    """Everybody was told."""
    await connection.execute(
        """
        INSERT INTO point_notice_run (vintage, days_before, told, at)
        SELECT $1, $2, count(*), $3 FROM point_notice WHERE vintage = $1 AND days_before = $2
        ON CONFLICT DO NOTHING
        """,
        vintage,
        days_before,
        at,
        timeout=LONG_WORK_S,
    )


async def read_points(connection: Connection, subscription_id: SubscriptionId, *, at: datetime) -> list[Record]:
    """(kind, balance, expires_at) of what a subscription holds and owes, the soonest to end first."""
    return await connection.fetch(
        f"""
        SELECT kind, balance, expires_at FROM account
        WHERE owner_id = $1 AND cell = $2 AND kind IN ('{POINTS}', '{DEBT}') AND balance <> 0 AND closed_at IS NULL
          AND (expires_at IS NULL OR expires_at > $3)
        ORDER BY expires_at
        """,
        subscription_id,
        cell_of_id(subscription_id),
        at,
    )


async def read_moves(
    connection: Connection, subscription_id: SubscriptionId, *, before: Cursor | None, limit: int
) -> list[Record]:
    """What moved the points of a subscription, newest first, behind a line or from the first: one line for all vintages
    of a cause, with what came back of it later. Each page sorts all entries of the number's points, some dozens a year:
    what ended during an outage is booked under its own moment, so that they do not stand in order.
    """
    at, link_id = before or (None, None)
    return await connection.fetch(
        f"""
        SELECT m.link_id AS id, m.at, m.kind, m.state, m.reference_id, sum(e.amount)::bigint AS points,
            max(a.expires_at) FILTER (WHERE e.amount > 0) AS expires_at
        FROM account a
        CROSS JOIN LATERAL (
            SELECT t.id, t.link_id, t.at, t.kind, t.state, t.reference_id
            FROM entry e JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
            WHERE e.account_id = a.id AND e.cell = a.cell AND e.seq IS NOT NULL AND e.at = t.at
                AND ($3::timestamptz IS NULL OR (t.at, t.link_id) < ($3, $5::bigint))
            ORDER BY t.at DESC, t.link_id DESC LIMIT $4) m
        JOIN entry e ON e.transfer_id = m.id AND e.cell = a.cell AND e.account_id = a.id
        WHERE a.owner_id = $1 AND a.cell = $2 AND a.kind IN ('{POINTS}', '{DEBT}')
        GROUP BY m.link_id, m.at, m.kind, m.state, m.reference_id
        ORDER BY m.at DESC, id DESC LIMIT $4
        """,
        subscription_id,
        cell_of_id(subscription_id),
        at,
        limit,
        link_id,
    )


async def read_grants(connection: Connection, subscription_id: SubscriptionId, *, ids: Sequence[int]) -> list[Record]:
    """Some grants of a subscription."""
    return await connection.fetch(
        """
        SELECT g.id, g.month, g.bill_id, b.number AS bill_number, g.cause, g.points, g.worth, g.basis_rp, g.steps,
            g.step_rp, g.per_step, g.multiplier, g.tier, g.brand, g.vintage, g.rule, g.caused_at, g.due_at, g.at
        FROM point_grant g LEFT JOIN issued_bill b ON b.id = g.bill_id AND b.cell = g.cell
        WHERE g.id = ANY($3::bigint[]) AND g.cell = $2 AND g.subscription_id = $1
        """,
        subscription_id,
        cell_of_id(subscription_id),
        ids,
    )


async def read_months(
    connection: Connection, subscription_id: SubscriptionId, *, months: Sequence[date]
) -> list[Record]:
    """(month, counted_rp, points) of some months of a subscription."""
    return await connection.fetch(
        """
        SELECT month, counted_rp, points FROM point_month
        WHERE subscription_id = $1 AND cell = $2 AND month = ANY($3::date[]) ORDER BY month
        """,
        subscription_id,
        cell_of_id(subscription_id),
        list(months),
    )


async def write_day(connection: Connection, *, day: date, begin: datetime, end: datetime, zone: str) -> None:
    """Add up what moved points of each vintage between two moments, as that day's; again replaces it. What repays or
    makes a debt stands under vintage 0.
    """
    await connection.execute("DELETE FROM point_day WHERE day = $1", day)
    await connection.execute(
        f"""
        INSERT INTO point_day (day, vintage, granted, taken_back, redeemed, expired)
        SELECT $1,
            coalesce(extract(year FROM (a.expires_at - interval '1 microsecond') AT TIME ZONE $4)::int - 1, 0) AS v,
            coalesce(sum(e.amount) FILTER (WHERE t.kind = '{GRANT}'), 0)::bigint,
            coalesce(-sum(e.amount) FILTER (WHERE t.kind = '{TAKE_BACK}'), 0)::bigint,
            coalesce(-sum(e.amount) FILTER (WHERE t.kind = '{REDEMPTION}'), 0)::bigint,
            coalesce(-sum(e.amount) FILTER (WHERE t.kind NOT IN ('{GRANT}', '{TAKE_BACK}', '{REDEMPTION}')), 0)::bigint
        FROM entry e
        JOIN account a ON a.id = e.account_id AND a.cell = e.cell
        JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
        WHERE e.at >= $2 AND e.at < $3 AND e.asset = '{ASSET}' AND e.seq IS NOT NULL
        GROUP BY v
        """,
        day,
        begin,
        end,
        zone,
        timeout=LONG_WORK_S,
    )


async def read_days(connection: Connection, *, first: date, last: date) -> list[Record]:
    """(day, vintage, granted, taken_back, redeemed, expired) of some days, the last included."""
    return await connection.fetch(
        "SELECT day, vintage, granted, taken_back, redeemed, expired FROM point_day"
        " WHERE day >= $1 AND day <= $2 ORDER BY day, vintage",
        first,
        last,
    )


async def read_liability(connection: Connection, *, last: date) -> list[Record]:
    """(vintage, points) that customers held at the end of a day, and owed under vintage 0; zeros are left out."""
    return await connection.fetch(
        """
        SELECT vintage, sum(granted - taken_back - redeemed - expired)::bigint AS points FROM point_day
        WHERE day <= $1 GROUP BY vintage HAVING sum(granted - taken_back - redeemed - expired) <> 0 ORDER BY vintage
        """,
        last,
    )
