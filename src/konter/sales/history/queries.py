"""All SQL of the history: an outlet's sales and their totals."""

from datetime import datetime

import asyncpg

from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id
from konter.sales.history.model import SaleFilter
from konter.sales.queries import SALE_COLUMNS_OF_S

Record = asyncpg.Record


# Filters of lists: fragments by name; what a person typed is only ever a parameter.
_OF_OUTLET = """
FROM sale s
JOIN outlet_user u ON u.id = s.user_id AND u.cell = s.cell
LEFT JOIN reversal v ON v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done'
WHERE s.outlet_id = $1 AND s.cell = $2 AND s.at >= $3 AND s.at < $4
  AND ($5::text IS NULL OR s.product = $5) AND ($6::bigint IS NULL OR s.user_id = $6)
  AND ($7::bigint IS NULL OR s.id = $7) AND ($8::bigint IS NULL OR s.msisdn = $8)
  AND ($9::text[] IS NULL OR s.product = ANY($9))
"""


async def read_history(connection: Connection, where: SaleFilter, *, before: Cursor | None, limit: int) -> list[Record]:
    """Sales newest first, older than `before` (at, id)."""
    return await connection.fetch(
        f"""
        SELECT {SALE_COLUMNS_OF_S}, u.name AS user_name, coalesce(v.done_at, v.decided_at) AS reversed_at {_OF_OUTLET}
          AND ($10::timestamptz IS NULL OR (s.at, s.id) < ($10, $11))
        ORDER BY s.at DESC, s.id DESC LIMIT $12
        """,
        *where.parameters(),
        before[0] if before else None,
        before[1] if before else None,
        limit,
    )


async def read_totals(connection: Connection, where: SaleFilter, *, zone: str) -> list[Record]:
    """Totals of done and not reversed sales: in all, by day of the outlet's zone, by product and by user."""
    return await connection.fetch(
        f"""
        WITH counted AS (
            SELECT (s.at AT TIME ZONE $10)::date AS day, s.product, s.user_id, u.name AS user_name, s.nominal_rp,
                s.price_rp, s.cost_rp {_OF_OUTLET} AND s.status = 'done' AND v.id IS NULL)
        SELECT grouping(day, product, user_id) AS by, day, product, user_id, max(user_name) AS user_name,
            count(*) AS sales, coalesce(sum(nominal_rp), 0)::bigint AS nominal_rp,
            coalesce(sum(price_rp), 0)::bigint AS price_rp, coalesce(sum(cost_rp), 0)::bigint AS cost_rp
        FROM counted GROUP BY GROUPING SETS ((), (day), (product), (user_id)) ORDER BY by, day DESC, price_rp DESC
        """,
        *where.parameters(),
        zone,
    )


async def read_frequent_nominals(connection: Connection, *, outlet_id: int, since: datetime, limit: int) -> list[str]:
    """The recharge products that an outlet sold most since a moment."""
    rows = await connection.fetch(
        "SELECT product FROM sale WHERE outlet_id = $1 AND cell = $2 AND at > $3 AND nominal_rp > 0"
        " GROUP BY product ORDER BY count(*) DESC, product LIMIT $4",
        outlet_id,
        cell_of_id(outlet_id),
        since,
        limit,
    )
    return [row["product"] for row in rows]


async def read_sold(connection: Connection, *, outlet_id: int, sale_ids: list[int]) -> list[Record]:
    """What was sold to whom, for a page of an outlet's sales."""
    return await connection.fetch(
        "SELECT id, product, nominal_rp, msisdn FROM sale WHERE outlet_id = $1 AND cell = $2 AND id = ANY($3)",
        outlet_id,
        cell_of_id(outlet_id),
        sale_ids,
    )


async def read_looks(connection: Connection, *, sale_id: int, actions: list[str], limit: int) -> list[Record]:
    """The newest looks at a sale, newest first; every row says how many there were in all."""
    return await connection.fetch(
        "SELECT at, action, data->>'answer' AS answer, count(*) OVER () AS looks FROM audit"
        " WHERE subject_id = $1 AND cell = $2 AND action = ANY($3) ORDER BY at DESC, id DESC LIMIT $4",
        sale_id,
        cell_of_id(sale_id),
        actions,
        limit,
    )


async def read_adjustment(connection: Connection, *, sale_id: int) -> Record | None:
    """The adjustment of a sale, asked for or done."""
    return await connection.fetchrow(
        "SELECT id, state, reason, payer, asked_by, asked_at, decided_at, charged_rp, written_off_rp,"
        " balance_before_rp, balance_after_rp FROM adjustment WHERE sale_id = $1 AND cell = $2 AND state <> 'declined'",
        sale_id,
        cell_of_id(sale_id),
    )
