"""SQL of the benchmark, on databases that live for one run of it."""

from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import asyncpg

from konter.platform.db import LONG_WORK_S, Connection

Record = asyncpg.Record
PRODUCT = "PULSA5"
PRICE_RP, COST_RP, NOMINAL_RP = 7_000, 5_150, 5_000

# What a sale writes to, and is counted in.
TABLES = (
    "account",
    "audit",
    "entry",
    "outbox",
    "outlet_user",
    "owner",
    "receipt",
    "sale",
    "sale_check",
    "subscription",
    "transfer",
)


async def make_database(connection: Connection, name: str, *, template: str) -> None:
    """A copy of a database that nobody uses; what was under this name is gone."""
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


async def flush(connection: Connection) -> None:
    """Have everything written to disk, so that no measured run pays for what was filled before.

    Only a superuser may say CHECKPOINT; a database that is copied file by file has one made.
    """
    await connection.execute("CREATE DATABASE bench_flush TEMPLATE template0 STRATEGY FILE_COPY")
    await connection.execute("DROP DATABASE bench_flush")


async def make_baseline(connection: Connection) -> None:
    """Create the stored procedure; as the owner of the schema."""
    await connection.execute((resources.files("bench") / "baseline.sql").read_text("utf-8"))


async def set_one_price(connection: Connection) -> None:
    """Have the product cost the same everywhere, so that a client can name the price without knowing the outlet."""
    await connection.execute("DELETE FROM price WHERE product = $1 AND (area, segment) <> ('', '')", PRODUCT)
    await connection.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'catalogue'")


async def settle(connection: Connection) -> None:
    """Statistics and hint bits after so many new rows, so that no measured run pays for them."""
    await connection.execute("VACUUM ANALYZE")


async def read_sellers(connection: Connection) -> list[Record]:
    """One user per outlet, in order of the outlets' sequence numbers."""
    return await connection.fetch(
        "SELECT DISTINCT ON (outlet_id) id, outlet_id FROM outlet_user WHERE role = 'OUTLET_OWNER' ORDER BY outlet_id"
    )


async def read_settings(connection: Connection) -> dict[str, str]:
    """What decides how durable and how fast a commit is, and the server's version."""
    names = (
        "server_version",
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "shared_buffers",
        "max_wal_size",
        "wal_compression",
        "data_checksums",
        "jit",
    )
    return {name: str(await connection.fetchval("SELECT current_setting($1)", name)) for name in names}


async def count_entries(connection: Connection) -> int:
    """How many entries there are."""
    count: int = await connection.fetchval("SELECT count(*) FROM entry")
    return count


async def call_baseline(connection: Connection, *, outlet: int, ref: Any, msisdn: int) -> None:
    """One sale by the stored procedure."""
    await connection.fetchval("SELECT bench_sell($1, $2, $3, $4, $5)", outlet, ref, msisdn, PRODUCT, PRICE_RP)


async def read_written(connection: Connection) -> list[Record]:
    """Rows that this transaction has added and changed, by table."""
    return await connection.fetch(
        "SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_xact_user_tables"
        " WHERE relname = ANY($1) AND n_tup_ins + n_tup_upd > 0 ORDER BY relname",
        list(TABLES),
    )


async def read_bytes(connection: Connection, *, since: datetime) -> int:
    """The bytes of the rows that sales have added since a moment, without indexes."""
    sums = " + ".join(
        f"(SELECT coalesce(sum(pg_column_size({table}.*)), 0) FROM {table} WHERE at >= $1)"
        for table in ("sale", "transfer", "entry", "audit", "outbox")
    )
    total: int = await connection.fetchval(f"SELECT ({sums})::bigint", since)
    return total


async def make_filler(connection: Connection) -> None:
    """Create what `fill_past` calls, and number who may buy and sell, for this session."""
    await connection.execute((resources.files("bench") / "fill.sql").read_text("utf-8"))


async def reserve_blocks(connection: Connection, *, count: int) -> int:
    """The first of so many blocks of sequence numbers that nobody else will get."""
    first: int = await connection.fetchval("SELECT nextval('id_block')")
    await connection.execute("SELECT setval('id_block', $1::bigint)", first + count)
    return first


async def fill_past(connection: Connection, *, count: int, first_seq: int, begin: datetime, end: datetime) -> None:
    """So many sales of the past, evenly between two moments, with 8 sequence numbers each."""
    given = (count, first_seq, begin, end, PRODUCT, PRICE_RP, COST_RP, NOMINAL_RP)
    await connection.execute("SELECT bench_fill($1, $2, $3, $4, $5, $6, $7, $8)", *given, timeout=LONG_WORK_S)


# ----------------------------------------------------------------------------------------------------- a whole channel


async def seed_ground(connection: Connection, *, area: str, partners: int, at: datetime) -> None:
    """An area, and partners numbered from 0 whose ids are the house's own lowest numbers."""
    await connection.execute("INSERT INTO area (code, level, name) VALUES ($1, 'area', 'Jawa Barat')", area)
    await connection.execute(
        """
        INSERT INTO partner (id, code, name, area, status, opened_at)
        SELECT (1000 + n) << 8 | (n & 255), 'SBP-' || to_char(n, 'FM000'), 'Mitra ' || n, $1, 'active', $3
        FROM generate_series(0, $2::int - 1) AS n
        """,
        area,
        partners,
        at,
    )


async def seed_numbers(connection: Connection, *, count: int, first_seq: int, at: datetime) -> None:
    """Numbers in use, with owners and main balances at nought."""
    async with connection.transaction():
        for statement in (
            """
            INSERT INTO owner (id, cell, kind, opened_at)
            SELECT ($2 + n) << 8 | cell, cell, 'subscription', $3 FROM numbers
            """,
            """
            INSERT INTO account (id, cell, owner_id, kind, asset, opened_at)
            SELECT ($2 + $1 + n) << 8 | cell, cell, ($2 + n) << 8 | cell, 'main', 'IDR', $3 FROM numbers
            """,
            """
            INSERT INTO subscription (id, cell, msisdn, brand, kind, locale, main_id, active_until, activated_at)
            SELECT ($2 + n) << 8 | cell, cell, msisdn, 'nusa', 'prepaid', 'id', ($2 + $1 + n) << 8 | cell,
                $3::timestamptz + interval '30 days', $3
            FROM numbers
            """,
        ):
            await connection.execute(
                f"""
                WITH numbers AS (
                    SELECT n, 6281200000000 + n AS msisdn, ((6281200000000 + n) * 40503 >> 8 & 255)::int AS cell
                    FROM generate_series(0, $1::bigint - 1) AS n)
                {statement}
                """,
                count,
                first_seq,
                at,
                timeout=LONG_WORK_S,
            )


async def read_columns(connection: Connection, *, table: str) -> list[str]:
    """A table's columns that can be written."""
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        table,
    )
    return [row["attname"] for row in rows]


async def copy_out(connection: Connection, *, table: str, columns: list[str], own: str, file: Path) -> None:
    """Rows as COPY takes them."""
    query = f"SELECT {', '.join(columns)} FROM {table} WHERE {own}"
    await connection.copy_from_query(query, output=file, format="binary", timeout=LONG_WORK_S)


async def count_rows(connection: Connection, *, table: str, own: str) -> int:
    """How many of its rows a table has."""
    count: int = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {own}")
    return count


async def take_down(connection: Connection) -> list[str]:
    """Foreign keys, for good, and indexes that hold nothing unique, to be put up again with what is returned: so a
    database that is only looked at is filled much sooner.
    """
    keys = await connection.fetch(
        "SELECT conrelid::regclass::text AS t, conname FROM pg_constraint WHERE contype = 'f'"
    )
    for row in keys:
        await connection.execute(f"ALTER TABLE {row['t']} DROP CONSTRAINT {row['conname']}")
    indexes = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index"
        " JOIN pg_class c ON c.oid = indrelid WHERE NOT indisunique AND relnamespace = 'public'::regnamespace"
    )
    for row in indexes:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["made"] for row in indexes]


async def put_up(connection: Connection, indexes: list[str]) -> None:
    """Indexes as they were, and statistics of what there is now."""
    for made in indexes:
        await connection.execute(made)
    await connection.execute("ANALYZE")
