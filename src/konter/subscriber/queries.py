"""All SQL of the subscriber domain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import Msisdn, cell_of_id, cell_of_msisdn
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


async def read_msisdns(connection: Connection, *, limit: int) -> list[Msisdn]:
    """Some live numbers, for demos and benches."""
    rows = await connection.fetch(
        "SELECT msisdn FROM subscription WHERE ended_at IS NULL ORDER BY msisdn LIMIT $1", limit
    )
    return [Msisdn(row["msisdn"]) for row in rows]


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
