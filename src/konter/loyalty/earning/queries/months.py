"""What a month's recharges come to by the ledger, and the months that were touched."""

from collections.abc import Sequence
from datetime import date, datetime

from konter.loyalty.earning.model import TRANSFER_KINDS, Granted, Programme
from konter.loyalty.earning.queries.grants import MULTIPLIER, TIER_AT, VALID, granted_of, grants, parameters
from konter.loyalty.tiers.model import Entries
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import SubscriptionId
from konter.rules.keys_loyalty import Poin, PoinPrepaid
from konter.subscriber.plans import BRAND_AT, PAST_PLANS

# Written into the statement, or the partial index is not found.
KINDS = ", ".join(f"'{kind}'" for kinds in TRANSFER_KINDS.values() for kind in kinds)

# What reversals of recharges took back is in the ledger as a debit of the same main balance for the same sale.
_REVERSED = """SELECT array_agg(v.reference_id) AS sales FROM transfer v
        WHERE v.debit_account = s.main_id AND v.cell = s.cell AND v.kind = 'reversal' AND v.state = 'posted'"""

_PLANS = PAST_PLANS.format(since="$25")
_BRAND_AT = BRAND_AT.format(at="r.at")


async def find_touched(
    connection: Connection, *, since: datetime, until: datetime, borders: Sequence[datetime], months: Sequence[date]
) -> dict[date, list[SubscriptionId]]:
    """By month, cell by cell, whoever has a recharge in it that was posted, or taken back, between two moments.
    `borders` are the beginnings of `months`, ascending, with the end of the last one behind them.
    """
    rows = await connection.fetch(
        f"""
        WITH moved AS (
            SELECT t.credit_account AS account_id, t.cell, t.at FROM transfer t
            WHERE t.resolved_at >= $1 AND t.resolved_at < $2 AND t.kind IN ({KINDS}) AND t.asset = 'IDR'
              AND t.state = 'posted'
            UNION ALL
            SELECT r.credit_account, r.cell, r.at FROM transfer t
            JOIN transfer r ON r.reference_id = t.reference_id AND r.cell = t.cell
                AND r.credit_account = t.debit_account AND r.kind IN ({KINDS})
            WHERE t.resolved_at >= $1 AND t.resolved_at < $2 AND t.kind = 'reversal' AND t.asset = 'IDR'
        )
        SELECT ($4::date[])[width_bucket(m.at, $3::timestamptz[])] AS month, array_agg(DISTINCT a.owner_id) AS owners
        FROM moved m JOIN account a ON a.id = m.account_id AND a.cell = m.cell AND a.kind = 'main'
        WHERE m.at >= ($3::timestamptz[])[1] AND m.at < ($3::timestamptz[])[cardinality($3::timestamptz[])]
        GROUP BY a.cell, month ORDER BY a.cell
        """,
        since,
        until,
        list(borders),
        list(months),
        timeout=LONG_WORK_S,
    )
    touched: dict[date, list[SubscriptionId]] = {}
    for row in rows:
        touched.setdefault(row["month"], []).extend(row["owners"])
    return touched


async def grant_month(
    connection: Connection,
    subscriptions: Sequence[int],
    *,
    month: date,
    begin: datetime,
    end: datetime,
    programme: Programme,
    new_since: datetime,
    entries: Entries,
    seqs: Sequence[int],
    at: datetime,
) -> Granted:
    """Reckon a month of locked subscriptions, each named once, and grant what it differs by. `begin` and `end` are the
    month's, or the later beginning of the programme; what was made before `new_since` was seen by an earlier run.
    [P-03, P-05, P-07, P-09, P-43]
    """
    prepaid = programme.rules.poin.prepaid
    rows = await connection.fetch(
        _months(programme.rules.poin),
        *parameters(
            subscriptions,
            programme,
            at=at,
            seqs=seqs,
            brands=programme.earning_brands,
            per_step=prepaid.per_step,
            min_rp=prepaid.min_idr,
            entries=entries,
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


# $25 and $26 the month's borders, $27 kinds of transfers, $28 brands that count for the tier, $29 its first day, $30
# from when on nothing was seen before.
def _months(poin: Poin) -> str:
    """The statement for a month: which recharges there are by the ledger, what they come to, and the grants."""
    prepaid = poin.prepaid
    basis, steps = "earned_rp", "earned_rp / $12"
    if not prepaid.backfill_on_minimum:
        basis, steps = "coalesce(from_minimum_rp, earned_rp)", "coalesce(from_minimum_rp, earned_rp) / $12"
    if prepaid.rounding_on == "recharge":
        steps = "single_steps" if prepaid.backfill_on_minimum else "coalesce(from_minimum_steps, single_steps)"
    return f"""
{_recharges(prepaid)}
), reckoned AS (
    SELECT m.*, $29::date AS month, {basis} AS basis_rp, {steps} AS steps, {MULTIPLIER.format(brand="m.brand")}
        AS multiplier, coalesce(g.tier, ($6::text[])[1]) AS tier, coalesce(k.points, 0) AS known,
        coalesce(k.counted_rp, -1) AS known_rp
    FROM summed m
    {TIER_AT.format(of="m", day="$29::date")}
    LEFT JOIN point_month k ON k.subscription_id = m.subscription_id AND k.cell = m.cell AND k.month = $29
), worth AS MATERIALIZED (
    SELECT subscription_id, cell, month, NULL::bigint AS bill_id, known, basis_rp, steps, multiplier, tier,
        brand, extract(year FROM month)::int AS vintage,
        coalesce(CASE WHEN known > 0 THEN oldest_new_at ELSE reached_at END, newest_at, $1) AS caused_at,
        counted_rp AS spent_rp, spent_at, counted_rp, known_rp,
        CASE WHEN $16 THEN greatest(known, points) ELSE points END AS worth
    FROM (SELECT *, CASE WHEN earned_rp >= $14 THEN steps * $13 * multiplier ELSE 0 END AS points
          FROM reckoned) p
), valid AS (
    SELECT w.* FROM worth w
    WHERE (worth <> known OR counted_rp <> known_rp) AND {VALID.format(of="w")}
), added AS (
    INSERT INTO point_month (subscription_id, cell, month, counted_rp, points)
    SELECT subscription_id, cell, month, counted_rp, worth FROM valid WHERE known_rp < 0
), kept AS (
    UPDATE point_month m SET counted_rp = v.counted_rp, points = v.worth FROM valid v
    WHERE v.known_rp >= 0 AND m.subscription_id = v.subscription_id AND m.cell = v.cell AND m.month = v.month
), {grants(poin)}
"""


# Number by number: a join of all to the recharges of all is planned for the few rows that PostgreSQL expects of such a
# filter, and then holds each against each.
def _recharges(prepaid: PoinPrepaid) -> str:
    # Which of two at one moment was the first matters only where those before the minimum earn nothing.
    order = "r.at" if prepaid.backfill_on_minimum else "r.at, r.id"
    return f"""
WITH summed AS (
    SELECT s.id AS subscription_id, s.cell, coalesce(p.brands[1], s.brand) AS brand, m.*
    FROM unnest($2::bigint[], $3::int[]) t (subscription_id, cell)
    JOIN subscription s ON s.id = t.subscription_id AND s.cell = t.cell
    CROSS JOIN LATERAL ({_PLANS}) p
    CROSS JOIN LATERAL ({_REVERSED}) v
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount) FILTER (WHERE r.earns), 0)::bigint AS earned_rp,
            coalesce(sum(r.amount / $12) FILTER (WHERE r.earns), 0)::bigint AS single_steps,
            coalesce(sum(r.amount) FILTER (WHERE r.counts), 0)::bigint AS counted_rp,
            max(r.at) FILTER (WHERE r.earns) AS newest_at,
            min(r.at) FILTER (WHERE r.earns AND r.at >= $30) AS oldest_new_at,
            min(r.at) FILTER (WHERE r.earns AND r.reached_rp >= $14) AS reached_at,
            max(r.at) FILTER (WHERE r.counts) AS spent_at{_from_minimum(prepaid)}
        FROM (
            SELECT r.id, r.at, r.amount, {_BRAND_AT} = ANY($15::text[]) AS earns,
                {_BRAND_AT} = ANY($28::text[]) AS counts,
                sum(r.amount) FILTER (WHERE {_BRAND_AT} = ANY($15::text[])) OVER (ORDER BY {order}) AS reached_rp
            FROM transfer r
            WHERE r.credit_account = s.main_id AND r.cell = s.cell AND r.asset = 'IDR' AND r.kind IN ({KINDS})
              AND r.kind = ANY($27::text[]) AND r.at >= $25 AND r.at < $26 AND r.state = 'posted'
              AND (v.sales IS NULL OR r.reference_id <> ALL (v.sales))
        ) r) m"""


def _from_minimum(prepaid: PoinPrepaid) -> str:
    if prepaid.backfill_on_minimum:
        return ""
    those = "FILTER (WHERE r.earns AND r.reached_rp >= $14)"
    return f""",
            (sum(r.amount) {those})::bigint AS from_minimum_rp,
            (sum(r.amount / $12) {those})::bigint AS from_minimum_steps"""
