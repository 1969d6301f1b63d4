"""All SQL of codes in stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from konter.loyalty.rewards.catalogue.model import Offer
from konter.loyalty.rewards.catalogue.queries import offer_columns, offer_of
from konter.platform.db import LONG_WORK_S, Connection, unnest


async def read_file(connection: Connection, *, sha256: str) -> asyncpg.Record | None:
    """A file that was taken."""
    return await connection.fetchrow("SELECT reward, codes FROM reward_code_file WHERE sha256 = $1", sha256)


async def read_newest_offer(connection: Connection, *, reward: str) -> Offer | None:
    """A reward's newest offer, begun or planned."""
    row = await connection.fetchrow(
        f"SELECT o.reward, r.kind, {offer_columns('o')} FROM reward_offer o JOIN reward r ON r.code = o.reward"
        " WHERE o.reward = $1 ORDER BY o.valid_from DESC LIMIT 1",
        reward,
    )
    return offer_of(row) if row is not None else None


async def read_known(connection: Connection, *, hashes: Sequence[bytes]) -> set[bytes]:
    """Those of the hashes that are codes already."""
    rows = await connection.fetch(
        "SELECT k.code_hash FROM unnest($1::bytea[], $2::int[]) u (code_hash, cell)"
        " JOIN reward_code k ON k.code_hash = u.code_hash AND k.cell = u.cell",
        list(hashes),
        [each[0] for each in hashes],
    )
    return {row["code_hash"] for row in rows}


async def insert_file(
    connection: Connection, *, sha256: str, reward: str, name: str, codes: int, at: datetime, by: str
) -> None:
    """Note a file as taken; the same one twice at once raises UniqueViolationError."""
    await connection.execute(
        "INSERT INTO reward_code_file (sha256, reward, name, codes, taken_at, taken_by)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        sha256,
        reward,
        name,
        codes,
        at,
        by,
    )


async def insert_codes(
    connection: Connection,
    *,
    rows: Sequence[tuple[Any, ...]],
    reward: str,
    merchant: str | None,
    file: str,
) -> None:
    """Codes from (id, cell, code_hash, sealed, expires_at), in one statement."""
    await connection.execute(
        """
        INSERT INTO reward_code (id, cell, code_hash, sealed, expires_at, reward, merchant, file)
        SELECT u.*, $6::text, $7::text, $8::text
        FROM unnest($1::bigint[], $2::int[], $3::bytea[], $4::text[], $5::timestamptz[]) u
        """,
        *unnest(list(rows), 5),
        reward,
        merchant,
        file,
        timeout=LONG_WORK_S,
    )


async def count_codes(connection: Connection, *, now: datetime) -> list[asyncpg.Record]:
    """How many codes of each reward are free, over before anybody took them, issued and burnt."""
    return await connection.fetch(
        """
        SELECT reward, count(*) FILTER (WHERE redemption_id IS NULL AND NOT over)::int AS free,
            count(*) FILTER (WHERE redemption_id IS NULL AND over)::int AS lapsed,
            count(*) FILTER (WHERE redemption_id IS NOT NULL)::int AS issued,
            count(*) FILTER (WHERE burnt_at IS NOT NULL)::int AS burnt
        FROM (SELECT reward, redemption_id, burnt_at, coalesce(expires_at <= $1, false) AS over FROM reward_code) k
        GROUP BY reward ORDER BY reward
        """,
        now,
    )
