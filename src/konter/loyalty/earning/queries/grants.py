"""The part that months and bills share: the difference to what was granted, its grant, and the ledger.

One statement reckons for all subscriptions of a batch, which are locked, and writes: what a month or a bill comes to,
its grant, and, in the usual case of points for somebody without a debt, the ledger too. The others it hands back, for
`settle.py` to book in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.ledger.model import ISSUED
from konter.ledger.write import bulk_credits
from konter.loyalty.earning.model import Granted, Programme, Unbooked, Waited
from konter.loyalty.points.model import ASSET, DEBT, GRANT, POINTS
from konter.loyalty.tiers.model import Entries
from konter.loyalty.tiers.queries import ENTERING
from konter.platform.ids import cell_of_id
from konter.rules.keys_loyalty import Poin

Record = asyncpg.Record
SEQS_A_GRANT = 3  # ids of grant, transfer and account

# The tier with which a month or a period began; who entered one on its first day had the lowest.
TIER_AT = """LEFT JOIN LATERAL (
        SELECT c.tier FROM tier_change c
        WHERE c.subscription_id = {of}.subscription_id AND c.cell = {of}.cell
          AND (c.since < {day} OR (c.since = {day} AND c.cause <> 'entry'))
        ORDER BY c.seq DESC LIMIT 1) g ON true"""
MULTIPLIER = """coalesce(($7::int[])[array_position($6::text[], g.tier)], ($7::int[])[1])
        * coalesce(($9::int[])[array_position($8::text[], {brand})], 1)"""

# $1 at, $2 subscriptions or bills, $3 cells, $4 seqs, $5 rule, $6 tier names, $7 their multipliers, $8 brands,
# $9 theirs, $10 vintages, $11 their ends, $12 step, $13 points a step, $14 minimum, $15 brands that earn, $16 keep what
# was granted, $17 to $23 what ENTERING says, $24 hours until a grant is due.

# Behind a row `{of}` with (subscription_id, cell, vintage): whether the vintage is not over. By its end at $1; and what
# the ledger has closed is over for a run, too, that was due before the end and books after it: a take-back would become
# a debt for points that are gone.
VALID = f"""EXISTS (
        SELECT FROM unnest($10::int[], $11::timestamptz[]) v (vintage, expires_at)
        WHERE v.vintage = {{of}}.vintage AND v.expires_at > $1 AND NOT EXISTS (
            SELECT FROM account o WHERE o.owner_id = {{of}}.subscription_id AND o.cell = {{of}}.cell
              AND o.kind = '{POINTS}' AND o.expires_at = v.expires_at AND o.closed_at IS NOT NULL))"""

# What somebody still has of whom points are taken back: where no debt may be left behind, no more than that goes.
_HELD = f"""LEFT JOIN LATERAL (
        SELECT coalesce(sum(a.balance), 0)::bigint AS held FROM account a
        WHERE w.worth < w.known AND a.owner_id = w.subscription_id AND a.cell = w.cell AND a.kind = '{POINTS}'
          AND a.closed_at IS NULL AND a.expires_at > $1) h ON true
    """


# Behind `worth` (subscription_id, cell, month, bill_id, worth, known, basis_rp, steps, multiplier, tier, brand,
# vintage, caused_at, spent_rp, spent_at): the grants of what differs, numbered, and the credits of the simple ones.
def grants(poin: Poin) -> str:
    """The CTEs and the SELECT that end a statement."""
    moved, held = "w.worth - w.known", ""
    if not poin.negative_allowed:
        moved, held = "greatest(w.worth - w.known, -h.held)", _HELD
    return f"""
difference AS MATERIALIZED (
    SELECT w.*, {moved} AS points, v.expires_at, row_number() OVER () AS n, d.balance AS debt
    FROM worth w
    JOIN unnest($10::int[], $11::timestamptz[]) v (vintage, expires_at) ON v.vintage = w.vintage
    LEFT JOIN account d ON d.owner_id = w.subscription_id AND d.cell = w.cell AND d.kind = '{DEBT}' AND d.balance < 0
    {held}WHERE {moved} <> 0 AND {VALID.format(of="w")}
), granted AS (
    INSERT INTO point_grant (id, cell, subscription_id, month, bill_id, cause, points, worth, basis_rp, steps, step_rp,
        per_step, multiplier, tier, brand, vintage, rule, caused_at, due_at, at)
    SELECT ($4::bigint[])[n * 3 - 2] << 8 | cell, cell, subscription_id, month, bill_id,
        CASE WHEN points < 0 THEN 'taken_back' WHEN bill_id IS NULL THEN 'recharge' ELSE 'bill' END,
        points, worth, basis_rp, steps, $12, $13, multiplier, tier, brand, vintage, $5, caused_at,
        CASE WHEN points > 0 THEN caused_at + make_interval(hours => $24) END, $1
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
), {bulk_credits(ISSUED, ASSET)}, {ENTERING}
SELECT c.*, h.subscription_id, h.points, h.grant_id, h.expires_at
FROM (
    SELECT count(*) AS grants, count(*) FILTER (WHERE points > 0) AS given,
        count(*) FILTER (WHERE points > 0 AND caused_at + make_interval(hours => $24) < $1) AS late,
        coalesce(extract(epoch FROM $1 - min(caused_at) FILTER (WHERE points > 0)), 0)::bigint AS waited_s
    FROM difference) c
LEFT JOIN (
    SELECT subscription_id, points, ($4::bigint[])[n * 3 - 2] << 8 | cell AS grant_id, expires_at
    FROM difference WHERE points < 0 OR debt IS NOT NULL) h ON true
"""


def parameters(
    reckoned: Sequence[int],
    programme: Programme,
    *,
    brands: Iterable[str],
    at: datetime,
    seqs: Sequence[int],
    per_step: int,
    min_rp: int,
    entries: Entries,
    grant_h: int,
) -> list[Any]:
    """The parameters $1 to $24."""
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
        entries.min_rp,
        list(entries.until),
        list(entries.until.values()),
        entries.lowest,
        entries.tier,
        entries.zone,
        entries.rule,
        grant_h,
    ]


def granted_of(rows: Sequence[Record]) -> Granted:
    """What a statement that ends with `grants` said."""
    unbooked = [
        Unbooked(row["subscription_id"], row["points"], row["grant_id"], row["expires_at"])
        for row in rows
        if row["grant_id"] is not None
    ]
    first = rows[0]
    waited = Waited(
        grants=first["grants"],
        in_time=first["given"] - first["late"],
        late=first["late"],
        longest_s=first["waited_s"],
    )
    return Granted(waited=waited, unbooked=unbooked)
