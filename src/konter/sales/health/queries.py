"""All SQL of product health. Nothing here is on the way of a sale."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.platform.db import Connection, rows_of, unnest
from konter.sales.health.model import Counts, ProductHealth

_HEALTH_COLUMNS = ", ".join(ProductHealth.__struct_fields__)


async def lock_look(connection: Connection, *, before: datetime) -> bool:
    """Take the look that is due; False when somebody is at it, or has looked since. A look from the future counts as
    none: the clock was set back.
    """
    found = await connection.fetchval(
        """
        SELECT id FROM health_look
        WHERE looked_at IS NULL OR looked_at <= $1 OR looked_at > $1 + interval '1 hour'
        FOR UPDATE SKIP LOCKED
        """,
        before,
    )
    return found is not None


COUNT_SALES = """
SELECT product, count(*) AS sales,
    count(*) FILTER (WHERE resolved_at - sent_at > $3 * interval '1 second') AS slow,
    count(*) FILTER (WHERE status = 'refunded') AS refused,
    count(*) FILTER (WHERE status = 'checking' AND $2 - sent_at > $4 * interval '1 second') AS unanswered
FROM (
    SELECT product, status, resolved_at, coalesce(hold_until, at) AS sent_at
    FROM sale
    WHERE at >= $1::timestamptz - $6 * interval '1 second' AND at <= $2
        AND (status <> 'refunded' OR NOT reason = ANY($5::text[]))
) AS sent
WHERE sent_at >= $1 AND sent_at <= $2
GROUP BY product
"""


async def count_sales(
    connection: Connection,
    *,
    since: datetime,
    now: datetime,
    slow_after_s: int,
    unanswered_after_s: int,
    not_the_product: Sequence[str],
    hold_max_s: int,
) -> list[Counts]:
    """What became of each product's sales since a moment. A held sale begins when its hold ends, one that its seller
    cancelled was never sent.
    """
    rows = await connection.fetch(
        COUNT_SALES, since, now, slow_after_s, unanswered_after_s, list(not_the_product), hold_max_s
    )
    return [Counts(**row) for row in rows]


async def read_health(connection: Connection, *, looked_since: datetime) -> list[ProductHealth]:
    """The products that are not open, unless the last look is older than that."""
    rows = await connection.fetch(
        f"SELECT {_HEALTH_COLUMNS} FROM product_health WHERE (SELECT looked_at FROM health_look) >= $1", looked_since
    )
    return [ProductHealth(**row) for row in rows]


async def read_all_health(connection: Connection) -> list[ProductHealth]:
    """The products that were not open at the last look, however long ago."""
    return [ProductHealth(**row) for row in await connection.fetch(f"SELECT {_HEALTH_COLUMNS} FROM product_health")]


_TYPES = ("text", "text", "timestamptz", "int", "int", "int", "int")


async def write_health(connection: Connection, *, troubled: Sequence[ProductHealth], now: datetime) -> None:
    """Put the result of a look in the place of the one before."""
    await connection.execute(
        "DELETE FROM product_health WHERE NOT product = ANY($1::text[])", [each.product for each in troubled]
    )
    if troubled:
        await connection.execute(
            f"""
            INSERT INTO product_health ({_HEALTH_COLUMNS}) SELECT * FROM {rows_of(1, _TYPES)}
            ON CONFLICT (product) DO UPDATE SET state = excluded.state, since = excluded.since,
                sales = excluded.sales, slow = excluded.slow, refused = excluded.refused,
                unanswered = excluded.unanswered
            """,
            *unnest([msgspec.structs.astuple(each) for each in troubled], len(_TYPES)),
        )
    await connection.execute("UPDATE health_look SET looked_at = $1", now)
