"""What bills come to, and those that nobody counted yet."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from konter.loyalty.earning.model import Granted, Programme
from konter.loyalty.earning.queries.grants import MULTIPLIER, TIER_AT, VALID, granted_of, grants, parameters
from konter.loyalty.tiers.model import Entries
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import BillId, SubscriptionId

Record = asyncpg.Record


async def find_uncounted(connection: Connection, *, after: int, limit: int) -> list[Record]:
    """The oldest bill of each subscription that changed since it was last counted: (id, subscription_id, issued_at), by
    subscription.
    """
    return await connection.fetch(
        """
        SELECT DISTINCT ON (subscription_id) id, subscription_id, issued_at FROM issued_bill
        WHERE NOT counted AND subscription_id > $1 ORDER BY subscription_id, issued_at, id LIMIT $2
        """,
        after,
        limit,
        timeout=LONG_WORK_S,
    )


async def has_uncounted(connection: Connection) -> bool:
    """Whether any bill waits to be counted."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM issued_bill WHERE NOT counted)"))


async def grant_bills(
    connection: Connection,
    bills: Sequence[tuple[BillId, SubscriptionId]],
    *,
    programme: Programme,
    entries: Entries,
    seqs: Sequence[int],
    at: datetime,
) -> Granted:
    """Reckon bills of locked subscriptions, one each, and grant what they differ by. [P-02, P-04, P-06, P-08, P-11]"""
    rule = programme.rules.poin.postpaid
    basis = "b.total_rp" if rule.basis_with_tax else "b.total_rp - b.tax_rp"
    since = "b.issued_at" if rule.on == "issue" else "b.paid_at"
    rows = await connection.fetch(
        f"""
        WITH bill AS MATERIALIZED (
            SELECT b.*, {basis} AS basis_rp, {since} AS earned_at, extract(year FROM
                    CASE WHEN $27 THEN b.period_end ELSE (b.issued_at AT TIME ZONE $25)::date END)::int AS vintage,
                b.cancelled_at IS NULL AND b.brand = ANY($15::text[]) AND {since} IS NOT NULL
                    AND b.segment = ANY($26::text[]) AND b.period_end >= $28::date AS counts
            FROM unnest($2::bigint[], $3::int[]) u (id, cell) JOIN issued_bill b ON b.id = u.id AND b.cell = u.cell
        ), reckoned AS (
            SELECT b.*, b.basis_rp / $12 AS steps, coalesce(g.tier, ($6::text[])[1]) AS tier,
                {MULTIPLIER.format(brand="b.brand")} AS multiplier
            FROM bill b {TIER_AT.format(of="b", day="b.period_begin")}
        ), worth AS MATERIALIZED (
            SELECT subscription_id, cell, NULL::date AS month, id AS bill_id, points AS known, basis_rp, steps,
                multiplier, tier, brand, vintage, coalesce(cancelled_at, earned_at, $1) AS caused_at,
                CASE WHEN counts AND NOT EXISTS (
                    SELECT FROM issued_bill n WHERE n.subscription_id = r.subscription_id AND n.cell = r.cell
                      AND n.issued_at > r.issued_at AND n.cancelled_at IS NULL) THEN basis_rp ELSE 0 END AS spent_rp,
                issued_at AS spent_at,
                CASE WHEN NOT {VALID.format(of="r")} THEN points
                    WHEN $16 THEN greatest(points, fresh) ELSE fresh END AS worth
            FROM (SELECT *, CASE WHEN counts AND total_rp >= $14 THEN steps * $13 * multiplier ELSE 0 END AS fresh
                  FROM reckoned) r
        ), kept AS (
            UPDATE issued_bill b SET counted = true, points = w.worth FROM worth w
            WHERE b.id = w.bill_id AND b.cell = w.cell
        ), {grants(programme.rules.poin)}
        """,
        *parameters(
            [bill for bill, _ in bills],
            programme,
            at=at,
            seqs=seqs,
            brands=programme.rules.brand.earns_points,
            per_step=rule.per_step,
            min_rp=rule.min_idr,
            entries=entries,
            grant_h=rule.grant_h,
        ),
        programme.rules.poin.time_zone,
        ["", *programme.rules.poin.corporate_segments],
        rule.vintage_by == "period_end",
        programme.rules.poin.start_date,
        timeout=LONG_WORK_S,
    )
    return granted_of(rows)
