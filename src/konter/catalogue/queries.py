"""All SQL on the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from konter.catalogue.model import Bucket, Category, Closure, Price, Product
from konter.platform.db import Connection, unnest


async def lock_version(conn: Connection) -> int:
    """The version of the catalogue, held until the transaction ends: changes run one after another."""
    version: int = await conn.fetchval("SELECT version FROM reference_version WHERE name = 'catalogue' FOR UPDATE")
    return version


async def read_version(conn: Connection) -> int:
    """The version of the catalogue."""
    version: int = await conn.fetchval("SELECT version FROM reference_version WHERE name = 'catalogue'")
    return version


async def raise_version(conn: Connection) -> None:
    """Tell every process that its catalogue is old."""
    await conn.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'catalogue'")


async def read_categories(conn: Connection) -> list[Category]:
    """All categories."""
    return [Category(**row) for row in await conn.fetch("SELECT code, name_id, name_en, sort FROM category")]


async def read_products(conn: Connection) -> list[Product]:
    """All products, each with its buckets in their order."""
    buckets: dict[str, list[Bucket]] = {}
    for row in await conn.fetch(
        "SELECT product, source, asset, amount, validity_days FROM product_bucket ORDER BY product, no"
    ):
        fields = dict(row)
        buckets.setdefault(fields.pop("product"), []).append(Bucket(**fields))
    rows = await conn.fetch(
        """
        SELECT code, category, kind, name_id, name_en, nominal_rp, amount_min_rp, amount_max_rp, amount_step_rp,
               validity_days, open, sort
          FROM product
        """
    )
    return [Product(**row, buckets=tuple(buckets.get(row["code"], ()))) for row in rows]


async def read_prices(conn: Connection) -> list[Price]:
    """All prices: past, present and planned."""
    rows = await conn.fetch(
        """
        SELECT product, area, segment, valid_from, cost_rp, cost_bp, suggested_rp, suggested_bp
          FROM price
        """
    )
    return [Price(**row) for row in rows]


async def read_areas(conn: Connection) -> frozenset[str]:
    """Codes of all areas of the channel."""
    return frozenset(row["code"] for row in await conn.fetch("SELECT code FROM area"))


async def write_categories(conn: Connection, *, rows: Sequence[Category]) -> None:
    """Add categories or give them new names."""
    await conn.execute(
        """
        INSERT INTO category (code, name_id, name_en, sort)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[])
            ON CONFLICT (code) DO UPDATE
           SET name_id = excluded.name_id, name_en = excluded.name_en, sort = excluded.sort
        """,
        *unnest([(row.code, row.name_id, row.name_en, row.sort) for row in rows], 4),
    )


async def write_products(conn: Connection, *, rows: Sequence[Product]) -> None:
    """Add products or change what may change; kind and face value stay as they were first written."""
    await conn.execute(
        """
        INSERT INTO product (code, category, kind, name_id, name_en, nominal_rp, amount_min_rp, amount_max_rp,
                             amount_step_rp, validity_days, open, sort)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                             $8::bigint[], $9::bigint[], $10::int[], $11::bool[], $12::int[])
            ON CONFLICT (code) DO UPDATE
           SET category = excluded.category, name_id = excluded.name_id, name_en = excluded.name_en,
               amount_min_rp = excluded.amount_min_rp, amount_max_rp = excluded.amount_max_rp,
               amount_step_rp = excluded.amount_step_rp, validity_days = excluded.validity_days,
               open = excluded.open, sort = excluded.sort
        """,
        *unnest([_product_columns(row) for row in rows], 12),
    )


def _product_columns(row: Product) -> tuple[Any, ...]:
    free = (row.amount_min_rp, row.amount_max_rp, row.amount_step_rp)
    names = (row.name_id, row.name_en)
    return (row.code, row.category, row.kind, *names, row.nominal_rp, *free, row.validity_days, row.open, row.sort)


async def write_buckets(conn: Connection, *, rows: Sequence[Product]) -> None:
    """Give these products the buckets they state, in place of those they had."""
    await conn.execute("DELETE FROM product_bucket WHERE product = ANY($1::text[])", [row.code for row in rows])
    await conn.execute(
        """
        INSERT INTO product_bucket (product, no, source, asset, amount, validity_days)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::int[])
        """,
        *unnest(
            [
                (row.code, no, bucket.source, bucket.asset, bucket.amount, bucket.validity_days)
                for row in rows
                for no, bucket in enumerate(row.buckets, start=1)
            ],
            6,
        ),
    )


async def write_prices(conn: Connection, *, rows: Sequence[Price], now: datetime, actor: str) -> int:
    """Add prices, or correct planned ones; how many were written. A price that has begun is never touched. [T-21]"""
    status = await conn.execute(
        """
        INSERT INTO price (product, area, segment, valid_from, cost_rp, cost_bp, suggested_rp, suggested_bp,
                           recorded_at, actor)
        SELECT x.*, $9::timestamptz, $10::text
          FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::int[], $7::bigint[],
                      $8::int[]) AS x
            ON CONFLICT (product, area, segment, valid_from) DO UPDATE
           SET cost_rp = excluded.cost_rp, cost_bp = excluded.cost_bp, suggested_rp = excluded.suggested_rp,
               suggested_bp = excluded.suggested_bp, recorded_at = excluded.recorded_at, actor = excluded.actor
         WHERE price.valid_from > excluded.recorded_at
        """,
        *unnest([msgspec.structs.astuple(row) for row in rows], 8),
        now,
        actor,
    )
    return int(status.rpartition(" ")[2])


async def set_open(conn: Connection, *, code: str, is_open: bool) -> None:
    """Put a product on sale or take it off."""
    await conn.execute("UPDATE product SET open = $2 WHERE code = $1", code, is_open)


async def write_closure(conn: Connection, *, product: str, at: datetime, by: str, reason: str) -> None:
    """Staff took a product off sale. A closure that an import opened behind its back ends here too."""
    await end_closure(conn, product=product, at=at, by=by)
    await conn.execute(
        "INSERT INTO product_closure (product, closed_at, closed_by, reason) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (product, closed_at) DO UPDATE SET closed_by = excluded.closed_by, reason = excluded.reason,"
        " opened_at = NULL, opened_by = NULL",
        product,
        at,
        by,
        reason,
    )


async def end_closure(conn: Connection, *, product: str, at: datetime, by: str) -> None:
    """A product is on sale again; one that no hand closed has no closure to end."""
    await conn.execute(
        "UPDATE product_closure SET opened_at = $2, opened_by = $3 WHERE product = $1 AND opened_at IS NULL",
        product,
        at,
        by,
    )


async def read_closures(conn: Connection) -> list[Closure]:
    """The newest closure of each product."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT ON (product) product, closed_at, closed_by, reason, opened_at, opened_by
          FROM product_closure ORDER BY product, closed_at DESC
        """
    )
    return [Closure(**row) for row in rows]
