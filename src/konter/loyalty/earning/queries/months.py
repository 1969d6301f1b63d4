"""What a month's recharges come to by the ledger, and the months that were touched."""

from collections.abc import Sequence
from datetime import date, datetime

from konter.loyalty.earning.model import Programme
from konter.loyalty.earning.queries.grants import GRANTS, MULTIPLIER, TIER_AT, Granted, granted_of, parameters
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import SubscriptionId
from konter.rules.keys_loyalty import PoinPrepaid

KINDS = "'recharge', 'voucher_recharge', 'adjustment'"  # literally, or the partial index is not found

# What reversals of recharges took back is in the ledger as a debit of the same main balance for the same sale.
_NOT_REVERSED = """NOT EXISTS (
        SELECT FROM transfer v WHERE v.reference_id = r.reference_id AND v.cell = r.cell AND v.kind = 'reversal'
          AND v.debit_account = r.credit_account AND v.state = 'posted')"""

# The brand that a number had at a moment, if it was another one than now.
_PLAN = """SELECT p.brand FROM past_plan p
        WHERE p.subscription_id = s.id AND p.cell = s.cell AND p.until > {moment} ORDER BY p.until LIMIT 1"""


async def find_touched(
    connection: Connection,
    *,
    since: datetime,
    until: datetime,
    borders: Sequence[datetime],
    months: Sequence[date],
    cells: Sequence[int],
) -> list[tuple[SubscriptionId, date]]:
    """(subscription, month) of every recharge that was posted, or taken back, between two moments. `borders` are the
    beginnings of `months`, ascending, with the end of the last one behind them.
    """
    rows = await connection.fetch(
        f"""
        WITH moved AS (
            SELECT t.credit_account AS account_id, t.cell, t.at FROM transfer t
            WHERE t.resolved_at >= $1 AND t.resolved_at < $2 AND t.kind IN ({KINDS}) AND t.asset = 'IDR'
              AND t.state = 'posted' AND t.cell = ANY($5::int[])
            UNION ALL
            SELECT r.credit_account, r.cell, r.at FROM transfer t
            JOIN transfer r ON r.reference_id = t.reference_id AND r.cell = t.cell
                AND r.credit_account = t.debit_account AND r.kind IN ({KINDS})
            WHERE t.resolved_at >= $1 AND t.resolved_at < $2 AND t.kind = 'reversal' AND t.asset = 'IDR'
              AND t.cell = ANY($5::int[])
        )
        SELECT DISTINCT a.owner_id, ($4::date[])[width_bucket(m.at, $3::timestamptz[])] AS month
        FROM moved m JOIN account a ON a.id = m.account_id AND a.cell = m.cell AND a.kind = 'main'
        WHERE m.at >= ($3::timestamptz[])[1] AND m.at < ($3::timestamptz[])[cardinality($3::timestamptz[])]
        """,
        since,
        until,
        list(borders),
        list(months),
        list(cells),
        timeout=LONG_WORK_S,
    )
    return [(SubscriptionId(row["owner_id"]), row["month"]) for row in rows]


async def grant_month(
    connection: Connection,
    subscriptions: Sequence[int],
    *,
    month: date,
    begin: datetime,
    end: datetime,
    programme: Programme,
    new_since: datetime,
    entry_min_rp: int,
    seqs: Sequence[int],
    at: datetime,
) -> Granted:
    """Reckon a month of locked subscriptions, each named once, and grant what it differs by. `begin` and `end` are the
    month's, or the later beginning of the programme; what was made before `new_since` was seen by an earlier run.
    [P-03, P-05, P-07, P-09, P-43]
    """
    prepaid = programme.rules.poin.prepaid
    rows = await connection.fetch(
        _months(prepaid),
        *parameters(
            subscriptions,
            programme,
            at=at,
            seqs=seqs,
            brands=programme.earning_brands,
            per_step=prepaid.per_step,
            min_rp=prepaid.min_idr,
            entry_min_rp=entry_min_rp,
            grant_h=prepaid.grant_h,
        ),
        begin,
        end,
        list(programme.transfer_kinds),
        list(programme.counting_brands),
        month,
        new_since,
        timeout=LONG_WORK_S,
    )
    return granted_of(rows)


# $19 and $20 the month's borders, $21 kinds of transfers, $22 brands that count for the tier, $23 its first day, $24
# from when on nothing was seen before.
def _months(prepaid: PoinPrepaid) -> str:
    """The statement for a month: which recharges there are by the ledger, what they come to, and the grants."""
    basis, steps = "earned_rp", "earned_rp / $12"
    if not prepaid.backfill_on_minimum:
        basis, steps = "coalesce(from_minimum_rp, earned_rp)", "coalesce(from_minimum_rp, earned_rp) / $12"
    if prepaid.rounding_on == "recharge":
        steps = "single_steps" if prepaid.backfill_on_minimum else "coalesce(from_minimum_steps, single_steps)"
    return f"""
{_recharges(prepaid)}
), reckoned AS (
    SELECT m.*, $23::date AS month, {basis} AS basis_rp, {steps} AS steps, {MULTIPLIER.format(brand="m.brand")}
        AS multiplier, coalesce(g.tier, ($6::text[])[1]) AS tier, coalesce(k.points, 0) AS known,
        coalesce(k.counted_rp, -1) AS known_rp
    FROM summed m
    {TIER_AT.format(of="m", day="$23::date")}
    LEFT JOIN point_month k ON k.subscription_id = m.subscription_id AND k.cell = m.cell AND k.month = $23
), worth AS MATERIALIZED (
    SELECT subscription_id, cell, month, NULL::bigint AS bill_id, known, basis_rp, steps, multiplier, tier,
        brand, extract(year FROM month)::int AS vintage,
        coalesce(CASE WHEN known > 0 THEN oldest_new_at END, newest_at, $1) AS caused_at,
        counted_rp AS spent_rp, spent_at, counted_rp, known_rp,
        CASE WHEN $16 THEN greatest(known, points) ELSE points END AS worth
    FROM (SELECT *, CASE WHEN earned_rp >= $14 THEN steps * $13 * multiplier ELSE 0 END AS points
          FROM reckoned) p
), kept AS (
    INSERT INTO point_month (subscription_id, cell, month, counted_rp, points)
    SELECT subscription_id, cell, month, counted_rp, worth FROM worth
    WHERE (worth <> known OR counted_rp <> known_rp)
      AND EXISTS (SELECT FROM unnest($10::int[], $11::timestamptz[]) v (vintage, expires_at)
                  WHERE v.vintage = worth.vintage AND v.expires_at > $1)
    ON CONFLICT (subscription_id, month, cell)
        DO UPDATE SET counted_rp = excluded.counted_rp, points = excluded.points
), {GRANTS}
"""


# Number by number: a join of all to the recharges of all is planned for the few rows that PostgreSQL expects of such a
# filter, and then holds each against each.
def _recharges(prepaid: PoinPrepaid) -> str:
    return f"""
WITH summed AS (
    SELECT s.id AS subscription_id, s.cell, b.brand, m.*
    FROM unnest($2::bigint[], $3::int[]) t (subscription_id, cell)
    JOIN subscription s ON s.id = t.subscription_id AND s.cell = t.cell
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount) FILTER (WHERE r.earns), 0)::bigint AS earned_rp,
            coalesce(sum(r.amount / $12) FILTER (WHERE r.earns), 0)::bigint AS single_steps,
            coalesce(sum(r.amount) FILTER (WHERE r.counts), 0)::bigint AS counted_rp,
            max(r.at) FILTER (WHERE r.earns) AS newest_at,
            min(r.at) FILTER (WHERE r.earns AND r.at >= $24) AS oldest_new_at,
            max(r.at) FILTER (WHERE r.counts) AS spent_at{_from_minimum(prepaid)}
        FROM (
            SELECT r.id, r.at, r.amount, coalesce(p.brand, s.brand) = ANY($15::text[]) AS earns,
                coalesce(p.brand, s.brand) = ANY($22::text[]) AS counts{_running(prepaid)}
            FROM transfer r
            LEFT JOIN LATERAL ({_PLAN.format(moment="r.at")}) p ON true
            WHERE r.credit_account = s.main_id AND r.cell = s.cell AND r.asset = 'IDR' AND r.kind IN ({KINDS})
              AND r.kind = ANY($21::text[]) AND r.at >= $19 AND r.at < $20 AND r.state = 'posted' AND {_NOT_REVERSED}
        ) r) m
    LEFT JOIN LATERAL ({_PLAN.format(moment="$19")}) q ON true
    CROSS JOIN LATERAL (SELECT coalesce(q.brand, s.brand) AS brand) b"""


def _running(prepaid: PoinPrepaid) -> str:
    """Where earlier recharges are not made good: each with the sum that it brought the month to."""
    if prepaid.backfill_on_minimum:
        return ""
    earned = "sum(r.amount) FILTER (WHERE coalesce(p.brand, s.brand) = ANY($15::text[]))"
    return f", {earned} OVER (ORDER BY r.at, r.id) AS reached_rp"


def _from_minimum(prepaid: PoinPrepaid) -> str:
    if prepaid.backfill_on_minimum:
        return ""
    those = "FILTER (WHERE r.earns AND r.reached_rp >= $14)"
    return f""",
            (sum(r.amount) {those})::bigint AS from_minimum_rp,
            (sum(r.amount / $12) {those})::bigint AS from_minimum_steps"""
