"""All SQL of points: balances, what made them, what ends soon, what all of them are."""

from datetime import datetime

from konter.loyalty.points.model import DEBT, POINTS
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import SubscriptionId


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
