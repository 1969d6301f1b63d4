"""All SQL of activity: what an outlet sold and bought last, and what was sold where on a day."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg
import msgspec

from konter.channel.inactivity.model import Activity
from konter.platform.db import Connection
from konter.platform.ids import OutletId, cell_of_id

Record = asyncpg.Record

# A reversed sale stays done and counts for nothing. Each branch ends at the first row that counts, by its index.
_SALE = """
    SELECT s.at, 'sale' AS kind, s.id, s.status = 'checking' AS open FROM sale s
    WHERE s.outlet_id = {outlet} AND s.cell = {cell} AND s.status = ANY({statuses}) {since}
      AND NOT EXISTS (SELECT FROM reversal v WHERE v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done')
    ORDER BY s.at DESC, s.id DESC LIMIT 1"""
_PURCHASE = """
    SELECT w.at, 'purchase' AS kind, w.id, false AS open FROM wallet_purchase w
    WHERE w.outlet_id = {outlet} AND w.cell = {cell} {since} ORDER BY w.at DESC LIMIT 1"""


def _newest(*, outlet: str, cell: str, statuses: str, since: str) -> str:
    """The newest event that counts of one outlet, for a lateral join; `since` is an expression or empty."""
    sale = _SALE.format(outlet=outlet, cell=cell, statuses=statuses, since=f"AND s.at > {since}" if since else "")
    purchase = _PURCHASE.format(outlet=outlet, cell=cell, since=f"AND w.at > {since}" if since else "")
    return f"SELECT * FROM (({sale}) UNION ALL ({purchase})) e ORDER BY at DESC LIMIT 1"


async def read_newest(
    connection: Connection, outlet_ids: Sequence[int], *, statuses: Sequence[str]
) -> dict[OutletId, Activity]:
    """The newest event that counts of each outlet, or a sale with one of `statuses` that is still open."""
    rows = await connection.fetch(
        f"""
        SELECT g.outlet_id, n.at, n.kind, n.id, n.open
        FROM unnest($1::bigint[], $2::int[]) AS g (outlet_id, cell)
        CROSS JOIN LATERAL ({_newest(outlet="g.outlet_id", cell="g.cell", statuses="$3", since="")}) n
        """,
        list(outlet_ids),
        [cell_of_id(outlet_id) for outlet_id in outlet_ids],
        list(statuses),
    )
    return {
        OutletId(row["outlet_id"]): Activity(at=row["at"], kind=row["kind"], id=row["id"], open=row["open"])
        for row in rows
    }


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of outlets that were looked at again: how many, up to which id, and which of them still did nothing."""

    looked: int
    last: int
    idle: dict[OutletId, Activity | None]


async def renew(
    connection: Connection, *, idle_since: datetime, after: int, limit: int, statuses: Sequence[str]
) -> Renewed:
    """Look again at the next active outlets, by id, of which nothing is known since `idle_since`; write down what is
    found, and tell only of those for which there is still nothing since, with the last that is known.
    """
    newest = _newest(outlet="p.id", cell="p.cell", statuses="$4", since="coalesce(p.last_at, p.opened_at)")
    rows = await connection.fetch(
        f"""
        WITH page AS MATERIALIZED (
            SELECT o.id, o.cell, o.opened_at, a.last_at, a.kind, a.source_id
            FROM outlet o
            LEFT JOIN outlet_activity a ON a.outlet_id = o.id AND a.cell = o.cell AND a.outlet_id > $2
            WHERE o.status = 'active' AND o.id > $2 AND coalesce(a.last_at, o.opened_at) <= $1
            ORDER BY o.id LIMIT $3
        ), found AS MATERIALIZED (
            SELECT p.id AS outlet_id, p.cell, n.at, n.kind, n.id FROM page p CROSS JOIN LATERAL ({newest}) n
        ), written AS (
            INSERT INTO outlet_activity (outlet_id, cell, last_at, kind, source_id)
            SELECT outlet_id, cell, at, kind, id FROM found
            ON CONFLICT (outlet_id, cell) DO UPDATE
                SET last_at = excluded.last_at, kind = excluded.kind, source_id = excluded.source_id
                WHERE outlet_activity.last_at < excluded.last_at
        ), idle AS (
            SELECT p.id AS outlet_id, coalesce(f.at, p.last_at) AS at, coalesce(f.kind, p.kind) AS kind,
                coalesce(f.id, p.source_id) AS id
            FROM page p LEFT JOIN found f ON f.outlet_id = p.id
            WHERE coalesce(f.at, p.last_at, p.opened_at) <= $1
        )
        SELECT t.looked, t.last, i.outlet_id, i.at, i.kind, i.id
        FROM (SELECT count(*) AS looked, coalesce(max(id), 0) AS last FROM page) t LEFT JOIN idle i ON true
        """,
        idle_since,
        after,
        limit,
        list(statuses),
    )
    idle = {
        OutletId(row["outlet_id"]): Activity(at=row["at"], kind=row["kind"], id=row["id"]) if row["at"] else None
        for row in rows
        if row["outlet_id"] is not None
    }
    return Renewed(looked=rows[0]["looked"], last=rows[0]["last"], idle=idle)


async def read_resumed(connection: Connection, *, after: int, limit: int) -> list[tuple[int, OutletId, Activity]]:
    """(countdown, outlet, what is known) where something is known since a countdown that is not over began, by id.

    Who was looked at in vain since then is idle still, so nobody else has to be asked.
    """
    rows = await connection.fetch(
        """
        SELECT i.id AS countdown_id, i.outlet_id, a.last_at AS at, a.kind, a.source_id AS id
        FROM inactivity i JOIN outlet_activity a ON a.outlet_id = i.outlet_id AND a.cell = i.cell
        WHERE a.last_at > i.since AND i.state IN ('warned', 'review') AND i.id > $1 ORDER BY i.id LIMIT $2
        """,
        after,
        limit,
    )
    return [
        (row["countdown_id"], OutletId(row["outlet_id"]), Activity(at=row["at"], kind=row["kind"], id=row["id"]))
        for row in rows
    ]


async def roll_up_districts(connection: Connection, day: date, *, begin: datetime, end: datetime) -> None:
    """What was sold in each district between two moments, as that day's; again replaces it."""
    await connection.execute("DELETE FROM district_day WHERE day = $1", day)
    await connection.execute(
        """
        INSERT INTO district_day (district, day, sales, sold_rp, outlets)
        SELECT o.district, $1, count(*), sum(s.price_rp), count(DISTINCT o.id)
        FROM sale s JOIN outlet o ON o.id = s.outlet_id AND o.cell = s.cell
        WHERE s.at >= $2 AND s.at < $3 AND s.status = 'done' AND o.district IS NOT NULL
          AND NOT EXISTS (SELECT FROM reversal v WHERE v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done')
        GROUP BY o.district
        """,
        day,
        begin,
        end,
    )


async def read_district_days(
    connection: Connection, districts: Sequence[str], *, first: date, last: date
) -> list[Record]:
    """(district, day, sales, sold_rp, outlets) of these districts on these days, the last included."""
    return await connection.fetch(
        """
        SELECT district, day, sales, sold_rp, outlets FROM district_day
        WHERE district = ANY($1) AND day BETWEEN $2 AND $3
        """,
        list(districts),
        first,
        last,
    )
