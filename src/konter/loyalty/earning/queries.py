"""All SQL of earning: what recharges and bills come to, and the difference to what was granted before, set-based.

One statement reckons for all subscriptions of a batch, which are locked, and writes: what a month or a bill comes to,
its grant, and, in the usual case of points for somebody without a debt, the ledger too. The others it hands back, for
`settle.py` to book in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from konter.ledger.model import ISSUED
from konter.ledger.write import bulk_credits
from konter.loyalty.earning.model import Programme
from konter.loyalty.points.model import ASSET, DEBT, GRANT, POINTS
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import BillId, SubscriptionId, cell_of_id
from konter.rules.keys_loyalty import PoinPrepaid

Record = asyncpg.Record
KINDS = "'recharge', 'voucher_recharge', 'adjustment'"  # literally, or the partial index is not found
SEQS_A_GRANT = 3  # ids of grant, transfer and account

# What reversals of recharges took back is in the ledger as a debit of the same main balance for the same sale.
_NOT_REVERSED = """NOT EXISTS (
        SELECT FROM transfer v WHERE v.reference_id = r.reference_id AND v.cell = r.cell AND v.kind = 'reversal'
          AND v.debit_account = r.credit_account AND v.state = 'posted')"""

# The brand that a number had at a moment, if it was another one than now.
_PLAN = """SELECT p.brand FROM past_plan p
        WHERE p.subscription_id = s.id AND p.cell = s.cell AND p.until > {moment} ORDER BY p.until LIMIT 1"""

# The tier with which a month or a period began; who entered one on its first day had the lowest.
_TIER_AT = """LEFT JOIN LATERAL (
        SELECT c.tier FROM tier_change c
        WHERE c.subscription_id = {of}.subscription_id AND c.cell = {of}.cell
          AND (c.since < {day} OR (c.since = {day} AND c.cause <> 'entry'))
        ORDER BY c.seq DESC LIMIT 1) g ON true"""
_MULTIPLIER = """coalesce(($7::int[])[array_position($6::text[], g.tier)], ($7::int[])[1])
        * coalesce(($9::int[])[array_position($8::text[], {brand})], 1)"""

# $1 at, $2 subscriptions or bills, $3 cells, $4 seqs, $5 rule, $6 tier names, $7 their multipliers, $8 brands,
# $9 theirs, $10 vintages, $11 their ends, $12 step, $13 points a step, $14 minimum, $15 brands that earn, $16 keep what
# was granted, $17 from which spending on nobody stays in the lowest tier (0: none enters), $18 hours until a grant is
# due.

# Behind `worth` (subscription_id, cell, month, bill_id, worth, known, basis_rp, steps, multiplier, tier, brand,
# vintage, caused_at, spent_rp, spent_at): the grants of what differs, numbered, and the credits of the simple ones.
_GRANTS = f"""
difference AS MATERIALIZED (
    SELECT w.*, w.worth - w.known AS points, v.expires_at, row_number() OVER () AS n, d.balance AS debt
    FROM worth w
    JOIN unnest($10::int[], $11::timestamptz[]) v (vintage, expires_at) ON v.vintage = w.vintage
    LEFT JOIN account d ON d.owner_id = w.subscription_id AND d.cell = w.cell AND d.kind = '{DEBT}' AND d.balance < 0
    WHERE w.worth <> w.known AND v.expires_at > $1
), granted AS (
    INSERT INTO point_grant (id, cell, subscription_id, month, bill_id, cause, points, worth, basis_rp, steps, step_rp,
        per_step, multiplier, tier, brand, vintage, rule, caused_at, due_at, at)
    SELECT ($4::bigint[])[n * 3 - 2] << 8 | cell, cell, subscription_id, month, bill_id,
        CASE WHEN points < 0 THEN 'taken_back' WHEN bill_id IS NULL THEN 'recharge' ELSE 'bill' END,
        points, worth, basis_rp, steps, $12, $13, multiplier, tier, brand, vintage, $5, caused_at,
        CASE WHEN points > 0 THEN caused_at + make_interval(hours => $18) END, $1
    FROM difference
), credit AS MATERIALIZED (
    SELECT f.subscription_id AS owner_id, f.cell, a.id AS account_id,
        ($4::bigint[])[f.n * 3 - 1] << 8 | f.cell AS new_account_id, '{POINTS}' AS kind, f.expires_at,
        ($4::bigint[])[f.n * 3] << 8 | f.cell AS transfer_id, '{GRANT}' AS transfer_kind, f.points AS amount,
        ($4::bigint[])[f.n * 3 - 2] << 8 | f.cell AS reference_id, $5::text AS rule
    FROM difference f
    LEFT JOIN account a ON a.owner_id = f.subscription_id AND a.cell = f.cell AND a.kind = '{POINTS}'
        AND a.source = '' AND a.asset = '{ASSET}' AND a.expires_at = f.expires_at
    WHERE f.points > 0 AND f.debt IS NULL
), {bulk_credits(ISSUED, ASSET)}, entering AS (
    SELECT w.subscription_id, w.cell, w.spent_rp, w.spent_at FROM worth w
    LEFT JOIN tier_member m ON m.subscription_id = w.subscription_id AND m.cell = w.cell
    WHERE $17 > 0 AND w.spent_rp >= $17 AND (m.tier IS NULL OR m.tier = ($6::text[])[1])
)
SELECT c.grants, h.subscription_id, h.points, h.grant_id, h.expires_at, h.spent_rp, h.spent_at
FROM (SELECT count(*) AS grants FROM difference) c
LEFT JOIN (
    SELECT subscription_id, points, ($4::bigint[])[n * 3 - 2] << 8 | cell AS grant_id, expires_at,
        NULL::bigint AS spent_rp, NULL::timestamptz AS spent_at
    FROM difference WHERE points < 0 OR debt IS NOT NULL
    UNION ALL
    SELECT subscription_id, NULL, NULL, NULL, spent_rp, spent_at FROM entering) h ON true
"""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch came to: how many grants, those that are still to be booked, and who spent enough to enter a tier.

    `hard`: (subscription, points more or fewer, grant, end of its vintage); `entering`: (subscription, rupiah, when).
    """

    grants: int
    hard: list[tuple[SubscriptionId, int, int, datetime]]
    entering: list[tuple[SubscriptionId, int, datetime]]


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
        *_common(
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
    return _granted(rows)


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
    SELECT m.*, $23::date AS month, {basis} AS basis_rp, {steps} AS steps, {_MULTIPLIER.format(brand="m.brand")}
        AS multiplier, coalesce(g.tier, ($6::text[])[1]) AS tier, coalesce(k.points, 0) AS known,
        coalesce(k.counted_rp, -1) AS known_rp
    FROM summed m
    {_TIER_AT.format(of="m", day="$23::date")}
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
), {_GRANTS}
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
    entry_min_rp: int,
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
                    CASE WHEN $21 THEN b.period_end ELSE (b.issued_at AT TIME ZONE $19)::date END)::int AS vintage,
                b.cancelled_at IS NULL AND b.brand = ANY($15::text[]) AND {since} IS NOT NULL
                    AND b.segment = ANY($20::text[]) AND b.period_end >= $22::date AS counts
            FROM unnest($2::bigint[], $3::int[]) u (id, cell) JOIN issued_bill b ON b.id = u.id AND b.cell = u.cell
        ), reckoned AS (
            SELECT b.*, b.basis_rp / $12 AS steps, coalesce(g.tier, ($6::text[])[1]) AS tier,
                {_MULTIPLIER.format(brand="b.brand")} AS multiplier
            FROM bill b {_TIER_AT.format(of="b", day="b.period_begin")}
        ), worth AS MATERIALIZED (
            SELECT subscription_id, cell, NULL::date AS month, id AS bill_id, points AS known, basis_rp, steps,
                multiplier, tier, brand, vintage, coalesce(cancelled_at, earned_at, $1) AS caused_at,
                CASE WHEN counts AND NOT EXISTS (
                    SELECT FROM issued_bill n WHERE n.subscription_id = r.subscription_id AND n.cell = r.cell
                      AND n.issued_at > r.issued_at) THEN basis_rp ELSE 0 END AS spent_rp,
                issued_at AS spent_at,
                CASE WHEN NOT EXISTS (SELECT FROM unnest($10::int[], $11::timestamptz[]) v (vintage, expires_at)
                        WHERE v.vintage = r.vintage AND v.expires_at > $1) THEN points
                    WHEN $16 THEN greatest(points, fresh) ELSE fresh END AS worth
            FROM (SELECT *, CASE WHEN counts AND total_rp >= $14 THEN steps * $13 * multiplier ELSE 0 END AS fresh
                  FROM reckoned) r
        ), kept AS (
            UPDATE issued_bill b SET counted = true, points = w.worth FROM worth w
            WHERE b.id = w.bill_id AND b.cell = w.cell
        ), {_GRANTS}
        """,
        *_common(
            [bill for bill, _ in bills],
            programme,
            at=at,
            seqs=seqs,
            brands=programme.rules.brand.earns_points,
            per_step=rule.per_step,
            min_rp=rule.min_idr,
            entry_min_rp=entry_min_rp,
            grant_h=rule.grant_h,
        ),
        programme.rules.poin.time_zone,
        ["", *programme.rules.poin.corporate_segments],
        rule.vintage_by == "period_end",
        programme.rules.poin.start_date,
        timeout=LONG_WORK_S,
    )
    return _granted(rows)


def _common(
    reckoned: Sequence[int],
    programme: Programme,
    *,
    brands: Iterable[str],
    at: datetime,
    seqs: Sequence[int],
    per_step: int,
    min_rp: int,
    entry_min_rp: int,
    grant_h: int,
) -> list[Any]:
    """The parameters $1 to $18."""
    rules = programme.rules
    multipliers = rules.poin.brand_multipliers
    years = range(rules.poin.start_date.year, at.year + 2)
    return [
        at,
        list(reckoned),
        [cell_of_id(each) for each in reckoned],
        list(seqs),
        rules.label,
        list(rules.tier.names),
        list(rules.poin.tier_multipliers),
        list(multipliers),
        list(multipliers.values()),
        list(years),
        [programme.expires_at(year) for year in years],
        rules.poin.step_idr,
        per_step,
        min_rp,
        list(brands),
        rules.poin.on_reversal == "keep",
        entry_min_rp,
        grant_h,
    ]


def _granted(rows: Sequence[Record]) -> Granted:
    return Granted(
        grants=rows[0]["grants"],
        hard=[
            (SubscriptionId(row["subscription_id"]), row["points"], row["grant_id"], row["expires_at"])
            for row in rows
            if row["grant_id"] is not None
        ],
        entering=[
            (SubscriptionId(row["subscription_id"]), row["spent_rp"], row["spent_at"])
            for row in rows
            if row["spent_rp"] is not None
        ],
    )


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
