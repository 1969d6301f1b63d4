"""What the database tells of the whole base, cell by cell: the columns of `tables.py`, in their order."""

from collections.abc import Mapping

import asyncpg

from konter.loyalty.earning.model import TRANSFER_KINDS
from konter.platform.db import LONG_WORK_S, Connection
from konter.subscriber.plans import BRAND_AT, PAST_PLANS

KINDS = ", ".join(f"'{kind}'" for kinds in TRANSFER_KINDS.values() for kind in kinds)
_KIND = " ".join(f"WHEN '{kind}' THEN '{name}'" for name, kinds in TRANSFER_KINDS.items() for kind in kinds)

# $1 is the cell, $2 the zone in which days are.
TABLES: Mapping[str, str] = {
    "recharges": f"""
        SELECT r.id, s.id AS subscription_id, {BRAND_AT.format(at="r.at")} AS brand, r.at, r.amount AS face_rp,
            CASE r.kind {_KIND} END AS kind, EXISTS (
                SELECT FROM transfer v WHERE v.reference_id = r.reference_id AND v.cell = r.cell AND v.kind = 'reversal'
                  AND v.debit_account = r.credit_account AND v.state = 'posted') AS reversed
        FROM subscription s CROSS JOIN LATERAL ({PAST_PLANS.format(since="'-infinity'")}) p
        JOIN transfer r ON r.credit_account = s.main_id AND r.cell = s.cell AND r.asset = 'IDR' AND r.kind IN ({KINDS})
            AND r.state = 'posted'
        WHERE s.cell = $1 AND $2::text IS NOT NULL""",
    "bills": """
        SELECT id AS bill_id, subscription_id, brand, period_begin, period_end, issued_at, paid_at, total_rp,
            total_rp - tax_rp AS net_rp, segment, cancelled_at IS NOT NULL AS cancelled
        FROM issued_bill WHERE cell = $1 AND $2::text IS NOT NULL""",
    "members": """
        SELECT s.id AS subscription_id, s.kind, (s.activated_at AT TIME ZONE $2)::date AS activated_on, m.tier, m.since,
            m.until, m.counted_from
        FROM subscription s LEFT JOIN tier_member m ON m.subscription_id = s.id AND m.cell = s.cell
        WHERE s.cell = $1 AND s.ended_at IS NULL""",
    "tiers": """
        SELECT subscription_id, seq, tier, since, cause FROM tier_change WHERE cell = $1 AND $2::text IS NOT NULL""",
    "plans": """
        SELECT subscription_id, brand, until FROM past_plan WHERE cell = $1 AND $2::text IS NOT NULL
        UNION ALL SELECT id, brand, NULL FROM subscription WHERE cell = $1""",
}


async def read_table(connection: Connection, name: str, *, cell: int, zone: str) -> list[asyncpg.Record]:
    """The rows of one table and cell, in no order."""
    return await connection.fetch(TABLES[name], cell, zone, timeout=LONG_WORK_S)
