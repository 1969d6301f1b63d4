"""All SQL of tiers: who is in which, why, and what an evaluation makes of everybody, set-based."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from konter.loyalty.tiers.model import Change, Evaluation, Held, Standing
from konter.platform.db import LONG_WORK_S, Connection, rows_of, unnest
from konter.platform.ids import SubscriptionId, cell_of_id

Record = asyncpg.Record
_CHANGE_TYPES = ("bigint", "int", "int", "text", "text", "date", "date", "date", "text", "bigint", "text")


async def read_held(connection: Connection, *, subscriptions: Sequence[int]) -> dict[SubscriptionId, Held]:
    """The tiers of subscriptions; who never had one above the lowest is missing."""
    rows = await connection.fetch(
        """
        SELECT m.subscription_id, m.tier, m.since, m.until, m.counted_from, m.cause, m.changes
        FROM unnest($1::bigint[], $2::int[]) u (id, cell)
        JOIN tier_member m ON m.subscription_id = u.id AND m.cell = u.cell
        """,
        list(subscriptions),
        [cell_of_id(each) for each in subscriptions],
    )
    return {SubscriptionId(row["subscription_id"]): _held(row) for row in rows}


def _held(row: Record) -> Held:
    return Held(standing=_standing(row), changes=row["changes"])


def _standing(row: Record) -> Standing:
    return Standing(
        tier=row["tier"], since=row["since"], until=row["until"], counted_from=row["counted_from"], cause=row["cause"]
    )


async def write_changes(connection: Connection, changes: Sequence[Change], *, rule: str, at: datetime) -> None:
    """New standings, each with a line of its history, in one statement."""
    rows: list[tuple[Any, ...]] = [
        (
            each.subscription_id,
            cell_of_id(each.subscription_id),
            each.seq,
            each.tier_before,
            each.standing.tier,
            each.standing.since,
            each.standing.until,
            each.standing.counted_from,
            each.standing.cause,
            each.spent_rp,
            rule,
        )
        for each in changes
    ]
    await connection.execute(
        f"""
        WITH change AS MATERIALIZED (
            SELECT * FROM {rows_of(2, _CHANGE_TYPES)} u (subscription_id, cell, seq, tier_before, tier, since, until,
                counted_from, cause, spent_rp, rule)
        ), {_keep("$1::timestamptz")}
        SELECT
        """,
        at,
        *unnest(rows, len(_CHANGE_TYPES)),
    )


# Behind `change` with the columns of tier_change but `at`.
def _keep(at: str) -> str:
    return f"""told AS (
    INSERT INTO tier_change (subscription_id, cell, seq, tier_before, tier, since, until, counted_from, cause, spent_rp,
        rule, at)
    SELECT subscription_id, cell, seq, tier_before, tier, since, until, counted_from, cause, spent_rp, rule, {at}
    FROM change
), member AS (
    INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)
    SELECT subscription_id, cell, tier, since, until, counted_from, cause, seq FROM change
    ON CONFLICT (subscription_id, cell) DO UPDATE SET tier = excluded.tier, since = excluded.since,
        until = excluded.until, counted_from = excluded.counted_from, cause = excluded.cause, changes = excluded.changes
)"""


# Entries that a statement decides for locked subscriptions: CTEs to put behind a `worth` of its own with
# (subscription_id, cell, spent_rp, spent_at), each subscription once. $1 is the moment, $17 the minimum, $18 and $19
# the days that count and their ends, $20 the lowest tier, $21 the next, $22 the time zone, $23 the rule. Whose higher
# tier ended after the day spent it for that one.
ENTERING = f"""change AS MATERIALIZED (
    SELECT w.subscription_id, w.cell, coalesce(m.changes, 0) + 1 AS seq, $20::text AS tier_before, $21::text AS tier,
        d.day AS since, d.until, coalesce(m.counted_from, '0001-01-01') AS counted_from, 'entry' AS cause, w.spent_rp,
        $23::text AS rule
    FROM worth w
    JOIN unnest($18::date[], $19::date[]) d (day, until) ON d.day = (w.spent_at AT TIME ZONE $22)::date
    LEFT JOIN tier_member m ON m.subscription_id = w.subscription_id AND m.cell = w.cell
    WHERE w.spent_rp >= $17 AND (m.tier IS NULL OR (m.tier = $20 AND m.since <= d.day))
), {_keep("$1::timestamptz")}"""


# What an evaluation makes of everybody whom `{whom}` names: $1 names from low to high, $2 thresholds of all but the
# lowest, $3 day, $4 first month that counts, $5 divisor, $6 bills that count, $7 moment before which they were issued,
# $8 brands and $9 segments that earn, $10 zone. `held` and `earned` count from 1; `held` is null for a tier of an older
# programme, `cause` is null where nothing changes. Of postpaid numbers months count that began after they became so:
# on the first of a month too there may be recharges of before. What was spent is looked up one by one: a join to the
# sum of all months is planned for the few rows that PostgreSQL expects of it, and may then hold each against each.
_DECIDED = """
base AS MATERIALIZED (
    SELECT s.id AS subscription_id, s.cell, s.kind, s.activated_at, m.tier, m.until, m.changes,
        coalesce(m.counted_from, '0001-01-01') AS counted_from,
        CASE WHEN m.tier IS NULL THEN 1 ELSE array_position($1::text[], m.tier) END AS held
    FROM subscription s LEFT JOIN tier_member m ON m.subscription_id = s.id AND m.cell = s.cell
    WHERE s.ended_at IS NULL AND {whom}
), averaged AS (
    SELECT b.*, (coalesce(m.spent_rp, 0) + coalesce(i.spent_rp, 0)) / $5::int AS average_rp, {tenure} AS tenure_months
    FROM base b
    LEFT JOIN LATERAL (
        SELECT sum(p.counted_rp)::bigint AS spent_rp FROM point_month p
        WHERE p.subscription_id = b.subscription_id AND p.cell = b.cell
          AND p.month < date_trunc('month', $3::date)::date
          AND p.month >= greatest($4::date, CASE b.kind WHEN 'prepaid' THEN date_trunc('month', b.counted_from)::date
              ELSE b.counted_from + 1 END)) m ON true
    LEFT JOIN LATERAL (
        SELECT sum(n.amount_rp)::bigint AS spent_rp FROM (
            SELECT {amount} AS amount_rp FROM issued_bill n
            WHERE n.subscription_id = b.subscription_id AND n.cell = b.cell AND n.issued_at < $7
              AND n.cancelled_at IS NULL
              AND n.period_end >= greatest(b.counted_from, '{start}'::date) AND n.brand = ANY($8::text[])
              AND n.segment = ANY($9::text[]) {paid} AND {billed}
            ORDER BY n.issued_at DESC, n.id DESC LIMIT $6::int) n) i ON true
), earned AS (
    SELECT *, {earned} AS earned FROM averaged
), decided AS MATERIALIZED (
    SELECT *,
        CASE WHEN held IS NULL OR earned >= held THEN earned WHEN until <= $3 THEN {lowered} ELSE held END AS target,
        CASE WHEN held IS NULL THEN 'programme' WHEN earned > held THEN 'upgrade'
            WHEN until <= $3 THEN CASE WHEN earned = held THEN 'renewal' ELSE 'downgrade' END END AS cause
    FROM earned
)"""
_DAY_OF_ACTIVATION = "(b.activated_at AT TIME ZONE $10)::date"
_TENURE = f"""(extract(year FROM $3::date) - extract(year FROM {_DAY_OF_ACTIVATION})) * 12
        + extract(month FROM $3::date) - extract(month FROM {_DAY_OF_ACTIVATION})
        - (extract(day FROM {_DAY_OF_ACTIVATION}) > extract(day FROM $3::date))::int"""


def _decided(evaluation: Evaluation, whom: str) -> str:
    rules = evaluation.rules
    tier, postpaid = rules.tier, rules.poin.postpaid
    earned = "1 + width_bucket(average_rp, $2::bigint[])"
    if any(tier.min_tenure_months):
        tenures = ", ".join(str(months) for months in tier.min_tenure_months[1:])
        earned = f"""1 + coalesce((
            SELECT max(t.place) FROM unnest($2::bigint[], ARRAY[{tenures}]) WITH ORDINALITY t (threshold, tenure, place)
            WHERE average_rp >= t.threshold AND tenure_months >= t.tenure), 0)::int"""
    return _DECIDED.format(
        whom=whom,
        tenure=_TENURE,
        earned=earned,
        amount="n.total_rp" if postpaid.basis_with_tax else "n.total_rp - n.tax_rp",
        paid="AND n.paid_at < $7" if postpaid.on == "payment" else "",
        billed="b.kind = 'postpaid'" if tier.migration_basis == "postpaid_only" else "true",
        start=rules.poin.start_date,
        lowered="greatest(earned, held - 1)" if tier.downgrade_to == "one_below" else "earned",
    )


def _values(evaluation: Evaluation) -> list[Any]:
    """The parameters $1 to $10."""
    rules = evaluation.rules
    return [
        list(rules.tier.names),
        [rules.tier.threshold[f"{name}_idr"] for name in rules.tier.names[1:]],
        evaluation.on,
        evaluation.first_month,
        rules.tier.average_divisor,
        rules.tier.window_months,
        evaluation.begin,
        list(rules.brand.earns_points),
        ["", *rules.poin.corporate_segments],
        rules.poin.time_zone,
    ]


async def find_changing(
    connection: Connection, evaluation: Evaluation, *, cells: Sequence[int]
) -> list[SubscriptionId]:
    """Those in some cells whose tier an evaluation changes or renews; nothing is locked."""
    rows = await connection.fetch(
        f"""
        WITH {_decided(evaluation, "s.cell = ANY($11::int[])")}
        SELECT subscription_id FROM decided WHERE cause IS NOT NULL
        ORDER BY subscription_id
        """,
        *_values(evaluation),
        list(cells),
        timeout=LONG_WORK_S,
    )
    return [SubscriptionId(row["subscription_id"]) for row in rows]


async def write_evaluation(
    connection: Connection, evaluation: Evaluation, *, subscriptions: Sequence[int], at: datetime
) -> dict[str, int]:
    """Evaluate locked subscriptions and write what changes, with its history; how many by cause.

    Bills issued since the day of those who come to the lowest tier are looked at again: they may have been counted
    while the tier above still held. [P-37]
    """
    restarts = evaluation.rules.tier.upgrade_restarts_validity
    rows = await connection.fetch(
        f"""
        WITH {_decided(evaluation, "(s.id, s.cell) IN (SELECT * FROM unnest($11::bigint[], $12::int[]))")},
        change AS MATERIALIZED (
            SELECT subscription_id, cell, coalesce(changes, 0) + 1 AS seq,
                coalesce(tier, ($1::text[])[1]) AS tier_before, ($1::text[])[target] AS tier, $3::date AS since,
                CASE WHEN target = 1 THEN NULL
                    WHEN cause = 'upgrade' AND until > $3 AND NOT $16 THEN until ELSE $13::date END AS until,
                counted_from, cause, average_rp AS spent_rp, $14::text AS rule
            FROM decided WHERE cause IS NOT NULL
        ), {_keep("$15::timestamptz")}, again AS (
            UPDATE issued_bill b SET counted = false FROM change c
            WHERE c.tier = ($1::text[])[1] AND b.subscription_id = c.subscription_id AND b.cell = c.cell
              AND b.issued_at >= $7 AND b.cancelled_at IS NULL
        )
        SELECT cause, count(*) AS changes FROM change GROUP BY cause
        """,
        *_values(evaluation),
        list(subscriptions),
        [cell_of_id(each) for each in subscriptions],
        evaluation.until,
        evaluation.rules.label,
        at,
        restarts,
        timeout=LONG_WORK_S,
    )
    return {row["cause"]: row["changes"] for row in rows}


async def count_decided(connection: Connection, evaluation: Evaluation, *, cells: Sequence[int]) -> list[Record]:
    """How many subscriptions in some cells are in `tier`, earn `earned` and would come to `target`; names, and null for
    a tier of nobody yet. Nothing is written.
    """
    return await connection.fetch(
        f"""
        WITH {_decided(evaluation, "s.cell = ANY($11::int[])")}
        SELECT coalesce(tier, ($1::text[])[1]) AS tier, ($1::text[])[earned] AS earned, ($1::text[])[target] AS target,
            count(*) AS customers
        FROM decided GROUP BY 1, 2, 3
        """,
        *_values(evaluation),
        list(cells),
        timeout=LONG_WORK_S,
    )


async def read_changes(
    connection: Connection, *, subscription_id: SubscriptionId, limit: int
) -> list[tuple[Change, str, datetime]]:
    """The newest changes of a customer's tier, with the rule and when it was written."""
    rows = await connection.fetch(
        """
        SELECT subscription_id, seq, tier_before, tier, since, until, counted_from, cause, spent_rp, rule, at
        FROM tier_change WHERE subscription_id = $1 AND cell = $2 ORDER BY seq DESC LIMIT $3
        """,
        subscription_id,
        cell_of_id(subscription_id),
        limit,
    )
    return [
        (
            Change(
                subscription_id=subscription_id,
                seq=row["seq"],
                tier_before=row["tier_before"],
                standing=_standing(row),
                spent_rp=row["spent_rp"],
            ),
            row["rule"],
            row["at"],
        )
        for row in rows
    ]


async def read_kinds(connection: Connection, *, subscriptions: Sequence[int]) -> dict[SubscriptionId, str]:
    """Whether subscriptions are paid before or after."""
    rows = await connection.fetch(
        "SELECT s.id, s.kind FROM unnest($1::bigint[], $2::int[]) u (id, cell)"
        " JOIN subscription s ON s.id = u.id AND s.cell = u.cell",
        list(subscriptions),
        [cell_of_id(each) for each in subscriptions],
    )
    return {SubscriptionId(row["id"]): row["kind"] for row in rows}


async def read_changed_days(connection: Connection, *, begin: datetime, end: datetime) -> list[date]:
    """The days from which on tiers hold that were written between two moments."""
    rows = await connection.fetch(
        "SELECT DISTINCT since FROM tier_change WHERE at >= $1 AND at < $2", begin, end, timeout=LONG_WORK_S
    )
    return [row["since"] for row in rows]


async def write_tier_days(connection: Connection, *, days: Sequence[date]) -> None:
    """Add up the tiers that hold from some days on; again replaces them."""
    await connection.execute("DELETE FROM tier_day WHERE day = ANY($1::date[])", days)
    await connection.execute(
        """
        INSERT INTO tier_day (day, tier_before, tier, cause, changes)
        SELECT since, tier_before, tier, cause, count(*) FROM tier_change WHERE since = ANY($1::date[])
        GROUP BY since, tier_before, tier, cause
        """,
        days,
        timeout=LONG_WORK_S,
    )


async def write_tier_standing(connection: Connection, *, day: date, lowest: str) -> None:
    """Count everybody by the tier that held on a day; again replaces it. Whoever has changed since is found by the
    history.
    """
    await connection.execute("DELETE FROM tier_standing WHERE day = $1", day)
    await connection.execute(
        """
        INSERT INTO tier_standing (day, tier, customers)
        SELECT $1, CASE WHEN m.since <= $1 THEN m.tier ELSE coalesce((
                SELECT c.tier FROM tier_change c
                WHERE c.subscription_id = m.subscription_id AND c.cell = m.cell AND c.since <= $1
                ORDER BY c.seq DESC LIMIT 1), $2) END, count(*)
        FROM subscription s LEFT JOIN tier_member m ON m.subscription_id = s.id AND m.cell = s.cell
        WHERE s.ended_at IS NULL GROUP BY 2
        """,
        day,
        lowest,
        timeout=LONG_WORK_S,
    )


async def read_tier_flows(connection: Connection, *, first: date, last: date) -> list[Record]:
    """(month, tier_before, tier, cause, changes) of some days, the last included."""
    return await connection.fetch(
        """
        SELECT date_trunc('month', day)::date AS month, tier_before, tier, cause, sum(changes)::bigint AS changes
        FROM tier_day WHERE day >= $1 AND day <= $2
        GROUP BY 1, tier_before, tier, cause ORDER BY 1, tier_before, tier, cause
        """,
        first,
        last,
    )


async def read_tier_standing(connection: Connection) -> list[Record]:
    """(day, tier, customers) of the newest count."""
    return await connection.fetch(
        "SELECT day, tier, customers FROM tier_standing WHERE day = (SELECT max(day) FROM tier_standing)"
    )
