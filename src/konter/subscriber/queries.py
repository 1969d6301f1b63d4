"""All SQL of the subscriber domain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import Msisdn, SubscriptionId, cell_of_id, cell_of_msisdn
from konter.subscriber.model import Subscription


async def insert_subscriptions(
    connection: Connection, *, rows: Sequence[tuple[Any, ...]], terms_version: str | None, at: datetime
) -> None:
    """New subscriptions: (id, cell, msisdn, brand, kind, locale, main_id, active_until) each."""
    await connection.execute(
        """
        INSERT INTO subscription (id, cell, msisdn, brand, kind, locale, main_id, active_until, activated_at,
            terms_version)
        SELECT *, $9::timestamptz, $10::text
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[],
            $7::bigint[], $8::timestamptz[])
        """,
        *unnest(list(rows), 8),
        at,
        terms_version,
    )


async def read_subscriptions(connection: Connection, *, msisdns: Sequence[int]) -> dict[Msisdn, Subscription]:
    """Live subscriptions by number; a number that nobody uses is missing."""
    rows = await connection.fetch(
        """
        SELECT id, cell, msisdn, brand, kind, locale, main_id, active_until FROM subscription
        WHERE cell = ANY($1::int[]) AND msisdn = ANY($2::bigint[]) AND ended_at IS NULL
        """,
        list({cell_of_msisdn(msisdn) for msisdn in msisdns}),
        list(msisdns),
    )
    return {Msisdn(row["msisdn"]): Subscription(**dict(row)) for row in rows}


async def write_active_until(
    connection: Connection, *, subscription_id: int, active_until: datetime
) -> Subscription | None:
    """Another end of the active period; the subscription as it then stands."""
    row = await connection.fetchrow(
        """
        UPDATE subscription SET active_until = $3 WHERE id = $1 AND cell = $2
        RETURNING id, cell, msisdn, brand, kind, locale, main_id, active_until
        """,
        subscription_id,
        cell_of_id(subscription_id),
        active_until,
    )
    return Subscription(**dict(row)) if row else None


async def read_sim_changed_at(connection: Connection, msisdn: int) -> datetime | None:
    """When the SIM of a live number was last replaced."""
    changed_at: datetime | None = await connection.fetchval(
        "SELECT sim_changed_at FROM subscription WHERE msisdn = $1 AND cell = $2 AND ended_at IS NULL",
        msisdn,
        cell_of_msisdn(msisdn),
    )
    return changed_at


async def read_agreement(connection: Connection, subscription_id: int) -> tuple[str | None, datetime] | None:
    """The version of the terms that was in force at the activation, and when that was."""
    row = await connection.fetchrow(
        "SELECT terms_version, activated_at FROM subscription WHERE id = $1 AND cell = $2",
        subscription_id,
        cell_of_id(subscription_id),
    )
    return (row["terms_version"], row["activated_at"]) if row else None


def lengthened_update(first: int) -> str:
    """The update of active periods from (id, cell, active_until), parameters from `first`; steps put it in theirs."""
    return f"""
    UPDATE subscription b SET active_until = u.active_until
    FROM {rows_of(first, ["bigint", "int", "timestamptz"])} u (id, cell, active_until)
    WHERE b.id = u.id AND b.cell = u.cell
    RETURNING 1"""


# What a number was until when, ascending, if it was another one than now at or after `{since}`, and its brand at a
# moment: fragments for statements over very many recharges of `subscription s`, with the first one joined as `p`.
PAST_PLANS = """SELECT array_agg(p.until ORDER BY p.until) AS untils, array_agg(p.brand ORDER BY p.until) AS brands
        FROM past_plan p WHERE p.subscription_id = s.id AND p.cell = s.cell AND p.until > {since}"""
BRAND_AT = "coalesce(p.brands[width_bucket({at}, p.untils) + 1], s.brand)"


async def read_plans(
    connection: Connection, asked: Sequence[tuple[int, datetime]]
) -> list[tuple[str, Literal["prepaid", "postpaid"]]]:
    """(brand, kind) of subscriptions at moments, in order."""
    rows = await connection.fetch(
        """
        SELECT coalesce(p.brand, s.brand) AS brand, coalesce(p.kind, s.kind) AS kind
        FROM unnest($1::bigint[], $2::int[], $3::timestamptz[]) WITH ORDINALITY u (id, cell, at, place)
        JOIN subscription s ON s.id = u.id AND s.cell = u.cell
        LEFT JOIN LATERAL (
            SELECT p.brand, p.kind FROM past_plan p
            WHERE p.subscription_id = s.id AND p.cell = s.cell AND p.until > u.at ORDER BY p.until LIMIT 1) p ON true
        ORDER BY u.place
        """,
        [id_ for id_, _ in asked],
        [cell_of_id(id_) for id_, _ in asked],
        [at for _, at in asked],
    )
    return [(row["brand"], row["kind"]) for row in rows]


async def write_plans(
    connection: Connection, rows: Sequence[tuple[int, str, str]], *, at: datetime
) -> list[SubscriptionId]:
    """Other plans (id, brand, kind) where they differ, and what was until now; gives those that changed."""
    changed = await connection.fetch(
        """
        WITH changed AS MATERIALIZED (
            SELECT s.id, s.cell, s.brand, s.kind, u.brand AS brand_now, u.kind AS kind_now
            FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) u (id, cell, brand, kind)
            JOIN subscription s ON s.id = u.id AND s.cell = u.cell AND (s.brand, s.kind) <> (u.brand, u.kind)
        ), past AS (
            INSERT INTO past_plan (subscription_id, cell, until, brand, kind)
            SELECT id, cell, $5, brand, kind FROM changed
        )
        UPDATE subscription s SET brand = c.brand_now, kind = c.kind_now FROM changed c
        WHERE s.id = c.id AND s.cell = c.cell RETURNING s.id
        """,
        [id_ for id_, _, _ in rows],
        [cell_of_id(id_) for id_, _, _ in rows],
        [brand for _, brand, _ in rows],
        [kind for _, _, kind in rows],
        at,
    )
    return [SubscriptionId(row["id"]) for row in changed]
