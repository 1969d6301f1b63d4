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


async def read_files_of(connection: Connection, *, reward: str, limit: int) -> list[asyncpg.Record]:
    """The newest files that were taken for a reward."""
    return await connection.fetch(
        "SELECT name, codes, taken_at, taken_by FROM reward_code_file WHERE reward = $1"
        " ORDER BY taken_at DESC, sha256 LIMIT $2",
        reward,
        limit,
    )


async def read_newest_offer(connection: Connection, *, reward: str) -> Offer | None:
    """A reward's newest offer, begun or planned."""
    row = await connection.fetchrow(
        f"SELECT o.reward, r.kind, {offer_columns('o')} FROM reward_offer o JOIN reward r ON r.code = o.reward"
        " WHERE o.reward = $1 ORDER BY o.valid_from DESC LIMIT 1",
        reward,
    )
    return offer_of(row) if row is not None else None


async def read_begin(connection: Connection, *, reward: str) -> datetime:
    """From when a reward is offered, or was first."""
    begin: datetime = await connection.fetchval("SELECT min(valid_from) FROM reward_offer WHERE reward = $1", reward)
    return begin


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


async def count_codes(connection: Connection, *, rewards: Sequence[str], now: datetime) -> list[asyncpg.Record]:
    """How many codes of these rewards are free, over before anybody took them, issued and burnt.

    No code is read but in indexes (reward_code_free, reward_code_used): what was issued is what files brought less what
    is at hand, since codes are never taken away.
    """
    return await connection.fetch(
        """
        SELECT f.reward, coalesce(k.free, 0)::int AS free, coalesce(k.lapsed, 0)::int AS lapsed,
            (f.codes - coalesce(k.free + k.lapsed, 0))::int AS issued, coalesce(b.burnt, 0)::int AS burnt
        FROM (SELECT reward, sum(codes) AS codes FROM reward_code_file WHERE reward = ANY($1::text[]) GROUP BY reward) f
        LEFT JOIN (
            SELECT reward, count(*) FILTER (WHERE expires_at IS NULL OR expires_at > $2) AS free,
                count(*) FILTER (WHERE expires_at <= $2) AS lapsed
            FROM reward_code WHERE reward = ANY($1::text[]) AND redemption_id IS NULL GROUP BY reward) k
            ON k.reward = f.reward
        LEFT JOIN (
            SELECT reward, count(*) AS burnt
            FROM reward_code WHERE reward = ANY($1::text[]) AND burnt_at IS NOT NULL GROUP BY reward) b
            ON b.reward = f.reward
        ORDER BY f.reward
        """,
        list(rewards),
        now,
    )
